// diff and history on a node that was made the ordinary way: a database on disk, a share in memory.
#include <gtest/gtest.h>

#include <memory>

#include "inspect/status.h"
#include "sqlite/database.h"
#include "support/expect_error.h"
#include "support/memory_file_system.h"
#include "support/temp_dir.h"
#include "sync/session.h"
#include "sync/setup.h"

namespace tidesync {
namespace {

using test::MemoryFileSystem;
using test::TempDir;

class SteppingClock : public Clock {
 public:
  std::int64_t now_ms() override { return now_ += 1000; }
  std::int64_t monotonic_ms() override { return now_; }
  void sleep_ms(std::int64_t duration_ms) override { now_ += duration_ms; }

 private:
  std::int64_t now_ = 1'795'255'200'000;  // 2026-11-21T10:00:00.000Z
};

class InspectTest : public ::testing::Test {
 protected:
  InspectTest() {
    share_.create_directory("/nas");
    Database::open(database_, OpenMode::kCreate)
        .exec(
            "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, price);"
            "CREATE TABLE rate (day TEXT, currency TEXT, rate, PRIMARY KEY (day, currency));"
            "CREATE TABLE scrap (a);"
            "INSERT INTO item VALUES (1, 'pen', 10), (2, 'ink', 20);"
            "INSERT INTO rate VALUES ('mon', 'EUR', 1.5)");
    InitOptions options;
    options.database = database_;
    options.share = "/nas";
    options.user = "Ann";
    options.node = "ann";
    init_dataset(env_, options);
  }

  void act(const std::string& sql) { Database::open(database_, OpenMode::kReadWrite).exec(sql); }
  SyncResult sync() { return sync_now(env_, database_, {}); }
  // One line per changed row: "item id = 1 update price 10->11".
  std::vector<std::string> diff(const std::string& table = {}, const std::string& key = {}) {
    std::vector<std::string> lines;
    read_diff(env_, database_, table, key, [&](const RowDiff& row) {
      std::string line = row.table + " " + row.key + " " + row.kind;
      for (const ColumnDiff& column : row.columns) {
        line += " " + column.column + " " + column.old_value + "->" + column.new_value;
      }
      lines.push_back(line);
    });
    return lines;
  }
  std::vector<RunRecord> history(const HistoryFilter& filter = {}) {
    return read_history(env_, database_, filter);
  }

  TempDir dir_{TempDir::Where::kMemory};
  Path database_ = dir_ / "app.db";
  DiskFileSystem disk_;
  SteppingClock clock_;
  MemoryFileSystem share_{clock_};
  Random random_{7};
  Environment env_{share_, disk_, clock_, random_, "host", "ann", "tidesync test"};
};

using Lines = std::vector<std::string>;

TEST_F(InspectTest, WithoutEditsThereIsNoDifference) {
  EXPECT_EQ(diff(), Lines{});
}

TEST_F(InspectTest, EveryKindOfEditIsShownWithOldAndNewValues) {
  act("UPDATE item SET price = 11 WHERE id = 1; DELETE FROM item WHERE id = 2;"
      "INSERT INTO item VALUES (3, 'pad', NULL); UPDATE rate SET rate = 1.6");
  EXPECT_EQ(diff(), (Lines{"item id = 1 update price 10->11",
                           "item id = 2 delete id 2-> name 'ink'-> price 20->",
                           "item id = 3 insert id ->3 name ->'pad' price ->NULL",
                           "rate (day, currency) = ('mon', 'EUR') update rate 1.5->1.6"}));
}

TEST_F(InspectTest, ATableAndAKeyCanBeAskedFor) {
  act("UPDATE item SET price = 11; UPDATE rate SET rate = 1.6");
  EXPECT_EQ(diff("ITEM").size(), 2u);
  EXPECT_EQ(diff("item", "2"), Lines{"item id = 2 update price 20->11"});
  EXPECT_EQ(diff("rate", "mon,EUR").size(), 1u);
  EXPECT_EQ(diff("item", "99"), Lines{});
}

TEST_F(InspectTest, ATableThatIsNotSyncedIsRefused) {
  EXPECT_ERROR(diff("scrap"), ErrorCode::kUsage);
  EXPECT_ERROR(diff("nothing"), ErrorCode::kUsage);
  EXPECT_ERROR(diff("sync_log"), ErrorCode::kUsage);
}

TEST_F(InspectTest, LookingChangesNothingAndTheSyncAfterwardsPublishesIt) {
  act("UPDATE item SET price = 11 WHERE id = 1");
  const Lines before = diff();
  EXPECT_EQ(diff(), before);
  const SyncResult result = sync();
  EXPECT_FALSE(result.error.has_value());
  EXPECT_EQ(result.pushed, 1u);
  EXPECT_EQ(diff(), Lines{});
}

TEST_F(InspectTest, AnEditThatNoTriggerSawIsShownAllTheSame) {
  act("REPLACE INTO item VALUES (1, 'pen', 10); DELETE FROM tidesync_dirty;"
      "DELETE FROM item WHERE id = 2; DELETE FROM tidesync_dirty");
  EXPECT_EQ(diff().size(), 1u);
}

TEST_F(InspectTest, HistoryIsNewestFirstAndCanBeLimited) {
  act("UPDATE item SET price = 11 WHERE id = 1");
  sync();
  act("UPDATE item SET price = 12 WHERE id = 1");
  sync();
  const auto runs = history();
  ASSERT_GE(runs.size(), 3u);
  EXPECT_GT(runs[0].timestamp, runs[1].timestamp);
  EXPECT_EQ(runs[0].status, "success");
  EXPECT_EQ(runs[0].node, "ann");
  EXPECT_EQ(runs[0].user, "Ann");
  EXPECT_EQ(runs[0].pushed, 1u);
  HistoryFilter one;
  one.limit = 1;
  EXPECT_EQ(history(one).size(), 1u);
  HistoryFilter since;
  since.since = runs[0].timestamp;
  EXPECT_EQ(history(since).size(), 1u);
  HistoryFilter all;
  all.limit = 0;
  EXPECT_EQ(history(all).size(), runs.size());
}

TEST_F(InspectTest, HistoryShowsFailuresAndOtherNodesWhenAsked) {
  act("INSERT INTO sync_log (timestamp, direction, status, records_pulled, records_pushed, "
      "conflicts, error_message, duration_ms, run_id, node, user) VALUES"
      " ('2026-01-01T00:00:00.000Z', 'pull', 'error', 0, 0, 0, 'boom', 5, 'r1', 'ann', 'Ann'),"
      " ('2026-01-02T00:00:00.000Z', 'pull', 'success', 0, 0, 0, NULL, 5, 'r2', 'bob', 'Bob')");
  HistoryFilter failed;
  failed.failed = true;
  ASSERT_EQ(history(failed).size(), 1u);
  EXPECT_EQ(history(failed)[0].error_message, "boom");
  HistoryFilter bob;
  bob.node = "bob";
  ASSERT_EQ(history(bob).size(), 1u);
  EXPECT_EQ(history(bob)[0].run_id, "r2");
  HistoryFilter all;
  all.all = true;
  EXPECT_EQ(history(all).size(), history().size() + 1);
}

TEST_F(InspectTest, StatusCountsPendingRowsAndSaysWhyATableIsLeftOut) {
  act("UPDATE item SET price = 11; INSERT INTO rate VALUES ('tue', 'EUR', 1)");
  const StatusReport report = read_status(env_, database_);
  EXPECT_EQ(report.pending, (std::map<std::string, std::uint64_t>{{"item", 2}, {"rate", 1}}));
  EXPECT_TRUE(report.share_reachable) << report.share_problem;
  EXPECT_EQ(report.seq_here, report.seq_on_share);
  EXPECT_EQ(report.open_conflicts, 0u);
  bool scrap_is_listed = false;
  for (const TableReport& table : report.tables) {
    if (table.name != "scrap") continue;
    scrap_is_listed = true;
    EXPECT_FALSE(table.synced);
    EXPECT_EQ(table.reason.rfind("left out: ", 0), 0u) << table.reason;
  }
  EXPECT_TRUE(scrap_is_listed);
}

TEST_F(InspectTest, AShareThatIsGoneIsAReportAndNoError) {
  remove_all(share_, "/nas");
  const StatusReport report = read_status(env_, database_);
  EXPECT_FALSE(report.share_reachable);
  EXPECT_FALSE(report.share_problem.empty());
}

TEST_F(InspectTest, ADatabaseThatIsNoNodeIsNotFound) {
  Database::open(dir_ / "other.db", OpenMode::kCreate).exec("CREATE TABLE t (a)");
  EXPECT_ERROR(read_history(env_, dir_ / "other.db", {}), ErrorCode::kNotFound);
  EXPECT_ERROR(read_diff(env_, dir_ / "other.db", "", "", [](const RowDiff&) {}),
               ErrorCode::kNotFound);
  EXPECT_ERROR(read_status(env_, dir_ / "other.db"), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace tidesync
