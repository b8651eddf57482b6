// The log is shortened while a fleet works, and nobody loses anything by it: not who was away, not
// who joins.
#include "retention/retention_fixture.h"

namespace tidesync::test {
namespace {

TEST_F(RetentionTest, OldFoldersAreRetiredAndSnapshotsStay) {
  work_until_the_log_is_short();
  EXPECT_TRUE(fleet_.share().stat("/nas/floor.json"));
  const auto snapshots = fleet_.names("snap");
  EXPECT_GE(snapshots.size(), 4u);
  EXPECT_LE(snapshots.size(), 8u) << "three and that of the floor, two files each";
  fleet_.work("anna", 60, {"ben"});
  EXPECT_LE(fleet_.names("log").size(), 14u) << "ten days of eight or nine batches a day";
  fleet_.pass(20 * kDay);
  fleet_.work("anna", 6, {"ben"});
  for (const std::string& name : fleet_.names("quarantine"))
    EXPECT_FALSE(name.starts_with("gc-0000000-")) << "not cleared away after a week";
  expect_equal({"ben"});
}

TEST_F(RetentionTest, NothingIsRetiredThatANodeSeenLatelyStillNeeds) {
  fleet_.join("carol");
  fleet_.work("anna", 80, {"ben"});
  EXPECT_TRUE(has_folder("0000000"));
  EXPECT_FALSE(fleet_.share().stat("/nas/floor.json"));
  fleet_.pass(95 * kDay);
  fleet_.work("anna", 20, {"ben"});
  EXPECT_FALSE(has_folder("0000000")) << "unseen for more than 90 days";
  fleet_.sync_well("carol");
  expect_equal({"ben", "carol"});
}

TEST_F(RetentionTest, EntriesYoungerThanTheyAreToBeKeptStay) {
  fleet_.work("anna", 80, {"ben"}, kMinute);
  EXPECT_TRUE(has_folder("0000000"));
  EXPECT_FALSE(fleet_.share().stat("/nas/floor.json"));
}

TEST_F(RetentionTest, JoiningReadsASnapshotAndNotTheLog) {
  work_until_the_log_is_short();
  fleet_.counted().reset();
  const SetupResult result = fleet_.join("dora");
  EXPECT_LE(fleet_.counted().count(FsOp::kOpenRead), 40u) << fleet_.counted().table();
  EXPECT_EQ(to_string(result.sync.status), "success");
  expect_equal({"ben", "dora"});
  fleet_.act("dora", "INSERT INTO note (text) VALUES ('from dora')");
  settle({"dora", "anna", "ben"});
  expect_equal({"ben", "dora"});
}

TEST_F(RetentionTest, JoinPassesOverADamagedSnapshot) {
  work_until_the_log_is_short();
  const std::string newest = [&] {
    std::string last;
    for (const auto& name : fleet_.names("snap")) {
      if (name.ends_with(".db")) last = name;
    }
    return last;
  }();
  const Path file = "/nas/snap/" + newest;
  const auto bytes = *read_file(fleet_.share(), file, 1u << 30);
  fleet_.share().remove(file);
  write_new_file(fleet_.share(), file, bytes.substr(0, bytes.size() / 2));
  fleet_.join("dora");
  expect_equal({"ben", "dora"});
  const auto left = fleet_.names("snap");
  EXPECT_EQ(std::find(left.begin(), left.end(), newest), left.end()) << "set aside";
}

// Anna's newest batch, of which a snapshot was made, is lost on the share and on her computer; the
// log goes on without it.
TEST_F(RetentionTest, JoinPassesOverASnapshotOfABatchThatTheShareLost) {
  for (const int batches_since : {1, 3}) {
    SCOPED_TRACE(std::to_string(batches_since) + " batches since");
    const std::size_t snapshots = fleet_.names("snap").size();
    while (fleet_.names("snap").size() == snapshots) {
      fleet_.back_up("anna", "old");
      fleet_.work("anna", 1);
    }
    fleet_.lose_newest_entries(1);
    fleet_.restore_database("anna", "old");
    fleet_.restore_folder("anna", "old");
    fleet_.work("anna", batches_since, {}, kMinute);
    const std::string newcomer = "dora" + std::to_string(batches_since);
    fleet_.join(newcomer);
    expect_equal({newcomer});
  }
}

TEST_F(RetentionTest, NodeAwayForLongerThanTheLogMergesWithASnapshot) {
  carol_joins_and_is_forgotten();
  fleet_.act("carol", "UPDATE part SET price = 10 WHERE code = 'a'");  // nobody else touches it
  fleet_.act("carol", "DELETE FROM part WHERE code = 'c'");
  fleet_.act("anna", "UPDATE part SET stock = 20 WHERE code = 'b'");
  work_until_the_log_is_short();
  fleet_.act("anna", "DELETE FROM note WHERE id = 3");
  fleet_.act("carol", "INSERT INTO note (id, text) VALUES (2, 'carols own')");
  fleet_.act("carol", "UPDATE part SET stock = 21 WHERE code = 'b'");  // later than annas
  fleet_.sync_well("anna");
  settle({"carol", "anna", "ben", "carol"});
  expect_equal({"ben", "carol"});
  EXPECT_EQ(fleet_.rows("anna", "SELECT code, price, stock FROM part ORDER BY 1"),
            (Rows{"'a'|10.0|1", "'b'|2.0|21"}));
  EXPECT_EQ(fleet_.rows("anna", "SELECT count(*) FROM note WHERE text = 'carols own'"),
            (Rows{"1"}));
  EXPECT_EQ(fleet_.rows("anna", "SELECT count(*) FROM note WHERE id = 3"), (Rows{"0"}));
  EXPECT_EQ(fleet_.rows("anna", "SELECT count(*) FROM sync_conflicts WHERE table_name = 'part'"),
            (Rows{"1"}))
      << "both changed the stock of b";
}

// Its last batch is on the share, and it was switched off before it heard of that.
TEST_F(RetentionTest, OwnBatchThatComesBackInsideASnapshotIsNotTakenForAnothers) {
  carol_joins_and_is_forgotten();
  fleet_.act("carol", "INSERT INTO note (text) VALUES ('carols last')");
  stop_at("carol", Step::kPublished);
  fleet_.sync_well("anna");
  fleet_.act("anna", "UPDATE note SET text = 'carols last, read' WHERE text = 'carols last'");
  work_until_the_log_is_short();
  settle({"carol", "anna", "ben"});
  expect_equal({"ben", "carol"});
  EXPECT_EQ(fleet_.rows("anna", "SELECT text FROM note WHERE text LIKE 'carols%'"),
            (Rows{"'carols last, read'"}));
  EXPECT_EQ(fleet_.rows("anna", "SELECT count(*) FROM sync_conflicts"), (Rows{"0"}));
}

// The share never said clearly whether it has the batch.
TEST_F(RetentionTest, OwnBatchOfWhichNothingWasHeardIsNotTakenForAnothersEither) {
  carol_joins_and_is_forgotten();
  fleet_.act("carol", "INSERT INTO note (text) VALUES ('carols last')");
  bool was_linked = false;
  FaultyFileSystem lossy(fleet_.share(), [&](const FsCall& call) {
    if (was_linked && call.op == FsOp::kList) throw SimulatedCrash();
    const bool links = call.op == FsOp::kLink;
    was_linked = was_linked || links;
    const bool looks = call.op == FsOp::kStat || call.op == FsOp::kOpenRead;
    if (was_linked && looks) return FaultAction::say_absent();
    return links ? FaultAction::fail_after() : FaultAction::pass();
  });
  Environment env = fleet_.environment("carol", &lossy);
  EXPECT_THROW(sync_now(env, fleet_.db("carol"), {}), SimulatedCrash);
  ASSERT_TRUE(was_linked);
  fleet_.sync_well("anna");
  fleet_.act("anna", "UPDATE note SET text = 'carols last, read' WHERE text = 'carols last'");
  work_until_the_log_is_short();
  settle({"carol", "anna", "ben"});
  expect_equal({"ben", "carol"});
  EXPECT_EQ(fleet_.rows("anna", "SELECT text FROM note WHERE text LIKE 'carols%'"),
            (Rows{"'carols last, read'"}));
}

TEST_F(RetentionTest, NodeWhoseCursorIsTheLastRetiredEntrySimplyGoesOn) {
  carol_joins_and_is_forgotten();
  const char* cursor = "SELECT v FROM tidesync_meta WHERE k = 'cursor_seq'";
  for (int i = 0; i < 9 && fleet_.rows("anna", cursor) != Rows{"'9'"}; ++i)
    fleet_.work("anna", 1, {}, kMinute);
  fleet_.sync_well("carol");
  ASSERT_EQ(fleet_.rows("carol", cursor), Rows{"'9'"});
  fleet_.share().remove("/nas/nodes/carol.json");
  for (int i = 0; i < 40 && has_folder("0000000"); ++i) fleet_.work("anna", 2, {"ben"});
  ASSERT_TRUE(has_folder("0000001"));
  const SyncResult result = fleet_.sync("carol");
  EXPECT_EQ(to_string(result.status), "success") << (result.error ? result.error->what() : "");
  EXPECT_TRUE(result.notes.empty()) << "no snapshot was needed";
  expect_equal({"ben", "carol"});
}

TEST_F(RetentionTest, WhoBeganWithASnapshotGoesOnWhenTablesChange) {
  work_until_the_log_is_short();
  fleet_.join("carol");
  fleet_.act("anna", "ALTER TABLE part ADD COLUMN colour; UPDATE part SET colour = 'red'");
  settle({"anna", "carol", "ben"});
  fleet_.act("carol", "ALTER TABLE part ADD COLUMN colour; ALTER TABLE part ADD COLUMN size");
  settle({"carol", "anna", "ben"});
  for (const char* name : {"anna", "ben"})
    fleet_.act(name,
               std::string("ALTER TABLE part ADD COLUMN ") +
                   (name == std::string("ben") ? "colour; ALTER TABLE part ADD COLUMN " : "") +
                   "size");
  settle({"anna", "ben", "carol"});
  expect_equal({"ben", "carol"});
  EXPECT_EQ(fleet_.rows("carol", "SELECT DISTINCT colour FROM part"), (Rows{"'red'"}));
}

TEST_F(RetentionTest, ADayWithoutMaintenanceCostsNoMoreThanBefore) {
  fleet_.work("anna", 1, {"ben"});
  fleet_.sync_well("anna");
  fleet_.sync_well("anna");
  EXPECT_LE(fleet_.counted().total(), 6u) << fleet_.counted().table();
}

}  // namespace
}  // namespace tidesync::test
