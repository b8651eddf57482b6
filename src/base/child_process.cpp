#include "base/child_process.h"

#include "base/clock.h"

namespace tidesync {

ChildResult run_child(const ChildCommand& command, std::int64_t limit_ms) {
  const auto child = ChildProcess::start(command);
  const std::int64_t began_ms = SystemClock().monotonic_ms();
  ChildResult result;
  for (;;) {
    const std::int64_t left_ms = limit_ms - (SystemClock().monotonic_ms() - began_ms);
    result.exit_code = child->wait(left_ms);
    if (result.exit_code || left_ms <= 0) break;  // else a signal woke us
  }
  if (!result.exit_code) child->kill();
  result.output = child->take_output();
  return result;
}

}  // namespace tidesync
