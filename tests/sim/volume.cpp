#include "sim/volume.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "sim/world.h"

namespace tidesync::sim {
namespace {

constexpr int kMaxFailures = 5;

Stats total;  // of the program
int failures = 0;

// TIDESYNC_SIM_SYNCS makes it less where everything takes ten times as long (scripts/sanitize.sh).
std::uint64_t bounded(std::uint64_t syncs) {
  const char* most = std::getenv("TIDESYNC_SIM_SYNCS");
  return most == nullptr ? syncs : std::min<std::uint64_t>(syncs, std::strtoull(most, nullptr, 10));
}

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
  // At least one seed of each kind, however little was asked for.
  for (std::uint64_t i = 0; i < count && failures < kMaxFailures; ++i) {
    if (i > 0 && total.syncs >= bounded(kSyncsPerProgram)) break;
    run_seed(first + i, faults);
  }
}

void run_until_syncs(std::uint64_t syncs, std::uint64_t first, const Faults& faults) {
  syncs = bounded(syncs);
  for (std::uint64_t seed = first; total.syncs < syncs && failures < kMaxFailures; ++seed) {
    run_seed(seed, faults);
  }
  std::cout << to_string(total) << "\n";
  EXPECT_GE(total.syncs, syncs);
}

}  // namespace tidesync::sim
