#include "sqlite/sqlite_error.h"

#include <sqlite3.h>

#include "base/error.h"

namespace tidesync {
namespace {

struct Meaning {
  ErrorCode code;
  const char* hint;
};

Meaning meaning_of(int code) {
  switch (code & 0xFF) {
    case SQLITE_NOTADB:
      return {
          ErrorCode::kNotADatabase,
          "The file is not a SQLite database, or it is encrypted. Give the application's database "
          "file with --db; encrypted databases cannot be synced."};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {
          ErrorCode::kBusy,
          "The application is in the middle of a change. Nothing was changed; run again when it "
          "has finished."};
    case SQLITE_READONLY:
      return {ErrorCode::kReadOnly,
              "Give this account write permission on the file and its folder."};
    case SQLITE_FULL:
      return {ErrorCode::kDiskFull, "Free space on the disk, then run again."};
    case SQLITE_CANTOPEN:
      return {ErrorCode::kNotFound, "Check the path and its permissions."};
    case SQLITE_CORRUPT:
      return {
          ErrorCode::kDamaged,
          "Check the file with: sqlite3 FILE 'PRAGMA integrity_check'. Restore it from a backup if "
          "it is damaged."};
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {ErrorCode::kNoPermission, "Check the permissions of the file."};
    case SQLITE_IOERR:
      return {ErrorCode::kIo, "Check the disk."};
    case SQLITE_INTERRUPT:
      return {ErrorCode::kInterrupted, ""};
    default:
      return {ErrorCode::kSql, ""};
  }
}

}  // namespace

void throw_sqlite_error(sqlite3* connection, int code, std::string_view operation,
                        std::string_view subject) {
  const Meaning meaning = meaning_of(code);
  std::string detail = connection ? sqlite3_errmsg(connection) : sqlite3_errstr(code);
  std::string about(subject);
  if (about.empty() && connection) {
    const char* name = sqlite3_db_filename(connection, "main");
    if (name) about = name;
  }
  throw Error(meaning.code, std::string(operation), about, detail, meaning.hint);
}

}  // namespace tidesync
