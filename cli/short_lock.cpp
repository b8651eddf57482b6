#include "cli/short_lock.h"

#include "base/error.h"

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

void change_setting(Environment& env, const LocalPaths& paths, const std::string& key,
                    const std::string& value) {
  const auto lock = lock_shortly(env, paths.folder / "config.lock");
  if (!lock) {
    throw Error(ErrorCode::kAlreadyRunning, "set " + key, to_utf8(paths.config),
                "another process is changing it", "run it again; nothing was changed");
  }
  set_config_value(env.local, paths.config, key, value);
}

}  // namespace tidesync
