#include "base/process_lock.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/temp_dir.h"

#ifndef _WIN32
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace tidesync {
namespace {

class ProcessLockTest : public ::testing::Test {
 protected:
  std::string note() { return read_file(disk_, file_, 1000).value_or("(absent)"); }

  test::TempDir folder_;
  DiskFileSystem disk_;
  Path file_ = folder_ / "lock";
};

TEST_F(ProcessLockTest, FirstComerGetsItAndLeavesANote) {
  const auto lock = ProcessLock::try_acquire(file_, "pid 42\n");
  ASSERT_NE(lock, nullptr);
  EXPECT_EQ(note(), "pid 42\n");
}

TEST_F(ProcessLockTest, SecondLockOfTheSameProcessIsRefusedAndChangesNothing) {
  const auto first = ProcessLock::try_acquire(file_, "first");
  EXPECT_EQ(ProcessLock::try_acquire(file_, "second"), nullptr);
  EXPECT_EQ(ProcessLock::try_acquire(file_, "third"), nullptr);
  EXPECT_EQ(note(), "first");
}

TEST_F(ProcessLockTest, ReleasedLockIsFreeAndTheFileStays) {
  ASSERT_NE(ProcessLock::try_acquire(file_, "a rather long first note"), nullptr);
  EXPECT_TRUE(disk_.stat(file_));
  const auto next = ProcessLock::try_acquire(file_, "next");
  EXPECT_NE(next, nullptr);
  EXPECT_EQ(note(), "next");
}

TEST_F(ProcessLockTest, DifferentFilesDoNotExcludeEachOther) {
  const auto a = ProcessLock::try_acquire(file_, "");
  const auto b = ProcessLock::try_acquire(folder_ / "other", "");
  EXPECT_NE(a, nullptr);
  EXPECT_NE(b, nullptr);
}

TEST_F(ProcessLockTest, MissingFolderThrowsNotFound) {
  EXPECT_ERROR(ProcessLock::try_acquire(folder_ / "nowhere/lock", ""), ErrorCode::kNotFound);
}

TEST_F(ProcessLockTest, FolderInPlaceOfTheFileThrows) {
  EXPECT_ERROR(ProcessLock::try_acquire(folder_.path(), ""), ErrorCode::kIo);
}

#ifndef _WIN32
// Runs `body` in a child process and gives its exit status.
template <typename Body>
int in_child(Body body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(ProcessLockTest, AnotherProcessIsRefused) {
  auto lock = ProcessLock::try_acquire(file_, "parent");
  EXPECT_EQ(in_child([&] { return ProcessLock::try_acquire(file_, "child") ? 1 : 7; }), 7);
  lock.reset();
  EXPECT_EQ(in_child([&] { return ProcessLock::try_acquire(file_, "child") ? 1 : 7; }), 1);
}

TEST_F(ProcessLockTest, DeadProcessLeavesItFree) {
  const int status = in_child([&] {
    const auto* lock = ProcessLock::try_acquire(file_, "child").release();
    return lock != nullptr ? 3 : 4;  // _exit without a destructor
  });
  ASSERT_EQ(status, 3);
  EXPECT_NE(ProcessLock::try_acquire(file_, "next"), nullptr);
}
#endif

}  // namespace
}  // namespace tidesync
