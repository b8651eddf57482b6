#include "cli/report_tables.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "cli/conflict_view.h"
#include "cli/times.h"

namespace tidesync {
namespace {

using Kind = ReportKind;
using Cells = std::vector<ReportCell>;

ReportCell cell(std::uint64_t number) {
  return static_cast<std::int64_t>(number);
}
ReportCell cell(const std::string& text) {
  return text.empty() ? ReportCell() : ReportCell(text);
}
template <typename Number>
ReportCell cell(const std::optional<Number>& number) {
  return number ? ReportCell(static_cast<std::int64_t>(*number)) : ReportCell();
}

ReportTable totals_table(const Report& report) {
  const ReportTotals& totals = report.totals;
  return {
      "totals",
      "All runs",
      true,
      {{"runs", "Runs", Kind::kCount},
       {"success", "Succeeded", Kind::kCount},
       {"partial", "In part", Kind::kCount},
       {"error", "Failed", Kind::kCount},
       {"rows_in", "Rows in", Kind::kCount},
       {"rows_out", "Rows out", Kind::kCount},
       {"conflicts", "Conflicts", Kind::kCount},
       {"first_run", "First run", Kind::kTime},
       {"last_run", "Last run", Kind::kTime},
       {"median_ms", "Median", Kind::kDuration},
       {"p95_ms", "95 % within", Kind::kDuration}},
      {{cell(totals.runs), cell(totals.success), cell(totals.partial), cell(totals.error),
        cell(totals.rows_in), cell(totals.rows_out), cell(totals.conflicts), cell(totals.first_run),
        cell(totals.last_run), cell(totals.median_ms), cell(totals.p95_ms)}}};
}

Cells node_cells(const ReportNode& node) {
  return {cell(node.node),
          cell(std::string(to_string(node.health.state))),
          cell(node.health.reason),
          cell(node.user),
          cell(node.host),
          cell(node.last_sync),
          cell(node.last_success),
          cell(node.failing_runs),
          cell(node.runs),
          cell(node.failed),
          cell(node.rows_in),
          cell(node.rows_out),
          cell(node.conflicts),
          cell(node.seq_after),
          cell(node.behind),
          cell(node.pending),
          cell(node.clock_offset_ms),
          cell(node.version)};
}

ReportTable nodes_table(const Report& report) {
  ReportTable table{"nodes",
                    "Computers",
                    false,
                    {{"node", "Computer", Kind::kText},
                     {"state", "State", Kind::kText},
                     {"reason", "Why", Kind::kText},
                     {"user", "User", Kind::kText},
                     {"host", "Host", Kind::kText},
                     {"last_sync", "Last run", Kind::kTime},
                     {"last_success", "Last that got through", Kind::kTime},
                     {"failing_runs", "Failed since", Kind::kCount},
                     {"runs", "Runs", Kind::kCount},
                     {"failed", "Failed", Kind::kCount},
                     {"rows_in", "Rows in", Kind::kCount},
                     {"rows_out", "Rows out", Kind::kCount},
                     {"conflicts", "Conflicts", Kind::kCount},
                     {"seq_after", "At batch", Kind::kCount},
                     {"behind", "Batches behind", Kind::kCount},
                     {"pending", "Rows to send", Kind::kCount},
                     {"clock_offset_ms", "Clock", Kind::kOffset},
                     {"version", "Version", Kind::kText}},
                    {}};
  for (const ReportNode* node : by_urgency(report)) table.rows.push_back(node_cells(*node));
  return table;
}

ReportTable days_table(const Report& report) {
  ReportTable table{"runs_per_day",
                    "Runs",
                    false,
                    {{"day", "Day", Kind::kDay},
                     {"success", "Succeeded", Kind::kCount},
                     {"partial", "In part", Kind::kCount},
                     {"error", "Failed", Kind::kCount}},
                    {}};
  for (const ReportDay& day : report.days)
    table.rows.push_back({cell(day.day), cell(day.success), cell(day.partial), cell(day.error)});
  return table;
}

ReportTable durations_table(const Report& report) {
  ReportTable table{"durations_per_day",
                    "Durations and rows",
                    false,
                    {{"day", "Day", Kind::kDay},
                     {"runs", "Runs", Kind::kCount},
                     {"median_ms", "Median", Kind::kDuration},
                     {"p95_ms", "95 % within", Kind::kDuration},
                     {"rows_in", "Rows in", Kind::kCount},
                     {"rows_out", "Rows out", Kind::kCount}},
                    {}};
  for (const ReportDuration& day : report.durations) {
    table.rows.push_back({cell(day.day), cell(day.runs), cell(day.median_ms), cell(day.p95_ms),
                          cell(day.rows_in), cell(day.rows_out)});
  }
  return table;
}

ReportTable trends_table(const Report& report) {
  ReportTable table{"node_trends",
                    "Runs of each computer",
                    false,
                    {{"node", "Computer", Kind::kText},
                     {"day", "Day", Kind::kDay},
                     {"runs", "Runs", Kind::kCount},
                     {"failed", "Failed", Kind::kCount}},
                    {}};
  for (const ReportNode& node : report.nodes) {
    for (std::size_t i = 0; i < node.trend.size(); ++i) {
      const ReportTrendDay& day = node.trend[i];
      if (day.runs == 0) continue;
      table.rows.push_back(
          {cell(node.node), cell(report.days[i].day), cell(day.runs), cell(day.failed)});
    }
  }
  return table;
}

ReportTable groups_table(const Report& report) {
  ReportTable table{"conflicts_by_table",
                    "Conflicts by table and kind",
                    false,
                    {{"table", "Table", Kind::kText},
                     {"kind", "Kind", Kind::kText},
                     {"open", "Open", Kind::kCount},
                     {"resolved", "Resolved", Kind::kCount},
                     {"newest", "Newest", Kind::kTime}},
                    {}};
  for (const ReportConflictGroup& group : report.conflict_groups) {
    table.rows.push_back({cell(group.table), cell(group.kind), cell(group.open),
                          cell(group.resolved), cell(group.newest)});
  }
  return table;
}

ReportTable pairs_table(const Report& report) {
  ReportTable table{"conflicts_by_pair",
                    "Conflicts by pair of computers",
                    false,
                    {{"node_a", "One", Kind::kText},
                     {"node_b", "Other", Kind::kText},
                     {"open", "Open", Kind::kCount},
                     {"resolved", "Resolved", Kind::kCount},
                     {"won_by_a", "Won by the one", Kind::kCount}},
                    {}};
  for (const ReportConflictPair& pair : report.conflict_pairs) {
    table.rows.push_back({cell(pair.node_a), cell(pair.node_b), cell(pair.open),
                          cell(pair.resolved), cell(pair.won_by_a)});
  }
  return table;
}

ReportCell row_cell(const std::optional<NamedRow>& row) {
  if (!row) return {};
  return to_json(*row).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

ReportTable conflicts_table(const Report& report) {
  ReportTable table{"open_conflicts",
                    "Open conflicts",
                    false,
                    {{"id", "Conflict", Kind::kText},
                     {"table", "Table", Kind::kText},
                     {"key", "Record", Kind::kRow},
                     {"kind", "Kind", Kind::kText},
                     {"rule", "Rule", Kind::kText},
                     {"created_at", "Decided", Kind::kTime},
                     {"winner_node", "Winner", Kind::kText},
                     {"winner_user", "Its user", Kind::kText},
                     {"loser_node", "Loser", Kind::kText},
                     {"loser_user", "Its user", Kind::kText},
                     {"base", "Before", Kind::kRow},
                     {"winner", "Stays", Kind::kRow},
                     {"loser", "Kept", Kind::kRow}},
                    {}};
  for (const ConflictRow& conflict : report.open_conflicts) {
    table.rows.push_back(
        {cell(conflict.id), cell(conflict.table), row_cell(conflict.key), cell(conflict.kind),
         cell(conflict.rule), cell(conflict.created_at), cell(conflict.winner_node),
         cell(conflict.winner_user), cell(conflict.loser_node), cell(conflict.loser_user),
         row_cell(conflict.base), row_cell(conflict.winner), row_cell(conflict.loser)});
  }
  return table;
}

ReportTable causes_table(const Report& report) {
  ReportTable table{"errors_by_cause",
                    "What failed and why",
                    false,
                    {{"cause", "Cause", Kind::kText},
                     {"hint", "What to do", Kind::kText},
                     {"status", "Outcome", Kind::kText},
                     {"runs", "Runs", Kind::kCount},
                     {"nodes", "Computers", Kind::kCount},
                     {"first", "First", Kind::kTime},
                     {"last", "Last", Kind::kTime},
                     {"example", "Newest message", Kind::kText}},
                    {}};
  for (const ReportCause& cause : report.causes) {
    table.rows.push_back({cell(cause.cause), cell(cause.hint), cell(cause.status), cell(cause.runs),
                          cell(cause.nodes), cell(cause.first), cell(cause.last),
                          cell(cause.example)});
  }
  return table;
}

ReportTable slowest_table(const Report& report) {
  ReportTable table{"slowest_runs",
                    "Slowest runs",
                    false,
                    {{"timestamp", "Began", Kind::kTime},
                     {"node", "Computer", Kind::kText},
                     {"user", "User", Kind::kText},
                     {"duration_ms", "Took", Kind::kDuration},
                     {"status", "Outcome", Kind::kText},
                     {"rows_in", "Rows in", Kind::kCount},
                     {"rows_out", "Rows out", Kind::kCount},
                     {"run_id", "Run", Kind::kId}},
                    {}};
  for (const ReportSlowRun& run : report.slowest) {
    table.rows.push_back({cell(run.timestamp), cell(run.node), cell(run.user), run.duration_ms,
                          cell(run.status), cell(run.rows_in), cell(run.rows_out),
                          cell(run.run_id)});
  }
  return table;
}

ReportTable sizes_table(const Report& report) {
  const ReportSizes& sizes = report.sizes;
  return {
      "sizes",
      "Sizes",
      true,
      {{"file_bytes", report.from_master ? "master.db" : "Base copy, as master.db", Kind::kSize},
       {"log_batches", "Batches of the log", Kind::kCount},
       {"log_bytes", "Their size when written", Kind::kSize},
       {"runs", "Runs in sync_log", Kind::kCount},
       {"oldest_run", "Oldest of them", Kind::kTime},
       {"conflicts", "Conflicts kept", Kind::kCount},
       {"open_conflicts", "Open ones", Kind::kCount}},
      {{cell(sizes.file_bytes), cell(sizes.log_batches), cell(sizes.log_bytes), cell(sizes.runs),
        cell(sizes.oldest_run), cell(sizes.conflicts), cell(sizes.open_conflicts)}}};
}

}  // namespace

std::vector<ReportTable> report_tables(const Report& report) {
  return {totals_table(report),    nodes_table(report),  days_table(report),
          durations_table(report), trends_table(report), conflicts_table(report),
          groups_table(report),    pairs_table(report),  causes_table(report),
          slowest_table(report),   sizes_table(report)};
}

const ReportTable& table_of(const std::vector<ReportTable>& tables, std::string_view key) {
  const auto found = std::find_if(tables.begin(), tables.end(),
                                  [&](const ReportTable& table) { return table.key == key; });
  if (found != tables.end()) return *found;
  throw Error(ErrorCode::kInternal, "write report", std::string(key), "there is no such table");
}

std::string ReportTimes::time(const std::string& iso) const {
  constexpr std::size_t kMinute = 16;
  return (utc ? utc_time(iso) : local_time(iso)).substr(0, kMinute);
}

std::string ReportTimes::zone(std::int64_t at_ms) const {
  return utc ? "UTC" : time_zone(at_ms);
}

std::string cell_text(const ReportCell& cell, ReportKind kind, const ReportTimes& times) {
  constexpr std::size_t kShortId = 8;
  if (const auto* text = std::get_if<std::string>(&cell)) {
    if (kind == ReportKind::kId) return text->substr(0, kShortId);
    return kind == ReportKind::kTime ? times.time(*text) : *text;
  }
  const auto* number = std::get_if<std::int64_t>(&cell);
  if (number == nullptr) return {};
  switch (kind) {
    case ReportKind::kDuration:
      return display_duration(*number);
    case ReportKind::kSize:
      return display_size(static_cast<std::uint64_t>(*number));
    case ReportKind::kOffset:
      return clock_offset_text(*number);
    default:
      return with_thousands(static_cast<std::uint64_t>(*number));
  }
}

}  // namespace tidesync
