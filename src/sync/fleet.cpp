#include "sync/fleet.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "share/dataset.h"
#include "share/layout.h"
#include "sqlite/transaction.h"
#include "sync/edit_session.h"

namespace tidesync {
namespace {

constexpr std::int64_t kHourMs = 60LL * 60 * 1000;
constexpr std::int64_t kRecentMs = 7 * 24 * kHourMs;

struct FleetSession {
  FleetSession(Environment& env, const Path& database, const std::string& operation)
      : node(env, database, operation),
        dataset(env.share, node.config().share, env.clock, env.random, node.config().node) {
    const DatasetFormat format = dataset.open(node.local().get_meta("share_id"));
    if (format.min_writer > kShareFormatVersion) {
      throw Error(ErrorCode::kTooNew, operation, to_utf8(node.config().share),
                  "it may only be written by a newer version of tidesync",
                  "Update tidesync on this computer.");
    }
  }
  EditSession node;
  Dataset dataset;
};

void check_names(const NodeId& here, const std::string& old_name, const std::string& new_name) {
  if (old_name != here.value) {
    throw Error(
        ErrorCode::kUsage, "rename node", printable(old_name),
        "this computer is the node " + here.value + "; a node is renamed on its own computer only",
        "Run the command there, or: tidesync nodes rename " + here.value + " NEW");
  }
  if (!is_node_id(new_name)) {
    throw Error(
        ErrorCode::kUsage, "rename node", printable(new_name),
        "only a-z, 0-9, - and _ are allowed, 40 at most",
        "For instance: tidesync nodes rename " + here.value + " " + make_node_id(new_name).value);
  }
  if (old_name == new_name) {
    throw Error(ErrorCode::kUsage, "rename node", new_name, "it has this name already");
  }
}

void check_free(FleetSession& session, const NodeId& name) {
  const auto names = session.node.base().node_names();
  const bool in_log = std::find(names.begin(), names.end(), name.value) != names.end();
  if (!in_log && !read_node_note(session.dataset, name)) return;
  throw Error(ErrorCode::kAlreadyExists, "rename node", name.value,
              "another computer has or had this name; nothing was changed",
              "Choose another one. tidesync nodes shows those that are taken.");
}

std::string known_names(Dataset& dataset) {
  std::vector<std::string> names;
  for (const ListedNode& node : read_node_notes(dataset)) names.push_back(node.node.value);
  return join(names, ", ");
}

}  // namespace

// The note under the new name first, so that nobody else takes it meanwhile; then the
// configuration: a run that finds the database under another name repairs that.
void rename_node(Environment& env, const Path& database, const std::string& old_name,
                 const std::string& new_name) {
  FleetSession session(env, database, "rename node");
  const NodeId old = session.node.config().node;
  check_names(old, old_name, new_name);
  const NodeId renamed{new_name};
  check_free(session, renamed);
  const auto found = read_node_note(session.dataset, old);
  NodeNote note;
  if (found && found->note) note = *found->note;
  note.node = renamed;
  note.at_ms = env.clock.now_ms();
  session.dataset.write_note(layout::node_note(renamed), to_json(note));
  set_config_text(env.local, session.node.paths().config, "node", new_name);
  Transaction transaction(session.node.local().db(), Transaction::Kind::kImmediate);
  session.node.local().set_meta("node", new_name);
  transaction.commit();
  env.share.remove(session.dataset.root() / layout::node_note(old));
}

NodeNote retire_node(Environment& env, const Path& database, const std::string& name,
                     bool confirmed) {
  FleetSession session(env, database, "retire node");
  if (name == session.node.config().node.value) {
    throw Error(ErrorCode::kUsage, "retire node", name, "it is this computer",
                "To take this database out of the fleet: tidesync leave");
  }
  const auto found =
      is_node_id(name) ? read_node_note(session.dataset, NodeId{name}) : std::nullopt;
  if (!found || !found->note) {
    throw Error(
        ErrorCode::kNotFound, "retire node", printable(name),
        found ? "its note on the share is damaged: " + found->problem : "there is no such node",
        "Nodes are: " + known_names(session.dataset) + ".");
  }
  NodeNote note = *found->note;
  const std::int64_t age_ms = env.clock.now_ms() - note.at_ms;
  if (age_ms < kRecentMs && !confirmed) {
    throw Error(
        ErrorCode::kGuard, "retire node", name,
        "it was seen within the last 7 days (" + iso_utc(note.at_ms) + "); nothing was changed",
        "Add --yes if it is really given up. It may come back all the same.");
  }
  note.retired = true;
  session.dataset.write_note(layout::node_note(note.node), to_json(note));
  return note;
}

}  // namespace tidesync
