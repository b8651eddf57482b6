// A master.db for tests of reports: the tables that a report reads, and rows of one's own.
#pragma once

#include <string>

#include "schema.h"
#include "sqlite/database.h"

namespace tidesync::test {

struct RunRow {
  std::string timestamp;  // "2026-11-20T10:00:00.000Z"
  std::string node = "anna";
  std::string status = "success";
  std::int64_t duration_ms = 100;
  std::int64_t rows_in = 0, rows_out = 0;
  std::string message = {};
  std::int64_t seq_after = 1;
};

class ReportFile {
 public:
  explicit ReportFile(const Path& file) : db_(Database::open(file, OpenMode::kCreate)) {
    db_.exec(sql::k_local_journal);
    db_.exec(
        "CREATE TABLE tidesync_state (k TEXT PRIMARY KEY, v) WITHOUT ROWID;"
        "INSERT INTO tidesync_state VALUES ('seq', 7);"
        "CREATE TABLE tidesync_chain (hash TEXT PRIMARY KEY, seq, prev, uuid, node, file_size)");
  }

  void add(const RunRow& run) {
    Statement insert = db_.prepare(
        "INSERT INTO sync_log (timestamp, direction, status, records_pulled, records_pushed, "
        "conflicts, error_message, duration_ms, run_id, node, user, seq_before, seq_after) "
        "VALUES (?1, 'pull', ?2, ?3, ?4, 0, nullif(?5, ''), ?6, hex(randomblob(16)), ?7, "
        "upper(?7), 0, ?8)");
    insert.bind_text(1, run.timestamp).bind_text(2, run.status).bind(3, run.rows_in);
    insert.bind(4, run.rows_out).bind_text(5, run.message).bind(6, run.duration_ms);
    insert.bind_text(7, run.node).bind(8, run.seq_after);
    insert.run();
  }

  // An open conflict of a customer; `id` are hexadecimal digits.
  void add_conflict(const std::string& id, const std::string& created_at, const std::string& winner,
                    const std::string& loser, const std::string& table = "customers") {
    Statement insert = db_.prepare(
        "INSERT INTO sync_conflicts (id, table_name, row_key, kind, base_row, winner_row, "
        "loser_row, winner_node, loser_node, winner_user, loser_user, rule, created_at) VALUES "
        "(?1, ?2, '{\"id\":7}', 'same_column', '{\"id\":7,\"phone\":\"1\"}', "
        "'{\"id\":7,\"phone\":\"2\"}', '{\"id\":7,\"phone\":\"3\"}', ?3, ?4, ?3, ?4, "
        "'same column changed: newest wins (phone)', ?5)");
    insert.bind_text(1, id).bind_text(2, table).bind_text(3, winner).bind_text(4, loser);
    insert.bind_text(5, created_at);
    insert.run();
  }

  Database& db() { return db_; }

 private:
  Database db_;
};

}  // namespace tidesync::test
