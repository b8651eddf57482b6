// Snapshots, the floor, and clearing away, over a share in memory with faults.
#include "share/archive.h"

#include "unit/share/dataset_fixture.h"

namespace tidesync {
namespace {

using test::FaultAction;
using test::FsOp;

constexpr std::int64_t kDayMs = 24LL * 60 * 60 * 1000;

class ArchiveTest : public test::DatasetFixture {
 protected:
  ArchiveTest() {
    create();
    write_new_file(local_, "state.db", "a whole database");
  }

  SnapshotNote put(Seq seq) {
    SnapshotNote note;
    note.share_id = dataset_.format().share_id;
    note.seq = seq;
    note.hash = digest_of("entry " + std::to_string(seq.value));
    note.state = digest_of("state");
    note.made_by = "alice";
    note.made_at = "2026-11-21T00:00:00.000Z";
    return archive_.put_snapshot(note, local_, "state.db");
  }
  Floor floor_at(Seq seq) {
    return {seq, digest_of("before"), "00002500-aaaaaaaa-bbbb", "alice", clock_.now_ms()};
  }
  std::int64_t share_now_ms() { return share_clock_.now_ms(); }
  void pass(std::int64_t ms) {
    clock_.now += ms;
    share_clock_.now += ms;
  }

  Archive archive_{fs_, dataset_, random_};
};

TEST_F(ArchiveTest, SnapshotComesBackAsItWasPut) {
  EXPECT_TRUE(archive_.list_snapshots().empty());
  const SnapshotNote put_note = put(Seq{840});
  ASSERT_EQ(archive_.list_snapshots(), std::vector{put_note.name});
  const auto note = archive_.read_snapshot(put_note.name);
  ASSERT_TRUE(note);
  EXPECT_EQ(note->seq, Seq{840});
  EXPECT_EQ(note->hash, put_note.hash);
  EXPECT_EQ(note->state, put_note.state);
  EXPECT_EQ(note->made_by, "alice");
  EXPECT_TRUE(archive_.fetch_snapshot(*note, local_, "copy.db"));
  EXPECT_EQ(read_file(local_, "copy.db", kAnySize), "a whole database");
}

TEST_F(ArchiveTest, NewestSnapshotIsNamedFirst) {
  put(Seq{99});
  put(Seq{123456789});
  put(Seq{1000});
  std::vector<Seq> seqs;
  for (const auto& name : archive_.list_snapshots()) seqs.push_back(*parse_snapshot_name(name));
  EXPECT_EQ(seqs, (std::vector{Seq{123456789}, Seq{1000}, Seq{99}}));
}

TEST_F(ArchiveTest, SnapshotWithoutItsNoteIsNone) {
  const auto note = put(Seq{7});
  share_.remove("nas/snap/" + note.name + ".json");
  EXPECT_TRUE(archive_.list_snapshots().empty());
  EXPECT_FALSE(archive_.read_snapshot(note.name));
}

TEST_F(ArchiveTest, AlteredSnapshotIsRefusedAndLeavesNothingHere) {
  const auto note = put(Seq{7});
  const std::string file = "nas/snap/" + note.name + ".db";
  for (const std::string bytes : {"A whole database", "a whole databas", "a whole database!", ""}) {
    share_.remove(file);
    write_new_file(share_, file, bytes);
    EXPECT_THROW(archive_.fetch_snapshot(note, local_, "copy.db"), Error) << bytes;
    EXPECT_FALSE(local_.stat("copy.db"));
  }
  archive_.set_aside_snapshot(note.name, "test");
  EXPECT_TRUE(archive_.list_snapshots().empty());
  EXPECT_EQ(share_.list("nas/quarantine").size(), 2u);
}

TEST_F(ArchiveTest, SnapshotOfAnotherDatasetIsNotRead) {
  const auto note = put(Seq{7});
  const std::string file = "nas/snap/" + note.name + ".json";
  SnapshotNote other = note;
  other.share_id = std::string(32, '0');
  share_.remove(file);
  write_new_file(share_, file, to_json(other));
  EXPECT_FALSE(archive_.read_snapshot(note.name));
}

TEST_F(ArchiveTest, UploadThatFailsLeavesNoSnapshot) {
  for (const FsOp op : {FsOp::kWrite, FsOp::kSync, FsOp::kClose, FsOp::kRename}) {
    faulty_.set_hook(test::at_op(op, 1, FaultAction::fail_before(ErrorCode::kDiskFull)));
    EXPECT_THROW(put(Seq{7}), Error);
    faulty_.set_hook({});
    EXPECT_TRUE(archive_.list_snapshots().empty());
    EXPECT_EQ(staged(), 0u);
  }
}

TEST_F(ArchiveTest, NotesThatAreCutOrHostileAreNone) {
  const SnapshotNote note = put(Seq{840});
  const std::string text = to_json(note);
  for (std::size_t size = 0; size + 2 < text.size(); ++size)
    EXPECT_FALSE(parse_snapshot_note(text.substr(0, size), note.name)) << size;
  EXPECT_FALSE(parse_snapshot_note(text, "00000841-1f0c3a55-9b21")) << "another number";
  const std::string floor = to_json(floor_at(Seq{1000}));
  EXPECT_TRUE(parse_floor(floor));
  for (std::size_t size = 0; size + 2 < floor.size(); ++size)
    EXPECT_FALSE(parse_floor(floor.substr(0, size))) << size;
  for (const char* name : {"../../etc/passwd", "00000840", "00000840-../x", "840-aa", "",
                           "00000840-AA", "00000840-aa.db"})
    EXPECT_FALSE(parse_snapshot_name(name)) << name;
}

TEST_F(ArchiveTest, FloorOnlyRises) {
  EXPECT_FALSE(archive_.read_floor());
  EXPECT_TRUE(archive_.raise_floor(floor_at(Seq{2000})));
  EXPECT_FALSE(archive_.raise_floor(floor_at(Seq{1000})));
  EXPECT_FALSE(archive_.raise_floor(floor_at(Seq{2000})));
  EXPECT_EQ(archive_.read_floor()->seq, Seq{2000});
  EXPECT_TRUE(archive_.raise_floor(floor_at(Seq{3000})));
  EXPECT_EQ(archive_.read_floor()->seq, Seq{3000});
}

TEST_F(ArchiveTest, UnreadableFloorIsAnErrorAndNotNone) {
  write_new_file(share_, "nas/floor.json", "{");
  EXPECT_THROW(archive_.read_floor(), Error);
  EXPECT_THROW(archive_.raise_floor(floor_at(Seq{2000})), Error);
}

TEST_F(ArchiveTest, NothingIsPublishedBelowTheFloorIntoARetiredFolder) {
  EXPECT_EQ(publish(Seq{1}), PublishOutcome::kPublished);
  archive_.raise_floor(floor_at(Seq{1000}));
  EXPECT_TRUE(archive_.retire_folder(0, share_now_ms()));
  EXPECT_FALSE(archive_.retire_folder(0, share_now_ms())) << "gone already";
  EXPECT_NE(publish(Seq{2}), PublishOutcome::kPublished);
  EXPECT_FALSE(share_.stat("nas/log/0000000")) << "the folder must not come back";
  EXPECT_EQ(publish(Seq{1000}), PublishOutcome::kPublished);
}

// The process stands still between its look at the floor and the making of the folder.
TEST_F(ArchiveTest, PublisherThatSleptWhileItsFolderWasRetiredHasLost) {
  faulty_.set_hook([&](const test::FsCall& call) -> FaultAction {
    if (call.op == FsOp::kCreateDirectory) {
      Dataset other(share_, "nas", clock_, random_, NodeId{"bob"});
      other.open("");
      Archive(share_, other, random_).raise_floor(floor_at(Seq{2000}));
    }
    return FaultAction::pass();
  });
  EXPECT_EQ(publish(Seq{1000}), PublishOutcome::kLost);
  EXPECT_EQ(entry(Seq{1000}), "(absent)");
}

TEST_F(ArchiveTest, OldStagingIsClearedAndYoungIsLeft) {
  write_new_file(share_, "nas/tmp/bob-0011", "left by a crash");
  share_.create_directory("nas/tmp/bob-0022");
  write_new_file(share_, "nas/tmp/bob-0022/b", "left by another");
  EXPECT_EQ(archive_.clear(share_now_ms()).staged, 0u);
  pass(3 * kDayMs);
  write_new_file(share_, "nas/tmp/carol-0033", "being written");
  EXPECT_EQ(archive_.clear(share_now_ms()).staged, 2u);
  ASSERT_EQ(staged(), 1u);
  EXPECT_EQ(share_.list("nas/tmp").front().name, "carol-0033");
}

TEST_F(ArchiveTest, RetiredFoldersGoAfterAWeekAndQuarantineStays) {
  EXPECT_EQ(publish(Seq{1}), PublishOutcome::kPublished);
  EXPECT_EQ(publish(Seq{2}), PublishOutcome::kPublished);
  write_new_file(share_, "nas/quarantine/00000007-0011", "a bad entry");
  archive_.raise_floor(floor_at(Seq{1000}));
  EXPECT_TRUE(archive_.retire_folder(0, share_now_ms()));
  EXPECT_EQ(archive_.log_folders(), std::vector<std::uint64_t>{});
  EXPECT_EQ(archive_.clear(share_now_ms()).retired, 0u);
  pass(9 * kDayMs);
  EXPECT_EQ(archive_.clear(share_now_ms()).retired, 1u);
  ASSERT_EQ(share_.list("nas/quarantine").size(), 1u);
  EXPECT_EQ(share_.list("nas/quarantine").front().name, "00000007-0011");
}

TEST_F(ArchiveTest, SnapshotThatWasNeverFinishedIsCleared) {
  write_new_file(share_, "nas/snap/00000010-aaaaaaaa-bbbb.db", "half");
  put(Seq{20});
  EXPECT_EQ(archive_.clear(share_now_ms()).snapshots, 0u);
  pass(3 * kDayMs);
  EXPECT_EQ(archive_.clear(share_now_ms()).snapshots, 1u);
  EXPECT_EQ(share_.list("nas/snap").size(), 2u);
}

}  // namespace
}  // namespace tidesync
