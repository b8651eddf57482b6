// The simulated fleet where disks and parts of the log are destroyed. What no computer and no share
// holds any more is gone; nothing else may be, and the fleet must agree in the end.
#include <gtest/gtest.h>

#include "sim/volume.h"

namespace tidesync::sim {
namespace {

TEST(Recovery, SurvivesRestoredAndCopiedDatabases) {
  run_seeds(1, 15, parse_faults("crash,net,restore,clone"));
}
TEST(Recovery, SurvivesALogThatLostEntries) {
  run_seeds(1000, 15, parse_faults("crash,net,tail,hole"));
}
TEST(Recovery, SurvivesDamagedEntries) {
  run_seeds(2000, 15, parse_faults("crash,damage"));
}
TEST(Recovery, SurvivesALogFromABackup) {
  run_seeds(4000, 15, parse_faults("crash,rollback"));
}
TEST(Recovery, SurvivesAllOfItWhileApplicationsAreUpdated) {
  run_seeds(20020, 8,
            parse_faults("crash,net,errors,stale,skew,storm,base,away,swap,upgrade,restore,clone,"
                         "tail,hole,damage,rollback"));
}
// Seeds of everything at once that showed a mistake of the engine (docs/testing.md).
TEST(Recovery, SurvivesWhatItDidNotSurviveOnce) {
  for (const std::uint64_t seed : {930441, 930661, 930725, 930830})
    run_seeds(seed, 1, parse_faults("all"));
}
TEST(RecoveryVolume, SurvivesEverythingTogether) {
  run_until_syncs(kSyncsPerProgram, 6060,
                  parse_faults("crash,net,errors,stale,skew,storm,restore,clone,tail,hole,damage"));
}

}  // namespace
}  // namespace tidesync::sim
