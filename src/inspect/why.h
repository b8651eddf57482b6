// The life of one row, from the log: who changed what, when, on which computer, in which batch and
// run, and which rule decided where two met. Reads entries as streams, the copies kept here first,
// then those on the share if that can be reached.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inspect/status.h"
#include "replica/conflict_row.h"

namespace tidesync {

struct LifeEvent {
  enum class Kind { kInserted, kUpdated, kDeleted, kReplaced, kConflict, kResolved };
  Kind kind = Kind::kUpdated;
  std::uint64_t seq = 0;          // of its batch; 0: not published yet
  bool is_here = true;            // false: on the share, and not brought in yet
  std::int64_t at_ms = 0;         // when it counts as made
  std::int64_t published_ms = 0;  // when its batch was made; 0: not published yet
  std::string user, node;
  std::string run_id;               // "" when that run is not known here
  std::vector<ColumnDiff> columns;  // what was changed; all columns of a row that came or went
  std::string note;                 // more to say of it, a sentence
  std::string conflict_id, rule;    // kConflict, kResolved (rule: the resolution)
  std::string winner, loser;        // kConflict: users
};

struct RowLife {
  std::string table, key, column;
  std::vector<LifeEvent> events;                // oldest first
  std::uint64_t first_read = 0, last_read = 0;  // batches that were read
  std::vector<std::uint64_t> unread;            // batches of our lineage that were not
  bool share_was_read = false;
  std::string share_problem;    // why not
  std::optional<NamedRow> now;  // the row here; nullopt: there is none
};

// `key`: as in read_diff(). `column` may be empty. Throws Error kUsage when the table is not synced
// or has no such column, kNotFound when nothing is known of such a row.
RowLife read_life(Environment& env, const Path& database, const std::string& table,
                  const std::string& key, const std::string& column);

}  // namespace tidesync
