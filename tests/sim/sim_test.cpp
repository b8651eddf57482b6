// The simulated fleet where nothing is ever destroyed: no value may be lost, none may stand twice.
// More seeds: scripts/soak.sh.
#include <gtest/gtest.h>

#include "sim/volume.h"
#include "sim/world.h"

namespace tidesync::sim {
namespace {

Faults of(std::string_view names) {
  return parse_faults(names);
}

TEST(Fleet, AgreesOnAGoodDay) {
  run_seeds(1, 15, of("none"));
}
TEST(Fleet, SurvivesCrashesAlsoInRows) {
  run_seeds(1000, 15, of("crash,storm"));
}
TEST(Fleet, SurvivesTheNetwork) {
  run_seeds(2000, 15, of("net,stale,skew"));
}
TEST(Fleet, SurvivesAShareThatIsAway) {
  run_seeds(4000, 15, of("crash,net,away"));
}
TEST(Fleet, SurvivesTheLossOfBaseCopies) {
  run_seeds(5000, 15, of("crash,base"));
}

TEST(Fleet, SurvivesAnotherDatasetInTheSharesPlace) {
  run_seeds(4007, 15, of("crash,net,away,swap"));
}
TEST(Fleet, SurvivesTheRetirementOfTheLog) {
  run_seeds(6000, 12, of("crash,net,stale,skew,retention"));
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

// Last: what is missing to the number of syncs that CI demands.
TEST(FleetVolume, SurvivesEverythingTogether) {
  run_until_syncs(kSyncsPerProgram, 3039, of("crash,net,errors,stale,skew,storm,base,away,swap"));
}

}  // namespace
}  // namespace tidesync::sim
