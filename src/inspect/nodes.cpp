#include "inspect/nodes.h"

#include <algorithm>

#include "base/error.h"
#include "replica/local.h"
#include "share/archive.h"
#include "share/dataset.h"
#include "sync/node_config.h"

namespace tidesync {
namespace {

// A note of a version that did not write when the last sync got through says it as well as it can:
// by its last run, or, where that failed, by having taken in something at some time before.
std::optional<std::int64_t> last_success_of(const NodeNote& note) {
  if (note.last_success_ms) return note.last_success_ms;
  const auto& run = note.last_run;
  if (run && run->status != "error" && run->status != "offline") return run->at_ms;
  return note.seq.value > 0 ? std::optional(note.at_ms) : std::nullopt;
}

std::uint64_t failed_runs_of(const NodeNote& note) {
  const bool failed =
      note.last_run && (note.last_run->status == "error" || note.last_run->status == "offline");
  return failed ? std::max<std::uint64_t>(note.failed_runs.value_or(1), 1) : 0;
}

void judge(FleetNode& node, const HealthThresholds& thresholds, std::int64_t now_ms) {
  if (!node.note) return;
  node.last_success_ms = last_success_of(*node.note);
  node.failed_runs = failed_runs_of(*node.note);
  node.health = health_of({node.note->retired, node.last_success_ms, node.failed_runs, node.backlog,
                           node.note->clock_offset_ms},
                          thresholds, now_ms);
}

}  // namespace

FleetReport read_fleet(Environment& env, const Path& database) {
  const LocalPaths paths(database);
  const Config config = read_node_config(env, paths);
  Local local(database, config.patience_ms);
  if (!local.is_attached()) {
    throw Error(ErrorCode::kNotFound, "read", to_utf8(database), "this database is not synced",
                "Run tidesync init or tidesync join first.");
  }
  Dataset dataset(env.share, config.share, env.clock, env.random, config.node);
  dataset.open(local.get_meta("share_id"));
  FleetReport report;
  report.thresholds = config.health;
  report.head = Archive(env.share, dataset, env.random).newest_entry(local.cursor().seq);
  for (const ListedNode& listed : read_node_notes(dataset)) {
    FleetNode node;
    node.node = listed.node;
    node.is_here = listed.node == config.node;
    node.note = listed.parsed.note;
    node.problem = listed.parsed.problem;
    if (node.note && node.note->seq < report.head)
      node.backlog = report.head.value - node.note->seq.value;
    judge(node, config.health, env.clock.now_ms());
    report.nodes.push_back(std::move(node));
  }
  return report;
}

}  // namespace tidesync
