// A clock that moves only when it is told to, or slept on. Each of its two times can be moved
// alone.
#pragma once

#include "base/clock.h"

namespace tidesync::test {

class ManualClock : public Clock {
 public:
  std::int64_t now_ms() override { return wall_ms_; }
  std::int64_t monotonic_ms() override { return monotonic_ms_; }
  void sleep_ms(std::int64_t duration_ms) override { pass(duration_ms); }

  void pass(std::int64_t duration_ms) {
    wall_ms_ += duration_ms;
    monotonic_ms_ += duration_ms;
  }
  void set_wall(std::int64_t wall_ms) { wall_ms_ = wall_ms; }

 private:
  std::int64_t wall_ms_ = 1'790'000'000'000;
  std::int64_t monotonic_ms_ = 5'000'000;
};

}  // namespace tidesync::test
