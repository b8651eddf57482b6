// The log is shortened while a fleet works, and nobody loses anything by it: not who was away, not
// who joins, not who lost a base copy or came back from an old backup.
#include "retention/years.h"
#include "support/expect_error.h"
#include "support/faulty_file_system.h"

namespace tidesync::test {
namespace {

constexpr const char* kSchema =
    "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT);"
    "CREATE TABLE part (code TEXT PRIMARY KEY, price REAL, stock INTEGER);"
    "INSERT INTO part VALUES ('a', 1, 1), ('b', 2, 2), ('c', 3, 3);";

class StopAt : public Steps {
 public:
  explicit StopAt(Step last) : last_(last) {}
  void reached(Step step, std::uint64_t, std::uint64_t) override {
    if (step == last_) throw SimulatedCrash();
  }

 private:
  Step last_;
};

class RetentionTest : public ::testing::Test {
 protected:
  RetentionTest() {
    fleet_.init("anna", kSchema);
    fleet_.join("ben");
  }
  // Folder 0 is retired while anna and ben work; everybody in `asleep` was retired as a node.
  void work_until_the_log_is_short() {
    for (int i = 0; i < 40 && has_folder("0000000"); ++i) fleet_.work("anna", 5, {"ben"});
    ASSERT_FALSE(has_folder("0000000"));
  }
  bool has_folder(const std::string& name) {
    const auto folders = fleet_.names("log");
    return std::find(folders.begin(), folders.end(), name) != folders.end();
  }
  // carol is a node whom nobody waits for any more.
  void carol_joins_and_is_forgotten() {
    fleet_.join("carol");
    fleet_.share().remove("/nas/nodes/carol.json");
  }
  void expect_equal(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      for (const char* table : {"note", "part"})
        EXPECT_EQ(fleet_.content(name, table), fleet_.content("anna", table)) << name;
    }
  }
  // The computer is switched off at that moment of a run.
  void stop_at(const std::string& name, Step step) {
    StopAt stop(step);
    SyncOptions options;
    options.steps = &stop;
    Environment env = fleet_.environment(name);
    EXPECT_THROW(sync_now(env, fleet_.db(name), options), SimulatedCrash);
  }
  void settle(const std::vector<std::string>& names) {
    for (int round = 0; round < 3; ++round) {
      for (const std::string& name : names) fleet_.sync_well(name);
    }
  }

  Years fleet_;
};

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

TEST_F(RetentionTest, LostBaseCopyIsMadeFromASnapshotWithoutConflicts) {
  work_until_the_log_is_short();
  fleet_.lose_base("ben");
  fleet_.lose_spool("ben");
  fleet_.act("ben", "UPDATE part SET price = 7 WHERE code = 'b'");
  settle({"ben", "anna"});
  expect_equal({"ben"});
  EXPECT_EQ(fleet_.rows("anna", "SELECT price FROM part WHERE code = 'b'"), (Rows{"7.0"}));
  EXPECT_EQ(fleet_.rows("anna", "SELECT count(*) FROM sync_conflicts"), (Rows{"0"}));
}

TEST_F(RetentionTest, DatabaseFromAnOldBackupMergesWithTheSnapshot) {
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
TEST_F(RetentionTest, DatabaseFromAnOldBackupBesideANewerBaseCopyMergesWithTheSnapshot) {
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

TEST_F(RetentionTest, WholeComputerFromAnOldBackupKeepsWhatItHadNotSent) {
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

TEST_F(RetentionTest, NothingLeftToRebuildTheBaseFromComparesAndKeepsWork) {
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

TEST_F(RetentionTest, WhoStopsWhileComparingIsNotTakenForARestoredDatabase) {
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

// The disks of the NAS are gone, and nobody has a backup of the share.
TEST_F(RetentionTest, LostShareIsMadeAgainByOneNodeAndTheOthersGoOn) {
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

TEST_F(RetentionTest, ADayWithoutMaintenanceCostsNoMoreThanBefore) {
  fleet_.work("anna", 1, {"ben"});
  fleet_.sync_well("anna");
  fleet_.sync_well("anna");
  EXPECT_LE(fleet_.counted().total(), 6u) << fleet_.counted().table();
}

}  // namespace
}  // namespace tidesync::test
