#include "cli/short_lock.h"

namespace tidesync {
namespace {

constexpr std::int64_t kPatienceMs = 2000;
constexpr std::int64_t kRetryMs = 20;

}  // namespace

std::unique_ptr<ProcessLock> lock_shortly(Environment& env, const Path& file) {
  const std::int64_t end_ms = env.clock.monotonic_ms() + kPatienceMs;
  for (;;) {
    auto lock = ProcessLock::try_acquire(file, "held by a running tidesync");
    if (lock || env.clock.monotonic_ms() >= end_ms) return lock;
    env.clock.sleep_ms(kRetryMs);
  }
}

}  // namespace tidesync
