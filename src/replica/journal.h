// Rows of sync_log and sync_conflicts in the application's database. They are synced like any other
// row, so each gets a hint when it is written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "merge/three_way.h"
#include "replica/local.h"

namespace tidesync {

// Everything that is kept of one decision against a version.
struct ConflictRecord {
  std::uint32_t table = 0;
  KeyImage key;
  std::string kind;  // same_column, whole_row, edit_delete, unique, parent_restored, set_aside, ...
  std::optional<RowImage> base, winner, loser;  // nullopt: there is no such row (deleted)
  Author winner_author, loser_author;
  std::string rule;
  bool mine_won = false;
};

// Identity of a decision: the same decision is one row, however often it is made (a run that is
// repeated after a crash, two nodes that repair the same thing).
std::string conflict_id(const TableShape& shape, const ConflictRecord& record);

// A row as JSON: {"column": value}. Texts that are not UTF-8 and blobs as {"$text": hex}, {"$blob":
// hex}; infinities as {"$real": "inf"}.
std::string row_json(const TableShape& shape, const RowImage& image);
// A key as JSON: {"id": 17}.
std::string key_json(const TableShape& shape, const KeyImage& key);

// Writes the record, once; in the transaction that makes the decision. Returns its id.
std::string record_conflict(Local& local, const ConflictRecord& record, std::int64_t now_ms);

// One run, the columns of sync_log.
struct LogRow {
  std::string timestamp, direction, status;
  std::uint64_t pulled = 0, pushed = 0, conflicts = 0;
  std::string error_message;  // "" is stored as NULL
  std::int64_t duration_ms = 0;
  std::string run_id, node, user;
  std::uint64_t seq_before = 0, seq_after = 0;
};
void record_run(Local& local, const LogRow& row, std::int64_t now_ms);
// Another run that ended like that one: its row gets this message. False when the row is gone.
bool repeat_run(Local& local, const std::string& run_id, const std::string& error_message,
                std::int64_t now_ms);

}  // namespace tidesync
