#include "schedule/plan.h"

#include <gtest/gtest.h>

namespace tidesync {
namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kHour = 60 * kMinute;

// A plan with an interval of 15 minutes, and the clocks of a computer.
class PlanTest : public ::testing::Test {
 protected:
  PlanTest() : plan_(15 * kMinute, now_) {}

  void pass(std::int64_t ms) {
    now_.monotonic_ms += ms;
    now_.wall_ms += ms;
  }
  void sync(SyncEnd end, std::int64_t takes_ms = 100) {
    plan_.began(now_);
    pass(takes_ms);
    plan_.ended(end, now_);
  }
  // How long it takes until a sync is due, and why.
  std::int64_t wait() {
    const std::int64_t wait_ms = plan_.wait_ms(now_);
    if (wait_ms > 0) {
      pass(wait_ms - 1);
      EXPECT_EQ(plan_.due(now_), Due::kNotYet) << "due before its time";
      pass(1);
    }
    return wait_ms;
  }
  Due due() { return plan_.due(now_); }

  Moment now_{5'000'000, 1'790'000'000'000};
  Plan plan_;
};

TEST_F(PlanTest, FirstSyncIsDueAtTheStart) {
  EXPECT_EQ(due(), Due::kStart);
  EXPECT_EQ(plan_.wait_ms(now_), 0);
}

TEST_F(PlanTest, RegularSyncsBeginOneIntervalAfterTheLastBegan) {
  sync(SyncEnd::kDone, 20'000);
  EXPECT_EQ(wait(), 15 * kMinute - 20'000);
  EXPECT_EQ(due(), Due::kInterval);
  sync(SyncEnd::kDone);
  EXPECT_EQ(wait(), 15 * kMinute - 100);
}

TEST_F(PlanTest, SyncThatTookLongerThanTheIntervalIsFollowedAtOnce) {
  sync(SyncEnd::kDone, 20 * kMinute);
  EXPECT_EQ(due(), Due::kInterval);
}

TEST_F(PlanTest, ComputerThatSleptCatchesUpOnce) {
  sync(SyncEnd::kDone);
  now_.wall_ms += 9 * kHour;  // the monotonic clock stood still
  EXPECT_EQ(due(), Due::kInterval);
  sync(SyncEnd::kDone);
  EXPECT_EQ(wait(), 15 * kMinute - 100);
}

TEST_F(PlanTest, ClockThatIsSetBackDelaysNothing) {
  sync(SyncEnd::kDone);
  now_.wall_ms -= 400 * 24 * kHour;
  EXPECT_EQ(wait(), 15 * kMinute - 100);
  EXPECT_EQ(due(), Due::kInterval);
}

TEST_F(PlanTest, ClockThatIsSetForwardLeadsToOneSyncMore) {
  sync(SyncEnd::kDone);
  now_.wall_ms += 400 * 24 * kHour;
  EXPECT_EQ(due(), Due::kInterval);
  sync(SyncEnd::kDone);
  EXPECT_EQ(due(), Due::kNotYet);
}

TEST_F(PlanTest, FailureThatMayPassIsTriedAgainEverMoreSeldom) {
  std::int64_t expected_ms = 1000;
  for (int i = 0; i < 9; ++i) {
    sync(SyncEnd::kTransient);
    EXPECT_EQ(wait(), expected_ms);
    EXPECT_EQ(due(), Due::kRetry);
    expected_ms *= 2;
  }
  EXPECT_EQ(plan_.failures(), 9);
}

TEST_F(PlanTest, PausesNeverGrowBeyondTheInterval) {
  for (int i = 0; i < 200; ++i) {
    sync(SyncEnd::kOffline, 1);
    const std::int64_t waited_ms = wait();
    EXPECT_LE(waited_ms, 15 * kMinute);
    EXPECT_GE(waited_ms, std::min<std::int64_t>(1000LL << std::min(i, 30), 15 * kMinute - 1));
  }
}

TEST_F(PlanTest, SuccessBeginsTheCountAnew) {
  for (int i = 0; i < 5; ++i) sync(SyncEnd::kTransient);
  sync(SyncEnd::kDone);
  EXPECT_EQ(plan_.failures(), 0);
  EXPECT_EQ(wait(), 15 * kMinute - 100);
  sync(SyncEnd::kTransient);
  EXPECT_EQ(wait(), 1000);
}

TEST_F(PlanTest, FailureForAPersonIsNotTriedBeforeItsTime) {
  sync(SyncEnd::kPermanent);
  EXPECT_EQ(wait(), 15 * kMinute - 100);
  EXPECT_EQ(due(), Due::kInterval);
}

TEST_F(PlanTest, NewConfigurationIsTriedAtOnceWhateverWasBefore) {
  sync(SyncEnd::kPermanent);
  plan_.reload(2 * kMinute, now_);
  EXPECT_EQ(due(), Due::kReload);
  sync(SyncEnd::kDone);
  EXPECT_EQ(wait(), 2 * kMinute - 100);
}

TEST_F(PlanTest, ShareThatIsBackIsUsedAtOnce) {
  for (int i = 0; i < 12; ++i) sync(SyncEnd::kOffline);
  EXPECT_GT(plan_.wait_ms(now_), 10 * kMinute);
  plan_.share_is_back(now_);
  EXPECT_EQ(due(), Due::kShareIsBack);
  sync(SyncEnd::kDone);
  plan_.share_is_back(now_);  // nobody missed it
  EXPECT_EQ(due(), Due::kNotYet);
}

TEST_F(PlanTest, RecordNumbersThatWaitForAQuietMomentAreTriedSoon) {
  sync(SyncEnd::kWaits);
  EXPECT_EQ(wait(), 30'000);
  EXPECT_EQ(plan_.failures(), 0);
}

TEST_F(PlanTest, BurstOfEditsIsOneSyncAfterItsEnd) {
  sync(SyncEnd::kDone);
  pass(10'000);
  for (int i = 0; i < 3; ++i) {
    plan_.edited_here(now_);
    EXPECT_EQ(due(), Due::kNotYet);
    pass(200);
  }
  EXPECT_EQ(wait(), 100);  // 300 ms after the third
  EXPECT_EQ(due(), Due::kEdit);
}

TEST_F(PlanTest, SomebodyWhoTypesWithoutAPauseIsSyncedEverySecond) {
  sync(SyncEnd::kDone);
  std::int64_t waited_ms = 0;
  while (due() == Due::kNotYet && waited_ms < 5000) {
    plan_.edited_here(now_);
    pass(100);
    waited_ms += 100;
  }
  EXPECT_EQ(waited_ms, 1000);
}

TEST_F(PlanTest, BatchOfAnotherNodeIsTakenAtOnce) {
  sync(SyncEnd::kDone);
  plan_.batch_there(now_);
  EXPECT_EQ(due(), Due::kBatch);
  plan_.began(now_);
  EXPECT_EQ(due(), Due::kNotYet);
}

TEST_F(PlanTest, EditsAndBatchesDoNotHurryAShareThatFails) {
  for (const SyncEnd end : {SyncEnd::kOffline, SyncEnd::kTransient, SyncEnd::kPermanent}) {
    sync(SyncEnd::kDone);
    sync(end);
    plan_.edited_here(now_);
    plan_.batch_there(now_);
    pass(500);
    EXPECT_EQ(due(), Due::kNotYet);
    sync(SyncEnd::kDone);
    EXPECT_EQ(due(), Due::kNotYet) << "the sync took the edits along";
  }
}

}  // namespace
}  // namespace tidesync
