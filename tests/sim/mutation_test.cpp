// Every deliberate mistake of the engine (base/mutation.h) must be noticed by the simulator: a seed
// that passes without the mistake fails with it. A check that lets one pass proves nothing.
#include <gtest/gtest.h>

#include <iostream>

#include "sim/shrink.h"

namespace tidesync::sim {
namespace {

constexpr std::string_view kUsual = "crash,net,errors,stale,skew";
constexpr std::string_view kCopies = "crash,net,errors,stale,skew,restore,clone,tail";

constexpr std::string_view kRestored = "crash,net,restore";
constexpr std::string_view kForked = "crash,net,restore,tail";
constexpr std::string_view kNoBase = "crash,net,restore,clone,base";

constexpr std::string_view kEverything = "crash,net,errors,stale,skew,storm,base,away,swap";

struct Case {
  Mutation mutation;
  std::string_view faults;
  std::uint64_t seed;  // known to show it when this was written; another is looked for if not
};

constexpr Case kNoticed[] = {{Mutation::kOwnByNodeId, kNoBase, 9},
                             {Mutation::kIntentsOutside, kRestored, 4},
                             {Mutation::kHeadOnly, kCopies, 6},
                             {Mutation::kNoTip, kForked, 49},
                             {Mutation::kHintsWithoutMark, kUsual, 4},
                             {Mutation::kCursorApart, kUsual, 30},
                             {Mutation::kBaseFirst, kUsual, 30},
                             {Mutation::kNoRepair, kUsual, 5},
                             {Mutation::kNoConflictRow, kUsual, 2},
                             {Mutation::kNoCountCheck, "none", 5},
                             {Mutation::kNoRenumber, "net", 1},
                             {Mutation::kReplyTrusted, kUsual, 174},
                             {Mutation::kEntryReplaced, "net,stale", 12},
                             {Mutation::kOldLookAhead, kUsual, 14},
                             {Mutation::kReturnUnnamed, kEverything, 3128}};

constexpr std::uint64_t kMaxSeeds = 400;

std::string_view name_of(Mutation mutation) {
  for (const MutationName& known : kMutations) {
    if (known.mutation == mutation) return known.name;
  }
  return "none";
}

Options options_of(const Case& mistake, std::uint64_t seed) {
  Options options;
  options.seed = seed;
  options.faults = parse_faults(mistake.faults);
  options.mutation = mistake.mutation;
  return options;
}

// The violation that only the mistake makes, or "".
std::string violation_by(const Case& mistake, std::uint64_t seed) {
  Options options = options_of(mistake, seed);
  const std::string violation = violation_of(options);
  if (violation.empty()) return {};
  options.mutation = Mutation::kNone;
  return violation_of(options).empty() ? violation : std::string();
}

// gtest takes letters and digits only.
std::string name_of_test(const ::testing::TestParamInfo<Case>& test) {
  std::string name;
  for (const char c : name_of(test.param.mutation)) {
    if (c != '-') name += c;
  }
  return name;
}

class MutationTest : public ::testing::TestWithParam<Case> {};

TEST_P(MutationTest, IsNoticed) {
  const Case& mistake = GetParam();
  std::string violation = violation_by(mistake, mistake.seed);
  std::uint64_t seed = mistake.seed;
  for (std::uint64_t other = 1; violation.empty() && other <= kMaxSeeds; ++other) {
    seed = other;
    violation = violation_by(mistake, other);
  }
  EXPECT_FALSE(violation.empty()) << "the simulator lets it pass";
  std::cout << name_of(mistake.mutation) << ", seed " << seed << ": " << violation << "\n";
}

INSTANTIATE_TEST_SUITE_P(Engine, MutationTest, ::testing::ValuesIn(kNoticed), name_of_test);

// Mistakes that a second defence catches (docs/testing.md says which): they must stay harmless.
constexpr Case kHarmless[] = {{Mutation::kOwnAnywhere, kCopies, 1},
                              {Mutation::kOldIncarnation, kCopies, 1}};

class HarmlessTest : public ::testing::TestWithParam<Case> {};

TEST_P(HarmlessTest, LosesNothing) {
  constexpr std::uint64_t kSeeds = 10;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed)
    EXPECT_EQ(violation_of(options_of(GetParam(), seed)), "") << "seed " << seed;
}

INSTANTIATE_TEST_SUITE_P(Engine, HarmlessTest, ::testing::ValuesIn(kHarmless), name_of_test);

TEST(Shrink, AFailingSeedBecomesAMuchShorterRun) {
  const Options options = options_of({Mutation::kNoConflictRow, kUsual, 2}, 2);
  const std::string violation = violation_of(options);
  ASSERT_FALSE(violation.empty());
  const Shrunk small = shrink(options, violation, 10);
  std::cout << to_command(small.options) << "\n" << small.violation << "\n";
  const std::size_t actions =
      static_cast<std::size_t>(small.options.steps) - small.options.skipped.size();
  EXPECT_LT(actions, 100u);
  EXPECT_EQ(kind_of(violation_of(small.options)), kind_of(violation));
}

TEST(Shrink, ACommandLineSaysAllOfARun) {
  Options options = options_of({Mutation::kHeadOnly, kCopies, 7}, 7);
  options.nodes = 3;
  options.steps = 90;
  options.skipped = {3, 17, 18, 19, 40};
  EXPECT_EQ(to_command(options), "tidesync_sim --seed 7 --nodes 3 --steps 90 --faults " +
                                     std::string(kCopies) +
                                     " --mutation head-only --skip 3,17-19,40");
  EXPECT_EQ(parse_ranges("3,17-19,40"), options.skipped);
}

}  // namespace
}  // namespace tidesync::sim
