// Clocks that are wrong, and stamps from a time that is still to come.
#include <gtest/gtest.h>

#include "support/mini_fleet.h"

namespace tidesync {
namespace {

using test::MiniFleet;
using test::MiniNode;
using test::Rows;

constexpr std::int64_t kNow = 1'795'255'200'000;  // 2026-11-21T10:00:00Z
constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kThreeDays = 3LL * 24 * 60 * kMinute;

class TimeTest : public ::testing::Test {
 protected:
  TimeTest() { set_time(kNow); }
  // What the clocks show; ann's is right, bob's is ahead by `fast_ms_`.
  void set_time(std::int64_t now_ms) {
    fleet_.ann.now_ms = now_ms;
    fleet_.bob.now_ms = now_ms + fast_ms_;
  }
  void edit(MiniNode& node, int price, std::int64_t at_ms) {
    const std::int64_t clock_ms = at_ms + (&node == &fleet_.bob ? fast_ms_ : 0);
    node.act("UPDATE t SET price = " + std::to_string(price), clock_ms);
  }
  std::string price() { return fleet_.rows("SELECT price FROM t").at(0); }
  std::string rules() {
    std::string all;
    for (const std::string& rule : fleet_.rows("SELECT rule FROM sync_conflicts")) all += rule;
    return all;
  }
  bool is_doubtful() { return rules().find("doubtful") != std::string::npos; }

  MiniFleet fleet_{
      "CREATE TABLE t (id INTEGER PRIMARY KEY, price, updated_at);"
      "INSERT INTO t VALUES (1, 0, NULL)"};
  std::int64_t fast_ms_ = 0;
};

TEST_F(TimeTest, AClockThreeDaysAheadThatWasMeasuredDoesNotWinEverything) {
  fast_ms_ = kThreeDays;
  fleet_.bob.clock_offset_ms = -kThreeDays;
  for (const bool bob_first : {false, true}) {
    set_time(kNow + (bob_first ? 60 : 30) * kMinute);
    edit(fleet_.bob, bob_first ? 3 : 1, kNow + (bob_first ? 40 : 10) * kMinute);
    edit(fleet_.ann, bob_first ? 4 : 2, kNow + (bob_first ? 50 : 20) * kMinute);
    bob_first ? fleet_.bob_first() : fleet_.ann_first();
    EXPECT_EQ(price(), bob_first ? "4" : "2") << "ann's edit was later";
  }
  EXPECT_FALSE(is_doubtful());
}

TEST_F(TimeTest, AClockAheadThatNobodyMeasuredWinsOnlyDoubtfully) {
  fast_ms_ = kThreeDays;
  set_time(kNow);
  edit(fleet_.bob, 1, kNow - 20 * kMinute);
  edit(fleet_.ann, 2, kNow - 10 * kMinute);
  fleet_.bob_first();
  EXPECT_TRUE(is_doubtful()) << rules();
  EXPECT_EQ(fleet_.rows("SELECT winner_updated_at FROM sync_conflicts"),
            Rows{"'2026-11-21T10:02:00.000Z'"});
}

TEST_F(TimeTest, AClockSetRightSinceDoesNotKeepItsOldTimes) {
  edit(fleet_.bob, 1, kNow + kThreeDays);  // captured while the clock was ahead
  edit(fleet_.ann, 2, kNow - 10 * kMinute);
  fleet_.ann_first();
  EXPECT_TRUE(is_doubtful()) << rules();
  set_time(kNow + 10 * kMinute);
  edit(fleet_.ann, 3, kNow + 8 * kMinute);
  fleet_.ann_first();
  edit(fleet_.ann, 4, kNow + 9 * kMinute);
  EXPECT_EQ(fleet_.ann_first().conflict_counts.size(), 0u);
  EXPECT_EQ(price(), "4");
}

TEST_F(TimeTest, AStampOf2099CountsAsTheMomentOfTheEdit) {
  for (const bool bob_first : {false, true}) {
    const std::string price_of_ann = bob_first ? "4" : "2";
    fleet_.bob.act("UPDATE t SET price = 1, updated_at = '2099-01-01 00:00:00" +
                       std::string(bob_first ? "Z'" : "'"),
                   kNow - 20 * kMinute);
    fleet_.ann.act("UPDATE t SET price = " + price_of_ann + ", updated_at = '2026-11-21 09:5" +
                       std::string(bob_first ? "1:00'" : "0:00'"),
                   kNow - 9 * kMinute);
    bob_first ? fleet_.bob_first() : fleet_.ann_first();
    EXPECT_EQ(price(), price_of_ann);
  }
}

TEST_F(TimeTest, AStampIsNeverRewritten) {
  fleet_.bob.act("UPDATE t SET price = 1, updated_at = '2099-01-01'", kNow);
  fleet_.bob_first();
  EXPECT_EQ(fleet_.rows("SELECT updated_at FROM t"), Rows{"'2099-01-01'"});
}

TEST_F(TimeTest, EditsOfTheSameSecondAreDecidedAndMarked) {
  edit(fleet_.bob, 1, kNow - 900);
  edit(fleet_.ann, 2, kNow - 100);
  fleet_.bob_first();
  EXPECT_EQ(price(), "2");
  EXPECT_NE(rules().find("the times are closer than the clocks can tell"), std::string::npos);
}

TEST_F(TimeTest, ATieIsDecidedByTheNameAndMarked) {
  edit(fleet_.bob, 1, kNow - kMinute);
  edit(fleet_.ann, 2, kNow - kMinute);
  fleet_.bob_first();
  EXPECT_EQ(price(), "1");
  EXPECT_NE(rules().find("same time, the higher computer name wins"), std::string::npos);
}

}  // namespace
}  // namespace tidesync
