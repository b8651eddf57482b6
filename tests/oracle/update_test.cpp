// Histories of updates over a bounded number of seeds. More: tidesync_updates --count 2000.
#include <gtest/gtest.h>

#include "oracle/update_run.h"

namespace tidesync::oracle {
namespace {

TEST(Updates, EveryHistoryLosesNothingAndNobodyIsStuck) {
  std::uint64_t possible = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    const UpdateOutcome outcome = run_update_seed(seed);
    EXPECT_EQ(outcome.problem, "") << "tidesync_updates --seed " << seed << " --trace";
    possible += outcome.was_possible ? 1 : 0;
  }
  EXPECT_GT(possible, 100u) << "histories that the application itself can live through";
}

}  // namespace
}  // namespace tidesync::oracle
