#include "sim/volume.h"

#include <gtest/gtest.h>

#include <iostream>

#include "sim/world.h"

namespace tidesync::sim {
namespace {

constexpr int kMaxFailures = 5;

Stats total;  // of the program
int failures = 0;

void run_seed(std::uint64_t seed, const Faults& faults) {
  Options options;
  options.seed = seed;
  options.faults = faults;
  World world(options);
  try {
    world.run();
  } catch (const std::exception& failure) {
    ++failures;
    ADD_FAILURE() << failure.what() << "\n  repeat with: " << to_command(options);
  }
  total.add(world.stats());
}

}  // namespace

void run_seeds(std::uint64_t first, std::uint64_t count, const Faults& faults) {
  for (std::uint64_t i = 0; i < count && failures < kMaxFailures; ++i) run_seed(first + i, faults);
}

void run_until_syncs(std::uint64_t syncs, std::uint64_t first, const Faults& faults) {
  for (std::uint64_t seed = first; total.syncs < syncs && failures < kMaxFailures; ++seed)
    run_seed(seed, faults);
  std::cout << to_string(total) << "\n";
  EXPECT_GE(total.syncs, syncs);
}

}  // namespace tidesync::sim
