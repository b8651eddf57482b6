// A real database with the triggers of a node, made by init on a share in memory's stead: on disk.
#include "sync/local_watch.h"

#include <gtest/gtest.h>

#include "sqlite/database.h"
#include "support/manual_clock.h"
#include "support/temp_dir.h"

namespace tidesync {
namespace {

// The table of hints as it stands in an application's database, and an application that fills it.
class LocalWatchTest : public ::testing::Test {
 protected:
  void make(const std::string& journal_mode) {
    application_.emplace(Database::open(file_, OpenMode::kCreate));
    application_->exec("PRAGMA journal_mode=" + journal_mode);
    application_->exec(
        "CREATE TABLE tidesync_dirty (n INTEGER PRIMARY KEY, t, o, k1, k2, k3, k4, at)");
    watch_.emplace(disk_, clock_, file_);
    watch_->sync_begins();
  }
  void edit(int table = 11, int kind = 2) {
    application_->exec("INSERT INTO tidesync_dirty (t, o, k1, at) VALUES (" +
                       std::to_string(table) + "," + std::to_string(kind) + ",1," +
                       std::to_string(clock_.now_ms()) + ")");
  }
  void forget_all() { application_->exec("DELETE FROM tidesync_dirty"); }

  test::TempDir folder_;
  Path file_ = folder_ / "quotes.db";
  DiskFileSystem disk_;
  test::ManualClock clock_;
  std::optional<Database> application_;
  std::optional<LocalWatch> watch_;
};

TEST_F(LocalWatchTest, EditIsSeenInEveryJournalMode) {
  for (const char* mode : {"wal", "delete"}) {
    make(mode);
    EXPECT_FALSE(watch_->has_edits()) << mode;
    clock_.pass(60'000);
    edit();
    EXPECT_TRUE(watch_->has_edits()) << mode;
    EXPECT_TRUE(watch_->has_edits()) << "until a sync begins";
    application_.reset();
    disk_.remove(file_);
  }
}

TEST_F(LocalWatchTest, WhatTheSyncItselfWritesIsNoEdit) {
  make("wal");
  clock_.pass(60'000);
  edit(1);      // sync_log
  edit(2);      // sync_conflicts
  edit(11, 4);  // a row seen to be equal
  EXPECT_FALSE(watch_->has_edits());
}

TEST_F(LocalWatchTest, EditDuringTheSyncIsNewAlsoWhenNumbersBeginAnew) {
  make("wal");
  for (int i = 0; i < 5; ++i) edit();
  clock_.pass(60'000);
  watch_->sync_begins();
  forget_all();  // published
  clock_.pass(1000);
  edit();  // while the sync was still at work: number 1 again
  clock_.pass(30'000);
  EXPECT_TRUE(watch_->has_edits());
}

TEST_F(LocalWatchTest, RowsThatAreHeldBackDoNotCallForSyncAfterSync) {
  make("wal");
  edit();
  clock_.pass(60'000);
  watch_->sync_begins();
  clock_.pass(1000);
  EXPECT_FALSE(watch_->has_edits());
  edit();
  EXPECT_TRUE(watch_->has_edits());
}

TEST_F(LocalWatchTest, LockedOrMissingDatabaseHasNoEditsForNow) {
  make("delete");
  clock_.pass(60'000);
  edit();
  application_->exec("BEGIN EXCLUSIVE");
  EXPECT_FALSE(watch_->has_edits());
  application_->exec("ROLLBACK");
  EXPECT_TRUE(watch_->has_edits());
  LocalWatch nowhere(disk_, clock_, folder_ / "gone.db");
  nowhere.sync_begins();
  EXPECT_FALSE(nowhere.has_edits());
}

TEST_F(LocalWatchTest, NoConnectionStaysOpen) {
  make("wal");
  edit();
  EXPECT_TRUE(watch_->has_edits());
  // Only the last connection may change the mode.
  EXPECT_EQ(application_->get_text("PRAGMA journal_mode=delete"), "delete");
}

}  // namespace
}  // namespace tidesync
