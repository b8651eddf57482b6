#include "inspect/report.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "inspect/master_file.h"
#include "inspect/nodes.h"
#include "inspect/report_parts.h"
#include "sync/node_config.h"

namespace tidesync {
namespace {

Database open_node(const Path& database) {
  Database db = Database::open(database, OpenMode::kReadOnly);
  if (db.has_table("sync_log") && db.has_table("tidesync_meta")) return db;
  throw Error(ErrorCode::kNotFound, "read report", to_utf8(database), "this database is not synced",
              "Run tidesync init or tidesync join first.");
}

void check_node(const Report& report) {
  const std::string& wanted = report.options.node;
  if (wanted.empty() || !report.nodes.empty()) return;
  throw Error(ErrorCode::kNotFound, "read report", printable(wanted),
              "no computer of this name has ever synced", "tidesync nodes lists them.");
}

// What a computer publishes nothing for, such as a sync that only took something in, is told by its
// note alone for a while.
void add_note(ReportNode& node, const FleetNode& fleet, std::int64_t until_ms) {
  if (!fleet.note) return;
  node.version = fleet.note->tool;
  node.host = fleet.note->host;
  node.clock_offset_ms = fleet.note->clock_offset_ms;
  node.pending = fleet.note->pending;
  node.behind = fleet.backlog;
  if (node.user.empty()) node.user = fleet.note->user;
  if (fleet.last_success_ms && *fleet.last_success_ms < until_ms)
    node.last_success = std::max(node.last_success, iso_utc(*fleet.last_success_ms));
}

// Those that the share knows and sync_log does not have never published a run.
void add_fleet(Report& report, const FleetReport& fleet) {
  for (const FleetNode& known : fleet.nodes) {
    const auto same = [&](const ReportNode& node) { return node.node == known.node.value; };
    auto found = std::find_if(report.nodes.begin(), report.nodes.end(), same);
    const std::string& wanted = report.options.node;
    if (found == report.nodes.end() && !wanted.empty() && wanted != known.node.value) continue;
    if (found == report.nodes.end()) {
      report.nodes.emplace_back().node = known.node.value;
      report.nodes.back().trend.resize(report.days.size());
      found = std::prev(report.nodes.end());
    }
    add_note(*found, known, report.options.until_ms);
    found->health = known.health;
  }
  std::sort(report.nodes.begin(), report.nodes.end(),
            [](const ReportNode& a, const ReportNode& b) { return a.node < b.node; });
  report.share_read = true;
}

int urgency(NodeState state) {
  switch (state) {
    case NodeState::kFailing:
      return 0;
    case NodeState::kNever:
      return 1;
    case NodeState::kBehind:
      return 2;
    case NodeState::kClockOff:
      return 3;
    case NodeState::kUnknown:
      return 4;
    case NodeState::kOk:
      return 5;
    case NodeState::kRetired:
      break;
  }
  return 6;
}

}  // namespace

void judge_nodes(Report& report, const HealthThresholds& thresholds) {
  const std::int64_t at_ms = std::min(report.options.until_ms, report.options.now_ms);
  for (ReportNode& node : report.nodes) {
    NodeFacts facts;
    std::int64_t success_ms = 0;
    if (parse_iso_utc(node.last_success, success_ms)) facts.last_success_ms = success_ms;
    facts.failed_runs = node.failing_runs;
    facts.backlog = node.behind;
    node.health = health_of(facts, thresholds, at_ms);
  }
}

Report read_report(Environment& env, const Path& database, const ReportOptions& options) {
  Report report;
  report.options = options;
  report.source = to_utf8(database);
  Database db = open_node(database);
  const LocalPaths paths(database);
  const Config config = read_node_config(env, paths);
  Database base = Database::open(paths.base, OpenMode::kReadOnly);
  read_figures(db, base, report);
  judge_nodes(report, config.health);
  try {
    add_fleet(report, read_fleet(env, database));
  } catch (const Error& error) {
    report.share_problem = error.detail().empty() ? error.what() : error.detail();
  }
  check_node(report);
  return report;
}

Report read_report_of_master(const Path& master, const ReportOptions& options) {
  Report report;
  report.options = options;
  report.source = to_utf8(master);
  report.from_master = true;
  read_master_file(master, [&](Database& db) { read_figures(db, db, report); });
  judge_nodes(report, HealthThresholds{});
  check_node(report);
  return report;
}

std::vector<const ReportNode*> by_urgency(const Report& report) {
  std::vector<const ReportNode*> nodes;
  for (const ReportNode& node : report.nodes) nodes.push_back(&node);
  std::stable_sort(nodes.begin(), nodes.end(), [](const ReportNode* a, const ReportNode* b) {
    return urgency(a->health.state) < urgency(b->health.state);
  });
  return nodes;
}

}  // namespace tidesync
