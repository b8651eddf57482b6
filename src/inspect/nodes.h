// The fleet, as the notes on the share tell of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "inspect/node_health.h"
#include "share/notes.h"
#include "sync/environment.h"

namespace tidesync {

struct FleetNode {
  NodeId node;
  NodeHealth health;
  bool is_here = false;
  std::optional<NodeNote> note;
  std::optional<std::int64_t> last_success_ms;  // when its last sync that got through began
  std::uint64_t failed_runs = 0;                // since then, one after another
  std::string problem;                          // of the note
  std::uint64_t backlog = 0;                    // entries up to the newest on the share
};

struct FleetReport {
  Seq head;  // newest entry on the share
  HealthThresholds thresholds;
  std::vector<FleetNode> nodes;  // by name
};
// Throws Error kShareUnreachable, kWrongShare ...
FleetReport read_fleet(Environment& env, const Path& database);

}  // namespace tidesync
