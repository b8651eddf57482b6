// The helpers on top of the FileSystem seam, and the decorators the tests of other rooms rely on.
#include "base/file_system.h"

#include <gtest/gtest.h>

#include "support/counting_file_system.h"
#include "support/expect_error.h"
#include "support/faulty_file_system.h"
#include "support/memory_file_system.h"
#include "support/temp_dir.h"

#ifndef _WIN32
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace tidesync {
namespace {

using test::FaultAction;
using test::FsOp;

class FixedClock : public Clock {
 public:
  std::int64_t now_ms() override { return now; }
  std::int64_t monotonic_ms() override { return now; }
  void sleep_ms(std::int64_t duration_ms) override { now += duration_ms; }
  std::int64_t now = 1000;
};

// Memory below, then faults, then the count of what the code under test asked for.
class FileSystemTest : public ::testing::Test {
 protected:
  std::string content(const Path& path) {
    return read_file(memory_, path, 1000000).value_or("(absent)");
  }
  std::size_t names_in(const Path& path) { return memory_.list(path).size(); }

  test::MemoryFileSystem memory_;
  test::FaultyFileSystem faulty_{memory_};
  test::CountingFileSystem fs_{faulty_};
};

// read_file
// ----------------------------------------------------------------------------------------

TEST_F(FileSystemTest, ReadFileGivesContentOrNothing) {
  write_new_file(memory_, "a", "content");
  EXPECT_EQ(read_file(fs_, "a", 7), "content");
  EXPECT_EQ(read_file(fs_, "b", 7), std::nullopt);
}

TEST_F(FileSystemTest, ReadFileIsTwoOperations) {
  write_new_file(memory_, "a", std::string(100000, 'x'));
  ASSERT_TRUE(read_file(fs_, "a", 1000000));
  EXPECT_EQ(fs_.count(FsOp::kOpenRead), 1u);
  EXPECT_EQ(fs_.count(FsOp::kRead), 1u);
  EXPECT_EQ(fs_.total(), 2u);
  EXPECT_EQ(fs_.bytes_read(), 100000u);
}

TEST_F(FileSystemTest, ReadFileRefusesMoreThanTheLimit) {
  write_new_file(memory_, "a", "12345678");
  EXPECT_ERROR(read_file(fs_, "a", 7), ErrorCode::kDamaged);
  EXPECT_EQ(fs_.count(FsOp::kRead), 0u);
  EXPECT_EQ(read_file(fs_, "a", 8), "12345678");
}

// A handle whose size() is older than its content, as attribute caches of networks give it.
class StaleSizeFileSystem : public test::MemoryFileSystem {
 public:
  class Handle : public ReadHandle {
   public:
    Handle(std::unique_ptr<ReadHandle> inner, std::uint64_t size)
        : inner_(std::move(inner)), size_(size) {}
    std::size_t read(char* buffer, std::size_t size) override { return inner_->read(buffer, size); }
    void seek(std::uint64_t offset) override { inner_->seek(offset); }
    std::uint64_t size() const override { return size_; }

   private:
    std::unique_ptr<ReadHandle> inner_;
    std::uint64_t size_;
  };
  std::unique_ptr<ReadHandle> open_read(const Path& path) override {
    return std::make_unique<Handle>(MemoryFileSystem::open_read(path), reported_size);
  }
  std::uint64_t reported_size = 0;
};

TEST_F(FileSystemTest, ReadFileReadsAllWhateverSizeIsReported) {
  StaleSizeFileSystem stale;
  write_new_file(stale, "a", "twelve bytes");
  for (const std::uint64_t size : {0u, 5u, 11u, 12u, 13u, 100u}) {
    stale.reported_size = size;
    EXPECT_EQ(read_file(stale, "a", 100), "twelve bytes") << size;
  }
  stale.reported_size = 0;
  EXPECT_ERROR(read_file(stale, "a", 11), ErrorCode::kDamaged);
}

// write_new_file
// -----------------------------------------------------------------------------------

TEST_F(FileSystemTest, WriteNewFileIsFourOperations) {
  write_new_file(fs_, "a", "bytes");
  EXPECT_EQ(fs_.count(FsOp::kCreateNew), 1u);
  EXPECT_EQ(fs_.count(FsOp::kWrite), 1u);
  EXPECT_EQ(fs_.count(FsOp::kSync), 1u);
  EXPECT_EQ(fs_.count(FsOp::kClose), 1u);
  EXPECT_EQ(fs_.total(), 4u);
  EXPECT_EQ(fs_.bytes_written(), 5u);
  fs_.reset();
  write_new_file(fs_, "b", "bytes", false);
  EXPECT_EQ(fs_.total(), 3u);
}

TEST_F(FileSystemTest, WriteNewFileLeavesNothingWhenTheDiskIsFull) {
  for (const FsOp op : {FsOp::kWrite, FsOp::kSync, FsOp::kClose}) {
    faulty_.set_hook(test::disk_full_at(op));
    EXPECT_ERROR(write_new_file(fs_, "a", "bytes"), ErrorCode::kDiskFull);
    EXPECT_EQ(content("a"), "(absent)") << to_string(op);
  }
  faulty_.set_hook(test::at_op(FsOp::kWrite, 1, FaultAction::fail_halfway(ErrorCode::kDiskFull)));
  EXPECT_ERROR(write_new_file(fs_, "a", "bytes"), ErrorCode::kDiskFull);
  EXPECT_EQ(content("a"), "(absent)");
}

TEST_F(FileSystemTest, WriteNewFileNeverTouchesATakenName) {
  write_new_file(memory_, "a", "old");
  EXPECT_ERROR(write_new_file(fs_, "a", "new"), ErrorCode::kAlreadyExists);
  EXPECT_EQ(content("a"), "old");
}

TEST_F(FileSystemTest, WriteNewFileReportsTheFirstFailureWhenCleaningUpFailsToo) {
  faulty_.set_hook([](const test::FsCall& call) {
    if (call.op == FsOp::kSync) return FaultAction::fail_before(ErrorCode::kDiskFull);
    if (call.op == FsOp::kRemove) return FaultAction::fail_before(ErrorCode::kNoPermission);
    return FaultAction::pass();
  });
  EXPECT_ERROR(write_new_file(fs_, "a", "bytes"), ErrorCode::kDiskFull);
}

// replace_file
// -------------------------------------------------------------------------------------

TEST_F(FileSystemTest, ReplaceFileReplacesAndLeavesNoTemporary) {
  replace_file(fs_, "tmp", "a", "one");
  EXPECT_EQ(content("a"), "one");
  replace_file(fs_, "tmp", "a", "two");
  EXPECT_EQ(content("a"), "two");
  EXPECT_EQ(names_in("/"), 1u);
  EXPECT_EQ(fs_.total(), 10u);
}

TEST_F(FileSystemTest, ReplaceFileCopesWithALeftOverTemporary) {
  write_new_file(memory_, "tmp", "from a crash");
  replace_file(fs_, "tmp", "a", "new");
  EXPECT_EQ(content("a"), "new");
  EXPECT_EQ(names_in("/"), 1u);
}

// Whatever fails, and whether or not it took effect: old or new, never anything else.
TEST_F(FileSystemTest, ReplaceFileGivesOldOrNewWhicheverCallFails) {
  for (const auto& action : {FaultAction::fail_before(), FaultAction::fail_after()}) {
    for (std::uint64_t k = 1; k <= 5; ++k) {
      test::MemoryFileSystem memory;
      write_new_file(memory, "a", "old");
      test::FaultyFileSystem faulty(memory, test::at_call(k, action));
      EXPECT_ERROR(replace_file(faulty, "tmp", "a", "new"), ErrorCode::kIo);
      const auto seen = read_file(memory, "a", 100).value_or("(absent)");
      const bool renamed = k == 5 && action.kind == FaultAction::Kind::kFailAfter;
      EXPECT_EQ(seen, renamed ? "new" : "old") << "call " << k;
      replace_file(memory, "tmp", "a", "newer");
      EXPECT_EQ(read_file(memory, "a", 100), "newer");
    }
  }
}

TEST_F(FileSystemTest, ReplaceFileGivesOldOrNewWhereverTheProcessStops) {
  for (std::uint64_t k = 1; k <= 6; ++k) {
    test::MemoryFileSystem memory;
    write_new_file(memory, "a", "old");
    test::FaultyFileSystem faulty(memory, test::crash_at_call(k));
    if (k <= 5) {
      EXPECT_THROW(replace_file(faulty, "tmp", "a", "new"), test::SimulatedCrash);
    } else {
      replace_file(faulty, "tmp", "a", "new");
    }
    EXPECT_EQ(read_file(memory, "a", 100), k <= 5 ? "old" : "new") << "call " << k;
    replace_file(memory, "tmp", "a", "newer");
    EXPECT_EQ(read_file(memory, "a", 100), "newer");
  }
}

// create_directories, remove_all
// -------------------------------------------------------------------

TEST_F(FileSystemTest, CreateDirectoriesMakesAllOnTheWay) {
  create_directories(fs_, "/a/b/c");
  EXPECT_TRUE(memory_.stat("/a/b/c")->is_directory);
  fs_.reset();
  create_directories(fs_, "/a/b/c");
  EXPECT_EQ(fs_.total(), 1u);
}

TEST_F(FileSystemTest, CreateDirectoriesAcceptsWhatIsThereButMayNotBeMade) {
  create_directories(memory_, "/a");
  faulty_.set_hook(
      test::at_every(FsOp::kCreateDirectory, FaultAction::fail_before(ErrorCode::kReadOnly)));
  create_directories(fs_, "/a");
  EXPECT_ERROR(create_directories(fs_, "/b"), ErrorCode::kReadOnly);
}

TEST_F(FileSystemTest, CreateDirectoriesBelowAFileThrows) {
  write_new_file(memory_, "a", "file");
  EXPECT_ERROR(create_directories(fs_, "/a/b/c"), ErrorCode::kNotFound);
}

TEST_F(FileSystemTest, RemoveAllRemovesATreeAFileAndNothing) {
  create_directories(memory_, "/a/b/c");
  write_new_file(memory_, "/a/file", "x");
  write_new_file(memory_, "/a/b/c/file", "x");
  write_new_file(memory_, "/keep", "x");
  remove_all(fs_, "/a");
  EXPECT_FALSE(memory_.stat("/a"));
  EXPECT_EQ(names_in("/"), 1u);
  remove_all(fs_, "/keep");
  remove_all(fs_, "/keep");
  EXPECT_EQ(names_in("/"), 0u);
}

TEST_F(FileSystemTest, PathsAreUtf8BothWays) {
  const std::string name =
      "Gr\xC3\xB6\xC3\x9F"
      "e \xE6\x97\xA5 x";
  EXPECT_EQ(to_utf8(from_utf8(name)), name);
  EXPECT_EQ(to_utf8(from_utf8("")), "");
}

// CountingFileSystem
// -------------------------------------------------------------------------------

TEST_F(FileSystemTest, EveryVirtualCallIsCountedOnce) {
  fs_.create_directory("d");
  fs_.create_directory("d/e");
  auto writer = fs_.create_new("d/e/f");
  writer->write("12345");
  writer->sync();
  writer->close();
  writer.reset();
  fs_.link_new("d/e/f", "g");
  fs_.rename_replacing("g", "h");
  fs_.rename_directory_new("d", "i");
  fs_.list("/");
  fs_.stat("h");
  const auto reader = fs_.open_read("h");
  char buffer[8];
  reader->seek(1);
  EXPECT_EQ(reader->size(), 5u);
  reader->read(buffer, sizeof buffer);
  fs_.remove("h");
  fs_.sync_directory("/");
  for (std::size_t i = 0; i < test::kFsOpCount; ++i) {
    const auto op = static_cast<FsOp>(i);
    EXPECT_EQ(fs_.count(op), op == FsOp::kCreateDirectory ? 2u : 1u) << to_string(op);
  }
  EXPECT_EQ(fs_.total(), 15u);
  EXPECT_EQ(fs_.bytes_read(), 4u);
  EXPECT_EQ(fs_.bytes_written(), 5u);
  EXPECT_NE(fs_.table().find("mkdir"), std::string::npos);
  fs_.reset();
  EXPECT_EQ(fs_.total(), 0u);
}

TEST_F(FileSystemTest, FailedOperationsAreCountedToo) {
  EXPECT_ERROR(fs_.list("nowhere"), ErrorCode::kNotFound);
  EXPECT_EQ(fs_.open_read("nowhere"), nullptr);
  EXPECT_EQ(fs_.total(), 2u);
}

// FaultyFileSystem
// ---------------------------------------------------------------------------------

TEST_F(FileSystemTest, HookSeesEveryCallInOrder) {
  std::vector<std::string> seen;
  faulty_.set_hook([&](const test::FsCall& call) {
    seen.push_back(std::to_string(call.number) + " " + std::string(to_string(call.op)) + " " +
                   to_utf8(call.path) + " " + to_utf8(call.second_path));
    return FaultAction::pass();
  });
  write_new_file(faulty_, "a", "x");
  faulty_.link_new("a", "b");
  EXPECT_EQ(seen, (std::vector<std::string>{"1 create a ", "2 write a ", "3 sync a ", "4 close a ",
                                            "5 link a b"}));
  EXPECT_EQ(faulty_.calls(), 5u);
}

TEST_F(FileSystemTest, FailBeforeLeavesNothingAndFailAfterLeavesTheEffect) {
  faulty_.set_hook(
      test::at_every(FsOp::kCreateDirectory, FaultAction::fail_before(ErrorCode::kNoPermission)));
  EXPECT_ERROR(faulty_.create_directory("d"), ErrorCode::kNoPermission);
  EXPECT_FALSE(memory_.stat("d"));
  faulty_.set_hook(test::at_every(FsOp::kCreateDirectory, FaultAction::fail_after()));
  EXPECT_ERROR(faulty_.create_directory("d"), ErrorCode::kIo);
  EXPECT_TRUE(memory_.stat("d"));
}

TEST_F(FileSystemTest, LinkWhoseAnswerIsLostIsUnknownAndThere) {
  write_new_file(memory_, "a", "x");
  faulty_.set_hook(test::at_every(FsOp::kLink, FaultAction::fail_after()));
  EXPECT_EQ(faulty_.link_new("a", "b"), NameOutcome::kUnknown);
  EXPECT_EQ(content("b"), "x");
}

TEST_F(FileSystemTest, LostOperationSaysDoneAndLeavesNothing) {
  write_new_file(memory_, "a", "x");
  faulty_.set_hook([](const test::FsCall&) { return FaultAction::lose_and_say_done(); });
  EXPECT_EQ(faulty_.link_new("a", "b"), NameOutcome::kCreated);
  EXPECT_TRUE(faulty_.remove("a"));
  write_new_file(faulty_, "c", "x");
  faulty_.rename_replacing("a", "d");
  EXPECT_TRUE(faulty_.create_directory("e"));
  EXPECT_EQ(names_in("/"), 1u);
}

TEST_F(FileSystemTest, DelayedLinkLandsWhenToldAndLosesAgainstATakenName) {
  write_new_file(memory_, "a", "slow");
  write_new_file(memory_, "b", "quick");
  faulty_.set_hook(test::at_every(FsOp::kLink, FaultAction::later()));
  EXPECT_EQ(faulty_.link_new("a", "free"), NameOutcome::kUnknown);
  EXPECT_EQ(faulty_.link_new("a", "taken"), NameOutcome::kUnknown);
  EXPECT_EQ(faulty_.link_new("gone", "never"), NameOutcome::kUnknown);
  EXPECT_EQ(content("free"), "(absent)");
  memory_.link_new("b", "taken");
  EXPECT_EQ(faulty_.delayed_count(), 3u);
  EXPECT_EQ(faulty_.land_delayed(),
            (std::vector<NameOutcome>{NameOutcome::kCreated, NameOutcome::kExists,
                                      NameOutcome::kUnknown}));
  EXPECT_EQ(content("free"), "slow");
  EXPECT_EQ(content("taken"), "quick");
  EXPECT_EQ(faulty_.delayed_count(), 0u);
}

TEST_F(FileSystemTest, StaleAnswersHideWhatIsThere) {
  write_new_file(memory_, "a", "x");
  ASSERT_EQ(faulty_.list("/").size(), 1u);
  write_new_file(memory_, "b", "x");
  faulty_.set_hook(test::at_every(FsOp::kList, FaultAction::say_older()));
  EXPECT_EQ(faulty_.list("/").size(), 1u);
  faulty_.set_hook([](const test::FsCall&) { return FaultAction::say_absent(); });
  EXPECT_FALSE(faulty_.stat("a"));
  EXPECT_EQ(faulty_.open_read("a"), nullptr);
  EXPECT_ERROR(faulty_.list("/"), ErrorCode::kNotFound);
  faulty_.set_hook({});
  EXPECT_EQ(faulty_.list("/").size(), 2u);
}

TEST_F(FileSystemTest, CrashStopsEveryLaterCall) {
  faulty_.set_hook(test::crash_at_call(3));
  EXPECT_THROW(write_new_file(faulty_, "a", "x"), test::SimulatedCrash);
  EXPECT_THROW(faulty_.stat("a"), test::SimulatedCrash);
  EXPECT_EQ(content("a"), "x");  // nobody cleaned up
}

TEST_F(FileSystemTest, NthCallOfAKindFails) {
  faulty_.set_hook(test::at_op(FsOp::kStat, 2, FaultAction::fail_before()));
  faulty_.stat("a");
  faulty_.list("/");
  EXPECT_ERROR(faulty_.stat("a"), ErrorCode::kIo);
  faulty_.stat("a");
}

TEST_F(FileSystemTest, FaultThatMakesNoSenseIsADefectOfTheTest) {
  faulty_.set_hook([](const test::FsCall&) { return FaultAction::later(); });
  EXPECT_THROW(faulty_.remove("a"), std::logic_error);
  faulty_.set_hook([](const test::FsCall&) { return FaultAction::lose_and_say_done(); });
  EXPECT_THROW(faulty_.list("/"), std::logic_error);
}

// MemoryFileSystem beyond the contract
// -------------------------------------------------------------

TEST_F(FileSystemTest, MemoryTakesModificationTimesFromTheClock) {
  FixedClock clock;
  test::MemoryFileSystem memory(clock);
  write_new_file(memory, "a", "x");
  clock.now = 2000;
  memory.link_new("a", "b");
  EXPECT_EQ(memory.stat("b")->modified_ms, 1000);
  EXPECT_EQ(memory.stat("/")->modified_ms, 2000);
}

TEST_F(FileSystemTest, MemoryContentIsSharedByHardLinks) {
  auto writer = memory_.create_new("a");
  writer->write("one");
  memory_.link_new("a", "b");
  const auto reader = memory_.open_read("b");
  writer->write(" two");
  EXPECT_EQ(content("b"), "one two");
  EXPECT_EQ(reader->size(), 3u);
}

TEST_F(FileSystemTest, MemoryPathsAreNormalised) {
  create_directories(memory_, "/a/b");
  write_new_file(memory_, "a/b/../c", "x");
  EXPECT_EQ(content("/a/./c"), "x");
  EXPECT_EQ(memory_.list("a/").size(), 2u);
}

// DiskFileSystem beyond the contract
// ---------------------------------------------------------------

#ifndef _WIN32
TEST(DiskFileSystem, ModesAreAsWideAsTheUmaskAllows) {
  const test::TempDir folder;
  DiskFileSystem disk;
  const mode_t before = ::umask(002);
  write_new_file(disk, folder / "file", "x");
  disk.create_directory(folder / "folder");
  ::umask(before);
  struct stat info;
  ASSERT_EQ(::stat((folder / "file").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0664u);
  ASSERT_EQ(::stat((folder / "folder").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0775u);
}

TEST(DiskFileSystem, LinkLeavesTwoNamesOfOneFile) {
  const test::TempDir folder;
  DiskFileSystem disk;
  write_new_file(disk, folder / "a", "x");
  ASSERT_EQ(disk.link_new(folder / "a", folder / "b"), NameOutcome::kCreated);
  struct stat info;
  ASSERT_EQ(::stat((folder / "b").c_str(), &info), 0);
  EXPECT_EQ(info.st_nlink, 2u);
}

TEST(DiskFileSystem, SymbolicLinksAreListedAsFilesAndRemovedAsLinks) {
  const test::TempDir folder;
  DiskFileSystem disk;
  create_directories(disk, folder / "real/inside");
  ASSERT_EQ(::symlink((folder / "real").c_str(), (folder / "link").c_str()), 0);
  for (const DirEntry& entry : disk.list(folder.path())) {
    EXPECT_EQ(entry.is_directory, entry.name == "real");
  }
  EXPECT_TRUE(disk.stat(folder / "link")->is_directory);
  write_new_file(disk, folder / "real/file", "x");
  create_directories(disk, folder / "tree");
  ASSERT_EQ(::symlink((folder / "real").c_str(), (folder / "tree/link").c_str()), 0);
  remove_all(disk, folder / "tree");
  EXPECT_FALSE(disk.stat(folder / "tree"));
  EXPECT_EQ(read_file(disk, folder / "real/file", 10), "x");
}

TEST(DiskFileSystem, LinkAcrossFileSystemsIsUnsupported) {
  const test::TempDir memory(test::TempDir::Where::kMemory);
  const test::TempDir folder;
  struct stat a;
  struct stat b;
  ASSERT_EQ(::stat(memory.path().c_str(), &a), 0);
  ASSERT_EQ(::stat(folder.path().c_str(), &b), 0);
  if (a.st_dev == b.st_dev) GTEST_SKIP() << "one file system only";
  DiskFileSystem disk;
  write_new_file(disk, memory / "a", "x");
  EXPECT_EQ(disk.link_new(memory / "a", folder / "a"), NameOutcome::kUnsupported);
}

TEST(DiskFileSystem, ModificationTimeIsNow) {
  const test::TempDir folder;
  DiskFileSystem disk;
  write_new_file(disk, folder / "a", "x");
  const std::int64_t age_ms = SystemClock().now_ms() - disk.stat(folder / "a")->modified_ms;
  EXPECT_GE(age_ms, -60000);
  EXPECT_LE(age_ms, 60000);
}
#endif

}  // namespace
}  // namespace tidesync
