#include "inspect/history.h"

#include "base/error.h"
#include "sync/run_streak.h"

namespace tidesync {
namespace {

RunRecord record_of(Statement& row) {
  const auto number = [&](int column) { return static_cast<std::uint64_t>(row.get_int(column)); };
  RunRecord record;
  record.id = row.get_int(0);
  record.timestamp = row.get_text(1);
  record.direction = row.get_text(2);
  record.status = row.get_text(3);
  record.pulled = number(4);
  record.pushed = number(5);
  record.conflicts = number(6);
  record.error_message = row.get_text(7);
  record.duration_ms = row.get_int(8);
  record.run_id = row.get_text(9);
  record.node = row.get_text(10);
  record.user = row.get_text(11);
  record.seq_before = number(12);
  record.seq_after = number(13);
  const StreakMessage message = parse_streak_message(record.error_message);
  record.runs = message.runs;
  record.message = message.text;
  return record;
}

// A condition for each thing that is asked for, so that SQLite can use the index by time.
std::string conditions_of(const HistoryFilter& filter) {
  std::string sql = " WHERE true";
  if (!filter.since.empty()) sql += " AND timestamp >= ?1";
  if (!filter.until.empty()) sql += " AND timestamp < ?2";
  if (!filter.node.empty()) sql += " AND node = ?3";
  if (!filter.user.empty()) sql += " AND user = ?4 COLLATE NOCASE";
  if (filter.failed) sql += " AND status <> 'success'";
  if (filter.statuses.empty()) return sql;
  sql += " AND status IN (";
  for (std::size_t i = 0; i < filter.statuses.size(); ++i)
    sql += (i == 0 ? "?" : ", ?") + std::to_string(6 + i);
  return sql + ")";
}

}  // namespace

void for_each_run(Database& db, const HistoryFilter& filter,
                  const std::function<void(const RunRecord&)>& visit) {
  Statement rows = db.prepare(
      "SELECT id, timestamp, direction, status, records_pulled, records_pushed, conflicts, "
      "error_message, duration_ms, run_id, node, user, seq_before, seq_after FROM sync_log" +
      conditions_of(filter) + " ORDER BY timestamp DESC, id DESC LIMIT ?5");
  const auto bind = [&](int at, const std::string& value) {
    if (!value.empty()) rows.bind_text(at, value);
  };
  bind(1, filter.since);
  bind(2, filter.until);
  bind(3, filter.node);
  bind(4, filter.user);
  rows.bind(5, filter.limit == 0 ? std::int64_t{-1} : static_cast<std::int64_t>(filter.limit));
  for (std::size_t i = 0; i < filter.statuses.size(); ++i)
    bind(static_cast<int>(6 + i), filter.statuses[i]);
  while (rows.step()) visit(record_of(rows));
}

Database open_history(const Path& database, HistoryFilter& filter) {
  Database db = Database::open(database, OpenMode::kReadOnly);
  if (!db.has_table("sync_log") || !db.has_table("tidesync_meta")) {
    throw Error(ErrorCode::kNotFound, "read history", to_utf8(database),
                "this database is not synced", "Run tidesync init or tidesync join first.");
  }
  if (filter.node.empty() && !filter.all)
    filter.node = db.get_text("SELECT v FROM tidesync_meta WHERE k = 'node'");
  return db;
}

std::vector<RunRecord> read_history(Environment&, const Path& database,
                                    const HistoryFilter& filter) {
  HistoryFilter chosen = filter;
  Database db = open_history(database, chosen);
  std::vector<RunRecord> records;
  for_each_run(db, chosen, [&](const RunRecord& record) { records.push_back(record); });
  return records;
}

std::vector<std::string> nodes_with_runs(Database& db) {
  std::vector<std::string> nodes;
  Statement rows = db.prepare("SELECT DISTINCT node FROM sync_log ORDER BY node");
  while (rows.step()) nodes.push_back(rows.get_text(0));
  return nodes;
}

}  // namespace tidesync
