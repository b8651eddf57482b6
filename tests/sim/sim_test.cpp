// The simulated fleet over a bounded number of seeds. More of them: tidesync_sim --count 10000.
#include <gtest/gtest.h>

#include "sim/world.h"

namespace tidesync::sim {
namespace {

Faults only(bool crash, bool net, bool errors, bool stale, bool skew) {
  return Faults{crash, net, errors, stale, skew};
}

void run_seeds(std::uint64_t first, std::uint64_t count, const Faults& faults) {
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    Options options;
    options.seed = seed;
    options.faults = faults;
    World world(options);
    EXPECT_NO_THROW(world.run()) << "seed " << seed;
  }
}

TEST(Fleet, AgreesOnAGoodDay) {
  run_seeds(1, 15, only(false, false, false, false, false));
}
TEST(Fleet, SurvivesCrashes) {
  run_seeds(1000, 15, only(true, false, false, false, false));
}
TEST(Fleet, SurvivesTheNetwork) {
  run_seeds(2000, 15, only(false, true, false, true, true));
}
TEST(Fleet, SurvivesEverythingTogether) {
  run_seeds(3000, 60, only(true, true, true, true, true));
}

TEST(Fleet, OneSeedIsOneRun) {
  std::uint64_t digests[2] = {};
  for (std::uint64_t& digest : digests) {
    Options options;
    options.seed = 77;
    World world(options);
    EXPECT_NO_THROW(world.run());
    digest = world.trace_digest();
  }
  EXPECT_EQ(digests[0], digests[1]);
}

}  // namespace
}  // namespace tidesync::sim
