// Dataset::publish: whatever the share answers, at most one entry stands under a name and nobody
// believes to have published who has not.
#include <array>
#include <atomic>
#include <thread>

#include "support/temp_dir.h"
#include "unit/share/dataset_fixture.h"

namespace tidesync {
namespace {

using test::FaultAction;
using test::FsOp;

class PublishTest : public test::DatasetFixture,
                    public ::testing::WithParamInterface<PublishPrimitive> {
 protected:
  void SetUp() override { create(GetParam()); }
  bool by_link() const { return GetParam() == PublishPrimitive::kLink; }
  // The operation that gives the name.
  FsOp naming() const { return by_link() ? FsOp::kLink : FsOp::kRenameDirectory; }
};

INSTANTIATE_TEST_SUITE_P(Primitives, PublishTest,
                         ::testing::Values(PublishPrimitive::kLink, PublishPrimitive::kDirectory),
                         [](const auto& instance) {
                           return instance.param == PublishPrimitive::kLink ? "Link" : "Directory";
                         });

TEST_P(PublishTest, EntryIsPublishedAsItWasSealed) {
  EXPECT_EQ(publish(Seq{1}), PublishOutcome::kPublished);
  EXPECT_EQ(entry(Seq{1}), last_sealed());
  EXPECT_EQ(staged(), 0u);
}

TEST_P(PublishTest, SmallEntryTakesAtMostElevenOperations) {
  publish(Seq{1});  // makes the folder
  EXPECT_EQ(publish(Seq{2}), PublishOutcome::kPublished);
  EXPECT_LE(fs_.total(), 11u) << fs_.table();
  EXPECT_EQ(fs_.count(FsOp::kCreateDirectory), by_link() ? 0u : 1u);
}

TEST_P(PublishTest, FirstEntryOfAThousandMakesItsFolder) {
  EXPECT_EQ(publish(Seq{1000}), PublishOutcome::kPublished);
  EXPECT_EQ(entry(Seq{1000}), last_sealed());
  EXPECT_LE(fs_.total(), 16u) << fs_.table();
}

TEST_P(PublishTest, ClockOfTheShareIsMeasuredOnTheWay) {
  EXPECT_FALSE(dataset_.clock_offset().known);
  publish(Seq{1});
  EXPECT_TRUE(dataset_.clock_offset().known);
  EXPECT_EQ(dataset_.clock_offset().offset_ms, 7000);
  faulty_.set_hook(test::at_every(FsOp::kStat, FaultAction::fail_before()));
  EXPECT_EQ(publish(Seq{2}), PublishOutcome::kPublished);
  EXPECT_FALSE(dataset_.clock_offset().known);
}

TEST_P(PublishTest, SomebodyElsesEntryMeansLost) {
  publish_as_bob(Seq{1}, GetParam());
  const std::string theirs = entry(Seq{1});
  EXPECT_EQ(publish(Seq{1}), PublishOutcome::kLost);
  EXPECT_EQ(entry(Seq{1}), theirs);
  EXPECT_EQ(staged(), 0u);
}

TEST_P(PublishTest, EntryOfTheOtherFormMeansLost) {
  const std::string theirs = [&] {
    seal("theirs", Seq{1}, "theirs");
    return read_file(local_, "theirs", kAnySize).value();
  }();
  share_.create_directory("nas/log/0000000");
  Path path = Path("nas") / layout::entry_path(Seq{1});
  if (by_link()) {
    share_.create_directory(path);
    path /= "b";
  }
  write_new_file(share_, path, theirs);
  EXPECT_EQ(publish(Seq{1}), PublishOutcome::kLost);
  EXPECT_EQ(entry(Seq{1}), theirs);
}

TEST_P(PublishTest, EntryThatIsNotCompleteIsNoVerdict) {
  share_.create_directory("nas/log/0000000");
  Path path = Path("nas") / layout::entry_path(Seq{1});
  if (!by_link()) {
    share_.create_directory(path);
    path /= "b";
  }
  write_new_file(share_, path, "half an en");
  EXPECT_EQ(publish(Seq{1}), PublishOutcome::kUnknown);
}

TEST_P(PublishTest, NamedButTheAnswerWasLostMeansPublished) {
  faulty_.set_hook(test::at_op(naming(), 2, FaultAction::fail_after()));  // 1: there is no folder
  EXPECT_EQ(publish(Seq{1}), PublishOutcome::kPublished);
  EXPECT_EQ(entry(Seq{1}), last_sealed());
  EXPECT_EQ(staged(), 0u);
}

TEST_P(PublishTest, SaidToBeNamedButNothingHappenedMeansUnknown) {
  publish(Seq{1});
  faulty_.set_hook(test::at_op(naming(), 1, FaultAction::lose_and_say_done()));
  EXPECT_EQ(publish(Seq{2}), PublishOutcome::kUnknown);
  EXPECT_EQ(entry(Seq{2}), "(absent)");
}

TEST_P(PublishTest, EveryFalseAnswerWithoutEffectMeansUnknown) {
  publish(Seq{1});
  for (const auto answer : {NameOutcome::kCreated, NameOutcome::kExists, NameOutcome::kUnknown,
                            NameOutcome::kUnsupported}) {
    faulty_.set_hook(test::at_op(naming(), 1, FaultAction::answer(answer)));
    EXPECT_EQ(publish(Seq{2}), PublishOutcome::kUnknown);
    EXPECT_EQ(entry(Seq{2}), "(absent)");
  }
  faulty_.set_hook({});
  EXPECT_EQ(publish(Seq{2}), PublishOutcome::kPublished);
}

// A decorator that really gives the name, and then answers as it likes.
class LyingFileSystem : public test::FaultyFileSystem {
 public:
  LyingFileSystem(FileSystem& inner, NameOutcome answer)
      : FaultyFileSystem(inner), answer_(answer) {}
  NameOutcome link_new(const Path& from, const Path& to) override {
    FaultyFileSystem::link_new(from, to);
    return answer_;
  }
  NameOutcome rename_directory_new(const Path& from, const Path& to) override {
    FaultyFileSystem::rename_directory_new(from, to);
    return answer_;
  }

 private:
  NameOutcome answer_;
};

// On NFS a LINK whose answer was lost is sent again, and meets its own first success.
TEST_P(PublishTest, OwnEntryThatIsSaidToExistMeansPublished) {
  std::uint64_t seq = 0;
  for (const auto answer :
       {NameOutcome::kExists, NameOutcome::kUnknown, NameOutcome::kUnsupported}) {
    LyingFileSystem lying(share_, answer);
    Dataset dataset(lying, "nas", clock_, random_, NodeId{"alice"});
    dataset.open("");
    const Seq next{++seq};
    const Digest digest = seal("batch", next);
    EXPECT_EQ(dataset.publish(next, local_, "batch", digest), PublishOutcome::kPublished);
    local_.remove("batch");
    EXPECT_EQ(staged(), 0u);
  }
}

TEST_P(PublishTest, LateLinkIsSeenByTheSecondLook) {
  publish(Seq{1});
  faulty_.set_hook(test::at_op(naming(), 1, FaultAction::later()));
  clock_.on_sleep = [&] { faulty_.land_delayed(); };
  EXPECT_EQ(publish(Seq{2}), PublishOutcome::kPublished);
  EXPECT_EQ(clock_.now, 1700000000100);
}

TEST_P(PublishTest, NameThatLandsAfterwardsIsAWholeEntry) {
  publish(Seq{1});
  // The network went away: the removal of the staging file does not arrive either.
  faulty_.set_hook([this](const test::FsCall& call) {
    if (call.op == naming()) return FaultAction::later();
    return call.op == FsOp::kRemove ? FaultAction::fail_before() : FaultAction::pass();
  });
  EXPECT_EQ(publish(Seq{2}), PublishOutcome::kUnknown);
  EXPECT_EQ(clock_.now, 1700000000600);
  EXPECT_EQ(entry(Seq{2}), "(absent)");
  EXPECT_EQ(faulty_.land_delayed(), std::vector{NameOutcome::kCreated});
  EXPECT_EQ(entry(Seq{2}), last_sealed());
}

// An empty folder under an entry's name would block everybody.
TEST_P(PublishTest, NameThatLandsAfterTheCleaningNeverGetsAnEmptyFolder) {
  publish(Seq{1});
  faulty_.set_hook(test::at_op(naming(), 1, FaultAction::later()));
  EXPECT_EQ(publish(Seq{2}), PublishOutcome::kUnknown);
  faulty_.land_delayed();
  EXPECT_EQ(entry(Seq{2}), by_link() ? "(absent)" : last_sealed());
  EXPECT_EQ(share_.list("nas/log/0000000").size(), by_link() ? 1u : 2u);
}

TEST_P(PublishTest, StaleAbsenceMeansUnknown) {
  publish(Seq{1});
  faulty_.set_hook(
      test::at_every_in_log({FsOp::kOpenRead, FsOp::kStat}, FaultAction::say_absent()));
  EXPECT_EQ(publish(Seq{2}), PublishOutcome::kUnknown);
  EXPECT_EQ(entry(Seq{2}), last_sealed());
}

TEST_P(PublishTest, NameThatCannotBeReadBackMeansUnknown) {
  publish(Seq{1});
  faulty_.set_hook(test::at_every_in_log({FsOp::kRead}, FaultAction::fail_before()));
  EXPECT_EQ(publish(Seq{2}), PublishOutcome::kUnknown);
}

TEST_P(PublishTest, DiskFullAtAnyStepOfStagingMeansNothingHappened) {
  publish(Seq{1});
  for (const FsOp op : {FsOp::kCreateNew, FsOp::kWrite, FsOp::kSync, FsOp::kClose}) {
    faulty_.set_hook(test::disk_full_at(op));
    EXPECT_ERROR(publish(Seq{2}), ErrorCode::kDiskFull);
    EXPECT_EQ(fs_.count(naming()), 0u);
    EXPECT_EQ(entry(Seq{2}), "(absent)");
    EXPECT_EQ(staged(), 0u);
  }
}

TEST_P(PublishTest, DiskFullAtTheNameIsToldAsItIs) {
  publish(Seq{1});
  faulty_.set_hook(test::disk_full_at(naming()));
  EXPECT_ERROR(publish(Seq{2}), ErrorCode::kDiskFull);
  EXPECT_EQ(staged(), 0u);
}

TEST_P(PublishTest, ErrorAtTheNameLosesAgainstWhatStandsThere) {
  publish_as_bob(Seq{1}, GetParam());
  faulty_.set_hook(test::disk_full_at(naming()));
  EXPECT_EQ(publish(Seq{1}), PublishOutcome::kLost);
}

TEST_P(PublishTest, BytesLostOnTheWayAreNeverTakenForPublished) {
  publish(Seq{1});
  faulty_.set_hook(test::at_op(FsOp::kWrite, 1, FaultAction::lose_and_say_done()));
  EXPECT_EQ(publish(Seq{2}), PublishOutcome::kUnknown);
}

TEST_P(PublishTest, FileThatChangedSinceItWasSealedIsNotPublished) {
  seal("batch", Seq{1});
  EXPECT_ERROR(dataset_.publish(Seq{1}, local_, "batch", digest_of("another")),
               ErrorCode::kDamaged);
  EXPECT_ERROR(dataset_.publish(Seq{1}, local_, "absent", digest_of("")), ErrorCode::kNotFound);
  EXPECT_EQ(fs_.total(), 0u);
}

TEST_P(PublishTest, LeftoverThatCannotBeRemovedDoesNotMatter) {
  faulty_.set_hook(test::at_every(FsOp::kRemove, FaultAction::fail_before()));
  EXPECT_EQ(publish(Seq{1}), PublishOutcome::kPublished);
}

TEST_P(PublishTest, LargeEntryIsReadBackInChunks) {
  std::string noise((20u << 20), '\0');
  std::uint32_t state = 1;
  for (char& c : noise) c = static_cast<char>((state = state * 1664525u + 1013904223u) >> 24);
  publish(Seq{1});
  EXPECT_EQ(publish(Seq{2}, noise), PublishOutcome::kPublished);
  EXPECT_LE(fs_.total(), 15u) << fs_.table();
}

// Whatever single call fails, before or after its effect: an answer of kPublished is true, one of
// kLost is not given for our own bytes, and no staging file is left when an Error comes.
TEST_P(PublishTest, AnySingleFailureIsAnsweredTruthfully) {
  std::uint64_t seq = 1;
  publish(Seq{seq});
  for (const auto& action : {FaultAction::fail_before(), FaultAction::fail_after()}) {
    for (std::uint64_t k = 1; k <= 9; ++k) {
      const Seq next{++seq};
      faulty_.set_hook(test::at_call(k, action));
      bool stands = false;
      try {
        const PublishOutcome outcome = publish(next);
        stands = entry(next) == last_sealed();
        EXPECT_NE(outcome, PublishOutcome::kLost) << k;
        EXPECT_TRUE(stands || outcome != PublishOutcome::kPublished) << k;
      } catch (const Error&) {
        stands = entry(next) == last_sealed();
        EXPECT_FALSE(stands) << k;
      }
      EXPECT_TRUE(stands || entry(next) == "(absent)") << k;
    }
  }
}

// What the disk answers for a path that leads through a file is its own matter.
TEST_P(PublishTest, RealDiskAnswersAsTheOneInMemory) {
  const test::TempDir dir;
  DiskFileSystem disk;
  test::FaultyFileSystem faulty(disk);
  Dataset dataset(faulty, dir.path(), clock_, random_, NodeId{"alice"});
  if (!by_link()) {
    faulty.set_hook(test::at_every(FsOp::kLink, FaultAction::answer(NameOutcome::kUnsupported)));
  }
  EXPECT_EQ(dataset.create("").primitive, GetParam());
  const Digest ours = seal("ours", Seq{1}, "ours");
  const Digest other = seal("other", Seq{1}, "other");
  EXPECT_EQ(dataset.publish(Seq{1}, local_, "ours", ours), PublishOutcome::kPublished);
  EXPECT_EQ(dataset.publish(Seq{1}, local_, "other", other), PublishOutcome::kLost);
  const auto entries = dataset.list_entries(Seq{0}, 0);
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(dataset.read_entry_hash(entries[0]), BatchReader(local_, "ours").hash());
  // An entry of the other form.
  Path path = dir.path() / layout::entry_path(Seq{2});
  if (by_link()) {
    disk.create_directory(path);
    path /= "b";
  }
  write_new_file(disk, path, read_file(local_, "other", kAnySize).value());
  EXPECT_EQ(dataset.publish(Seq{2}, local_, "ours", ours), PublishOutcome::kLost);
  EXPECT_TRUE(dataset.quarantine(Seq{1}, "test"));
  EXPECT_TRUE(dataset.quarantine(Seq{2}, "test"));
  EXPECT_EQ(dataset.publish(Seq{1}, local_, "other", other), PublishOutcome::kPublished);
  EXPECT_TRUE(disk.list(dir / "tmp").empty());
}

TEST_P(PublishTest, OfTwoThatRaceForOneNameExactlyOneWins) {
  constexpr std::uint64_t kRounds = 200;
  struct Racer {
    test::MemoryFileSystem local;
    test::TestClock clock;
    Random random{0};
    std::vector<PublishOutcome> outcomes;
  };
  std::array<Racer, 2> racers;
  std::atomic<std::uint64_t> started{0};
  const auto race = [&](std::size_t i) {
    Racer& me = racers[i];
    me.random = Random(100 + i);
    Dataset dataset(share_, "nas", me.clock, me.random, NodeId{i == 0 ? "alice" : "bob"});
    dataset.open("");
    for (std::uint64_t seq = 1; seq <= kRounds; ++seq) {
      test::write_batch(me.local, "f", {test::insert_quote(static_cast<std::int64_t>(i), "x")});
      const Digest digest = digest_of(read_file(me.local, "f", kAnySize).value());
      ++started;
      while (started < 2 * seq) std::this_thread::yield();
      me.outcomes.push_back(dataset.publish(Seq{seq}, me.local, "f", digest));
      me.local.remove("f");
    }
  };
  std::thread other(race, 1);
  race(0);
  other.join();
  for (std::size_t round = 0; round < kRounds; ++round) {
    const auto a = racers[0].outcomes[round];
    const auto b = racers[1].outcomes[round];
    EXPECT_TRUE((a == PublishOutcome::kPublished && b == PublishOutcome::kLost) ||
                (a == PublishOutcome::kLost && b == PublishOutcome::kPublished))
        << round;
  }
  EXPECT_EQ(staged(), 0u);
}

}  // namespace
}  // namespace tidesync
