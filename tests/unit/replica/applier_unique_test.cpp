// Values that two different records claim, and values that only seem to be claimed twice.
#include <gtest/gtest.h>

#include "support/mini_fleet.h"

namespace tidesync {
namespace {

using test::MiniFleet;
using test::MiniNode;
using test::Rows;

class UniqueTest : public ::testing::Test {
 protected:
  void start(const std::string& sql) { fleet_.emplace(sql); }
  MiniNode& ann() { return fleet_->ann; }
  MiniNode& bob() { return fleet_->bob; }
  Rows rows(std::string_view query) { return fleet_->rows(query); }
  Rows kinds() { return fleet_->rows("SELECT table_name, kind FROM sync_conflicts ORDER BY 1, 2"); }
  std::optional<MiniFleet> fleet_;
};

constexpr const char* kQuotes =
    "CREATE TABLE q (id INTEGER PRIMARY KEY, number TEXT UNIQUE, x);"
    "INSERT INTO q VALUES (1, 'Q-1', 0), (2, 'Q-2', 0), (3, 'Q-3', 0)";
constexpr const char* kAll = "SELECT id, number FROM q ORDER BY id";

// Slots hold numbers: no suffix is possible.
constexpr const char* kSlots =
    "CREATE TABLE s (id INTEGER PRIMARY KEY, slot INTEGER UNIQUE, x);"
    "INSERT INTO s VALUES (1, 10, 0), (2, 20, 0), (3, 30, 0)";
constexpr const char* kAllSlots = "SELECT id, slot FROM s ORDER BY id";

TEST_F(UniqueTest, ASwapOnOneSideFlows) {
  start(kQuotes);
  ann().act(
      "UPDATE q SET number = 't' WHERE id = 1; UPDATE q SET number = 'Q-1' WHERE id = 2;"
      "UPDATE q SET number = 'Q-2' WHERE id = 1");
  fleet_->ann_first();
  EXPECT_EQ(rows(kAll), (Rows{"1|'Q-2'", "2|'Q-1'", "3|'Q-3'"}));
  EXPECT_EQ(kinds(), Rows{});
}

TEST_F(UniqueTest, ASwapThereLeavesColumnsThatAreNotSharedYet) {
  start(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, code TEXT UNIQUE);"
      "INSERT INTO t VALUES (1, 'a'), (2, 'b')");
  bob().app().exec("ALTER TABLE t ADD COLUMN note; UPDATE t SET note = 'note ' || id");
  ann().act(
      "UPDATE t SET code = 'x' WHERE id = 1; UPDATE t SET code = 'a' WHERE id = 2;"
      "UPDATE t SET code = 'b' WHERE id = 1");
  fleet_->ann_first();
  EXPECT_EQ(bob().rows("SELECT * FROM t ORDER BY id"), (Rows{"1|'b'|'note 1'", "2|'a'|'note 2'"}));
}

TEST_F(UniqueTest, ARotationAndAReplaceThatEvictsTwoFlow) {
  start(
      "CREATE TABLE q (id INTEGER PRIMARY KEY, a UNIQUE, b UNIQUE);"
      "INSERT INTO q VALUES (1, 'a1', 'b1'), (2, 'a2', 'b2'), (3, 'a3', 'b3'), (4, 'a4', 'b4')");
  ann().act(
      "UPDATE q SET a = 'x' WHERE id = 1; UPDATE q SET a = 'a1' WHERE id = 2;"
      "UPDATE q SET a = 'a2' WHERE id = 3; UPDATE q SET a = 'a3' WHERE id = 1;"
      "REPLACE INTO q VALUES (9, 'a2', 'b4')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT * FROM q ORDER BY id"),
            (Rows{"1|'a3'|'b1'", "2|'a1'|'b2'", "9|'a2'|'b4'"}));
  EXPECT_EQ(kinds(), Rows{});
}

TEST_F(UniqueTest, ASwapThereAndAnEditHereOfTheSameRowsFlow) {
  start(kQuotes);
  ann().act(
      "UPDATE q SET number = 't' WHERE id = 1; UPDATE q SET number = 'Q-1' WHERE id = 2;"
      "UPDATE q SET number = 'Q-2' WHERE id = 1");
  bob().act("UPDATE q SET x = id");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT * FROM q ORDER BY id"), (Rows{"1|'Q-2'|1", "2|'Q-1'|2", "3|'Q-3'|3"}));
  EXPECT_EQ(kinds(), Rows{});
}

TEST_F(UniqueTest, TheLaterPublishersNewRecordYieldsByASuffix) {
  start(kQuotes);
  ann().act("INSERT INTO q VALUES (100, 'Q-100', 0)");
  bob().act("INSERT INTO q VALUES (200, 'Q-100', 0)");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT number FROM q WHERE id >= 100 ORDER BY id"),
            (Rows{"'Q-100'", "'Q-100~bob'"}));
  EXPECT_EQ(kinds(), Rows{"'q'|'unique'"});
  EXPECT_EQ(rows("SELECT loser_row FROM sync_conflicts"),
            Rows{"'{\"id\":200,\"number\":\"Q-100\",\"x\":0}'"});
}

TEST_F(UniqueTest, TheSameNumberAndTheSameIdOfTwoRecordsAreBothSettled) {
  start(kQuotes);
  ann().act("INSERT INTO q (number, x) VALUES ('Q-4', 'ann')");
  bob().act("INSERT INTO q (number, x) VALUES ('Q-4', 'bob')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT * FROM q WHERE id > 3 ORDER BY id"),
            (Rows{"4|'Q-4'|'ann'", "5|'Q-4~bob'|'bob'"}));
}

TEST_F(UniqueTest, ASuffixThatIsTakenGetsANumber) {
  start(kQuotes);
  bob().act("INSERT INTO q VALUES (201, 'Q-100~bob', 0), (200, 'Q-100', 0)");
  ann().act("INSERT INTO q VALUES (100, 'Q-100', 0)");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT number FROM q WHERE id >= 100 ORDER BY id"),
            (Rows{"'Q-100'", "'Q-100~bob2'", "'Q-100~bob'"}));
}

TEST_F(UniqueTest, AnEditedRecordYieldsByASuffixToo) {
  start(kQuotes);
  ann().act("UPDATE q SET number = 'X' WHERE id = 1");
  bob().act("UPDATE q SET number = 'X' WHERE id = 2");
  fleet_->ann_first();
  EXPECT_EQ(rows(kAll), (Rows{"1|'X'", "2|'X~bob'", "3|'Q-3'"}));
  EXPECT_EQ(kinds(), Rows{"'q'|'unique'"});
}

TEST_F(UniqueTest, NocaseIndexesCollideAcrossTheirSpellings) {
  start("CREATE TABLE q (id INTEGER PRIMARY KEY, number TEXT UNIQUE COLLATE NOCASE)");
  ann().act("INSERT INTO q VALUES (1, 'abc')");
  bob().act("INSERT INTO q VALUES (2, 'ABC')");
  fleet_->ann_first();
  EXPECT_EQ(rows(kAll), (Rows{"1|'abc'", "2|'ABC~bob'"}));
}

TEST_F(UniqueTest, AKeyUnderAnIndexWithoutRegardToCaseCollidesAcrossItsSpellings) {
  start(
      "CREATE TABLE t (code TEXT NOT NULL, x);"
      "CREATE UNIQUE INDEX any_case ON t (code COLLATE NOCASE)");
  ann().act("INSERT INTO t VALUES ('w', 'ann')");
  bob().act("INSERT INTO t VALUES ('W', 'bob')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT * FROM t"), Rows{"'w'|'ann'"});
  EXPECT_EQ(fleet_->rows("SELECT kind, loser_row FROM sync_conflicts"),
            Rows{"'set_aside'|'{\"code\":\"W\",\"x\":\"bob\"}'"});
}

TEST_F(UniqueTest, NullsNeverCollide) {
  start(kSlots);
  ann().act("INSERT INTO s VALUES (11, NULL, 0)");
  bob().act("INSERT INTO s VALUES (12, NULL, 0)");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT count(*) FROM s"), Rows{"5"});
  EXPECT_EQ(kinds(), Rows{});
}

TEST_F(UniqueTest, WithoutATextColumnANewRecordIsSetAsideWhole) {
  start(kSlots);
  ann().act("INSERT INTO s VALUES (11, 99, 'ann')");
  bob().act("INSERT INTO s VALUES (12, 99, 'bob')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT * FROM s WHERE slot = 99"), Rows{"11|99|'ann'"});
  EXPECT_EQ(rows("SELECT kind, loser_row FROM sync_conflicts"),
            Rows{"'set_aside'|'{\"id\":12,\"slot\":99,\"x\":\"bob\"}'"});
}

TEST_F(UniqueTest, WithoutATextColumnAnEditGoesBackToThePublishedVersion) {
  start(kSlots);
  ann().act("UPDATE s SET slot = 99 WHERE id = 1");
  bob().act("UPDATE s SET slot = 99, x = 'kept in the record' WHERE id = 2");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT * FROM s ORDER BY id"), (Rows{"1|99|0", "2|20|0", "3|30|0"}));
  EXPECT_EQ(rows("SELECT kind, winner_row, loser_row FROM sync_conflicts"),
            Rows{"'unique'|'{\"id\":2,\"slot\":20,\"x\":0}'|'{\"id\":2,\"slot\":99,\"x\":\"kept in "
                 "the record\"}'"});
}

TEST_F(UniqueTest, ACheckThatRefusesTheSuffixSetsTheRecordAsideWithItsChildren) {
  start(
      "CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT UNIQUE CHECK (length(code) = 3));"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p, x);"
      "CREATE TABLE g (id INTEGER PRIMARY KEY, c REFERENCES c);"
      "INSERT INTO p VALUES (1, 'AAA'); INSERT INTO c VALUES (1, 1, 'old')");
  ann().act("INSERT INTO p VALUES (2, 'NEW')");
  bob().act(
      "INSERT INTO p VALUES (7, 'NEW'); INSERT INTO c VALUES (7, 7, 'child');"
      "INSERT INTO g VALUES (7, 7); UPDATE c SET p = 7, x = 'moved' WHERE id = 1");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT * FROM p ORDER BY id"), (Rows{"1|'AAA'", "2|'NEW'"}));
  EXPECT_EQ(rows("SELECT * FROM c ORDER BY id"), Rows{"1|1|'old'"})
      << "a child that was published goes back to that";
  EXPECT_EQ(rows("SELECT * FROM g"), Rows{});
  EXPECT_EQ(rows("SELECT table_name, kind, loser_row FROM sync_conflicts ORDER BY 1, 3"),
            (Rows{"'c'|'set_aside'|'{\"id\":1,\"p\":7,\"x\":\"moved\"}'",
                  "'c'|'set_aside'|'{\"id\":7,\"p\":7,\"x\":\"child\"}'",
                  "'g'|'set_aside'|'{\"id\":7,\"c\":7}'",
                  "'p'|'set_aside'|'{\"id\":7,\"code\":\"NEW\"}'"}));
}

TEST_F(UniqueTest, ACheckThatRefusesTheSuffixSendsAnEditBack) {
  start(
      "CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT UNIQUE CHECK (length(code) = 3), x);"
      "INSERT INTO p VALUES (1, 'AAA', 0), (2, 'BBB', 0)");
  ann().act("UPDATE p SET code = 'NEW' WHERE id = 1");
  bob().act("UPDATE p SET code = 'NEW' WHERE id = 2");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT id, code FROM p ORDER BY id"), (Rows{"1|'NEW'", "2|'BBB'"}));
  EXPECT_EQ(kinds(), Rows{"'p'|'unique'"});
}

TEST_F(UniqueTest, AColumnThatOthersReferToTakesNoSuffix) {
  start(
      "CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT UNIQUE);"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, code REFERENCES p (code))");
  ann().act("INSERT INTO p VALUES (1, 'X'); INSERT INTO c VALUES (1, 'X')");
  bob().act("INSERT INTO p VALUES (2, 'X'); INSERT INTO c VALUES (2, 'X')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT * FROM p"), Rows{"1|'X'"});
  EXPECT_EQ(rows("SELECT * FROM c ORDER BY id"), (Rows{"1|'X'", "2|'X'"}))
      << "the child finds the record that has the value";
}

TEST_F(UniqueTest, ASwapHereMeetsAnEditThere) {
  start(kSlots);
  ann().act("UPDATE s SET x = 'ann' WHERE id = 1");
  bob().act(
      "UPDATE s SET slot = -1 WHERE id = 1; UPDATE s SET slot = 10 WHERE id = 2;"
      "UPDATE s SET slot = 20 WHERE id = 1");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT * FROM s ORDER BY id"), (Rows{"1|20|'ann'", "2|10|0", "3|30|0"}));
  EXPECT_EQ(kinds(), Rows{});
}

TEST_F(UniqueTest, ASwapHereMeetsAnotherRotationThere) {
  start(kSlots);
  ann().act(
      "UPDATE s SET slot = -1 WHERE id = 1; UPDATE s SET slot = 10 WHERE id = 2;"
      "UPDATE s SET slot = 20 WHERE id = 3; UPDATE s SET slot = 30 WHERE id = 1",
      2000);
  bob().act(
      "UPDATE s SET slot = -1 WHERE id = 1; UPDATE s SET slot = 10 WHERE id = 2;"
      "UPDATE s SET slot = 20 WHERE id = 1",
      3000);
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT count(*), count(DISTINCT slot) FROM s"), Rows{"3|3"});
}

TEST_F(UniqueTest, NoRecordOfTheShareIsLostWhenChangesHereStandInARow) {
  // What yields goes back to its published value, which a third row here has taken meanwhile: that
  // one has to go back too, and nobody's record may vanish.
  start(kSlots);
  ann().act("UPDATE s SET slot = 99 WHERE id = 2; UPDATE s SET slot = 20 WHERE id = 3", 1000);
  bob().act(
      "UPDATE s SET slot = -1 WHERE id = 1; UPDATE s SET slot = 10 WHERE id = 2;"
      "UPDATE s SET slot = 20 WHERE id = 1",
      3000);
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT id FROM s ORDER BY id"), (Rows{"1", "2", "3"}));
  EXPECT_EQ(rows("SELECT slot FROM s WHERE id = 3"), Rows{"20"}) << "published first";
}

TEST_F(UniqueTest, APartialIndexIsSettledLikeAnyOther) {
  start(
      "CREATE TABLE q (id INTEGER PRIMARY KEY, number TEXT, closed DEFAULT 0);"
      "CREATE UNIQUE INDEX open_number ON q (number) WHERE closed = 0");
  ann().act("INSERT INTO q VALUES (1, 'X', 0), (3, 'Y', 0)");
  bob().act("INSERT INTO q VALUES (2, 'X', 0), (4, 'Y', 1)");
  fleet_->ann_first();
  EXPECT_EQ(rows(kAll), (Rows{"1|'X'", "2|'X~bob'", "3|'Y'", "4|'Y'"}));
  EXPECT_EQ(kinds(), Rows{"'q'|'unique'"});
}

TEST_F(UniqueTest, AnIndexOnAnExpressionIsSettledLikeAnyOther) {
  start(
      "CREATE TABLE q (id INTEGER PRIMARY KEY, number TEXT);"
      "CREATE UNIQUE INDEX any_case ON q (lower(number), 1 -- one\n) WHERE number <> 'a(,)''b' -- "
      "all");
  ann().act("INSERT INTO q VALUES (1, 'abc')");
  bob().act("INSERT INTO q VALUES (2, 'ABC')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT count(*) FROM q WHERE lower(number) = 'abc'"), Rows{"1"});
  EXPECT_EQ(rows("SELECT count(*) FROM sync_conflicts WHERE loser_row LIKE '%ABC%'"), Rows{"1"});
}

TEST_F(UniqueTest, AUniqueGeneratedColumnIsSettledLikeAnyOther) {
  start("CREATE TABLE q (id INTEGER PRIMARY KEY, number TEXT, folded AS (lower(number)) UNIQUE)");
  ann().act("INSERT INTO q (id, number) VALUES (1, 'abc')");
  bob().act("INSERT INTO q (id, number) VALUES (2, 'ABC')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT count(*) FROM sync_conflicts WHERE loser_row LIKE '%ABC%'"), Rows{"1"});
}

TEST_F(UniqueTest, AnIndexOfTwoColumnsTakesTheSuffixInItsTextColumn) {
  start(
      "CREATE TABLE q (id INTEGER PRIMARY KEY, year INTEGER, number TEXT, UNIQUE (year, number))");
  ann().act("INSERT INTO q VALUES (1, 2026, 'X'), (2, 2025, 'Y')");
  bob().act("INSERT INTO q VALUES (11, 2026, 'X'), (12, 2024, 'Y')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT id, year, number FROM q ORDER BY id"),
            (Rows{"1|2026|'X'", "2|2025|'Y'", "11|2026|'X~bob'", "12|2024|'Y'"}));
}

TEST_F(UniqueTest, TwoIndexesThatCollideWithTwoRecordsAreBothSettled) {
  start("CREATE TABLE q (id INTEGER PRIMARY KEY, a TEXT UNIQUE, b TEXT UNIQUE)");
  ann().act("INSERT INTO q VALUES (1, 'A', 'x'), (2, 'y', 'B')");
  bob().act("INSERT INTO q VALUES (11, 'A', 'B')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT id FROM q WHERE id < 10 ORDER BY id"), (Rows{"1", "2"}));
  EXPECT_GE(rows("SELECT kind FROM sync_conflicts").size(), 1u);
}

TEST_F(UniqueTest, ADeleteHereFreesTheValueForThem) {
  start(kQuotes);
  ann().act("INSERT INTO q VALUES (100, 'Q-100', 0)");
  bob().act("DELETE FROM q WHERE id = 1; INSERT INTO q VALUES (200, 'Q-1', 0)");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT id FROM q WHERE number = 'Q-1'"), Rows{"200"});
  EXPECT_EQ(kinds(), Rows{});
}

TEST_F(UniqueTest, AValueFreedThereIsTakenThereAndHere) {
  start(kQuotes);
  ann().act("DELETE FROM q WHERE id = 1; INSERT INTO q VALUES (100, 'Q-1', 0)");
  bob().act("UPDATE q SET x = 5 WHERE id = 1", 9000);
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT number FROM q WHERE id = 100"), Rows{"'Q-1'"});
  EXPECT_EQ(rows("SELECT number FROM q WHERE id = 1"), Rows{"'Q-1~bob'"})
      << "bob's newer edit brings the record back, and it yields the value";
}

}  // namespace
}  // namespace tidesync
