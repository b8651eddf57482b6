// What a person asks between two syncs: how things stand (status), what would go out (diff). Reads
// only; the share is asked for a listing, nothing else.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "inspect/history.h"
#include "inspect/node_health.h"
#include "sync/config.h"
#include "sync/environment.h"
#include "sync/hole.h"
#include "sync/scheduler_note.h"
#include "sync/setup.h"

namespace tidesync {

struct StatusReport {
  Config config;
  Uuid share_id;
  bool share_reachable = false;
  std::string share_problem;                     // why not, with the hint
  Seq seq_here;                                  // merged into this database
  Seq seq_on_share;                              // newest on the share, when reachable
  std::optional<Hole> hole;                      // why the batches behind it cannot come in
  Seq seq_in_master;                             // 0 when unknown
  std::map<std::string, std::uint64_t> pending;  // rows that differ from the base copy, per table
  std::uint64_t open_conflicts = 0;
  std::string oldest_conflict;  // ISO UTC; "" when none is open
  std::optional<RunRecord> last_run;
  NodeHealth health;
  std::optional<std::int64_t> clock_offset_ms;  // known by the full status only
  // The last runs failed, all in the same way: since when (ISO UTC), and how many.
  std::string failing_since;
  std::uint64_t failing_runs = 0;
  bool offline = false;                    // because the share was away
  std::optional<SchedulerNote> scheduler;  // of a `tidesync run` that is at work
  std::vector<TableReport> tables;
  // What was chosen for the merge of single tables, as the share has it: lines as in config.toml.
  std::map<std::string, std::vector<std::string>> policies;
  std::vector<std::string> references;  // "quotes.customer_id -> customers"
};
StatusReport read_status(Environment& env, const Path& database);
// The same in a few milliseconds from what is here: the share is not asked, and rows that changed
// are counted by their hints, under the name "".
StatusReport read_short_status(Environment& env, const Path& database);

struct ColumnDiff {
  std::string column, old_value, new_value;  // for people
};
struct RowDiff {
  std::string table, key, kind;  // kind: insert, update, delete
  std::vector<ColumnDiff> columns;
};
// What the next sync would publish, in table and key order. `table` and `key` may be empty; `key`
// is the text of the key value (composite: values joined with a comma). Calls `row` for each.
void read_diff(Environment& env, const Path& database, const std::string& table,
               const std::string& key, const std::function<void(const RowDiff&)>& row);

}  // namespace tidesync
