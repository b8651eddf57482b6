// Source of random numbers. Production seeds it from the system; the simulator from its seed, so
// that a run repeats byte for byte. Thread rule: one thread at a time.
#pragma once

#include <cstdint>
#include <random>

namespace tidesync {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  // Seeded by libsodium from the operating system.
  static Random from_system();

  std::uint64_t next() { return engine_(); }
  // Uniform in [0, limit); limit > 0.
  std::uint64_t below(std::uint64_t limit) { return next() % limit; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace tidesync
