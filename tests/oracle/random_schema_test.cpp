// Random tables and edits over a bounded number of seeds. More: tidesync_random_schema --count
// 10000.
#include <gtest/gtest.h>

#include "oracle/random_run.h"

namespace tidesync::oracle {
namespace {

TEST(RandomSchema, EverySeedComesToRestEqualSoundAndWithoutALoss) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed)
    EXPECT_EQ(run_seed(seed), "") << "tidesync_random_schema --seed " << seed << " --trace";
}

// Each failed once; what it was is a test with a name elsewhere.
TEST(RandomSchema, SeedsThatFailedOnce) {
  for (const std::uint64_t seed : {1015, 1142, 1147, 10160, 20031})
    EXPECT_EQ(run_seed(seed), "") << "tidesync_random_schema --seed " << seed << " --trace";
}

}  // namespace
}  // namespace tidesync::oracle
