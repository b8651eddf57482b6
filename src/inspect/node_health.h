// How a computer of the fleet is doing, in one word and the reason for it: one rule and one wording
// for `nodes`, `status`, `doctor` and `report`. Pure.
//
// The thresholds are those of whoever looks: behind_after, failing_after and clock_offset_max in
// config.toml. A few batches that a computer has not taken in yet are no trouble: others publish
// all day. What counts is the time since a sync of it got through, and the default lets a laptop
// rest over a weekend.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sync/config.h"

namespace tidesync {

enum class NodeState {
  kOk,
  kBehind,    // no sync of it got through for longer than behind_after
  kFailing,   // its last failing_after runs, or more, failed
  kClockOff,  // its clock and that of the share differ by more than clock_offset_max
  kNever,     // no sync of it got through yet
  kRetired,   // nobody waits for it any more
  kUnknown,   // its note cannot be read
};
// "ok", "behind", "failing", "clock-off", "never", "retired", "unknown": the same words everywhere,
// also in JSON.
std::string_view to_string(NodeState state);

struct NodeFacts {
  bool retired = false;
  // When its last sync that got through began; one that held something back (partial) did.
  std::optional<std::int64_t> last_success_ms;
  std::uint64_t failed_runs = 0;                // since then, one after another
  std::optional<std::uint64_t> backlog;         // batches on the share that it has not taken in
  std::optional<std::int64_t> clock_offset_ms;  // to be added to its time; positive: it is behind
};

struct NodeHealth {
  NodeState state = NodeState::kUnknown;
  // What is wrong, the worst first: "the last 7 runs failed; no sync got through for 4 days". May
  // say something in state kOk, too ("the last run failed"). "" when there is nothing to say.
  std::string reason;
};
NodeHealth health_of(const NodeFacts& facts, const HealthThresholds& thresholds,
                     std::int64_t now_ms);

// Whether that is more than clock_offset_max.
bool is_clock_off(std::int64_t offset_ms, const HealthThresholds& thresholds);
// "5 min behind the share", "2 h ahead of the share", "agrees with the share".
std::string clock_offset_text(std::int64_t offset_ms);

}  // namespace tidesync
