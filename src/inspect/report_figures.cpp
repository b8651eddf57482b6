// The figures of a report, each from its file in schema/reports/.
#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/text.h"
#include "inspect/report_parts.h"
#include "schema.h"
#include "sqlite/transaction.h"

namespace tidesync {
namespace {

constexpr std::int64_t kSlowestRuns = 10;

const char* word_of(ReportStep step) {
  return step == ReportStep::kWeek ? "week" : step == ReportStep::kMonth ? "month" : "";
}

// ":since", ":until" ... as they first occur: SQLite numbers them so. Comments and texts are passed
// over.
std::vector<std::string> parameter_names(std::string_view sql) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz_";
  std::vector<std::string> names;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] == '\'') {
      i = sql.find('\'', i + 1);
    } else if (sql.substr(i, 2) == "--") {
      i = sql.find('\n', i);
    } else if (sql[i] == ':') {
      const std::size_t end = std::min(sql.find_first_not_of(kLetters, i + 1), sql.size());
      const std::string name(sql.substr(i, end - i));
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
      i = end - 1;
    }
    if (i == std::string_view::npos) break;
  }
  return names;
}

// A parameter that has no value is NULL: no limit.
void bind_parameters(Statement& statement, std::string_view sql,
                     const FigureParameters& parameters) {
  int place = 0;
  for (const std::string& name : parameter_names(sql)) {
    ++place;
    const std::string& text = name == ":since"   ? parameters.since
                              : name == ":until" ? parameters.until
                              : name == ":node"  ? parameters.node
                              : name == ":per"   ? parameters.per
                              : name == ":zone"  ? parameters.zone
                                                 : std::string();
    if (name == ":limit" && parameters.limit) statement.bind(place, *parameters.limit);
    if (!text.empty()) statement.bind_text(place, text);
  }
}

ReportTotals totals_of(const FigureRow& row) {
  return {row.count("runs"),       row.count("success"),  row.count("partial"),
          row.count("error"),      row.count("rows_in"),  row.count("rows_out"),
          row.count("conflicts"),  row.text("first_run"), row.text("last_run"),
          row.number("median_ms"), row.number("p95_ms")};
}

ReportNode node_of(const FigureRow& row) {
  ReportNode node;
  node.node = row.text("node");
  node.user = row.text("user");
  node.last_sync = row.text("last_sync");
  node.last_success = row.text("last_success");
  node.failing_runs = row.count("failing_runs");
  node.runs = row.count("runs");
  node.failed = row.count("failed");
  node.rows_in = row.count("rows_in");
  node.rows_out = row.count("rows_out");
  node.conflicts = row.count("conflicts");
  node.seq_after = row.count("seq_after");
  node.behind = row.count("behind");
  return node;
}

ReportSlowRun slow_run_of(const FigureRow& row) {
  return {row.text("timestamp"), row.text("node"),
          row.text("user"),      row.number("duration_ms").value_or(0),
          row.text("status"),    row.count("rows_in"),
          row.count("rows_out"), row.text("run_id")};
}

ReportCause cause_of(const FigureRow& row) {
  return {row.text("cause"),  row.text("hint"),  row.text("status"), row.count("runs"),
          row.count("nodes"), row.text("first"), row.text("last"),   row.text("example")};
}

// The first day of the step in which that moment lies, as the files reckon it.
std::string day_of(Database& db, const std::string& iso, const FigureParameters& parameters) {
  if (iso.empty()) return {};
  const std::string zone = parameters.zone.empty() ? "+0 days" : parameters.zone;
  const std::string more = parameters.per == "week"    ? ", 'weekday 0', '-6 days'"
                           : parameters.per == "month" ? ", 'start of month'"
                                                       : "";
  return db.get_text("SELECT date(" + quote_text(iso) + ", " + quote_text(zone) + more + ")");
}

// A chart begins where the period does, but not before anything ran, and ends with the period.
std::vector<std::string> days_of(Database& db, const Report& report,
                                 const FigureParameters& parameters) {
  const ReportTotals& totals = report.totals;
  if (totals.runs == 0) return {};
  const bool is_long = report.step != ReportStep::kDay;
  const std::string first = is_long ? totals.first_run : parameters.since;
  return days_between(day_of(db, first, parameters),
                      day_of(db, iso_utc(report.options.until_ms - 1), parameters), report.step);
}

void read_days(Database& db, const FigureParameters& parameters, Report& report) {
  std::map<std::string, ReportDay> runs;
  std::map<std::string, ReportDuration> durations;
  read_figure(db, sql::k_reports_runs_per_day, parameters, [&](const FigureRow& row) {
    runs[row.text("day")] = {row.text("day"), row.count("success"), row.count("partial"),
                             row.count("error")};
  });
  read_figure(db, sql::k_reports_durations_per_day, parameters, [&](const FigureRow& row) {
    durations[row.text("day")] = {row.text("day"),         row.count("runs"),
                                  row.number("median_ms"), row.number("p95_ms"),
                                  row.count("rows_in"),    row.count("rows_out")};
  });
  for (const std::string& day : days_of(db, report, parameters)) {
    runs[day].day = day;
    durations[day].day = day;
  }
  for (auto& [day, figures] : runs) report.days.push_back(figures);
  for (const ReportDay& day : report.days) {
    durations[day.day].day = day.day;
    report.durations.push_back(durations[day.day]);
  }
}

void read_nodes(Database& db, const FigureParameters& parameters, Report& report) {
  read_figure(db, sql::k_reports_nodes, parameters,
              [&](const FigureRow& row) { report.nodes.push_back(node_of(row)); });
  std::map<std::string, std::size_t> days;
  for (const ReportDay& day : report.days) days.emplace(day.day, days.size());
  std::map<std::string, ReportNode*> nodes;
  for (ReportNode& node : report.nodes) {
    node.trend.resize(days.size());
    nodes[node.node] = &node;
  }
  read_figure(db, sql::k_reports_node_trends, parameters, [&](const FigureRow& row) {
    const auto node = nodes.find(row.text("node"));
    const auto day = days.find(row.text("day"));
    if (node == nodes.end() || day == days.end()) return;
    node->second->trend[day->second] = {row.count("runs"), row.count("failed")};
  });
}

void read_conflicts(Database& db, FigureParameters parameters, Report& report) {
  read_figure(db, sql::k_reports_conflicts_by_table, parameters, [&](const FigureRow& row) {
    report.conflict_groups.push_back({row.text("table_name"), row.text("kind"), row.count("open"),
                                      row.count("resolved"), row.text("newest")});
    report.open_conflicts_matching += row.count("open");
  });
  read_figure(db, sql::k_reports_conflicts_by_pair, parameters, [&](const FigureRow& row) {
    report.conflict_pairs.push_back({row.text("node_a"), row.text("node_b"), row.count("open"),
                                     row.count("resolved"), row.count("won_by_a")});
  });
  parameters.limit = static_cast<std::int64_t>(kShownConflicts);
  std::vector<std::string> ids;
  read_figure(db, sql::k_reports_open_conflicts, parameters,
              [&](const FigureRow& row) { ids.push_back(row.text("id")); });
  for (const std::string& id : ids) {
    report.open_conflicts.push_back(*read_conflict_or_note(db, id));
    report.conflict_ids.push_back(short_conflict_id(db, id));
  }
}

}  // namespace

FigureRow::FigureRow(const Statement& row) : row_(row) {
  for (int i = 0; i < row.column_count(); ++i) names_.push_back(row.column_name(i));
}

int FigureRow::index_of(std::string_view column) const {
  const auto found = std::find(names_.begin(), names_.end(), column);
  if (found != names_.end()) return static_cast<int>(found - names_.begin());
  throw Error(ErrorCode::kInternal, "read figure", std::string(column), "no file gives it");
}

std::string FigureRow::text(std::string_view column) const {
  return row_.get_text(index_of(column));
}

std::uint64_t FigureRow::count(std::string_view column) const {
  const std::int64_t value = row_.get_int(index_of(column));
  return value < 0 ? 0 : static_cast<std::uint64_t>(value);
}

std::optional<std::int64_t> FigureRow::number(std::string_view column) const {
  const ValueView value = row_.column(index_of(column));
  return value.type == ValueType::kNull ? std::nullopt : std::optional(value.integer);
}

FigureParameters parameters_of(const Report& report) {
  const ReportOptions& options = report.options;
  return {iso_utc(options.since_ms), iso_utc(options.until_ms),      options.node,
          word_of(report.step),      options.utc ? "" : "localtime", {}};
}

void read_figure(Database& db, const char* sql, const FigureParameters& parameters,
                 const std::function<void(const FigureRow& row)>& row) {
  Statement statement = db.prepare(sql);
  bind_parameters(statement, sql, parameters);
  const FigureRow figures(statement);
  while (statement.step()) row(figures);
}

void read_figures(Database& runs, Database& state, Report& report) {
  report.step = step_of(report.options.until_ms - report.options.since_ms);
  FigureParameters parameters = parameters_of(report);
  // Room for sorting the runs of a large fleet without files.
  runs.exec("PRAGMA cache_size = -65536");
  const Transaction snapshot(runs, Transaction::Kind::kDeferred);
  read_figure(runs, sql::k_reports_totals, parameters,
              [&](const FigureRow& row) { report.totals = totals_of(row); });
  read_days(runs, parameters, report);
  read_nodes(runs, parameters, report);
  read_conflicts(runs, parameters, report);
  parameters.limit = kSlowestRuns;
  read_figure(runs, sql::k_reports_slowest_runs, parameters,
              [&](const FigureRow& row) { report.slowest.push_back(slow_run_of(row)); });
  read_figure(runs, sql::k_reports_errors_by_cause, parameters,
              [&](const FigureRow& row) { report.causes.push_back(cause_of(row)); });
  read_figure(state, sql::k_reports_sizes, {}, [&](const FigureRow& row) {
    report.sizes = {row.count("file_bytes"), row.count("log_batches"), row.count("log_bytes"),
                    row.count("runs"),       row.count("conflicts"),   row.count("open_conflicts"),
                    row.text("oldest_run")};
  });
}

}  // namespace tidesync
