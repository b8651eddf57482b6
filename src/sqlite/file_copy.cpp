#include "sqlite/file_copy.h"

#include <sqlite3.h>

#include <algorithm>
#include <string>

#include "base/file_system.h"
#include "sqlite/database.h"
#include "sqlite/sqlite_error.h"
#include "sqlite/transaction.h"

namespace tidesync {
namespace {

constexpr std::int64_t kSmallBytes = 8 << 20;
constexpr std::int64_t kPieceBytes = 64 << 10;  // SQLite's handles take less than 128 KiB at once

std::int64_t bytes_of(Database& db) {
  return db.get_int("PRAGMA page_count") * db.get_int("PRAGMA page_size");
}

// Whether all of the write-ahead log, if there is one, is in the file now. Waits for nobody.
bool empty_log(Database& db) {
  Statement log = db.prepare("PRAGMA wal_checkpoint(PASSIVE)");
  return log.step() && log.get_int(0) == 0 && log.get_int(1) == log.get_int(2);
}

sqlite3_file* file_of(sqlite3* connection) {
  sqlite3_file* file = nullptr;
  const int code = sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  return code == SQLITE_OK && file && file->pMethods ? file : nullptr;
}

void check(int code, const Path& file) {
  if (code != SQLITE_OK) throw_sqlite_error(nullptr, code, "copy database", to_utf8(file));
}

}  // namespace

bool copy_file(Database& from, sqlite3* source, sqlite3* target) {
  sqlite3_file* const in = file_of(source);
  sqlite3_file* const out = file_of(target);
  if (!in || !out || sqlite3_get_autocommit(source) == 0 || bytes_of(from) < kSmallBytes)
    return false;
  const std::int64_t version = from.data_version();
  if (!empty_log(from)) return false;
  // Who reads when all of the log is in the file keeps everybody from writing more of it there.
  Transaction reading(from, Transaction::Kind::kDeferred);
  from.get_int("SELECT count(*) FROM sqlite_schema");
  if (from.data_version() != version) return false;
  const std::int64_t size = bytes_of(from);
  std::string piece;
  for (std::int64_t at = 0; at < size; at += kPieceBytes) {
    piece.resize(static_cast<std::size_t>(std::min(kPieceBytes, size - at)));
    const int bytes = static_cast<int>(piece.size());
    check(in->pMethods->xRead(in, piece.data(), bytes, at), from.file());
    check(out->pMethods->xWrite(out, piece.data(), bytes, at), from.file());
  }
  return true;
}

}  // namespace tidesync
