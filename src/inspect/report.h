// The figures of a report: who syncs and how often, what failed and why, how long and how much, and
// which conflicts are open between whom. Each vector is what one file of schema/reports/ answers;
// what the share tells of the computers (version, clock, backlog) is added where it can be reached.
// docs/reports.md says what each figure means. Reads only.
//
// Times are UTC as they stand in sync_log; a day is its date, of this computer's clock unless
// `utc`.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "inspect/node_health.h"
#include "replica/conflict_row.h"
#include "sync/environment.h"

namespace tidesync {

struct ReportOptions {
  std::int64_t since_ms = 0;
  std::int64_t until_ms = 0;  // and not this moment itself
  std::string node;           // only its runs and conflicts; "" for all
  bool utc = false;
  // Health is judged as of the end of the period, but not of a time to come.
  std::int64_t now_ms = std::numeric_limits<std::int64_t>::max();
};

// What one bar of a chart stands for: days in a period of weeks, months in one of years.
enum class ReportStep { kDay, kWeek, kMonth };

struct ReportTotals {
  std::uint64_t runs = 0, success = 0, partial = 0, error = 0;
  std::uint64_t rows_in = 0, rows_out = 0, conflicts = 0;
  std::string first_run, last_run;
  std::optional<std::int64_t> median_ms, p95_ms;
};

struct ReportDay {
  std::string day;
  std::uint64_t success = 0, partial = 0, error = 0;
  std::uint64_t runs() const { return success + partial + error; }
};

struct ReportDuration {
  std::string day;
  std::uint64_t runs = 0;                         // that did not fail
  std::optional<std::int64_t> median_ms, p95_ms;  // nullopt: there were none
  std::uint64_t rows_in = 0, rows_out = 0;
};

struct ReportTrendDay {
  std::uint64_t runs = 0, failed = 0;
};

struct ReportNode {
  std::string node, user;
  std::string last_sync, last_success;  // "" when there was none
  std::uint64_t failing_runs = 0;       // since the last one that did not fail
  std::uint64_t runs = 0, failed = 0, rows_in = 0, rows_out = 0, conflicts = 0;
  std::uint64_t seq_after = 0;
  std::uint64_t behind = 0;           // batches, compared with the newest that is known
  std::vector<ReportTrendDay> trend;  // one for each day of Report::days
  NodeHealth health;
  // From its note on the share, when that could be read.
  std::string version, host;
  std::optional<std::int64_t> clock_offset_ms;
  std::optional<std::uint64_t> pending;  // rows that wait there to be published
};

struct ReportConflictGroup {
  std::string table, kind;
  std::uint64_t open = 0, resolved = 0;
  std::string newest;
};

struct ReportConflictPair {
  std::string node_a, node_b;
  std::uint64_t open = 0, resolved = 0, won_by_a = 0;
};

struct ReportSlowRun {
  std::string timestamp, node, user;
  std::int64_t duration_ms = 0;
  std::string status;
  std::uint64_t rows_in = 0, rows_out = 0;
  std::string run_id;
};

struct ReportCause {
  std::string cause, hint, status;
  std::uint64_t runs = 0, nodes = 0;
  std::string first, last, example;
};

struct ReportSizes {
  std::uint64_t file_bytes = 0, log_batches = 0, log_bytes = 0;
  std::uint64_t runs = 0, conflicts = 0, open_conflicts = 0;
  std::string oldest_run;
};

struct Report {
  ReportOptions options;
  ReportStep step = ReportStep::kDay;
  std::string source;         // the file that was read
  bool from_master = false;   // and it is a master.db, not this computer's database
  bool share_read = false;    // the notes of the computers are in
  std::string share_problem;  // why not; "" when nobody asked
  ReportTotals totals;
  std::vector<ReportDay> days;            // without a gap, also those without a run
  std::vector<ReportDuration> durations;  // the same days
  std::vector<ReportNode> nodes;          // by name
  std::vector<ReportConflictGroup> conflict_groups;
  std::vector<ReportConflictPair> conflict_pairs;
  std::vector<ConflictRow> open_conflicts;    // the newest, at most kShownConflicts
  std::vector<std::string> conflict_ids;      // of those, enough for `conflicts show`
  std::uint64_t open_conflicts_matching = 0;  // also those beyond
  std::vector<ReportSlowRun> slowest;
  std::vector<ReportCause> causes;
  ReportSizes sizes;
};

inline constexpr std::uint64_t kShownConflicts = 20;

// Of a database that is a node; its own runs that nobody else knows yet are in it. A share that
// cannot be reached is no error. Throws Error kNotFound when the database is no node.
Report read_report(Environment& env, const Path& database, const ReportOptions& options);
// Of a master.db alone. Throws what open_master_file() does.
Report read_report_of_master(const Path& master, const ReportOptions& options);

// Worst first, then by name: what a person should look at.
std::vector<const ReportNode*> by_urgency(const Report& report);

}  // namespace tidesync
