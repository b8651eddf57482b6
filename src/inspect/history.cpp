#include "base/error.h"
#include "inspect/status.h"
#include "sqlite/database.h"

namespace tidesync {

std::vector<RunRecord> read_history(Environment&, const Path& database,
                                    const HistoryFilter& filter) {
  Database db = Database::open(database, OpenMode::kReadOnly);
  if (!db.has_table("sync_log") || !db.has_table("tidesync_meta")) {
    throw Error(ErrorCode::kNotFound, "read history", to_utf8(database),
                "this database is not synced", "Run tidesync init or tidesync join first.");
  }
  const std::string me = db.get_text("SELECT v FROM tidesync_meta WHERE k = 'node'");
  Statement rows = db.prepare(
      "SELECT id, timestamp, direction, status, records_pulled, records_pushed, conflicts, "
      "error_message,"
      " duration_ms, run_id, node, user, seq_before, seq_after FROM sync_log"
      " WHERE (?1 = '' OR timestamp >= ?1) AND (?2 = '' OR node = ?2) AND (?3 = 0 OR status <> "
      "'success')"
      " ORDER BY timestamp DESC, id DESC LIMIT ?4");
  rows.bind_text(1, filter.since);
  rows.bind_text(2, !filter.node.empty() ? filter.node : filter.all ? "" : me);
  rows.bind(3, std::int64_t{filter.failed});
  rows.bind(4, filter.limit == 0 ? std::int64_t{-1} : static_cast<std::int64_t>(filter.limit));
  std::vector<RunRecord> records;
  const auto number = [&](int column) { return static_cast<std::uint64_t>(rows.get_int(column)); };
  while (rows.step()) {
    RunRecord record;
    record.id = rows.get_int(0);
    record.timestamp = rows.get_text(1);
    record.direction = rows.get_text(2);
    record.status = rows.get_text(3);
    record.pulled = number(4);
    record.pushed = number(5);
    record.conflicts = number(6);
    record.error_message = rows.get_text(7);
    record.duration_ms = rows.get_int(8);
    record.run_id = rows.get_text(9);
    record.node = rows.get_text(10);
    record.user = rows.get_text(11);
    record.seq_before = number(12);
    record.seq_after = number(13);
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace tidesync
