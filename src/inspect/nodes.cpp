#include "inspect/nodes.h"

#include <algorithm>

#include "base/error.h"
#include "replica/local.h"
#include "share/archive.h"
#include "share/dataset.h"
#include "sync/node_config.h"

namespace tidesync {
namespace {

NodeState state_of(const FleetNode& node) {
  if (!node.note) return NodeState::kUnknown;
  if (node.note->retired) return NodeState::kRetired;
  if (node.note->last_run && node.note->last_run->status == "error") return NodeState::kFailing;
  if (node.note->seq.value == 0) return NodeState::kNever;
  return node.backlog > 0 ? NodeState::kBehind : NodeState::kOk;
}

}  // namespace

std::string_view to_string(NodeState state) {
  switch (state) {
    case NodeState::kOk:
      return "ok";
    case NodeState::kBehind:
      return "behind";
    case NodeState::kFailing:
      return "failing";
    case NodeState::kNever:
      return "never";
    case NodeState::kRetired:
      return "retired";
    case NodeState::kUnknown:
      break;
  }
  return "unknown";
}

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
  report.head = Archive(env.share, dataset, env.random).newest_entry(local.cursor().seq);
  for (const ListedNode& listed : read_node_notes(dataset)) {
    FleetNode node;
    node.node = listed.node;
    node.is_here = listed.node == config.node;
    node.note = listed.parsed.note;
    node.problem = listed.parsed.problem;
    if (node.note && node.note->seq < report.head)
      node.backlog = report.head.value - node.note->seq.value;
    node.state = state_of(node);
    report.nodes.push_back(std::move(node));
  }
  return report;
}

}  // namespace tidesync
