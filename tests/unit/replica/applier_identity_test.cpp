// Two offline inserts that were handed the same number: the later publisher's record moves, and all
// that refers to it follows.
#include <gtest/gtest.h>

#include "support/mini_fleet.h"

namespace tidesync {
namespace {

using test::MiniFleet;
using test::MiniNode;
using test::Rows;

class RenumberTest : public ::testing::Test {
 protected:
  void start(const std::string& sql) { fleet_.emplace(sql); }
  MiniNode& ann() { return fleet_->ann; }
  MiniNode& bob() { return fleet_->bob; }
  Rows rows(std::string_view query) { return fleet_->rows(query); }
  std::optional<MiniFleet> fleet_;
};

constexpr const char* kOrders =
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, who);"
    "CREATE TABLE line (id INTEGER PRIMARY KEY, o INTEGER REFERENCES orders, what);"
    "INSERT INTO orders VALUES (1, 'base'); INSERT INTO line VALUES (1, 1, 'base')";

TEST_F(RenumberTest, BothRecordsStayAndTheLaterPublishersMoves) {
  start("CREATE TABLE t (id INTEGER PRIMARY KEY, x); INSERT INTO t VALUES (1, 'base')");
  ann().act("INSERT INTO t (x) VALUES ('ann')");
  bob().act("INSERT INTO t (x) VALUES ('bob')");
  const ApplyResult result = fleet_->ann_first();
  EXPECT_EQ(result.renumbered, 1u);
  EXPECT_EQ(rows("SELECT * FROM t ORDER BY id"), (Rows{"1|'base'", "2|'ann'", "3|'bob'"}));
  EXPECT_EQ(rows("SELECT * FROM sync_conflicts"), Rows{}) << "two records, no rivals";
}

TEST_F(RenumberTest, ANumberGivenToAnotherRecordHereWhileAChildIsEditedThere) {
  start(
      "CREATE TABLE quote (id INTEGER PRIMARY KEY, title);"
      "CREATE TABLE line (id INTEGER PRIMARY KEY, quote INTEGER REFERENCES quote (id), note);"
      "INSERT INTO quote VALUES (1, 'old'); INSERT INTO line VALUES (1, 1, 'a')");
  ann().act("UPDATE line SET note = 'b' WHERE id = 1");
  bob().act(
      "BEGIN; PRAGMA defer_foreign_keys = ON; DELETE FROM quote WHERE id = 1;"
      "INSERT INTO quote VALUES (1, 'another'); COMMIT");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT * FROM quote ORDER BY id"), (Rows{"1|'old'", "2|'another'"}));
  EXPECT_EQ(rows("SELECT * FROM line"), (Rows{"1|1|'b'"})) << "with the record it was given to";
  EXPECT_EQ(rows("SELECT kind FROM sync_conflicts"), (Rows{"'parent_restored'"}));
}

TEST_F(RenumberTest, AColumnThatIsNotSharedYetMovesWithItsRecord) {
  start(kOrders);
  bob().app().exec("ALTER TABLE orders ADD COLUMN note; ALTER TABLE line ADD COLUMN note");
  ann().act("INSERT INTO orders (who) VALUES ('ann'); INSERT INTO line (o, what) VALUES (2, 'a')");
  bob().act(
      "INSERT INTO orders (who, note) VALUES ('bob', 'of bob');"
      "INSERT INTO line (o, what, note) VALUES (2, 'b', 'his line')");
  fleet_->ann_first();
  EXPECT_EQ(bob().rows("SELECT who, note FROM orders WHERE id = 3"), Rows{"'bob'|'of bob'"});
  EXPECT_EQ(bob().rows("SELECT o, what, note FROM line WHERE id = 3"), Rows{"3|'b'|'his line'"});
}

TEST_F(RenumberTest, ARunOfCollidingNumbersAllMove) {
  start("CREATE TABLE t (id INTEGER PRIMARY KEY, x)");
  ann().act("INSERT INTO t (x) VALUES ('a1'), ('a2'), ('a3')");
  bob().act("INSERT INTO t (x) VALUES ('b1'), ('b2'), ('b3'), ('b4')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT id FROM t WHERE x LIKE 'a%' ORDER BY id"), (Rows{"1", "2", "3"}));
  EXPECT_EQ(rows("SELECT count(*) FROM t"), Rows{"7"});
  EXPECT_EQ(rows("SELECT id FROM t WHERE x = 'b4'"), Rows{"4"}) << "nobody else has its number";
}

TEST_F(RenumberTest, ByteEqualRowsAreOneRecord) {
  start("CREATE TABLE t (id INTEGER PRIMARY KEY, x)");
  ann().act("INSERT INTO t VALUES (1, 'same')");
  bob().act("INSERT INTO t VALUES (1, 'same')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT * FROM t"), Rows{"1|'same'"});
  EXPECT_EQ(fleet_->log.size(), 1u);
}

TEST_F(RenumberTest, RowsThatDifferInTheirStampsAloneAreOneRecord) {
  start("CREATE TABLE t (id INTEGER PRIMARY KEY, x, updated_at, updated_by)");
  ann().act("INSERT INTO t VALUES (1, 'same', NULL, 'Ann')", 1000);
  bob().act("INSERT INTO t VALUES (1, 'same', NULL, 'Bob')", 2000);
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT id, x, updated_by FROM t"), Rows{"1|'same'|'Bob'"});
  EXPECT_EQ(rows("SELECT * FROM sync_conflicts"), Rows{});
}

TEST_F(RenumberTest, ChildrenFollowTheirParent) {
  start(kOrders);
  ann().act("INSERT INTO orders VALUES (2, 'ann'); INSERT INTO line VALUES (2, 2, 'ann')");
  bob().act(
      "INSERT INTO orders VALUES (2, 'bob'); INSERT INTO line VALUES (7, 2, 'bob'), (8, 2, 'bob')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT o.who, l.what FROM line l JOIN orders o ON o.id = l.o ORDER BY l.id"),
            (Rows{"'base'|'base'", "'ann'|'ann'", "'bob'|'bob'", "'bob'|'bob'"}));
}

TEST_F(RenumberTest, ParentAndChildBothCollide) {
  start(kOrders);
  ann().act("INSERT INTO orders VALUES (2, 'ann'); INSERT INTO line VALUES (2, 2, 'ann')");
  bob().act("INSERT INTO orders VALUES (2, 'bob'); INSERT INTO line VALUES (2, 2, 'bob')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT o.who, l.what FROM line l JOIN orders o ON o.id = l.o ORDER BY l.id"),
            (Rows{"'base'|'base'", "'ann'|'ann'", "'bob'|'bob'"}));
}

TEST_F(RenumberTest, AChildThatIsEqualOnBothSidesBelongsToTwoParents) {
  start(kOrders);
  ann().act("INSERT INTO orders VALUES (2, 'ann'); INSERT INTO line VALUES (2, 2, 'pen')");
  bob().act("INSERT INTO orders VALUES (2, 'bob'); INSERT INTO line VALUES (2, 2, 'pen')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT o.who, l.what FROM line l JOIN orders o ON o.id = l.o ORDER BY l.id"),
            (Rows{"'base'|'base'", "'ann'|'pen'", "'bob'|'pen'"}));
}

TEST_F(RenumberTest, AnOldChildMovedToTheNewParentFollowsIt) {
  start(kOrders);
  ann().act("INSERT INTO orders VALUES (2, 'ann')");
  bob().act("INSERT INTO orders VALUES (2, 'bob'); UPDATE line SET o = 2 WHERE id = 1");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT o.who FROM line l JOIN orders o ON o.id = l.o"), Rows{"'bob'"});
  EXPECT_EQ(rows("SELECT * FROM sync_conflicts"), Rows{});
}

TEST_F(RenumberTest, TheirChildrenStayWithTheirParent) {
  start(kOrders);
  ann().act("INSERT INTO orders VALUES (2, 'ann'); UPDATE line SET o = 2 WHERE id = 1");
  bob().act("INSERT INTO orders VALUES (2, 'bob')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT o.who FROM line l JOIN orders o ON o.id = l.o"), Rows{"'ann'"});
}

TEST_F(RenumberTest, GrandchildrenThroughCompositeKeysFollow) {
  start(
      "CREATE TABLE orders (id INTEGER PRIMARY KEY, who);"
      "CREATE TABLE line (o INTEGER REFERENCES orders, n INTEGER, what, PRIMARY KEY (o, n));"
      "CREATE TABLE note (id INTEGER PRIMARY KEY, o, n, text, FOREIGN KEY (o, n) REFERENCES line)");
  ann().act(
      "INSERT INTO orders VALUES (1, 'ann'); INSERT INTO line VALUES (1, 1, 'ann');"
      "INSERT INTO note VALUES (1, 1, 1, 'ann')");
  bob().act(
      "INSERT INTO orders VALUES (1, 'bob'); INSERT INTO line VALUES (1, 1, 'bob'), (1, 2, 'bob');"
      "INSERT INTO note VALUES (1, 1, 1, 'bob'), (2, 1, 2, 'bob')");
  fleet_->ann_first();
  EXPECT_EQ(
      rows("SELECT who, what, text FROM note JOIN line USING (o, n) JOIN orders ON orders.id = "
           "line.o ORDER BY note.id"),
      (Rows{"'ann'|'ann'|'ann'", "'bob'|'bob'|'bob'", "'bob'|'bob'|'bob'"}));
  EXPECT_EQ(rows("SELECT * FROM sync_conflicts"), Rows{});
}

TEST_F(RenumberTest, ATreeInOneTableKeepsItsShape) {
  start("CREATE TABLE node (id INTEGER PRIMARY KEY, up INTEGER REFERENCES node, name)");
  ann().act("INSERT INTO node VALUES (1, NULL, 'a'), (2, 1, 'a/b'), (3, 2, 'a/b/c')");
  bob().act("INSERT INTO node VALUES (1, NULL, 'x'), (2, 1, 'x/y'), (3, 2, 'x/y/z')");
  fleet_->ann_first();
  EXPECT_EQ(
      rows("SELECT p.name, c.name FROM node c LEFT JOIN node p ON p.id = c.up ORDER BY c.name"),
      (Rows{"NULL|'a'", "'a'|'a/b'", "'a/b'|'a/b/c'", "NULL|'x'", "'x'|'x/y'", "'x/y'|'x/y/z'"}));
}

TEST_F(RenumberTest, ARowThatIsItsOwnParentFollowsItself) {
  start("CREATE TABLE node (id INTEGER PRIMARY KEY, up INTEGER REFERENCES node, name)");
  ann().act("INSERT INTO node VALUES (1, 1, 'ann')");
  bob().act("INSERT INTO node VALUES (1, 1, 'bob')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT id = up, name FROM node ORDER BY id"), (Rows{"1|'ann'", "1|'bob'"}));
}

TEST_F(RenumberTest, AnExtensionOfAParentMovesWithIt) {
  start(
      "CREATE TABLE p (id INTEGER PRIMARY KEY, x);"
      "CREATE TABLE ext (id INTEGER PRIMARY KEY REFERENCES p, note)");
  ann().act("INSERT INTO p VALUES (1, 'ann'); INSERT INTO ext VALUES (1, 'of ann')");
  bob().act("INSERT INTO p VALUES (1, 'bob'); INSERT INTO ext VALUES (1, 'of bob')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT x, note FROM p JOIN ext USING (id) ORDER BY id"),
            (Rows{"'ann'|'of ann'", "'bob'|'of bob'"}));
  EXPECT_EQ(rows("SELECT * FROM sync_conflicts"), Rows{});
}

TEST_F(RenumberTest, UniqueValuesOfTheMovedRowAreNotInItsOwnWay) {
  start("CREATE TABLE t (id INTEGER PRIMARY KEY, code UNIQUE)");
  ann().act("INSERT INTO t VALUES (1, 'ann')");
  bob().act("INSERT INTO t VALUES (1, 'bob')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT * FROM t ORDER BY id"), (Rows{"1|'ann'", "2|'bob'"}));
}

TEST_F(RenumberTest, TheNextNumberOfAnAutoincrementTableIsRaised) {
  start("CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, x)");
  ann().act("INSERT INTO t (x) VALUES ('ann')");
  // Bob has handed out 10 before and deleted it: that number must not come again.
  bob().act(
      "INSERT INTO t VALUES (10, 'gone'); DELETE FROM t WHERE id = 10; INSERT INTO t VALUES (1, "
      "'bob')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT * FROM t ORDER BY id"), (Rows{"1|'ann'", "11|'bob'"}));
  ann().act("INSERT INTO t (x) VALUES ('next')");
  EXPECT_EQ(ann().rows("SELECT id FROM t WHERE x = 'next'"), Rows{"12"});
}

TEST_F(RenumberTest, ATableThatOnlyMentionsAutoincrementIsRenumberedToo) {
  start("CREATE TABLE t (id INTEGER PRIMARY KEY /* no AUTOINCREMENT here */, x)");
  ann().act("INSERT INTO t (x) VALUES ('ann')");
  bob().act("INSERT INTO t (x) VALUES ('bob')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT * FROM t ORDER BY id"), (Rows{"1|'ann'", "2|'bob'"}));
}

TEST_F(RenumberTest, ATableWithTheLargestNumberStillHasRoom) {
  start(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, x); INSERT INTO t VALUES (9223372036854775807, "
      "'max')");
  ann().act("INSERT INTO t VALUES (1, 'ann')");
  bob().act("INSERT INTO t VALUES (1, 'bob'), (9223372036854775806, 'below')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT count(*) FROM t"), Rows{"4"});
  EXPECT_EQ(rows("SELECT id > 1 FROM t WHERE x = 'bob'"), Rows{"1"});
}

TEST_F(RenumberTest, NumbersAboveTwoToTheFiftyThreeKeepEveryDigit) {
  start(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, x); INSERT INTO t VALUES (9007199254740993, "
      "'base')");
  ann().act("INSERT INTO t (x) VALUES ('ann')");
  bob().act("INSERT INTO t (x) VALUES ('bob')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT id FROM t ORDER BY id"),
            (Rows{"9007199254740993", "9007199254740994", "9007199254740995"}));
}

TEST_F(RenumberTest, ANumberThatOnlyOneCheckAllowsIsMergedAsOneRecord) {
  start("CREATE TABLE settings (id INTEGER PRIMARY KEY CHECK (id = 1), x)");
  ann().act("INSERT INTO settings VALUES (1, 'ann')", 1000);
  bob().act("INSERT INTO settings VALUES (1, 'bob')", 2000);
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT * FROM settings"), Rows{"1|'bob'"});
  EXPECT_EQ(rows("SELECT count(*) FROM sync_conflicts"), Rows{"1"});
}

TEST_F(RenumberTest, NegativeNumbersCollideLikeOthers) {
  start("CREATE TABLE t (id INTEGER PRIMARY KEY, x)");
  ann().act("INSERT INTO t VALUES (-5, 'ann')");
  bob().act("INSERT INTO t VALUES (-5, 'bob')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT x FROM t ORDER BY x"), (Rows{"'ann'", "'bob'"}));
}

}  // namespace
}  // namespace tidesync
