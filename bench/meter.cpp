#include "meter.h"

#include <sys/prctl.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace tidesync::bench {
Meter& meter() {
  static Meter one;
  return one;
}

double now_ms() {
  using Clock = std::chrono::steady_clock;
  return std::chrono::duration<double, std::milli>(Clock::now().time_since_epoch()).count();
}

void wait_ms(double duration_ms) {
  // Else the kernel adds a twentieth of a millisecond of its own.
  ::prctl(PR_SET_TIMERSLACK, 1UL);
  std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(duration_ms));
}

void Meter::operation() {
  ++share_.operations;
  if (delay_ms_ > 0) wait_ms(delay_ms_);
}

void Meter::write_locked(double for_ms) {
  locks_.total_ms += for_ms;
  locks_.longest_ms = std::max(locks_.longest_ms, for_ms);
}

void Meter::read_locked(double for_ms) {
  locks_.longest_read_ms = std::max(locks_.longest_read_ms, for_ms);
}

}  // namespace tidesync::bench
