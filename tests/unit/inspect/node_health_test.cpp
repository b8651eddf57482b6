// One word for a computer, and its reason: each rule alone, at its edge, and several at once.
#include "inspect/node_health.h"

#include <gtest/gtest.h>

namespace tidesync {
namespace {

constexpr std::int64_t kNowMs = 1'795'255'200'000;
constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;

class NodeHealthTest : public ::testing::Test {
 protected:
  NodeHealthTest() { facts_.last_success_ms = kNowMs - kHourMs; }
  std::string judged() {
    const NodeHealth health = health_of(facts_, thresholds_, kNowMs);
    return std::string(to_string(health.state)) + ": " + health.reason;
  }
  NodeFacts facts_;
  HealthThresholds thresholds_;
};

TEST_F(NodeHealthTest, SyncedAnHourAgoIsOkWhateverWaits) {
  EXPECT_EQ(judged(), "ok: ");
  facts_.backlog = 12;
  EXPECT_EQ(judged(), "ok: ");
}

TEST_F(NodeHealthTest, LaptopMayRestOverTheWeekendThenItIsBehind) {
  facts_.last_success_ms = kNowMs - 64 * kHourMs;  // Friday evening to Monday morning
  EXPECT_EQ(judged(), "ok: ");
  facts_.last_success_ms = kNowMs - 3 * kDayMs;
  EXPECT_EQ(judged(), "ok: ");
  facts_.last_success_ms = kNowMs - 3 * kDayMs - 1;
  EXPECT_EQ(judged(), "behind: no sync got through for 3 days");
  facts_.backlog = 1;
  EXPECT_EQ(judged(), "behind: no sync got through for 3 days; 1 batch waits");
  thresholds_.behind_minutes = 60;
  facts_ = {false, kNowMs - 90 * 60'000, 0, {}, {}};
  EXPECT_EQ(judged(), "behind: no sync got through for 90 minutes");
  facts_.last_success_ms = kNowMs - 47 * kHourMs;
  EXPECT_EQ(judged(), "behind: no sync got through for 47 hours");
  thresholds_.behind_minutes = 7 * 24 * 60;
  EXPECT_EQ(judged(), "ok: ");
}

TEST_F(NodeHealthTest, FewFailedRunsAreToldAndSeveralAreFailing) {
  facts_.failed_runs = 1;
  EXPECT_EQ(judged(), "ok: the last run failed");
  facts_.failed_runs = 2;
  EXPECT_EQ(judged(), "ok: the last 2 runs failed");
  facts_.failed_runs = 3;
  EXPECT_EQ(judged(), "failing: the last 3 runs failed");
  thresholds_.failing_runs = 4;
  EXPECT_EQ(judged(), "ok: the last 3 runs failed");
}

TEST_F(NodeHealthTest, ClockIsOffBeyondTheThresholdInEitherDirection) {
  facts_.clock_offset_ms = 120'000;
  EXPECT_EQ(judged(), "ok: ");
  facts_.clock_offset_ms = 300'000;
  EXPECT_EQ(judged(), "clock-off: its clock is 5.0 min behind the share");
  facts_.clock_offset_ms = -300'000;
  EXPECT_EQ(judged(), "clock-off: its clock is 5.0 min ahead of the share");
  thresholds_.clock_offset_ms = 300'000;
  EXPECT_EQ(judged(), "ok: ");
}

TEST_F(NodeHealthTest, NeverSyncedIsNeverAndThenFailing) {
  facts_.last_success_ms.reset();
  EXPECT_EQ(judged(), "never: no sync got through yet");
  facts_.failed_runs = 4;
  EXPECT_EQ(judged(), "failing: the last 4 runs failed; no sync got through yet");
}

TEST_F(NodeHealthTest, WorstComesFirstAndNothingIsLeftOut) {
  facts_ = {false, kNowMs - 4 * kDayMs, 1200, 3, -3 * kHourMs};
  EXPECT_EQ(judged(),
            "failing: the last 1,200 runs failed; no sync got through for 4 days; 3 batches wait; "
            "its clock is 3.0 h ahead of the share");
}

TEST_F(NodeHealthTest, RetiredIsRetiredWhateverElse) {
  facts_ = {true, std::nullopt, 7, 3, kDayMs};
  EXPECT_EQ(judged(), "retired: ");
}

TEST_F(NodeHealthTest, SuccessInTheFutureIsNotBehind) {
  facts_.last_success_ms = kNowMs + 90 * kDayMs;
  EXPECT_EQ(judged(), "ok: ");
}

}  // namespace
}  // namespace tidesync
