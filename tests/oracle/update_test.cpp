// Histories of updates over a bounded number of seeds. More: tidesync_updates --count 2000.
#include <gtest/gtest.h>

#include "base/mutation.h"
#include "oracle/update_run.h"

namespace tidesync::oracle {
namespace {

TEST(Updates, EveryHistoryLosesNothingAndNobodyIsStuck) {
  std::uint64_t possible = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const UpdateOutcome outcome = run_update_seed(seed);
    EXPECT_EQ(outcome.problem, "") << "tidesync_updates --seed " << seed << " --trace";
    possible += outcome.was_possible ? 1 : 0;
  }
  EXPECT_GT(possible, 80u) << "histories that the application itself can live through";
}

// Each failed once; what it was is a test with a name elsewhere.
TEST(Updates, HistoriesThatFailedOnce) {
  for (const std::uint64_t seed : {182, 233, 271, 277, 283, 288})
    EXPECT_EQ(run_update_seed(seed).problem, "")
        << "tidesync_updates --seed " << seed << " --trace";
}

// A check that lets a deliberate mistake pass proves nothing.
TEST(Updates, DeliberateMistakesAreNoticed) {
  struct Case {
    Mutation mutation;
    std::uint64_t seed;  // known to show it when this was written; another is looked for if not
  };
  for (const Case& mistake : {Case{Mutation::kUnheld, 2}, Case{Mutation::kColumnsTrusted, 2},
                              Case{Mutation::kTypesTrusted, 132}}) {
    constexpr std::uint64_t kMaxSeeds = 200;
    set_mutation(mistake.mutation);
    bool is_noticed = !run_update_seed(mistake.seed).problem.empty();
    for (std::uint64_t seed = 1; seed <= kMaxSeeds && !is_noticed; ++seed)
      is_noticed = !run_update_seed(seed).problem.empty();
    set_mutation(Mutation::kNone);
    EXPECT_TRUE(is_noticed) << "mutation " << static_cast<int>(mistake.mutation);
  }
}

}  // namespace
}  // namespace tidesync::oracle
