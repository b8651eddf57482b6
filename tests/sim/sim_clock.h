// The simulated time: one for the fleet, seen by each node with an offset of its own. SQLite's
// 'now' and its sleeps follow it too (sqlite_clock.h), so that a run repeats.
// Thread rule: only the thread that holds the baton.
#pragma once

#include <cstdint>

#include "base/clock.h"

namespace tidesync::sim {

struct FleetTime {
  std::int64_t now_ms = 1'750'000'000'000;
};

class NodeClock : public Clock {
 public:
  NodeClock(FleetTime& fleet, std::int64_t offset_ms) : fleet_(fleet), offset_ms_(offset_ms) {}

  void set_offset_ms(std::int64_t offset_ms) { offset_ms_ = offset_ms; }
  std::int64_t now_ms() override { return fleet_.now_ms + offset_ms_; }
  std::int64_t monotonic_ms() override { return fleet_.now_ms; }
  void sleep_ms(std::int64_t duration_ms) override { fleet_.now_ms += duration_ms; }

 private:
  FleetTime& fleet_;
  std::int64_t offset_ms_;
};

}  // namespace tidesync::sim
