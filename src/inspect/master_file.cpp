#include "inspect/master_file.h"

#include <array>
#include <boost/filesystem/operations.hpp>
#include <string>
#include <string_view>

#include "base/error.h"
#include "replica/snapshot.h"

namespace tidesync {
namespace {

constexpr const char* kOperation = "read master file";
constexpr const char* kWhich =
    "Give the file master.db in the folder on the share, or a copy of it.";
constexpr int kPatienceMs = 1000;

struct NeededTable {
  const char* name;
  const char* columns;  // that are read, after one another
};
constexpr std::array<NeededTable, 3> kNeeded{
    {{"sync_log",
      "id, timestamp, direction, status, records_pulled, records_pushed, conflicts, "
      "error_message, duration_ms, run_id, node, user, seq_before, seq_after"},
     {"sync_conflicts",
      "id, table_name, row_key, kind, base_row, winner_row, loser_row, winner_node, loser_node, "
      "winner_user, loser_user, winner_updated_at, loser_updated_at, rule, created_at, "
      "resolved_at, resolved_by, resolution"},
     {"tidesync_state", "k, v"}}};

[[noreturn]] void fail(ErrorCode code, const Path& file, const std::string& detail,
                       const std::string& hint = kWhich) {
  throw Error(code, kOperation, to_utf8(file), detail, hint);
}

// SQLite's words are about the application's database; these are about master.db.
[[noreturn]] void fail_as(const Error& error, const Path& file) {
  switch (error.code()) {
    case ErrorCode::kDamaged:
    case ErrorCode::kIo:
      fail(ErrorCode::kDamaged, file, "it is damaged or only a part of the file: " + error.detail(),
           "Copy it again, or take a backup: they are in backups/ on the share. On a computer that "
           "syncs, tidesync master rebuild makes master.db anew.");
    case ErrorCode::kNotADatabase:
      fail(error.code(), file, "it is no SQLite database, or it is encrypted");
    case ErrorCode::kNotFound:  // it is there: check_file() saw it
    case ErrorCode::kNoPermission:
      fail(ErrorCode::kNoPermission, file, "it cannot be opened",
           "Give this account the right to read the file and its folder.");
    default:
      fail(error.code(), file, error.detail(), error.hint());
  }
}

void check_file(const Path& file) {
  boost::system::error_code ec;
  const auto status = boost::filesystem::status(file, ec);
  if (!boost::filesystem::exists(status)) fail(ErrorCode::kNotFound, file, "there is no such file");
  if (boost::filesystem::is_directory(status))
    fail(ErrorCode::kNotADatabase, file, "it is a folder");
  const auto size = boost::filesystem::file_size(file, ec);
  if (!ec && size == 0) fail(ErrorCode::kNotADatabase, file, "it is empty");
}

// Somebody writes into it by hand, or was stopped while writing: its rows are not all in the file.
bool is_being_changed(const Path& file) {
  for (const char* suffix : {"-wal", "-journal"}) {
    Path beside = file;
    beside += suffix;
    boost::system::error_code ec;
    const auto size = boost::filesystem::file_size(beside, ec);
    if (!ec && size > 0) return true;
  }
  return false;
}

Database open_changing(const Path& file) {
  try {
    return Database::open_untrusted(file, kPatienceMs);
  } catch (const Error&) {
    fail(ErrorCode::kBusy, file, "somebody is changing it by hand, or was stopped while doing so",
         "Close the program that has it open and try again. On a computer that syncs, tidesync "
         "master rebuild makes master.db anew and keeps what was there.");
  }
}

bool can_select(Database& db, const NeededTable& table) {
  if (!db.has_table(table.name)) return false;
  try {
    db.prepare("SELECT " + std::string(table.columns) + " FROM " + table.name);
    return true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kSql) throw;
    return false;
  }
}

void check_contents(Database& db, const Path& file) {
  if (db.has_table("tidesync_meta") && db.has_table("sync_log"))
    fail(ErrorCode::kNotADatabase, file,
         "it is a database that is synced, not the master file of all",
         "Name it with --db instead of --master, or give the file master.db.");
  // The number first: a later form may have other tables.
  if (can_select(db, kNeeded.back())) {
    const std::int64_t format =
        db.get_int("SELECT CAST(v AS INTEGER) FROM tidesync_state WHERE k = '" +
                       std::string(kStateFormatKey) + "'",
                   kStateFormat);
    if (format > kStateFormat)
      fail(ErrorCode::kTooNew, file, "it was written by a newer version of tidesync",
           "Update tidesync on this computer.");
  }
  for (const NeededTable& table : kNeeded) {
    if (!can_select(db, table))
      fail(ErrorCode::kNotADatabase, file,
           std::string("it is no master file of tidesync: ") +
               (db.has_table(table.name) ? "columns of table " : "there is no table ") +
               table.name + (db.has_table(table.name) ? " are missing" : ""));
  }
}

}  // namespace

Database open_master_file(const Path& file) {
  check_file(file);
  if (is_being_changed(file)) {
    Database db = open_changing(file);
    check_contents(db, file);
    return db;
  }
  try {
    Database db = Database::open_immutable(file);
    check_contents(db, file);
    return db;
  } catch (const Error& error) {
    if (error.operation() == kOperation) throw;
    fail_as(error, file);
  }
}

void read_master_file(const Path& file, const std::function<void(Database& master)>& read) {
  Database master = open_master_file(file);
  try {
    read(master);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kDamaged && error.code() != ErrorCode::kIo) throw;
    fail_as(error, file);
  }
}

Seq seq_of_master(Database& master) {
  const std::int64_t seq =
      master.get_int("SELECT CAST(v AS INTEGER) FROM tidesync_state WHERE k = 'seq'");
  return Seq{static_cast<std::uint64_t>(seq < 0 ? 0 : seq)};
}

}  // namespace tidesync
