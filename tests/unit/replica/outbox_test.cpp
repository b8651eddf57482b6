#include "replica/outbox.h"

#include <gtest/gtest.h>

#include "replica/journal.h"
#include "support/mini_fleet.h"

namespace tidesync {
namespace {

using test::ChangeList;
using test::integer_key;
using test::MiniLog;
using test::MiniNode;
using test::Rows;

class OutboxTest : public ::testing::Test {
 protected:
  void start(const std::string& sql) { node_.emplace("ann", sql); }

  OutboxOutcome build(OutboxOptions options = MiniNode::options()) {
    changes_ = ChangeList();
    Transaction change(node_->base().db(), Transaction::Kind::kImmediate);
    result_ = node_->build(changes_, options);
    change.rollback();
    node_->base().reload();
    return result_.outcome;
  }
  // "t: update id = 1 price 10->11; ..." for every change, in order.
  std::string text() {
    constexpr const char* kKinds[] = {"", "insert", "update", "delete", "replace"};
    std::string all;
    for (const Change& c : changes_.changes()) {
      const BatchTable& table = node_->tables().at(c.table);
      const TableShape& shape = node_->shape(table.name);
      all += table.name + " " + kKinds[static_cast<int>(c.kind)] + " " + display_key(shape, c.key);
      for (const auto& column : c.columns) {
        all += " " + table.columns.at(column.column) + " " +
               display(ValueReader(column.old_value).next()) + "->" +
               display(ValueReader(column.new_value).next());
      }
      if (!c.old_image.empty()) all += " old" + values(c.old_image);
      if (!c.new_image.empty()) all += " new" + values(c.new_image);
      all += "; ";
    }
    return all;
  }
  static std::string values(std::string_view row) {
    std::string text;
    for (const ValueView& value : decode_image(row)) text += " " + display(value);
    return text;
  }

  std::optional<MiniNode> node_;
  ChangeList changes_;
  OutboxResult result_;
};

constexpr const char* kItems =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, u TEXT UNIQUE, x);"
    "INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3)";

TEST_F(OutboxTest, NothingChangedIsNothing) {
  start(kItems);
  EXPECT_EQ(build(), OutboxOutcome::kNothing);
  node_->act("UPDATE t SET x = 9 WHERE id = 1; UPDATE t SET x = 1 WHERE id = 1");
  EXPECT_EQ(build(), OutboxOutcome::kNothing);
  EXPECT_TRUE(changes_.changes().empty());
}

TEST_F(OutboxTest, EveryKindOfChangeCarriesItsOldValues) {
  start(kItems);
  node_->act(
      "UPDATE t SET x = 9 WHERE id = 1; DELETE FROM t WHERE id = 2;"
      "DELETE FROM t WHERE id = 3; INSERT INTO t VALUES (3, 'new', 4), (4, 'd', NULL)");
  EXPECT_EQ(build(), OutboxOutcome::kBuilt);
  EXPECT_EQ(text(),
            "t update id = 1 x 1->9; t delete id = 2 old 2 'b' 2; "
            "t replace id = 3 old 3 'c' 3 new 3 'new' 4; t insert id = 4 new 4 'd' NULL; ");
}

TEST_F(OutboxTest, AReplacedRowThatIsTheSameAgainIsNothing) {
  start(kItems);
  node_->act("DELETE FROM t WHERE id = 3; INSERT INTO t VALUES (3, 'c', 3)");
  EXPECT_EQ(build(), OutboxOutcome::kNothing);
}

TEST_F(OutboxTest, AnEvictedRowGoesOutAsADelete) {
  start(kItems);
  node_->act("REPLACE INTO t VALUES (9, 'b', 9)");
  EXPECT_EQ(build(), OutboxOutcome::kBuilt);
  EXPECT_EQ(text(), "t delete id = 2 old 2 'b' 2; t insert id = 9 new 9 'b' 9; ");
}

TEST_F(OutboxTest, SwappedUniqueValuesGoOutAsTwoUpdates) {
  start(kItems);
  node_->act(
      "UPDATE t SET u = '' WHERE id = 1; UPDATE t SET u = 'a' WHERE id = 2;"
      "UPDATE t SET u = 'b' WHERE id = 1");
  EXPECT_EQ(build(), OutboxOutcome::kBuilt);
  EXPECT_EQ(text(), "t update id = 1 u 'a'->'b'; t update id = 2 u 'b'->'a'; ");
}

TEST_F(OutboxTest, BuildingTouchesNothingOfTheApplication) {
  start(kItems);
  node_->act("UPDATE t SET x = 9 WHERE id = 1");
  const Rows hints = node_->rows("SELECT * FROM tidesync_dirty");
  build();
  EXPECT_EQ(node_->rows("SELECT * FROM tidesync_dirty"), hints);
}

TEST_F(OutboxTest, TheBaseCopyHasTheChangesAfterwards) {
  start(kItems);
  node_->act("UPDATE t SET x = 9 WHERE id = 1");
  Transaction change(node_->base().db(), Transaction::Kind::kImmediate);
  const Digest before = node_->base().state();
  node_->build(changes_, MiniNode::options());
  EXPECT_EQ(test::rows_of(node_->base().db(), "SELECT x FROM t WHERE id = 1"), Rows{"9"});
  EXPECT_NE(node_->base().state(), before);
}

TEST_F(OutboxTest, AnEvictionThatNoCountShowsIsCaughtByTheBaseCopy) {
  // Hints were lost: the new row meets a value that the base copy still gives to another one.
  start(kItems);
  node_->act("UPDATE t SET u = 'x' WHERE id = 2; DELETE FROM tidesync_dirty");
  node_->act("UPDATE t SET u = 'b' WHERE id = 1");
  EXPECT_EQ(build(), OutboxOutcome::kHintsIncomplete);
  OutboxOptions all = MiniNode::options();
  all.compare_all = true;
  EXPECT_EQ(build(all), OutboxOutcome::kBuilt);
  EXPECT_EQ(text(), "t update id = 1 u 'a'->'b'; t update id = 2 u 'b'->'x'; ");
}

constexpr const char* kManyItems =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, u TEXT UNIQUE, x);"
    "WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n LIMIT 2000)"
    " INSERT INTO t SELECT i, 'u' || i, 0 FROM n";

TEST_F(OutboxTest, ALostDeleteIsNoticedBesideManyHints) {
  start(kManyItems);
  node_->act("DELETE FROM t WHERE id = 2000; DELETE FROM tidesync_dirty");
  node_->act("UPDATE t SET x = 1 WHERE id <= 300");
  EXPECT_EQ(build(), OutboxOutcome::kHintsIncomplete);
  OutboxOptions all = MiniNode::options();
  all.compare_all = true;
  EXPECT_EQ(build(all), OutboxOutcome::kBuilt);
  EXPECT_EQ(changes_.changes().size(), 301u);
}

TEST_F(OutboxTest, WhoCannotBuildTwiceLearnsOfALostDeleteAtOnce) {
  start(kManyItems);
  node_->act("DELETE FROM t WHERE id = 2000; DELETE FROM tidesync_dirty");
  node_->act("UPDATE t SET x = 1 WHERE id <= 300");
  OutboxOptions once = MiniNode::options();
  once.may_repeat = false;
  EXPECT_EQ(build(once), OutboxOutcome::kBuilt);
  EXPECT_EQ(changes_.changes().size(), 301u);
}

// What the guard keeps is no difference that nobody knows of.
TEST_F(OutboxTest, DeletesThatWaitAreCounted) {
  start(kManyItems);
  node_->act("DELETE FROM t WHERE id > 1000; UPDATE t SET x = 1 WHERE id <= 10");
  EXPECT_EQ(build(), OutboxOutcome::kBuilt);
  EXPECT_EQ(changes_.changes().size(), 10u);
  ASSERT_EQ(result_.held.size(), 1u);
  EXPECT_EQ(result_.held.front().rows, 1000u);
}

TEST_F(OutboxTest, AfterAFullComparisonLostHintsAreMadeGood) {
  start(kItems);
  node_->act("UPDATE t SET x = 9 WHERE id = 2; DELETE FROM tidesync_dirty");
  EXPECT_EQ(build(), OutboxOutcome::kNothing);
  OutboxOptions all = MiniNode::options();
  all.compare_all = true;
  EXPECT_EQ(build(all), OutboxOutcome::kBuilt);
  EXPECT_EQ(changes_.changes().at(0).at_ms, MiniNode::kNow) << "when it was found";
}

TEST_F(OutboxTest, ChangesCarryTheTimeOfTheirCaptureOnTheSharesScale) {
  start(kItems);
  node_->act("UPDATE t SET x = 9 WHERE id = 1", 1000);
  node_->act("DELETE FROM t WHERE id = 2", 2000);
  OutboxOptions options = MiniNode::options();
  options.clock_offset_ms = 500;
  build(options);
  EXPECT_EQ(changes_.changes().at(0).at_ms, 1500);
  EXPECT_EQ(changes_.changes().at(1).at_ms, 2500);
}

TEST_F(OutboxTest, TheApplicationsOwnStampIsBelieved) {
  start(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, x, updated_at);"
      "INSERT INTO t VALUES (1, 1, '2020-01-01'), (2, 1, '2020-01-01'), (3, 1, '2020-01-01')");
  const std::int64_t at = 1'795'255'200'000;  // 2026-11-21T10:00Z
  node_->act(
      "UPDATE t SET x = 2, updated_at = '2026-11-21 09:59:00' WHERE id = 1;"
      "UPDATE t SET x = 2 WHERE id = 2;"
      "UPDATE t SET x = 2, updated_at = '2099-01-01' WHERE id = 3",
      at);
  OutboxOptions options = MiniNode::options();
  options.now_ms = at;
  build(options);
  EXPECT_EQ(changes_.changes().at(0).at_ms, at - 60'000);
  EXPECT_EQ(changes_.changes().at(1).at_ms, at) << "an edit that did not touch the stamp";
  EXPECT_EQ(changes_.changes().at(2).at_ms, at) << "a stamp from the future";
}

TEST_F(OutboxTest, OddValuesGoOutByteForByte) {
  start("CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, 1)");
  node_->act(
      "UPDATE t SET a = 1.0; INSERT INTO t VALUES (2, CAST(x'610062' AS TEXT)), (3, -0.0),"
      " (4, CAST(x'ff' AS TEXT)), (5, 9e999), (6, x''), (7, '')");
  MiniLog log;
  node_->push(log);
  MiniNode other("bob", "CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, 1)");
  other.pull(log);
  const char* all = "SELECT id, typeof(a), hex(a), length(a), a = 0.0 AND a IS -0.0 FROM t";
  EXPECT_EQ(other.rows(all), node_->rows(all));
  EXPECT_EQ(other.base().state(), node_->base().state());
  EXPECT_EQ(other.differing_keys(other.shape("t")).size(), 0u);
}

class RunRowTest : public OutboxTest {
 protected:
  void record(const std::string& run_id, std::int64_t at_ms) {
    LogRow row;
    row.run_id = run_id;
    record_run(node_->local(), row, at_ms);
  }
  static OutboxOptions at(std::int64_t now_ms) {
    OutboxOptions options;
    options.now_ms = now_ms;
    return options;
  }
};

TEST_F(RunRowTest, ARunRowAloneWaitsForAnHour) {
  start(kItems);
  record("r1", 1000);
  EXPECT_EQ(build(at(1000 + kLogPatienceMs - 1)), OutboxOutcome::kNothing);
  EXPECT_EQ(result_.keep_hints, std::set<std::uint32_t>{kLogTableId});
  EXPECT_EQ(build(at(1000 + kLogPatienceMs)), OutboxOutcome::kBuilt);
  EXPECT_EQ(changes_.changes().size(), 1u);
  EXPECT_TRUE(result_.keep_hints.empty());
}

TEST_F(RunRowTest, ARunRowGoesAlongWithAnyChange) {
  start(kItems);
  record("r1", 1000);
  node_->act("UPDATE t SET x = 9 WHERE id = 1");
  EXPECT_EQ(build(at(1001)), OutboxOutcome::kBuilt);
  EXPECT_EQ(changes_.changes().size(), 2u);
}

TEST_F(RunRowTest, AClockSetBackDoesNotKeepItForEver) {
  start(kItems);
  record("r1", 1000);
  EXPECT_EQ(build(at(500)), OutboxOutcome::kBuilt);
}

TEST_F(RunRowTest, TheLocalNumberOfARunStaysHere) {
  start(kItems);
  record("r1", 1000);
  build(at(1000 + kLogPatienceMs));
  for (const BatchTable& table : node_->tables()) {
    EXPECT_EQ(std::count(table.columns.begin(), table.columns.end(), "id"), 0) << table.name;
  }
}

class MassDeleteTest : public OutboxTest {
 protected:
  void start_with(int rows) {
    start(
        "CREATE TABLE grand (id INTEGER PRIMARY KEY, x); "
        "CREATE TABLE parent (id INTEGER PRIMARY KEY, g REFERENCES grand, x);"
        "CREATE TABLE child (id INTEGER PRIMARY KEY, p REFERENCES parent, u TEXT UNIQUE);"
        "CREATE TABLE other (id INTEGER PRIMARY KEY, x);"
        "INSERT INTO grand VALUES (1, 0), (2, 0);"
        "INSERT INTO parent VALUES (1, 1, 0), (2, 2, 0); INSERT INTO other VALUES (1, 1), (2, 2);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
        std::to_string(rows) + ") INSERT INTO child SELECT i, 1, 'u' || i FROM n");
  }
};

TEST_F(MassDeleteTest, MostOfATableWaitsForAPerson) {
  start_with(100);
  node_->act("DELETE FROM child WHERE id <= 60; DELETE FROM other WHERE id = 1");
  EXPECT_EQ(build(), OutboxOutcome::kBuilt);
  EXPECT_EQ(text(), "other delete id = 1 old 1 1; ");
  ASSERT_EQ(result_.held.size(), 1u);
  EXPECT_EQ(result_.held[0].table, "child");
  EXPECT_EQ(result_.held[0].rows, 60u);
  EXPECT_EQ(result_.held[0].of, 100u);
  EXPECT_TRUE(result_.keep_hints.count(node_->id("child")));
}

TEST_F(MassDeleteTest, ItGoesWhenAPersonSaysSo) {
  start_with(100);
  node_->act("DELETE FROM child WHERE id <= 60");
  OutboxOptions options = MiniNode::options();
  options.allow_mass_delete = true;
  EXPECT_EQ(build(options), OutboxOutcome::kBuilt);
  EXPECT_EQ(changes_.changes().size(), 60u);
  EXPECT_TRUE(result_.held.empty());
}

TEST_F(MassDeleteTest, SmallTablesAreFree) {
  start_with(50);
  node_->act("DELETE FROM child");
  EXPECT_EQ(build(), OutboxOutcome::kBuilt);
  EXPECT_EQ(changes_.changes().size(), 50u);
}

TEST_F(MassDeleteTest, AFifthOfALargeTableIsFree) {
  start_with(300);
  node_->act("DELETE FROM child WHERE id <= 60");
  EXPECT_EQ(build(), OutboxOutcome::kBuilt);
  EXPECT_EQ(changes_.changes().size(), 60u);
  node_->act("DELETE FROM child WHERE id = 61");
  EXPECT_EQ(build(), OutboxOutcome::kNothing);
  EXPECT_EQ(result_.held.size(), 1u);
}

TEST_F(MassDeleteTest, ParentsOfHeldRowsWaitWithThem) {
  start_with(100);
  node_->act("DELETE FROM child; DELETE FROM parent; DELETE FROM grand; DELETE FROM other");
  EXPECT_EQ(build(), OutboxOutcome::kBuilt);
  EXPECT_EQ(text(), "other delete id = 1 old 1 1; other delete id = 2 old 2 2; ");
  EXPECT_EQ(result_.keep_hints.count(node_->id("parent")), 1u);
  EXPECT_EQ(result_.keep_hints.count(node_->id("grand")), 1u);
  EXPECT_EQ(result_.keep_hints.count(node_->id("other")), 0u);
}

TEST_F(MassDeleteTest, InsertsAndUpdatesOfTheTableStillFlow) {
  start_with(100);
  node_->act(
      "DELETE FROM child WHERE id <= 60; UPDATE child SET p = 2 WHERE id = 99;"
      "INSERT INTO child VALUES (500, 2, 'new')");
  EXPECT_EQ(build(), OutboxOutcome::kBuilt);
  EXPECT_EQ(text(), "child update id = 99 p 1->2; child insert id = 500 new 500 2 'new'; ");
}

TEST_F(MassDeleteTest, ValuesOfHeldRowsThatAreUsedAgainAskForAPerson) {
  start_with(100);
  node_->act("DELETE FROM child; INSERT INTO child SELECT 1000 + id, 1, 'u' || id FROM parent");
  EXPECT_EQ(build(), OutboxOutcome::kHintsIncomplete);
  OutboxOptions options = MiniNode::options();
  options.compare_all = true;
  EXPECT_EQ(build(options), OutboxOutcome::kHintsIncomplete);
  EXPECT_EQ(result_.held.size(), 1u) << "which tells the reason";
  options.allow_mass_delete = true;
  EXPECT_EQ(build(options), OutboxOutcome::kBuilt);
  EXPECT_EQ(changes_.changes().size(), 102u);
}

TEST_F(MassDeleteTest, HeldRowsGoOutOnceTheyAreAllowed) {
  start_with(100);
  MiniLog log;
  node_->act("DELETE FROM child WHERE id <= 60; DELETE FROM other WHERE id = 1");
  EXPECT_EQ(node_->push(log), 1u);
  OutboxOptions options = MiniNode::options();
  options.allow_mass_delete = true;
  EXPECT_EQ(node_->push(log, options), 60u);
  EXPECT_EQ(node_->differing_keys(node_->shape("child")).size(), 0u);
}

}  // namespace
}  // namespace tidesync
