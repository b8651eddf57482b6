#include "inspect/node_health.h"

#include <cstdlib>
#include <vector>

#include "base/text.h"

namespace tidesync {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kNoiseMs = 1000;  // what measuring alone may come to

std::string failed_text(std::uint64_t runs) {
  return runs == 1 ? "the last run failed" : "the last " + with_thousands(runs) + " runs failed";
}

// As people say it: "50 minutes", "30 hours", "4 days".
std::string span_text(std::int64_t ms) {
  const std::int64_t minutes = ms / kMinuteMs;
  const std::int64_t hours = minutes / 60;
  if (hours < 2) return std::to_string(minutes) + (minutes == 1 ? " minute" : " minutes");
  if (hours < 48) return std::to_string(hours) + " hours";
  return std::to_string(hours / 24) + " days";
}

std::string waiting_text(const NodeFacts& facts) {
  if (!facts.backlog || *facts.backlog == 0) return {};
  const bool one = *facts.backlog == 1;
  return "; " + with_thousands(*facts.backlog) + (one ? " batch waits" : " batches wait");
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
    case NodeState::kClockOff:
      return "clock-off";
    case NodeState::kNever:
      return "never";
    case NodeState::kRetired:
      return "retired";
    case NodeState::kUnknown:
      break;
  }
  return "unknown";
}

bool is_clock_off(std::int64_t offset_ms, const HealthThresholds& thresholds) {
  return std::abs(offset_ms) > thresholds.clock_offset_ms;
}

std::string clock_offset_text(std::int64_t offset_ms) {
  if (std::abs(offset_ms) < kNoiseMs) return "agrees with the share";
  return display_duration(std::abs(offset_ms)) +
         (offset_ms > 0 ? " behind the share" : " ahead of the share");
}

NodeHealth health_of(const NodeFacts& facts, const HealthThresholds& thresholds,
                     std::int64_t now_ms) {
  if (facts.retired) return {NodeState::kRetired, ""};
  NodeHealth health{NodeState::kOk, ""};
  std::vector<std::string> reasons;
  const auto found = [&](NodeState state, const std::string& reason) {
    if (health.state == NodeState::kOk) health.state = state;
    reasons.push_back(reason);
  };
  if (facts.failed_runs > 0) {
    const bool enough = facts.failed_runs >= thresholds.failing_runs;
    found(enough ? NodeState::kFailing : NodeState::kOk, failed_text(facts.failed_runs));
  }
  if (!facts.last_success_ms) {
    found(NodeState::kNever, "no sync got through yet");
  } else if (now_ms - *facts.last_success_ms > thresholds.behind_minutes * kMinuteMs) {
    found(NodeState::kBehind, "no sync got through for " +
                                  span_text(now_ms - *facts.last_success_ms) + waiting_text(facts));
  }
  if (facts.clock_offset_ms && is_clock_off(*facts.clock_offset_ms, thresholds))
    found(NodeState::kClockOff, "its clock is " + clock_offset_text(*facts.clock_offset_ms));
  health.reason = join(reasons, "; ");
  return health;
}

}  // namespace tidesync
