// The clock, as a seam: the system's, and a manual one for tests and the simulator.
//
// Nothing in the protocol is safe because of a clock; clocks choose winners between true rivals,
// measure durations and decide when to retry.
#pragma once

#include <cstdint>

namespace tidesync {

class Clock {
 public:
  virtual ~Clock() = default;
  // UTC milliseconds since 1970-01-01. May jump in either direction between calls.
  virtual std::int64_t now_ms() = 0;
  // Milliseconds of a clock that never goes back; its zero means nothing.
  virtual std::int64_t monotonic_ms() = 0;
  virtual void sleep_ms(std::int64_t duration_ms) = 0;
  // By how much the host's local time was ahead of UTC at that moment; a host that keeps UTC: 0.
  virtual std::int64_t utc_offset_ms(std::int64_t /*utc_ms*/) { return 0; }
};

class SystemClock : public Clock {
 public:
  std::int64_t now_ms() override;
  std::int64_t monotonic_ms() override;
  void sleep_ms(std::int64_t duration_ms) override;
  std::int64_t utc_offset_ms(std::int64_t utc_ms) override;
};

}  // namespace tidesync
