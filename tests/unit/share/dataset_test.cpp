#include "share/dataset.h"

#include "unit/share/dataset_fixture.h"

namespace tidesync {
namespace {

using test::FaultAction;
using test::FsOp;

class DatasetTest : public test::DatasetFixture {
 protected:
  void put(const std::string& path, std::string_view content) {
    share_.remove(Path("nas") / path);
    write_new_file(share_, Path("nas") / path, content);
  }
  std::string format_with(std::string_view from, std::string_view to) {
    std::string text = on_share("format.json");
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  }
  // An entry as a listing shows it; what it holds does not matter.
  void put_entry(std::uint64_t seq) {
    create_directories(share_, Path("nas") / layout::log_folder(Seq{seq}));
    put(layout::entry_path(Seq{seq}), "entry");
  }
  std::vector<std::uint64_t> listed(std::uint64_t after, std::uint64_t tail) {
    fs_.reset();
    std::vector<std::uint64_t> seqs;
    for (const EntryInfo& info : dataset_.list_entries(Seq{after}, tail)) {
      seqs.push_back(info.seq.value);
    }
    return seqs;
  }
};

// create and open ---------------------------------------------------------------------------------

TEST_F(DatasetTest, CreatedDatasetIsOpenedWithItsIdentity) {
  const DatasetFormat created = create();
  Random random(5);
  Dataset other(share_, "nas", clock_, random, NodeId{"bob"});
  const DatasetFormat opened = other.open(created.share_id);
  EXPECT_EQ(opened.share_id, created.share_id);
  EXPECT_EQ(opened.primitive, PublishPrimitive::kLink);
  EXPECT_EQ(opened.created, created.created);
  EXPECT_EQ(opened.created_by, "tidesync test");
  EXPECT_EQ(other.format().share_id, created.share_id);
  EXPECT_EQ(staged(), 0u) << "the probe left something behind";
}

TEST_F(DatasetTest, OpenIsTwoOperations) {
  create();
  dataset_.open("");
  EXPECT_EQ(fs_.total(), 2u) << fs_.table();
}

TEST_F(DatasetTest, StoreWithoutHardLinksPublishesByDirectory) {
  create(PublishPrimitive::kDirectory);
  EXPECT_EQ(dataset_.open("").primitive, PublishPrimitive::kDirectory);
  EXPECT_EQ(staged(), 0u);
}

TEST_F(DatasetTest, LinksThatReplaceAreNotTrusted) {
  // The second link of the probe says that it, too, got the name.
  faulty_.set_hook(test::at_op(FsOp::kLink, 2, FaultAction::answer(NameOutcome::kCreated)));
  EXPECT_EQ(dataset_.create("").primitive, PublishPrimitive::kDirectory);
}

TEST_F(DatasetTest, StoreThatCanDoNeitherIsRefused) {
  faulty_.set_hook([](const test::FsCall& call) {
    const bool names = call.op == FsOp::kLink || call.op == FsOp::kRenameDirectory;
    return names ? FaultAction::answer(NameOutcome::kUnsupported) : FaultAction::pass();
  });
  EXPECT_ERROR(dataset_.create(""), ErrorCode::kUsage);
  EXPECT_EQ(on_share("format.json"), "(absent)");
  EXPECT_EQ(staged(), 0u);
}

TEST_F(DatasetTest, FolderWithFilesOfOthersIsRefusedAndTheyAreNamed) {
  put("holiday.jpg", "x");
  put("Thumbs.db", "x");
  try {
    dataset_.create("");
    ADD_FAILURE() << "did not throw";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_NE(error.detail().find("holiday.jpg"), std::string::npos);
    EXPECT_EQ(error.detail().find("Thumbs.db"), std::string::npos);
  }
  EXPECT_EQ(share_.list("nas").size(), 2u) << "something was made";
}

TEST_F(DatasetTest, WhatServersAndDesktopsLeaveBehindIsNoObstacle) {
  for (const char* name : {".DS_Store", "Thumbs.db", "desktop.ini"}) put(name, "x");
  for (const char* name : {"lost+found", ".snapshot", "#recycle", "@eaDir", "tmp", "log"}) {
    share_.create_directory(Path("nas") / name);
  }
  create();
}

TEST_F(DatasetTest, DatasetThatIsThereAlreadyIsNotReplaced) {
  create();
  const std::string before = on_share("format.json");
  EXPECT_ERROR(dataset_.create(""), ErrorCode::kAlreadyExists);
  EXPECT_EQ(on_share("format.json"), before);
}

TEST_F(DatasetTest, EntriesWithoutFormatFileAreNotBuiltUpon) {
  put_entry(1);
  EXPECT_ERROR(dataset_.create(""), ErrorCode::kAlreadyExists);
  EXPECT_EQ(on_share("format.json"), "(absent)");
}

TEST_F(DatasetTest, FasterCreatorWins) {
  // Between our look at the folder and our link, the other node makes its dataset.
  for (const bool links : {true, false}) {
    remove_all(share_, "nas");
    share_.create_directory("nas");
    std::string theirs;
    faulty_.set_hook([&](const test::FsCall& call) {
      const bool last_step =
          links ? call.op == FsOp::kLink && call.second_path == Path("nas/format.json")
                : call.op == FsOp::kCreateNew && call.path == Path("nas/format.json");
      if (last_step) {
        theirs = "{\"theirs\":1}";
        put("format.json", theirs);
      } else if (call.op == FsOp::kLink && !links) {
        return FaultAction::answer(NameOutcome::kUnsupported);
      }
      return FaultAction::pass();
    });
    EXPECT_ERROR(dataset_.create(""), ErrorCode::kAlreadyExists);
    EXPECT_FALSE(theirs.empty());
    EXPECT_EQ(on_share("format.json"), theirs);
  }
}

TEST_F(DatasetTest, LinkOfFormatFileWhoseAnswerWasLostCounts) {
  faulty_.set_hook([](const test::FsCall& call) {
    return call.second_path == Path("nas/format.json") ? FaultAction::fail_after()
                                                       : FaultAction::pass();
  });
  EXPECT_EQ(dataset_.create("").primitive, PublishPrimitive::kLink);
}

TEST_F(DatasetTest, MissingFolderIsNotFoundByCreateAndUnreachableByOpen) {
  Dataset dataset(share_, "elsewhere", clock_, random_, NodeId{"alice"});
  EXPECT_ERROR(dataset.create(""), ErrorCode::kNotFound);
  EXPECT_ERROR(dataset.open(""), ErrorCode::kShareUnreachable);
  EXPECT_FALSE(share_.stat("elsewhere"));
}

TEST_F(DatasetTest, EmptyMountPointIsUnreachableAndStaysEmpty) {
  EXPECT_ERROR(dataset_.open(""), ErrorCode::kShareUnreachable);
  EXPECT_TRUE(share_.list("nas").empty());
}

TEST_F(DatasetTest, ShareThatDoesNotAnswerIsUnreachable) {
  create();
  faulty_.set_hook(test::at_call(1, FaultAction::fail_before(ErrorCode::kIo)));
  EXPECT_ERROR(dataset_.open(""), ErrorCode::kShareUnreachable);
  faulty_.set_hook(test::at_call(2, FaultAction::fail_before(ErrorCode::kNoPermission)));
  EXPECT_ERROR(dataset_.open(""), ErrorCode::kNoPermission);
}

TEST_F(DatasetTest, AnotherDatasetAtThisPathIsTheWrongShare) {
  create();
  EXPECT_ERROR(dataset_.open(std::string(32, '0')), ErrorCode::kWrongShare);
}

TEST_F(DatasetTest, FormatOfNewerVersionIsTooNew) {
  create();
  const std::string reader = format_with("\"min_reader\":1", "\"min_reader\":2");
  const std::string hash = format_with("blake2b-256", "blake3");
  const std::string primitive = format_with("\"link\"", "\"if-match\"");
  const std::string unknown = format_with("{", "{\"lineage\":[],");
  for (const std::string& text : {reader, hash, primitive}) {
    put("format.json", text);
    EXPECT_ERROR(dataset_.open(""), ErrorCode::kTooNew);
  }
  put("format.json", unknown);
  dataset_.open("");
}

TEST_F(DatasetTest, DatasetOnlyNewerVersionsMayWriteIsReadButNotPublishedTo) {
  create();
  put("format.json", format_with("\"min_writer\":1", "\"min_writer\":2"));
  dataset_.open("");
  EXPECT_ERROR(publish(Seq{1}), ErrorCode::kTooNew);
  EXPECT_EQ(entry(Seq{1}), "(absent)");
}

TEST_F(DatasetTest, DamagedFormatFileIsRefused) {
  create();
  const std::string good = on_share("format.json");
  for (std::size_t size = 0; size + 2 < good.size(); ++size) {
    put("format.json", good.substr(0, size));
    EXPECT_ERROR(dataset_.open(""), ErrorCode::kDamaged);
  }
  for (const char* text : {"[]", "7", "{}", "\xff", "{\"tidesync\":1}", "{\"min_reader\":1}"}) {
    put("format.json", text);
    EXPECT_ERROR(dataset_.open(""), ErrorCode::kDamaged);
  }
  put("format.json", std::string(2u << 20, ' '));
  EXPECT_ERROR(dataset_.open(""), ErrorCode::kDamaged);
}

// list_entries ------------------------------------------------------------------------------------

using Seqs = std::vector<std::uint64_t>;

TEST_F(DatasetTest, ListingShowsWhatComesAfterAndTheTail) {
  create();
  for (const std::uint64_t seq : {1, 2, 3, 4, 6}) put_entry(seq);
  put("log/0000000/junk", "x");
  put("log/0000000/00001234", "an entry of another folder");
  EXPECT_EQ(listed(0, 0), (Seqs{1, 2, 3, 4, 6}));
  EXPECT_EQ(fs_.total(), 1u);
  EXPECT_EQ(listed(2, 0), (Seqs{3, 4, 6}));
  EXPECT_EQ(listed(3, 2), (Seqs{2, 3, 4, 6}));
  EXPECT_EQ(listed(3, 64), (Seqs{1, 2, 3, 4, 6}));
  EXPECT_EQ(listed(6, 0), Seqs{});
  EXPECT_EQ(listed(900, 0), Seqs{});
  EXPECT_EQ(fs_.total(), 1u);
}

TEST_F(DatasetTest, ListingGoesOnIntoTheNextFolderWhenOneIsFull) {
  create();
  for (const std::uint64_t seq : {998, 999, 1000, 1001}) put_entry(seq);
  EXPECT_EQ(listed(997, 0), (Seqs{998, 999, 1000, 1001}));
  EXPECT_EQ(fs_.total(), 2u);
  EXPECT_EQ(listed(999, 0), (Seqs{1000, 1001}));
  EXPECT_EQ(fs_.total(), 1u);
  EXPECT_EQ(listed(1000, 1), (Seqs{1000, 1001}));
  EXPECT_EQ(fs_.total(), 1u);
  EXPECT_EQ(listed(1000, 3), (Seqs{998, 999, 1000, 1001}));
  EXPECT_EQ(fs_.total(), 2u);
  EXPECT_EQ(listed(999, 1), (Seqs{999, 1000, 1001}));
}

TEST_F(DatasetTest, FolderThatDoesNotExistListsNothing) {
  create();
  EXPECT_EQ(listed(5000, 10), Seqs{});
  put_entry(999);
  EXPECT_EQ(listed(998, 0), Seqs{999});
  EXPECT_EQ(fs_.total(), 2u);
  faulty_.set_hook(test::at_call(1, FaultAction::fail_before(ErrorCode::kShareUnreachable)));
  EXPECT_ERROR(dataset_.list_entries(Seq{0}, 0), ErrorCode::kShareUnreachable);
}

// Reading entries ---------------------------------------------------------------------------------

class DatasetReadTest : public DatasetTest,
                        public ::testing::WithParamInterface<PublishPrimitive> {};
INSTANTIATE_TEST_SUITE_P(Primitives, DatasetReadTest,
                         ::testing::Values(PublishPrimitive::kLink, PublishPrimitive::kDirectory));

TEST_P(DatasetReadTest, HashOfAnEntryIsTwoOperations) {
  create(GetParam());
  publish(Seq{1});
  const auto entries = dataset_.list_entries(Seq{0}, 0);
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].is_directory, GetParam() == PublishPrimitive::kDirectory);
  fs_.reset();
  EXPECT_EQ(dataset_.read_entry_hash(entries[0]), BatchReader(local_, "batch-1").hash());
  EXPECT_EQ(fs_.total(), 2u) << fs_.table();
  EXPECT_EQ(fs_.bytes_read(), kBatchTrailerBytes);
  EXPECT_EQ(dataset_.read_entry_hash({Seq{2}, entries[0].is_directory, 100}), std::nullopt);
}

TEST_P(DatasetReadTest, EntryIsFetchedAsItIsInTwoOperations) {
  create(GetParam());
  publish(Seq{1});
  const EntryInfo info = dataset_.list_entries(Seq{0}, 0).at(0);
  fs_.reset();
  ASSERT_TRUE(dataset_.fetch_entry(info, local_, "copy"));
  EXPECT_EQ(fs_.total(), 2u) << fs_.table();
  EXPECT_EQ(read_file(local_, "copy", kAnySize), last_sealed());
  EXPECT_ERROR(dataset_.fetch_entry(info, local_, "copy"), ErrorCode::kAlreadyExists);
  EXPECT_FALSE(dataset_.fetch_entry({Seq{2}, info.is_directory, 0}, local_, "other"));
  EXPECT_FALSE(local_.stat("other"));
}

TEST_F(DatasetTest, LargeEntryIsFetchedInLargeChunks) {
  create();
  put_entry(1);
  for (const std::size_t size : {std::size_t{8} << 20, (std::size_t{20} << 20) + 5}) {
    put(layout::entry_path(Seq{1}), std::string(size, 'x'));
    fs_.reset();
    ASSERT_TRUE(dataset_.fetch_entry({Seq{1}, false, size}, local_, "copy"));
    EXPECT_EQ(fs_.total(), 1 + size / (8u << 20) + 1);
    EXPECT_EQ(local_.stat("copy")->size, size);
    local_.remove("copy");
  }
}

TEST_F(DatasetTest, FetchThatBreaksOffLeavesNothing) {
  create();
  put_entry(1);
  faulty_.set_hook(test::at_op(FsOp::kRead, 1, FaultAction::fail_before()));
  EXPECT_ERROR(dataset_.fetch_entry({Seq{1}, false, 5}, local_, "copy"), ErrorCode::kIo);
  EXPECT_FALSE(local_.stat("copy"));
}

TEST_F(DatasetTest, EntryWithoutTrailerIsDamaged) {
  create();
  put_entry(1);
  EXPECT_ERROR(dataset_.read_entry_hash({Seq{1}, false, 5}), ErrorCode::kDamaged);
  put(layout::entry_path(Seq{1}), "");
  EXPECT_ERROR(dataset_.read_entry_hash({Seq{1}, false, 0}), ErrorCode::kDamaged);
  put(layout::entry_path(Seq{1}), std::string(200, '\0'));
  EXPECT_ERROR(dataset_.read_entry_hash({Seq{1}, false, 0}), ErrorCode::kDamaged);
}

// quarantine --------------------------------------------------------------------------------------

TEST_P(DatasetReadTest, QuarantinedEntryIsMovedAndFreesItsName) {
  create(GetParam());
  publish(Seq{1});
  EXPECT_TRUE(dataset_.quarantine(Seq{1}, "its digest is wrong"));
  EXPECT_EQ(entry(Seq{1}), "(absent)");
  EXPECT_EQ(share_.list("nas/quarantine").size(), 2u) << "the entry, and why";
  EXPECT_FALSE(dataset_.quarantine(Seq{1}, "again"));
  EXPECT_EQ(publish(Seq{1}, "another"), PublishOutcome::kPublished);
  EXPECT_TRUE(dataset_.quarantine(Seq{1}, "again"));
  EXPECT_EQ(share_.list("nas/quarantine").size(), 4u);
}

TEST_F(DatasetTest, EntryThatCannotBeMovedStays) {
  create();
  publish(Seq{1});
  faulty_.set_hook(test::at_op(FsOp::kRename, 1, FaultAction::lose_and_say_done()));
  EXPECT_ERROR(dataset_.quarantine(Seq{1}, "bad"), ErrorCode::kIo);
  EXPECT_EQ(entry(Seq{1}), last_sealed());
}

// Copies and notes --------------------------------------------------------------------------------

TEST_F(DatasetTest, CopyIsReplacedWholeWithinItsBudget) {
  create();
  put("master.db", "old");
  const std::string content(20u << 20, 'm');
  write_new_file(local_, "new", content);
  fs_.reset();
  dataset_.replace_copy("master.db", local_, "new");
  EXPECT_LE(fs_.total(), 13u) << fs_.table();
  EXPECT_EQ(on_share("master.db"), content);
  EXPECT_EQ(staged(), 0u);
  EXPECT_EQ(dataset_.clock_offset().offset_ms, 7000);
}

TEST_F(DatasetTest, CopyThatDoesNotArriveWholeLeavesTheOldOne) {
  create();
  put("master.db", "old");
  write_new_file(local_, "new", "new content");
  faulty_.set_hook(test::at_op(FsOp::kWrite, 1, FaultAction::lose_and_say_done()));
  EXPECT_ERROR(dataset_.replace_copy("master.db", local_, "new"), ErrorCode::kDamaged);
  for (const FsOp op : {FsOp::kCreateNew, FsOp::kWrite, FsOp::kSync, FsOp::kClose, FsOp::kRename}) {
    faulty_.set_hook(test::disk_full_at(op));
    EXPECT_ERROR(dataset_.replace_copy("master.db", local_, "new"), ErrorCode::kDiskFull);
  }
  EXPECT_EQ(on_share("master.db"), "old");
  EXPECT_EQ(staged(), 0u);
  EXPECT_ERROR(dataset_.replace_copy("master.db", local_, "absent"), ErrorCode::kNotFound);
}

TEST_F(DatasetTest, NoteIsReplacedInFourOperations) {
  create();
  dataset_.write_note(layout::node_note(NodeId{"alice"}), "{}");
  fs_.reset();
  dataset_.write_note(layout::node_note(NodeId{"alice"}), "{\"seq\":1}");
  EXPECT_LE(fs_.total(), 4u) << fs_.table();
  EXPECT_EQ(dataset_.read_note("nodes/alice.json"), "{\"seq\":1}");
  EXPECT_EQ(dataset_.read_note("nodes/bob.json"), std::nullopt);
  EXPECT_EQ(staged(), 0u);
}

TEST_F(DatasetTest, NotesAreListedUnderTheNamesTheyAreReadBy) {
  create();
  dataset_.write_note("nodes/bob.json", "b");
  dataset_.write_note("nodes/alice.json", "a");
  put("nodes/.DS_Store", "x");
  EXPECT_EQ(dataset_.list_notes("nodes"),
            (std::vector<std::string>{"nodes/alice.json", "nodes/bob.json"}));
  EXPECT_TRUE(dataset_.list_notes("lease").empty());
}

TEST_F(DatasetTest, StagingFolderThatSomebodyDeletedIsMadeAgain) {
  create();
  share_.remove("nas/tmp");
  dataset_.write_note("master.json", "{}");
  share_.remove("nas/tmp");
  EXPECT_EQ(publish(Seq{1}), PublishOutcome::kPublished);
  share_.remove("nas/tmp");
  write_new_file(local_, "new", "m");
  dataset_.replace_copy("master.db", local_, "new");
}

TEST_F(DatasetTest, ShareThatWentAwayLeavesItsMountPointEmpty) {
  for (const auto primitive : {PublishPrimitive::kLink, PublishPrimitive::kDirectory}) {
    create(primitive);
    remove_all(share_, "nas");
    share_.create_directory("nas");
    EXPECT_ERROR(publish(Seq{1}), ErrorCode::kShareUnreachable);
    EXPECT_ERROR(dataset_.write_note("master.json", "{}"), ErrorCode::kShareUnreachable);
    EXPECT_TRUE(share_.list("nas").empty());
  }
}

}  // namespace
}  // namespace tidesync
