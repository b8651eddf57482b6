#include "schedule/plan.h"

#include <algorithm>

namespace tidesync {
namespace {

constexpr std::int64_t kFirstRetryMs = 1000;
constexpr int kMostDoublings = 30;
constexpr std::int64_t kQuietAfterEditMs = 300;
constexpr std::int64_t kLongestBurstMs = 1000;
// Somebody has to be quiet for half a minute before numbers change.
constexpr std::int64_t kWaitForQuietMs = 30'000;

}  // namespace

Plan::Plan(std::int64_t interval_ms, Moment now) : interval_ms_(interval_ms), last_began_(now) {}

void Plan::reload(std::int64_t interval_ms, Moment now) {
  interval_ms_ = interval_ms;
  last_began_ = now;
  failures_ = 0;
  retry_ms_.reset();
  at_once_ = Due::kReload;
}

void Plan::began(Moment now) {
  last_began_ = now;
  retry_ms_.reset();
  first_edit_ms_.reset();
  at_once_ = Due::kNotYet;
}

void Plan::ended(SyncEnd end, Moment now) {
  last_end_ = end;
  const bool may_pass = end == SyncEnd::kOffline || end == SyncEnd::kTransient;
  failures_ = may_pass || end == SyncEnd::kPermanent ? failures_ + 1 : 0;
  if (end == SyncEnd::kWaits) {
    retry_ms_ = now.monotonic_ms + std::min(kWaitForQuietMs, interval_ms_);
  } else if (may_pass) {
    const std::int64_t pause_ms = kFirstRetryMs << std::min(failures_ - 1, kMostDoublings);
    retry_ms_ = now.monotonic_ms + std::min(pause_ms, interval_ms_);
  }
}

void Plan::share_is_back(Moment /*now*/) {
  if (last_end_ == SyncEnd::kOffline) at_once_ = Due::kShareIsBack;
}

void Plan::edited_here(Moment now) {
  if (!first_edit_ms_) first_edit_ms_ = now.monotonic_ms;
  last_edit_ms_ = now.monotonic_ms;
}

void Plan::batch_there(Moment /*now*/) {
  // After a failure the next try takes it along; trying at once would fail in the same way.
  if (failures_ == 0 && at_once_ == Due::kNotYet) at_once_ = Due::kBatch;
}

Due Plan::due(Moment now) const {
  if (at_once_ != Due::kNotYet) return at_once_;
  if (retry_ms_ && now.monotonic_ms >= *retry_ms_) return Due::kRetry;
  if (regular_wait_ms(now) == 0) return Due::kInterval;
  const auto edit_ms = edit_due_ms();
  return edit_ms && now.monotonic_ms >= *edit_ms ? Due::kEdit : Due::kNotYet;
}

std::optional<std::int64_t> Plan::edit_due_ms() const {
  if (!first_edit_ms_ || failures_ > 0) return std::nullopt;
  return std::min(last_edit_ms_ + kQuietAfterEditMs, *first_edit_ms_ + kLongestBurstMs);
}

std::int64_t Plan::regular_wait_ms(Moment now) const {
  const std::int64_t awake_ms = now.monotonic_ms - last_began_.monotonic_ms;
  const std::int64_t by_wall_ms = now.wall_ms - last_began_.wall_ms;
  return std::max<std::int64_t>(0, interval_ms_ - std::max(awake_ms, by_wall_ms));
}

std::int64_t Plan::wait_ms(Moment now) const {
  if (due(now) != Due::kNotYet) return 0;
  std::int64_t wait = regular_wait_ms(now);
  if (retry_ms_) wait = std::min(wait, *retry_ms_ - now.monotonic_ms);
  if (const auto edit_ms = edit_due_ms()) wait = std::min(wait, *edit_ms - now.monotonic_ms);
  return wait;
}

}  // namespace tidesync
