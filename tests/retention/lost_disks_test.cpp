// The log was shortened, and then a disk goes: who lost a base copy, came back from an old backup,
// or has to make the share again, loses nothing by it.
#include "retention/retention_fixture.h"
#include "support/expect_error.h"

namespace tidesync::test {
namespace {

class LostDisksTest : public RetentionTest {};

TEST_F(LostDisksTest, LostBaseCopyIsMadeFromASnapshotWithoutConflicts) {
  work_until_the_log_is_short();
  fleet_.lose_base("ben");
  fleet_.lose_spool("ben");
  fleet_.act("ben", "UPDATE part SET price = 7 WHERE code = 'b'");
  settle({"ben", "anna"});
  expect_equal({"ben"});
  EXPECT_EQ(fleet_.rows("anna", "SELECT price FROM part WHERE code = 'b'"), (Rows{"7.0"}));
  EXPECT_EQ(fleet_.rows("anna", "SELECT count(*) FROM sync_conflicts"), (Rows{"0"}));
}

// It was made of the very batch where the database stands.
TEST_F(LostDisksTest, LostBaseCopyIsMadeFromTheSnapshotOfABatchThatTheShareLost) {
  const std::size_t snapshots = fleet_.names("snap").size();
  while (fleet_.names("snap").size() == snapshots) fleet_.work("anna", 1, {"ben"});
  fleet_.sync_well("anna");
  fleet_.act("ben", "UPDATE part SET price = 7 WHERE code = 'b'");
  fleet_.lose_base("ben");
  fleet_.lose_spool("ben");
  fleet_.lose_newest_entries(1);
  const SyncResult result = fleet_.sync("ben");
  ASSERT_TRUE(result.error);
  EXPECT_NE(std::string(result.error->what()).find("is missing there"), std::string::npos)
      << result.error->what();
  EXPECT_NE(result.error->hint().find("--accept-hole"), std::string::npos);
  settle({"anna", "ben"});  // anna has the batch, and puts it back
  expect_equal({"ben"});
  EXPECT_EQ(fleet_.rows("anna", "SELECT price FROM part WHERE code = 'b'"), (Rows{"7.0"}));
  EXPECT_EQ(fleet_.rows("anna", "SELECT count(*) FROM sync_conflicts"), (Rows{"0"}));
}

TEST_F(LostDisksTest, DatabaseFromAnOldBackupMergesWithTheSnapshot) {
  fleet_.work("anna", 3, {"ben"});
  fleet_.act("ben", "UPDATE part SET price = 8 WHERE code = 'c'");
  fleet_.back_up("ben", "old");
  work_until_the_log_is_short();
  fleet_.act("anna", "DELETE FROM note WHERE id = 1");
  settle({"anna", "ben"});
  fleet_.restore_database("ben", "old");
  fleet_.lose_spool("ben");
  settle({"ben", "anna", "ben"});
  expect_equal({"ben"});
  EXPECT_EQ(fleet_.rows("anna", "SELECT count(*) FROM note WHERE id = 1"), (Rows{"0"}))
      << "what others deleted does not come back";
}

// What it knew before it was restored goes on above the floor, and is all there.
TEST_F(LostDisksTest, DatabaseFromAnOldBackupBesideANewerBaseCopyMergesWithTheSnapshot) {
  fleet_.work("anna", 3, {"ben"});
  fleet_.act("ben", "UPDATE part SET price = 8 WHERE code = 'c'");
  fleet_.back_up("ben", "old");
  work_until_the_log_is_short();
  settle({"anna", "ben"});
  fleet_.restore_database("ben", "old");
  settle({"ben", "anna", "ben"});
  expect_equal({"ben"});
  EXPECT_EQ(fleet_.rows("anna", "SELECT price FROM part WHERE code = 'c'"), (Rows{"8.0"}));
}

TEST_F(LostDisksTest, WholeComputerFromAnOldBackupKeepsWhatItHadNotSent) {
  fleet_.work("anna", 3, {"ben"});
  fleet_.act("ben",
             "UPDATE part SET price = 8 WHERE code = 'c'; INSERT INTO note (text) VALUES ('late')");
  fleet_.back_up("ben", "old");
  fleet_.restore_database("ben", "old");
  fleet_.act("ben",
             "UPDATE part SET price = 3 WHERE code = 'c'; DELETE FROM note "
             "WHERE text = 'late'");
  work_until_the_log_is_short();
  fleet_.restore_database("ben", "old");
  fleet_.restore_folder("ben", "old");
  settle({"ben", "anna", "ben"});
  expect_equal({"ben"});
  EXPECT_EQ(fleet_.rows("anna", "SELECT count(*) FROM note WHERE text = 'late'"), (Rows{"1"}));
}

TEST_F(LostDisksTest, NothingLeftToRebuildTheBaseFromComparesAndKeepsWork) {
  fleet_.work("anna", 3, {"ben"});
  fleet_.act("ben", "INSERT INTO note (text) VALUES ('late')");
  fleet_.act("ben", "UPDATE part SET price = 8 WHERE code = 'c'");
  fleet_.act("ben", "DELETE FROM part WHERE code = 'a'");
  fleet_.back_up("ben", "old");
  fleet_.share().remove("/nas/nodes/ben.json");
  for (int i = 0; i < 60 && (i < 6 || has_folder("0000000") || has_folder("0000003")); ++i)
    fleet_.work("anna", 5);
  ASSERT_FALSE(has_folder("0000000"));
  fleet_.act("anna", "DELETE FROM note WHERE id = 1");
  fleet_.sync_well("anna");
  fleet_.restore_database("ben", "old");
  fleet_.lose_base("ben");
  fleet_.lose_spool("ben");
  settle({"ben", "anna", "ben"});
  expect_equal({"ben"});
  EXPECT_EQ(fleet_.rows("anna", "SELECT count(*) FROM note WHERE text = 'late'"), (Rows{"1"}));
  EXPECT_EQ(fleet_.rows("anna", "SELECT count(*) FROM note WHERE id = 1"), (Rows{"0"}));
  EXPECT_EQ(fleet_.rows("anna", "SELECT code, price FROM part ORDER BY 1"),
            (Rows{"'b'|2.0", "'c'|8.0"}));
}

// The share lost ben's last batch and others went on in its place; he has to go back to the batch
// before it, of which nothing is left to make a base copy from. His hints are gone: the batch was
// published.
TEST_F(LostDisksTest, WorkInABatchThatTheShareLostStaysWhenItsBaseCannotBeMadeAgain) {
  fleet_.work("anna", 3, {"ben"});
  fleet_.work("ben", 1);
  fleet_.act("ben", "UPDATE part SET price = 8 WHERE code = 'c'");
  fleet_.sync_well("ben");
  const auto last = fleet_.names("log/0000000").back();
  fleet_.share().remove("/nas/log/0000000/" + last);
  fleet_.share().remove("/nas/nodes/ben.json");
  for (int i = 0; i < 60 && (i < 6 || has_folder("0000000") || has_folder("0000003")); ++i)
    fleet_.work("anna", 5);
  ASSERT_FALSE(has_folder("0000000"));
  fleet_.lose_spool("ben");
  settle({"ben", "anna", "ben"});
  expect_equal({"ben"});
  EXPECT_EQ(fleet_.rows("anna",
                        "SELECT (SELECT price FROM part WHERE code = 'c') = 8 OR EXISTS (SELECT 1 "
                        "FROM sync_conflicts WHERE loser_row LIKE '%8.0%')"),
            (Rows{"1"}));
}

// Of his last work nothing is left but the copy of the batch in his folder.
TEST_F(LostDisksTest, BatchThatTheShareLostComesBackThoughItsAuthorsDatabaseAndBaseCopyAreOlder) {
  fleet_.work("anna", 3, {"ben"});
  fleet_.back_up("ben", "old");
  fleet_.work("ben", 2);
  const auto entries = fleet_.names("log/0000000");
  fleet_.share().remove("/nas/log/0000000/" + entries.back());
  fleet_.share().remove("/nas/log/0000000/" + entries.at(entries.size() - 2));
  fleet_.restore_database("ben", "old");
  fleet_.lose_base("ben");
  fleet_.act("ben", "INSERT INTO note VALUES (77, 'new')");
  settle({"ben", "anna"});
  expect_equal({"ben"});
  EXPECT_EQ(fleet_.rows("anna", "SELECT count(*) FROM note WHERE text LIKE 'ben %'"), (Rows{"2"}));
  // It was not taken for a copy of another computer.
  EXPECT_EQ(fleet_.rows("ben", "SELECT v FROM tidesync_meta WHERE k = 'node'"), (Rows{"'ben'"}));
}

// The share lost ben's last two batches, others published in their place, and then his database was
// replaced by its backup: his work is in the copies in his folder only.
TEST_F(LostDisksTest, WorkOnABranchThatTheShareLostComesBackThoughItsAuthorsDatabaseIsOlder) {
  for (const bool base_is_lost : {false, true}) {
    SCOPED_TRACE(base_is_lost ? "the base copy is gone, too" : "the base copy is ahead");
    fleet_.work("anna", 3, {"ben"});
    fleet_.back_up("ben", "old");
    fleet_.work("anna", 1, {"ben"});
    const auto before = fleet_.rows("ben", "SELECT count(*) FROM note WHERE text LIKE 'ben %'");
    fleet_.work("ben", 2);
    fleet_.lose_newest_entries(2);
    fleet_.work("anna", 1);
    fleet_.restore_database("ben", "old");
    if (base_is_lost) fleet_.lose_base("ben");
    EXPECT_NE(fleet_.sync("ben").notes.at(0).find("goes out again"), std::string::npos);
    settle({"anna", "ben"});
    expect_equal({"ben"});
    EXPECT_EQ(fleet_.rows("anna", "SELECT count(*) - 2 FROM note WHERE text LIKE 'ben %'"), before);
    // It was taken in once and is known from now on.
    fleet_.pass(kDay);
    fleet_.sync_well("ben");
    EXPECT_EQ(fleet_.sync("ben").pulled, 0u);
  }
}

// His older application does not have the column that he had filled.
TEST_F(LostDisksTest, WorkOnSuchABranchInAColumnThatTheOlderDatabaseLacksIsKeptAsAConflict) {
  fleet_.work("anna", 2, {"ben"});
  fleet_.back_up("ben", "old");
  fleet_.act("ben", "ALTER TABLE part ADD COLUMN colour TEXT");
  fleet_.work("ben", 1);
  fleet_.sync_well("anna");
  fleet_.act("ben", "UPDATE part SET colour = 'red' WHERE code = 'b'");
  fleet_.work("ben", 1);
  fleet_.lose_newest_entries(1);
  fleet_.work("anna", 1);
  fleet_.restore_database("ben", "old");
  settle({"ben", "anna"});
  EXPECT_EQ(fleet_.rows("anna",
                        "SELECT row_key, loser_row ->> 'colour', winner_row ->> 'colour' FROM"
                        " sync_conflicts WHERE table_name = 'part'"),
            (Rows{"'{\"code\":\"b\"}'|'red'|NULL"}));
  fleet_.act("ben", "ALTER TABLE part ADD COLUMN colour TEXT");
  fleet_.act("anna", "ALTER TABLE part ADD COLUMN colour TEXT");
  settle({"ben", "anna"});
  expect_equal({"ben"});
}

// Ben's work went out again when he found the fork. A database that knows nothing of either does
// not bring it a third time.
TEST_F(LostDisksTest, BranchThatWasProposedAgainIsNotTakenInByADatabaseThatIsRestoredLater) {
  fleet_.work("anna", 3, {"ben"});
  fleet_.back_up("ben", "old");
  fleet_.work("ben", 2);
  fleet_.lose_newest_entries(2);
  fleet_.work("anna", 1);
  settle({"ben", "anna"});
  fleet_.act("anna", "UPDATE note SET text = text || ', edited' WHERE text LIKE 'ben %'");
  fleet_.sync_well("anna");
  fleet_.restore_database("ben", "old");
  settle({"ben", "anna", "ben"});
  expect_equal({"ben"});
  EXPECT_EQ(fleet_.rows("anna", "SELECT count(*) FROM note WHERE text LIKE 'ben %'"), (Rows{"2"}));
  EXPECT_EQ(fleet_.rows("anna", "SELECT count(*) FROM sync_conflicts"), (Rows{"0"}));
}

TEST_F(LostDisksTest, WorkOnSuchABranchComesBackAlsoWhenTheLogWasShortenedSince) {
  fleet_.work("anna", 3, {"ben"});
  fleet_.back_up("ben", "old");
  fleet_.work("ben", 2);
  fleet_.lose_newest_entries(2);
  fleet_.share().remove("/nas/nodes/ben.json");
  for (int i = 0; i < 60 && (i < 6 || has_folder("0000000")); ++i) fleet_.work("anna", 5);
  ASSERT_FALSE(has_folder("0000000"));
  fleet_.restore_database("ben", "old");
  settle({"ben", "anna", "ben"});
  expect_equal({"ben"});
  EXPECT_EQ(fleet_.rows("anna", "SELECT count(*) FROM note WHERE text LIKE 'ben %'"), (Rows{"2"}));
}

TEST_F(LostDisksTest, RowsWrittenWhileTheTriggersWereGoneStayWhenThereIsNoBaseToCompareWith) {
  fleet_.work("anna", 3, {"ben"});
  fleet_.act("ben",
             "CREATE TABLE new_note (id INTEGER PRIMARY KEY, text TEXT);"
             "INSERT INTO new_note SELECT * FROM note; DROP TABLE note;"
             "ALTER TABLE new_note RENAME TO note; INSERT INTO note VALUES (500, 'unseen')");
  fleet_.share().remove("/nas/nodes/ben.json");
  for (int i = 0; i < 60 && (i < 6 || has_folder("0000000") || has_folder("0000003")); ++i)
    fleet_.work("anna", 5);
  ASSERT_FALSE(has_folder("0000000"));
  fleet_.lose_base("ben");
  fleet_.lose_spool("ben");
  settle({"ben", "anna", "ben"});
  expect_equal({"ben"});
  EXPECT_EQ(fleet_.rows("anna", "SELECT count(*) FROM note WHERE text = 'unseen'"), (Rows{"1"}));
}

TEST_F(LostDisksTest, WhoStopsWhileComparingIsNotTakenForARestoredDatabase) {
  fleet_.work("anna", 3, {"ben"});
  fleet_.act("ben", "INSERT INTO note (text) VALUES ('late')");
  fleet_.back_up("ben", "old");
  fleet_.share().remove("/nas/nodes/ben.json");
  for (int i = 0; i < 60 && (i < 6 || has_folder("0000000") || has_folder("0000003")); ++i)
    fleet_.work("anna", 5);
  fleet_.work("anna", 1);  // an entry behind the newest snapshot
  fleet_.restore_database("ben", "old");
  fleet_.lose_base("ben");
  fleet_.lose_spool("ben");
  stop_at("ben", Step::kPull);
  settle({"ben", "anna", "ben"});
  expect_equal({"ben"});
  EXPECT_EQ(fleet_.rows("ben", "SELECT v FROM tidesync_meta WHERE k = 'incarnation_reason'"),
            (Rows{}));
  EXPECT_EQ(fleet_.rows("anna", "SELECT count(*) FROM note WHERE text = 'late'"), (Rows{"1"}));
}

// The disks of the NAS are gone, and nobody has a backup of the share.
TEST_F(LostDisksTest, LostShareIsMadeAgainByOneNodeAndTheOthersGoOn) {
  fleet_.join("carol");
  fleet_.work("anna", 3, {"ben", "carol"});
  fleet_.act("carol", "UPDATE part SET price = 30 WHERE code = 'c'");
  fleet_.sync_well("carol");                                         // ahead of the others
  fleet_.act("ben", "UPDATE part SET stock = 50 WHERE code = 'b'");  // behind, with an edit
  remove_all(fleet_.share(), "/nas");
  fleet_.share().create_directory("/nas");
  EXPECT_EQ(to_string(fleet_.sync("ben").status), "offline");
  fleet_.rebuild_share("anna");
  settle({"ben", "carol", "anna", "ben"});
  expect_equal({"ben", "carol"});
  EXPECT_EQ(fleet_.rows("anna", "SELECT * FROM part ORDER BY 1"),
            (Rows{"'a'|1.0|1", "'b'|2.0|50", "'c'|30.0|3"}));
  EXPECT_ERROR(fleet_.rebuild_share("ben"), ErrorCode::kAlreadyExists);
  fleet_.join("dora");
  expect_equal({"ben", "carol", "dora"});
}

// It was switched off between its two commits: what is missing in the base copy is kept beside it.
TEST_F(LostDisksTest, LostShareIsMadeAgainByANodeWhoseBaseCopyIsBehindItsDatabase) {
  fleet_.work("anna", 3, {"ben"});
  fleet_.act("ben", "UPDATE part SET price = 20 WHERE code = 'b'");
  fleet_.sync_well("ben");
  stop_at("anna", Step::kMergeCommitted);
  remove_all(fleet_.share(), "/nas");
  fleet_.share().create_directory("/nas");
  fleet_.rebuild_share("anna");
  settle({"ben", "anna"});
  expect_equal({"ben"});
  EXPECT_EQ(fleet_.rows("anna", "SELECT price FROM part WHERE code = 'b'"), (Rows{"20.0"}));
}

TEST_F(LostDisksTest, LostShareIsNotMadeAgainByANodeThatLacksABatchInBetween) {
  fleet_.work("anna", 3, {"ben"});
  fleet_.act("ben", "UPDATE part SET price = 20 WHERE code = 'b'");
  fleet_.sync_well("ben");
  stop_at("anna", Step::kMergeCommitted);
  fleet_.lose_spool("anna");
  remove_all(fleet_.share(), "/nas");
  fleet_.share().create_directory("/nas");
  EXPECT_ERROR(fleet_.rebuild_share("anna"), ErrorCode::kDiverged);
}

}  // namespace
}  // namespace tidesync::test
