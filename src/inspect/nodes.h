// The fleet, as the notes on the share tell of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "share/notes.h"
#include "sync/environment.h"

namespace tidesync {

enum class NodeState {
  kOk,
  kBehind,   // entries on the share that it has not taken in
  kFailing,  // its last run ended with an error
  kNever,    // it has taken in nothing yet
  kRetired,
  kUnknown,  // its note cannot be read
};
std::string_view to_string(NodeState state);

struct FleetNode {
  NodeId node;
  NodeState state = NodeState::kUnknown;
  bool is_here = false;
  std::optional<NodeNote> note;
  std::string problem;        // of the note
  std::uint64_t backlog = 0;  // entries up to the newest on the share
};

struct FleetReport {
  Seq head;                      // newest entry on the share
  std::vector<FleetNode> nodes;  // by name
};
// Throws Error kShareUnreachable, kWrongShare ...
FleetReport read_fleet(Environment& env, const Path& database);

}  // namespace tidesync
