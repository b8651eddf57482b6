#include "replica/scanner.h"

#include <gtest/gtest.h>

#include "support/mini_fleet.h"

namespace tidesync {
namespace {

using test::integer_key;
using test::MiniNode;

class ScannerTest : public ::testing::Test {
 protected:
  void start(const std::string& sql) {
    node_.emplace("ann", sql);
    scanner_.emplace(node_->local(), node_->base(), scratch_);
  }
  void load() { node_->local().load_hints(0, scratch_); }
  const TableShape& shape() { return node_->shape("t"); }
  // "+" only here, "-" only there, "~" differs; keys in order.
  std::string differences() {
    std::string text;
    scanner_->for_each_difference(shape(), [&](const Difference& d) {
      text += (!d.base ? "+" : !d.mine ? "-" : "~") + display_key(shape(), d.hint.key) + " ";
    });
    return text;
  }

  Scratch scratch_;
  std::optional<MiniNode> node_;
  std::optional<Scanner> scanner_;
};

constexpr const char* kRows =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, u TEXT UNIQUE);"
    "INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')";

TEST_F(ScannerTest, HintedRowsThatDifferAreShownInKeyOrder) {
  start(kRows);
  node_->act(
      "INSERT INTO t VALUES (10, 'j'); DELETE FROM t WHERE id = 2; UPDATE t SET u = 'z' WHERE id = "
      "1");
  load();
  EXPECT_EQ(differences(), "~id = 1 -id = 2 +id = 10 ");
}

TEST_F(ScannerTest, ARowThatIsBackAsItWasIsNoDifference) {
  start(kRows);
  node_->act(
      "UPDATE t SET u = 'z' WHERE id = 1; UPDATE t SET u = 'a' WHERE id = 1;"
      "INSERT INTO t VALUES (9, 'i'); DELETE FROM t WHERE id = 9");
  load();
  EXPECT_EQ(scratch_.count_hints(node_->id("t")), 2u);
  EXPECT_EQ(differences(), "");
  EXPECT_TRUE(scanner_->counts_agree(shape()));
}

TEST_F(ScannerTest, ARowThatReplaceRemovedSilentlyIsFoundByTheCounts) {
  start(kRows);
  node_->act("INSERT OR REPLACE INTO t VALUES (9, 'b')");  // row 2 goes without a trigger
  load();
  EXPECT_EQ(differences(), "+id = 9 ");
  EXPECT_FALSE(scanner_->counts_agree(shape()));
  scanner_->compare_table(shape(), 5);
  EXPECT_EQ(differences(), "-id = 2 +id = 9 ");
  EXPECT_TRUE(scanner_->counts_agree(shape()));
}

TEST_F(ScannerTest, OneReplaceThatRemovesTwoRowsIsFound) {
  start(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, u UNIQUE, v UNIQUE);"
      "INSERT INTO t VALUES (1, 'a', 'x'), (2, 'b', 'y'), (3, 'c', 'z')");
  node_->act("REPLACE INTO t VALUES (7, 'a', 'y')");
  load();
  EXPECT_FALSE(scanner_->counts_agree(shape()));
  scanner_->compare_table(shape(), 5);
  EXPECT_EQ(differences(), "-id = 1 -id = 2 +id = 7 ");
}

TEST_F(ScannerTest, AnUpdateOrReplaceThatRemovesARowIsFound) {
  start(kRows);
  node_->act("UPDATE OR REPLACE t SET u = 'b' WHERE id = 1");
  load();
  EXPECT_FALSE(scanner_->counts_agree(shape()));
  scanner_->compare_table(shape(), 5);
  EXPECT_EQ(differences(), "~id = 1 -id = 2 ");
}

TEST_F(ScannerTest, WithoutAnyHintTheComparisonFindsEverything) {
  start(kRows);
  node_->act(
      "INSERT INTO t VALUES (10, 'j'); DELETE FROM t WHERE id = 2; UPDATE t SET u = 'z' WHERE id = "
      "1;"
      "DELETE FROM tidesync_dirty");
  load();
  EXPECT_EQ(differences(), "");
  scanner_->compare_table(shape(), 5);
  EXPECT_EQ(differences(), "~id = 1 -id = 2 +id = 10 ");
  EXPECT_EQ(scratch_.find_hint(node_->id("t"), integer_key(1))->at_ms, 5);
}

// Enough rows for several blocks of them to be read ahead.
TEST_F(ScannerTest, ALargeTableIsComparedToItsLastRow) {
  start(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, u TEXT);"
      "WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 10 FROM n WHERE i < 50000)"
      " INSERT INTO t SELECT i, hex(zeroblob(200)) FROM n");
  node_->act(
      "DELETE FROM t WHERE id IN (10, 20, 25000, 49990, 50000);"
      "INSERT INTO t VALUES (5, 'x'), (24995, 'x'), (60000, 'x'), (60010, 'x');"
      "UPDATE t SET u = 'y' WHERE id IN (30, 25010, 49980); DELETE FROM tidesync_dirty");
  scanner_->compare_table(shape(), 5);
  EXPECT_EQ(differences(),
            "+id = 5 -id = 10 -id = 20 ~id = 30 +id = 24995 -id = 25000 ~id = 25010 ~id = 49980 "
            "-id = 49990 -id = 50000 +id = 60000 +id = 60010 ");
}

TEST_F(ScannerTest, ATableOfWhichOneSideIsEmptyIsCompared) {
  start(kRows);
  node_->act("DELETE FROM t; DELETE FROM tidesync_dirty");
  scanner_->compare_table(shape(), 5);
  EXPECT_EQ(differences(), "-id = 1 -id = 2 -id = 3 ");
}

TEST_F(ScannerTest, AnExistingHintKeepsItsCaptureWhenAllIsCompared) {
  start(kRows);
  node_->act("UPDATE t SET u = 'z' WHERE id = 1", 777);
  load();
  scanner_->compare_table(shape(), 999'999);
  EXPECT_EQ(scratch_.find_hint(node_->id("t"), integer_key(1))->at_ms, 777);
}

TEST_F(ScannerTest, AnUnchangedTableGivesNoHintAtAll) {
  start(kRows);
  scanner_->compare_table(shape(), 5);
  EXPECT_EQ(scratch_.count_hints(node_->id("t")), 0u);
  EXPECT_TRUE(scanner_->counts_agree(shape()));
}

TEST_F(ScannerTest, RowsWithoutAKeyAreIgnored) {
  start("CREATE TABLE t (k TEXT PRIMARY KEY, x); INSERT INTO t VALUES ('a', 1), (NULL, 2)");
  node_->act(
      "INSERT INTO t VALUES (NULL, 3); DELETE FROM t WHERE x = 2; UPDATE t SET x = 9 WHERE x = 3");
  load();
  EXPECT_TRUE(scanner_->counts_agree(shape()));
  EXPECT_EQ(differences(), "");
  scanner_->compare_table(shape(), 5);
  EXPECT_EQ(differences(), "");
}

TEST_F(ScannerTest, ARowThatLosesItsKeyIsGone) {
  start("CREATE TABLE t (k TEXT PRIMARY KEY, x); INSERT INTO t VALUES ('a', 1)");
  node_->act("UPDATE t SET k = NULL");
  load();
  EXPECT_EQ(differences(), "-k = 'a' ");
  EXPECT_TRUE(scanner_->counts_agree(shape()));
}

TEST_F(ScannerTest, AKeyThatOnlyChangesItsCaseIsTwoDifferences) {
  start("CREATE TABLE t (k TEXT PRIMARY KEY COLLATE NOCASE, x); INSERT INTO t VALUES ('a', 1)");
  node_->act("UPDATE t SET k = 'A'");
  load();
  EXPECT_EQ(differences(), "+k = 'A' -k = 'a' ");
  EXPECT_TRUE(scanner_->counts_agree(shape()));
}

TEST_F(ScannerTest, AKeyThatOnlyChangesItsCaseIsFoundWithoutHints) {
  start("CREATE TABLE t (k TEXT PRIMARY KEY COLLATE NOCASE, x); INSERT INTO t VALUES ('a', 1)");
  node_->act("UPDATE t SET k = 'A'; DELETE FROM tidesync_dirty");
  scanner_->compare_table(shape(), 5);
  EXPECT_EQ(differences(), "+k = 'A' -k = 'a' ");
}

TEST_F(ScannerTest, AChangeOfTypeOrOfCaseInAValueIsADifference) {
  start(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a, b TEXT COLLATE NOCASE);"
      "INSERT INTO t VALUES (1, 1, 'x'), (2, 1, 'x'), (3, -0.0, 'x')");
  node_->act(
      "UPDATE t SET a = 1.0 WHERE id = 1; UPDATE t SET b = 'X' WHERE id = 2;"
      "UPDATE t SET a = 0.0 WHERE id = 3; DELETE FROM tidesync_dirty");
  scanner_->compare_table(shape(), 5);
  EXPECT_EQ(differences(), "~id = 1 ~id = 2 ~id = 3 ");
}

}  // namespace
}  // namespace tidesync
