// The loop with workers of cardboard and a clock that moves only while the loop waits.
#include "schedule/daemon.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>

#include "base/error.h"
#include "support/manual_clock.h"

namespace tidesync {
namespace {

constexpr std::int64_t kMinute = 60'000;
using Share = Lookout::View::Share;

// What the fakes are told, and what they saw.
struct World {
  test::ManualClock clock;
  // How the next syncs end; the last one again and again.
  struct Sync {
    SyncEnd end = SyncEnd::kDone;
    std::int64_t takes_ms = 100;
    std::uint64_t seq_after = 0;
  };
  std::deque<Sync> syncs{{}};
  std::function<Lookout::View()> view = [] { return Lookout::View{}; };
  std::int64_t stop_ms = 0;
  std::function<void()> each_moment = [] {};

  std::vector<std::int64_t> began_ms;  // since the start
  std::vector<Due> reasons;
  std::vector<std::string> said;
  int killed = 0, asked = 0, lookouts = 0, open_lookouts = 0, edits_asked = 0;
  bool edits = false, reload = false, cannot_start = false, bad_config = false;
  DaemonSettings settings{15 * kMinute, false};
  std::int64_t start_ms = clock.monotonic_ms();

  std::int64_t since_start_ms() { return clock.monotonic_ms() - start_ms; }
};

class FakeSync : public SyncWorker {
 public:
  explicit FakeSync(World& world) : world_(world), plan_(world.syncs.front()) {
    if (world.syncs.size() > 1) world.syncs.pop_front();
    end_ms_ = world.since_start_ms() + plan_.takes_ms;
  }
  std::optional<SyncEnded> wait(std::int64_t limit_ms) override {
    const std::int64_t left_ms = end_ms_ - world_.since_start_ms();
    world_.clock.sleep_ms(std::min(left_ms, limit_ms));
    world_.each_moment();
    if (left_ms > limit_ms) return std::nullopt;
    return SyncEnded{plan_.end, 0, plan_.seq_after, "{}"};
  }
  void ask_to_end() override { ++world_.asked; }
  void kill() override { ++world_.killed; }

 private:
  World& world_;
  World::Sync plan_;
  std::int64_t end_ms_;
};

class FakeLookout : public Lookout {
 public:
  explicit FakeLookout(World& world) : world_(world) {
    ++world.lookouts;
    ++world.open_lookouts;
  }
  ~FakeLookout() override { --world_.open_lookouts; }
  View look() override { return world_.view(); }
  bool has_ended() override { return false; }

 private:
  World& world_;
};

class FakeWorkers : public Workers {
 public:
  explicit FakeWorkers(World& world) : world_(world) {}
  std::unique_ptr<SyncWorker> start_sync() override {
    if (world_.cannot_start)
      throw Error(ErrorCode::kIo, "start program", "tidesync", "no more processes");
    world_.began_ms.push_back(world_.since_start_ms());
    return std::make_unique<FakeSync>(world_);
  }
  std::unique_ptr<Lookout> start_lookout() override {
    return std::make_unique<FakeLookout>(world_);
  }

 private:
  World& world_;
};

class FakeListener : public DaemonListener {
 public:
  explicit FakeListener(World& world) : world_(world) {}
  void began(Due why) override { world_.reasons.push_back(why); }
  void ended(const SyncEnded&, std::int64_t) override {}
  void share_is_silent(std::int64_t) override { world_.said.push_back("silent"); }
  void share_answers() override { world_.said.push_back("answers"); }
  void gave_up_sync() override { world_.said.push_back("gave up"); }
  void problem(const std::string& text) override { world_.said.push_back(text); }

 private:
  World& world_;
};

// Lets the scheduler work for so long, by its clock.
void run_for(World& world, std::int64_t duration_ms) {
  FakeWorkers workers(world);
  FakeListener listener(world);
  DaemonInputs inputs;
  inputs.stop = [&] {
    world.each_moment();
    return world.since_start_ms() >= duration_ms;
  };
  inputs.reload = [&] { return std::exchange(world.reload, false); };
  inputs.read_settings = [&] {
    if (world.bad_config) throw Error(ErrorCode::kUsage, "read configuration", "config.toml", "no");
    return world.settings;
  };
  inputs.has_edits = [&] {
    ++world.edits_asked;
    return world.edits;
  };
  inputs.sync_begins = [&] { world.edits = false; };
  Daemon(workers, world.clock, inputs, listener, world.settings).run();
}

TEST(Daemon, SyncsAtTheStartAtEachIntervalAndAtTheEnd) {
  World world;
  run_for(world, 31 * kMinute);
  EXPECT_EQ(world.began_ms,
            (std::vector<std::int64_t>{0, 15 * kMinute, 30 * kMinute, world.began_ms.back()}));
  EXPECT_EQ(world.reasons,
            (std::vector<Due>{Due::kStart, Due::kInterval, Due::kInterval, Due::kStop}));
  EXPECT_EQ(world.lookouts, 0) << "nobody looks at the share between two syncs";
  EXPECT_EQ(world.edits_asked, 0);
}

TEST(Daemon, ShareThatComesBackIsUsedWithinTenSeconds) {
  World world;
  world.syncs = {{SyncEnd::kDone}, {SyncEnd::kOffline}};
  const std::int64_t back_ms = 8 * 60 * kMinute;
  world.view = [&] {
    return Lookout::View{world.since_start_ms() < back_ms ? Share::kAway : Share::kHere};
  };
  world.each_moment = [&] {
    if (world.since_start_ms() >= back_ms) world.syncs = {{SyncEnd::kDone}};
  };
  run_for(world, back_ms + 10 * kMinute);
  const auto first_after = std::find_if(world.began_ms.begin(), world.began_ms.end(),
                                        [&](std::int64_t ms) { return ms >= back_ms; });
  ASSERT_NE(first_after, world.began_ms.end());
  EXPECT_LE(*first_after - back_ms, 10'000);
  EXPECT_EQ(world.reasons.at(static_cast<std::size_t>(first_after - world.began_ms.begin())),
            Due::kShareIsBack);
  // 8 hours away: tries at 1, 2, 4 ... 512 s and then every 15 minutes.
  EXPECT_LE(world.began_ms.size(), 60u);
  EXPECT_EQ(world.open_lookouts, 0);
}

TEST(Daemon, LookoutThatSaysHereWhileSyncsSayAwayDoesNotMakeItHurry) {
  World world;
  world.syncs = {{SyncEnd::kOffline}};
  world.view = [] { return Lookout::View{Share::kHere}; };
  run_for(world, 60 * kMinute);
  EXPECT_LE(world.began_ms.size(), 16u);
}

TEST(Daemon, ShareThatHangsHoldsUpNeitherTheLoopNorItsEnd) {
  World world;
  world.syncs = {{SyncEnd::kDone, 24 * 60 * kMinute}};
  world.view = [&] { return Lookout::View{Share::kUnknown, 0, world.since_start_ms() - 30'000}; };
  run_for(world, 60 * kMinute);
  EXPECT_EQ(world.began_ms.size(), 1u) << "one sync hangs, no others are piled up";
  EXPECT_EQ(world.said, (std::vector<std::string>{"silent", "gave up"}));
  EXPECT_EQ(world.asked, 1);
  EXPECT_EQ(world.killed, 1);
  EXPECT_LE(world.since_start_ms(), 60 * kMinute + 30'000);
}

TEST(Daemon, SyncThatDoesNotGoOnWhenTheShareAnswersAgainIsStartedAnew) {
  World world;
  world.syncs = {{SyncEnd::kDone, 24 * 60 * kMinute}, {SyncEnd::kDone}};
  world.view = [&] {
    const bool silent = world.since_start_ms() < 10 * kMinute;
    return Lookout::View{Share::kHere, 0, silent ? world.since_start_ms() - 30'000 : 0};
  };
  run_for(world, 14 * kMinute);
  EXPECT_EQ(world.said, (std::vector<std::string>{"silent", "answers", "gave up"}));
  ASSERT_GE(world.began_ms.size(), 2u);
  EXPECT_GE(world.began_ms.at(1), 11 * kMinute);
  EXPECT_LE(world.began_ms.at(1), 11 * kMinute + 5000);
}

TEST(Daemon, SlowSyncOnAShareThatAnswersIsLeftAlone) {
  World world;
  world.syncs = {{SyncEnd::kDone, 50 * kMinute}, {SyncEnd::kDone}};
  world.view = [] { return Lookout::View{Share::kHere}; };
  run_for(world, 60 * kMinute);
  EXPECT_EQ(world.killed, 0);
  EXPECT_EQ(world.said, std::vector<std::string>{});
}

TEST(Daemon, WatchingEditLeadsToASyncWithinTwoSeconds) {
  World world;
  world.settings.watch = true;
  bool edited = false;
  world.each_moment = [&] {
    if (edited || world.since_start_ms() < 5 * kMinute) return;
    world.edits = edited = true;
  };
  run_for(world, 10 * kMinute);
  ASSERT_EQ(world.began_ms.size(), 3u) << "start, edit, end";
  EXPECT_GE(world.began_ms.at(1), 5 * kMinute);
  EXPECT_LE(world.began_ms.at(1), 5 * kMinute + 2000);
  EXPECT_EQ(world.reasons.at(1), Due::kEdit);
}

TEST(Daemon, WatchingBatchOnTheShareLeadsToOneSync) {
  World world;
  world.settings.watch = true;
  world.syncs = {{SyncEnd::kDone, 100, 7}, {SyncEnd::kDone, 100, 8}};
  world.view = [&] {
    return Lookout::View{Share::kHere, world.since_start_ms() < 5 * kMinute ? 7u : 8u};
  };
  run_for(world, 10 * kMinute);
  ASSERT_EQ(world.began_ms.size(), 3u);
  EXPECT_LE(world.began_ms.at(1), 5 * kMinute + 500);
  EXPECT_EQ(world.reasons.at(1), Due::kBatch);
}

TEST(Daemon, WatchingOwnBatchLeadsToNoSync) {
  World world;
  world.settings.watch = true;
  world.syncs = {{SyncEnd::kDone, 3000, 9}};
  world.view = [] { return Lookout::View{Share::kHere, 9}; };  // while the sync is under way, too
  run_for(world, 10 * kMinute);
  EXPECT_EQ(world.began_ms.size(), 2u);
}

TEST(Daemon, WatchingBatchThatCannotBeTakenInIsNotTriedForEver) {
  World world;
  world.settings.watch = true;
  world.syncs = {{SyncEnd::kDone, 100, 7}};
  world.view = [&] {
    return Lookout::View{Share::kHere, world.since_start_ms() < kMinute ? 7u : 12u};
  };
  run_for(world, 10 * kMinute);
  EXPECT_EQ(world.began_ms.size(), 3u) << "start, one try for batch 12, end";
}

TEST(Daemon, ConfigurationReadAnewCountsAtOnce) {
  World world;
  world.each_moment = [&] {
    if (world.settings.interval_ms == kMinute || world.since_start_ms() < 5 * kMinute) return;
    world.settings.interval_ms = kMinute;
    world.reload = true;
  };
  run_for(world, 7 * kMinute + 30'000);
  ASSERT_EQ(world.reasons, (std::vector<Due>{Due::kStart, Due::kReload, Due::kInterval,
                                             Due::kInterval, Due::kStop}));
}

TEST(Daemon, ConfigurationWithAMistakeLeavesTheOldOne) {
  World world;
  world.bad_config = world.reload = true;
  run_for(world, 16 * kMinute);
  ASSERT_EQ(world.said.size(), 1u);
  EXPECT_NE(world.said.front().find("stays as it was"), std::string::npos);
  EXPECT_EQ(world.reasons, (std::vector<Due>{Due::kStart, Due::kInterval, Due::kStop}));
}

TEST(Daemon, ProcessThatCannotBeStartedIsTriedAgain) {
  World world;
  world.cannot_start = true;
  world.each_moment = [&] { world.cannot_start = world.since_start_ms() < kMinute; };
  run_for(world, 5 * kMinute);
  ASSERT_GE(world.began_ms.size(), 1u);
  EXPECT_LE(world.began_ms.front(), 3 * kMinute);
  EXPECT_LE(world.said.size(), 8u);
}

TEST(Daemon, NoLastSyncToAShareThatIsAway) {
  World world;
  world.syncs = {{SyncEnd::kOffline}};
  run_for(world, 500);
  EXPECT_EQ(world.began_ms.size(), 1u);
}

TEST(Daemon, AskedToEndDuringASyncThatMayHaveReadTheRowsAlready) {
  World world;
  world.syncs = {{SyncEnd::kDone, 10'000}, {SyncEnd::kDone, 100}};
  run_for(world, 5000);
  EXPECT_EQ(world.reasons, (std::vector<Due>{Due::kStart, Due::kStop}))
      << "what was saved since it began goes out, too";
  EXPECT_GE(world.began_ms.back(), 10'000);
  EXPECT_EQ(world.killed, 0);
}

TEST(Daemon, NoLastSyncAfterOneThatFailsWhileTheEndIsAskedFor) {
  World world;
  world.syncs = {{SyncEnd::kOffline, 10'000}};
  run_for(world, 5000);
  EXPECT_EQ(world.began_ms.size(), 1u);
}

TEST(Daemon, LastSyncThatHangsIsGivenUpAfterHalfAMinute) {
  World world;
  world.syncs = {{SyncEnd::kDone}, {SyncEnd::kDone, 60 * kMinute}};
  run_for(world, 5 * kMinute);
  EXPECT_EQ(world.asked, 1);
  EXPECT_EQ(world.killed, 1);
  EXPECT_LE(world.since_start_ms(), 5 * kMinute + 30'000);
}

}  // namespace
}  // namespace tidesync
