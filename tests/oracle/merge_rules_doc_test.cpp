// The examples of docs/merge-rules.md, in its order and its words. Whoever changes one changes
// both.
#include <gtest/gtest.h>

#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "oracle/fleet.h"
#include "support/sql_rows.h"

namespace tidesync::oracle {
namespace {

using test::Rows;

constexpr int kAlice = 0;
constexpr int kBob = 1;

constexpr const char* kCustomers =
    "CREATE TABLE customer (name TEXT PRIMARY KEY NOT NULL, phone TEXT, discount INTEGER, price "
    "INTEGER);"
    "INSERT INTO customer VALUES ('Meyer', '1', 1, 10)";
constexpr const char* kCustomer = "SELECT phone, discount, price FROM customer";

class MergeRules : public testing::Test {
 protected:
  void start(const std::string& schema) {
    fleet_.emplace(std::vector<std::string>{"alice", "bob"}, schema);
    nine_ms_ = fleet_->now_ms() + 60'000;
  }
  Fleet& fleet() { return *fleet_; }
  // Somebody does this so many minutes after nine o'clock.
  void at(int minutes, int who, const std::string& sql) {
    fleet_->pass_ms(nine_ms_ + minutes * std::int64_t{60'000} - fleet_->now_ms());
    fleet_->act(who, sql);
  }
  // Both sync until nothing moves. Alice is the first, unless told otherwise.
  void meet(int first = kAlice) {
    fleet_->pass_ms(60'000);
    nine_ms_ = fleet_->now_ms() + 60'000;
    fleet_->settle(first == kAlice ? std::vector<int>{kAlice, kBob}
                                   : std::vector<int>{kBob, kAlice});
    EXPECT_EQ(fleet_->check(), "");
  }
  Rows rows(const std::string& query) { return test::rows_of(fleet_->app(kAlice), query); }
  Rows kinds() { return rows("SELECT kind FROM sync_conflicts ORDER BY kind"); }
  std::string kept(const std::string& column, const std::string& row = "loser_row") {
    return fleet_->app(kAlice).get_text("SELECT group_concat(json_extract(" + row + ", '$." +
                                        column + "')) FROM sync_conflicts");
  }

 private:
  std::optional<Fleet> fleet_;
  std::int64_t nine_ms_ = 0;
};

// Values

TEST_F(MergeRules, OneAndOnePointZeroAndTheTextOneAreThreeValues) {
  start("CREATE TABLE t (id INTEGER PRIMARY KEY, x); INSERT INTO t VALUES (1, 0), (2, 'a')");
  at(0, kAlice, "UPDATE t SET x = 1 WHERE id = 1; UPDATE t SET x = 'A' WHERE id = 2");
  at(5, kBob, "UPDATE t SET x = '1' WHERE id = 1");
  meet();
  EXPECT_EQ(rows("SELECT x FROM t"), (Rows{"'1'", "'A'"}));
  EXPECT_EQ(kinds(), Rows{"'same_column'"});
  at(0, kBob, "UPDATE t SET x = 1.0 WHERE id = 1");
  meet();
  EXPECT_EQ(rows("SELECT x FROM t WHERE id = 1"), Rows{"1.0"});
}

// When was an edit made?

constexpr const char* kStamped =
    "CREATE TABLE doc (name TEXT PRIMARY KEY NOT NULL, x TEXT, updated_at, updated_by TEXT);"
    "INSERT INTO doc VALUES ('d', 'base', '2025-06-01 08:00:00', 'nobody')";

TEST_F(MergeRules, UpdatedAtCountsWhenTheEditChangedIt) {
  start(kStamped);
  at(0, kAlice, "UPDATE doc SET x = 'alice', updated_at = '2025-06-15 10:00:00'");
  at(5, kBob, "UPDATE doc SET x = 'bob', updated_at = '2025-06-15T09:59:59Z'");
  meet();
  EXPECT_EQ(rows("SELECT x, updated_at FROM doc"), Rows{"'alice'|'2025-06-15 10:00:00'"});
}

TEST_F(MergeRules, UpdatedAtMoreThanTwoMinutesInTheFutureDoesNotCount) {
  start(kStamped);
  at(0, kAlice, "UPDATE doc SET x = 'alice', updated_at = '2099-01-01 00:00:00'");
  at(5, kBob, "UPDATE doc SET x = 'bob', updated_at = datetime('now')");
  meet();
  EXPECT_EQ(rows("SELECT x FROM doc"), Rows{"'bob'"});
}

TEST_F(MergeRules, WithoutANewStampTheMomentOfTheEditCounts) {
  start(kStamped);
  at(0, kAlice, "UPDATE doc SET x = 'alice', updated_at = datetime('now')");
  at(5, kBob, "UPDATE doc SET x = 'bob'");
  meet();
  EXPECT_EQ(rows("SELECT x FROM doc"), Rows{"'bob'"});
}

TEST_F(MergeRules, TimesArePutOnTheSharesClock) {
  start(kCustomers);
  // Bob's clock is three days ahead, and still he edits before alice does.
  fleet().set_clock_offset_ms(kBob, 3 * 24 * 3600 * std::int64_t{1000});
  at(0, kBob, "UPDATE customer SET discount = 7");
  meet();
  at(0, kBob, "UPDATE customer SET price = 12");
  at(5, kAlice, "UPDATE customer SET price = 13");
  meet();
  EXPECT_EQ(rows(kCustomer), Rows{"'1'|7|13"});
}

TEST_F(MergeRules, EqualTimesGoToTheHigherNodeName) {
  for (const int first : {kAlice, kBob}) {
    start(kCustomers);
    at(0, kAlice, "UPDATE customer SET price = 12");
    at(0, kBob, "UPDATE customer SET price = 13");
    meet(first);
    EXPECT_EQ(rows(kCustomer), Rows{"'1'|1|13"});
  }
}

// Rows

TEST_F(MergeRules, ChangedHereNotThereIsMineAndTheOtherWayRound) {
  start(kCustomers);
  at(0, kAlice, "UPDATE customer SET price = 12");
  meet();
  EXPECT_EQ(rows(kCustomer), Rows{"'1'|1|12"});
  at(0, kBob, "INSERT INTO customer VALUES ('Huber', '2', 0, 0)");
  meet();
  at(0, kBob, "DELETE FROM customer WHERE name = 'Meyer'");
  meet();
  EXPECT_EQ(rows("SELECT name FROM customer"), Rows{"'Huber'"});
  EXPECT_EQ(kinds(), Rows{});
}

TEST_F(MergeRules, PhoneHereAndDiscountThereAreBothKept) {
  start(kCustomers);
  at(0, kAlice, "UPDATE customer SET phone = '99'");
  at(5, kBob, "UPDATE customer SET discount = 5");
  meet();
  EXPECT_EQ(rows(kCustomer), Rows{"'99'|5|10"});
  EXPECT_EQ(kinds(), Rows{});
}

TEST_F(MergeRules, PriceFromTenToTwelveOnBothSidesIsNoConflict) {
  start(kCustomers);
  at(0, kAlice, "UPDATE customer SET price = 12");
  at(5, kBob, "UPDATE customer SET price = 12");
  meet();
  EXPECT_EQ(rows(kCustomer), Rows{"'1'|1|12"});
  EXPECT_EQ(kinds(), Rows{});
}

TEST_F(MergeRules, PriceTwelveAtNineAndThirteenAtFivePastNineIsThirteen) {
  for (const int first : {kAlice, kBob}) {
    start(kCustomers);
    at(0, kAlice, "UPDATE customer SET price = 12, phone = '99'");
    at(5, kBob, "UPDATE customer SET price = 13, discount = 5");
    meet(first);
    EXPECT_EQ(rows(kCustomer), Rows{"'99'|5|13"}) << "other columns as if nothing had happened";
    EXPECT_EQ(kinds(), Rows{"'same_column'"});
    EXPECT_EQ(kept("price"), "12");
    EXPECT_EQ(kept("price", "winner_row"), "13");
  }
}

TEST_F(MergeRules, EditedAfterItWasDeletedStaysEdited) {
  for (const int first : {kAlice, kBob}) {
    start(kCustomers);
    at(0, kBob, "DELETE FROM customer");
    at(5, kAlice, "UPDATE customer SET price = 12");
    meet(first);
    EXPECT_EQ(rows(kCustomer), Rows{"'1'|1|12"});
    EXPECT_EQ(kinds(), Rows{"'edit_delete'"});
  }
}

TEST_F(MergeRules, DeletedAfterItWasEditedIsDeletedAndTheEditKept) {
  for (const int first : {kAlice, kBob}) {
    start(kCustomers);
    at(0, kAlice, "UPDATE customer SET price = 12");
    at(5, kBob, "DELETE FROM customer");
    meet(first);
    EXPECT_EQ(rows(kCustomer), Rows{});
    EXPECT_EQ(kinds(), Rows{"'edit_delete'"});
    EXPECT_EQ(kept("price"), "12");
  }
}

TEST_F(MergeRules, DeletedOnBothSidesIsDeleted) {
  start(kCustomers);
  at(0, kAlice, "DELETE FROM customer");
  at(5, kBob, "DELETE FROM customer");
  meet();
  EXPECT_EQ(rows(kCustomer), Rows{});
  EXPECT_EQ(kinds(), Rows{});
}

TEST_F(MergeRules, ANewRecordUnderTheKeyAndAnEditOfTheOldOneNeverMix) {
  start(kCustomers);
  at(0, kAlice, "DELETE FROM customer; INSERT INTO customer VALUES ('Meyer', '55', 0, 50)");
  at(5, kBob, "UPDATE customer SET price = 13");
  meet();
  EXPECT_EQ(rows(kCustomer), Rows{"'1'|1|13"});
  EXPECT_EQ(kinds(), Rows{"'whole_row'"});
  EXPECT_EQ(kept("phone"), "55");
}

TEST_F(MergeRules, TheSameNewTextKeyIsOneRecordTheNewerAsAWhole) {
  start(kCustomers);
  at(0, kAlice, "INSERT INTO customer VALUES ('Huber', '2', 2, 2), ('Koch', '4', 4, 4)");
  at(5, kBob, "INSERT INTO customer VALUES ('Huber', '3', 3, 3), ('Koch', '4', 4, 4)");
  meet();
  EXPECT_EQ(rows("SELECT * FROM customer WHERE name <> 'Meyer' ORDER BY 1"),
            (Rows{"'Huber'|'3'|3|3", "'Koch'|'4'|4|4"}));
  EXPECT_EQ(kinds(), Rows{"'whole_row'"});
}

TEST_F(MergeRules, StampsNeverMakeAConflictAndFollowTheNewerRow) {
  start(kStamped);
  at(0, kAlice, "UPDATE doc SET updated_at = datetime('now'), updated_by = 'alice'");
  at(5, kBob, "UPDATE doc SET updated_at = datetime('now'), updated_by = 'bob'");
  meet();
  EXPECT_EQ(rows("SELECT updated_by FROM doc"), Rows{"'bob'"});
  EXPECT_EQ(kinds(), Rows{});
}

TEST_F(MergeRules, EditsThatBreakACheckTogetherFallBackToTheNewerRow) {
  start(
      "CREATE TABLE line (name TEXT PRIMARY KEY, component_id, sub_assembly_id, note,"
      " CHECK (component_id IS NULL OR sub_assembly_id IS NULL));"
      "INSERT INTO line VALUES ('l', NULL, NULL, '')");
  at(0, kAlice, "UPDATE line SET component_id = 1, note = 'alice'");
  at(5, kBob, "UPDATE line SET sub_assembly_id = 2");
  meet();
  EXPECT_EQ(rows("SELECT * FROM line"), Rows{"'l'|NULL|2|''"});
  EXPECT_EQ(kinds(), Rows{"'whole_row'"});
  EXPECT_EQ(kept("note"), "alice");
}

TEST_F(MergeRules, ATotalThatATriggerComputesIsAConflictUntilTheQuoteIsSavedAgain) {
  const std::string total =
      "UPDATE quote SET total = (SELECT sum(amount) FROM line WHERE quote = 7)";
  start(
      "CREATE TABLE quote (id INTEGER PRIMARY KEY, title, total);"
      "CREATE TABLE line (id INTEGER PRIMARY KEY, quote REFERENCES quote, amount);"
      "CREATE TRIGGER sum_up AFTER INSERT ON line BEGIN " +
      total +
      "; END;"
      "CREATE TRIGGER saved AFTER UPDATE OF title ON quote BEGIN " +
      total +
      "; END;"
      "INSERT INTO quote VALUES (7, 'q', 0); INSERT INTO line VALUES (1, 7, 100)");
  at(0, kAlice, "INSERT INTO line (quote, amount) VALUES (7, 10)");
  at(5, kBob, "INSERT INTO line (quote, amount) VALUES (7, 1)");
  meet();
  EXPECT_EQ(rows("SELECT amount FROM line ORDER BY 1"), (Rows{"1", "10", "100"}));
  EXPECT_EQ(rows("SELECT total FROM quote"), Rows{"101"}) << "the newest total";
  EXPECT_EQ(kinds(), Rows{"'same_column'"});
  at(0, kAlice, "UPDATE quote SET title = 'saved'");
  meet();
  EXPECT_EQ(rows("SELECT total FROM quote"), Rows{"111"});
}

TEST_F(MergeRules, ColumnsOfOneReferenceAreOneValue) {
  start(
      "CREATE TABLE slot (hall TEXT, number INTEGER, PRIMARY KEY (hall, number));"
      "CREATE TABLE item (id INTEGER PRIMARY KEY, hall, number, note,"
      " FOREIGN KEY (hall, number) REFERENCES slot);"
      "INSERT INTO slot VALUES ('A', 1), ('A', 2), ('B', 1); INSERT INTO item VALUES (1, 'A', 1, "
      "'')");
  at(0, kAlice, "UPDATE item SET hall = 'B', note = 'moved'");
  at(5, kBob, "UPDATE item SET number = 2");
  meet();
  EXPECT_EQ(rows("SELECT hall, number, note FROM item"), Rows{"'A'|2|'moved'"});
  EXPECT_EQ(kinds(), Rows{"'same_column'"});
}

// New records with the same number

constexpr const char* kQuotes =
    "CREATE TABLE quote (id INTEGER PRIMARY KEY, title TEXT, updated_at TEXT);"
    "CREATE TABLE line (id INTEGER PRIMARY KEY, quote INTEGER NOT NULL REFERENCES quote,"
    " text TEXT);"
    "INSERT INTO quote VALUES (500, 'old', NULL); INSERT INTO line VALUES (1, 500, 'old')";
constexpr const char* kLines =
    "SELECT q.id, q.title, l.text FROM quote q LEFT JOIN line l ON l.quote = q.id ORDER BY 1, 3";

TEST_F(MergeRules, AliceInsertsQuote501BobInsertsQuote501) {
  start(kQuotes);
  at(0, kAlice,
     "INSERT INTO quote (title) VALUES ('of alice');"
     "INSERT INTO line (quote, text) VALUES (501, 'alice')");
  at(5, kBob,
     "INSERT INTO quote (title) VALUES ('of bob');"
     "INSERT INTO line (quote, text) VALUES (501, 'bob 1'), (501, 'bob 2')");
  meet();
  EXPECT_EQ(rows(kLines), (Rows{"500|'old'|'old'", "501|'of alice'|'alice'", "502|'of bob'|'bob 1'",
                                "502|'of bob'|'bob 2'"}));
  EXPECT_EQ(kinds(), Rows{}) << "nothing was decided against anybody";
}

TEST_F(MergeRules, NewRowsThatAreEqualButForTheirStampsAreOneRecord) {
  start(kQuotes);
  at(0, kAlice, "INSERT INTO quote VALUES (501, 'same', datetime('now'))");
  at(5, kBob, "INSERT INTO quote VALUES (501, 'same', datetime('now'))");
  meet();
  EXPECT_EQ(rows("SELECT id FROM quote"), (Rows{"500", "501"}));
  EXPECT_EQ(kinds(), Rows{});
}

TEST_F(MergeRules, AnExtensionFollowsItsParentToTheNewNumber) {
  start(
      "CREATE TABLE quote (id INTEGER PRIMARY KEY, title TEXT);"
      "CREATE TABLE terms (quote INTEGER PRIMARY KEY REFERENCES quote, text TEXT);"
      "INSERT INTO quote VALUES (500, 'old')");
  at(0, kAlice, "INSERT INTO quote VALUES (501, 'alice'); INSERT INTO terms VALUES (501, 'alice')");
  at(5, kBob, "INSERT INTO quote VALUES (501, 'bob'); INSERT INTO terms VALUES (501, 'bob')");
  meet();
  EXPECT_EQ(rows("SELECT title, text FROM quote JOIN terms ON quote = id ORDER BY 1"),
            (Rows{"'alice'|'alice'", "'bob'|'bob'"}));
}

TEST_F(MergeRules, WhereTheNewNumberIsRefusedTheTwoAreMergedAsOne) {
  start("CREATE TABLE setting (id INTEGER PRIMARY KEY CHECK (id = 1), theme TEXT);");
  at(0, kAlice, "INSERT INTO setting VALUES (1, 'dark')");
  at(5, kBob, "INSERT INTO setting VALUES (1, 'light')");
  meet();
  EXPECT_EQ(rows("SELECT * FROM setting"), Rows{"1|'light'"});
  EXPECT_EQ(kept("theme"), "dark");
}

// A number that was used again

TEST_F(MergeRules, ANumberUsedAgainThereAndARowUnchangedHereIsTheNewRecord) {
  start(kQuotes);
  at(0, kAlice, "DELETE FROM line; DELETE FROM quote; INSERT INTO quote VALUES (500, 'new', NULL)");
  meet();
  EXPECT_EQ(rows(kLines), Rows{"500|'new'|NULL"});
  EXPECT_EQ(kinds(), Rows{});
}

TEST_F(MergeRules, ANumberUsedAgainThereAndEditedHereKeepsBothRecords) {
  start(kQuotes);
  at(0, kBob, "UPDATE quote SET title = 'edited'");
  at(5, kAlice, "DELETE FROM line; DELETE FROM quote; INSERT INTO quote VALUES (500, 'new', NULL)");
  meet();
  EXPECT_EQ(rows("SELECT id, title FROM quote ORDER BY id"), (Rows{"500|'new'", "501|'edited'"}));
  EXPECT_EQ(kinds(), Rows{"'edit_delete'"});
}

TEST_F(MergeRules, ANumberUsedAgainThereAndAChildAddedHereKeepsBothRecords) {
  start(kQuotes);
  at(0, kBob, "INSERT INTO line VALUES (2, 500, 'of bob')");
  at(5, kAlice, "DELETE FROM line; DELETE FROM quote; INSERT INTO quote VALUES (500, 'new', NULL)");
  meet();
  EXPECT_EQ(rows(kLines), (Rows{"500|'new'|NULL", "501|'old'|'of bob'"}));
  EXPECT_EQ(kinds(), Rows{"'parent_restored'"});
}

TEST_F(MergeRules, ANumberUsedAgainOnBothSidesGivesTwoRecordsWithoutAConflict) {
  start(kQuotes);
  for (const int who : {kAlice, kBob})
    at(who, who,
       "DELETE FROM line; DELETE FROM quote; INSERT INTO quote VALUES (500, 'of " +
           std::to_string(who) + "', NULL)");
  meet();
  EXPECT_EQ(rows("SELECT id, title FROM quote ORDER BY id"), (Rows{"500|'of 0'", "501|'of 1'"}));
  EXPECT_EQ(kinds(), Rows{});
}

TEST_F(MergeRules, ANumberUsedAgainHereAndEditedThereMovesTheNewRecord) {
  start(kQuotes);
  at(0, kBob, "DELETE FROM line; DELETE FROM quote; INSERT INTO quote VALUES (500, 'new', NULL)");
  at(5, kAlice, "UPDATE quote SET title = 'edited'");
  meet();
  EXPECT_EQ(rows("SELECT id, title FROM quote ORDER BY id"), (Rows{"500|'edited'", "501|'new'"}));
  EXPECT_EQ(kinds(), Rows{"'edit_delete'"});
}

// UNIQUE values that two records claim

TEST_F(MergeRules, TheLaterQuoteNumberYieldsByASuffix) {
  start("CREATE TABLE quote (id INTEGER PRIMARY KEY, number TEXT UNIQUE)");
  at(0, kAlice, "INSERT INTO quote VALUES (1, 'Q-2026-0050')");
  at(5, kBob, "INSERT INTO quote VALUES (2, 'Q-2026-0050')");
  meet();
  at(0, kAlice, "INSERT INTO quote VALUES (3, 'Q-1'), (4, 'Q-1~bob')");
  at(5, kBob, "INSERT INTO quote VALUES (5, 'Q-1')");
  meet();
  EXPECT_EQ(rows("SELECT number FROM quote ORDER BY id"),
            (Rows{"'Q-2026-0050'", "'Q-2026-0050~bob'", "'Q-1'", "'Q-1~bob'", "'Q-1~bob2'"}));
  EXPECT_EQ(kinds(), (Rows{"'unique'", "'unique'"}));
}

constexpr const char* kSeats =
    "CREATE TABLE seat (id INTEGER PRIMARY KEY, place INTEGER UNIQUE, who TEXT);"
    "CREATE TABLE meal (id INTEGER PRIMARY KEY, seat REFERENCES seat, dish TEXT);"
    "INSERT INTO seat VALUES (1, 1, 'one'), (2, 2, 'two'), (3, 3, 'three')";

TEST_F(MergeRules, AnEditThatCannotYieldByASuffixIsGivenUpAndKept) {
  start(kSeats);
  at(0, kAlice, "UPDATE seat SET place = 9 WHERE id = 1");
  at(5, kBob, "UPDATE seat SET place = 9, who = 'edited' WHERE id = 2");
  meet();
  EXPECT_EQ(rows("SELECT place, who FROM seat ORDER BY id"),
            (Rows{"9|'one'", "2|'two'", "3|'three'"}));
  EXPECT_EQ(kinds(), Rows{"'unique'"});
  EXPECT_EQ(kept("who"), "edited");
}

TEST_F(MergeRules, ANewRowThatCannotYieldByASuffixIsSetAsideWithItsChildren) {
  start(kSeats);
  at(0, kAlice, "INSERT INTO seat VALUES (10, 9, 'alice')");
  at(5, kBob, "INSERT INTO seat VALUES (11, 9, 'bob'); INSERT INTO meal VALUES (1, 11, 'soup')");
  meet();
  EXPECT_EQ(rows("SELECT who FROM seat WHERE place = 9"), Rows{"'alice'"});
  EXPECT_EQ(rows("SELECT * FROM meal"), Rows{});
  EXPECT_EQ(kinds(), (Rows{"'set_aside'", "'set_aside'"}));
  EXPECT_NE(kept("who").find("bob"), std::string::npos);
  EXPECT_NE(kept("dish").find("soup"), std::string::npos);
}

TEST_F(MergeRules, ExchangedRotatedAndFreedValuesFlow) {
  start(kSeats);
  at(0, kAlice,
     "UPDATE seat SET place = NULL WHERE id = 1; UPDATE seat SET place = 1 WHERE id = 2;"
     "UPDATE seat SET place = 2 WHERE id = 1");
  at(5, kBob, "INSERT INTO seat VALUES (4, 4, 'four')");
  meet();
  EXPECT_EQ(rows("SELECT id FROM seat ORDER BY place"), (Rows{"2", "1", "3", "4"}));
  at(0, kAlice, "UPDATE seat SET place = NULL; UPDATE seat SET place = 1 + id % 3 WHERE id < 4");
  meet();
  EXPECT_EQ(rows("SELECT id FROM seat WHERE place > 0 ORDER BY place"), (Rows{"3", "1", "2"}));
  at(0, kBob, "DELETE FROM seat WHERE place = 1; UPDATE seat SET place = 1 WHERE id = 4");
  meet();
  EXPECT_EQ(rows("SELECT who FROM seat WHERE place = 1"), Rows{"'four'"});
  EXPECT_EQ(kinds(), Rows{});
}

TEST_F(MergeRules, AnIndexWithAConditionIsSettledLikeAnyOther) {
  start(
      "CREATE TABLE quote (id INTEGER PRIMARY KEY, number TEXT, closed INTEGER);"
      "CREATE UNIQUE INDEX open_number ON quote (number) WHERE closed = 0");
  at(0, kAlice, "INSERT INTO quote VALUES (1, 'Q-1', 0), (3, 'Q-2', 0)");
  at(5, kBob, "INSERT INTO quote VALUES (2, 'Q-1', 0), (4, 'Q-2', 1)");
  meet();
  EXPECT_EQ(rows("SELECT number FROM quote ORDER BY id"),
            (Rows{"'Q-1'", "'Q-1~bob'", "'Q-2'", "'Q-2'"}));
  EXPECT_EQ(kinds(), Rows{"'unique'"});
}

TEST_F(MergeRules, AnIndexOnAnExpressionAloneHasNoColumnForASuffix) {
  start(
      "CREATE TABLE quote (id INTEGER PRIMARY KEY, number TEXT);"
      "CREATE UNIQUE INDEX any_case ON quote (lower(number))");
  at(0, kAlice, "INSERT INTO quote VALUES (1, 'q-1')");
  at(5, kBob, "INSERT INTO quote VALUES (2, 'Q-1')");
  meet();
  EXPECT_EQ(rows("SELECT number FROM quote"), Rows{"'q-1'"});
  EXPECT_EQ(kinds(), Rows{"'set_aside'"});
  EXPECT_EQ(kept("number"), "Q-1");
}

// Parents and children

TEST_F(MergeRules, AChildAddedToADeletedParentBringsItBackWithoutItsOtherChildren) {
  for (const int first : {kAlice, kBob}) {
    start(kQuotes);
    at(0, kAlice, "INSERT INTO line VALUES (2, 500, 'new')");
    at(5, kBob, "DELETE FROM line; DELETE FROM quote");
    meet(first);
    EXPECT_EQ(rows(kLines), Rows{"500|'old'|'new'"});
    EXPECT_EQ(kinds(), Rows{"'parent_restored'"});
  }
}

TEST_F(MergeRules, AChildMovedToADeletedParentBringsItBack) {
  start(kQuotes);
  at(0, kAlice, "INSERT INTO quote VALUES (600, 'target', NULL)");
  meet();
  at(0, kAlice, "UPDATE line SET quote = 600");
  at(5, kBob, "DELETE FROM quote WHERE id = 600");
  meet();
  EXPECT_EQ(rows(kLines), (Rows{"500|'old'|NULL", "600|'target'|'old'"}));
  EXPECT_EQ(kinds(), Rows{"'parent_restored'"});
}

TEST_F(MergeRules, ChildMovedAwayAndOldParentDeletedFlows) {
  start(kQuotes);
  at(0, kAlice,
     "INSERT INTO quote VALUES (600, 'target', NULL); UPDATE line SET quote = 600;"
     "DELETE FROM quote WHERE id = 500");
  meet();
  EXPECT_EQ(rows(kLines), Rows{"600|'target'|'old'"});
  EXPECT_EQ(kinds(), Rows{});
}

TEST_F(MergeRules, ReferencesThatWereBrokenBeforeAreLeftAsTheyAre) {
  start(kQuotes);
  at(0, kAlice, "PRAGMA foreign_keys=OFF; INSERT INTO line VALUES (2, 777, 'astray')");
  fleet().settle({kAlice, kBob});
  EXPECT_EQ(test::rows_of(fleet().app(kBob), "SELECT quote FROM line WHERE id = 2"), Rows{"777"});
  EXPECT_EQ(kinds(), Rows{});
}

// Deleting most of a table

TEST_F(MergeRules, MoreThanFiftyRowsAndAFifthOfATableWaitAndTheRestFlows) {
  start(
      "CREATE TABLE item (id INTEGER PRIMARY KEY, x TEXT);"
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 300)"
      " INSERT INTO item SELECT i, 'x' FROM n");
  at(0, kAlice, "DELETE FROM item WHERE id > 200; UPDATE item SET x = 'edited' WHERE id = 1");
  fleet().sync(kAlice);
  fleet().sync(kBob);
  EXPECT_EQ(test::rows_of(fleet().app(kBob), "SELECT count(*), max(x = 'edited') FROM item"),
            Rows{"300|1"});
  start(
      "CREATE TABLE item (id INTEGER PRIMARY KEY, x TEXT);"
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 300)"
      " INSERT INTO item SELECT i, 'x' FROM n");
  at(0, kAlice, "DELETE FROM item WHERE id > 250");
  meet();
  EXPECT_EQ(rows("SELECT count(*) FROM item"), Rows{"250"}) << "fifty rows are free";
}

// Joining with an existing database

class Joining : public MergeRules {
 protected:
  static std::string table(const std::string& rows) {
    return "CREATE TABLE item (id INTEGER PRIMARY KEY, x TEXT, updated_at TEXT);"
           "INSERT INTO item VALUES " +
           rows;
  }
  // Carla joins with these rows.
  SetupResult join(const std::string& rows) { return fleet().add("carla", table(rows)); }
  void rest() {
    fleet().settle({0, 1, 2});
    EXPECT_EQ(fleet().check(), "");
  }
};

TEST_F(Joining, RowsWithTheSameKeyAreOneRecordAndTheLaterUpdatedAtWins) {
  start(
      table("(1, 'share', '2025-01-02 10:00:00'), (2, 'share', '2025-01-02 10:00:00'), (3, 'same', "
            "NULL)"));
  join(
      "(1, 'carla', '2025-01-03 10:00:00'), (2, 'carla', '2025-01-01 10:00:00'), (3, 'same', "
      "NULL)");
  rest();
  EXPECT_EQ(rows("SELECT x FROM item ORDER BY id"), (Rows{"'carla'", "'share'", "'same'"}));
  EXPECT_EQ(rows("SELECT count(*) FROM sync_conflicts"), Rows{"2"});
}

TEST_F(Joining, ARowWhoseAgeNobodyKnowsYieldsToTheShare) {
  start(table("(1, 'share', NULL)"));
  join("(1, 'carla', NULL)");
  rest();
  EXPECT_EQ(rows("SELECT x FROM item"), Rows{"'share'"});
  EXPECT_EQ(kept("x"), "carla");
}

TEST_F(Joining, RowsOnlyHereArePublishedRowsOnlyThereAreBroughtIn) {
  start(table("(1, 'share', NULL)"));
  join("(2, 'carla', NULL)");
  rest();
  EXPECT_EQ(rows("SELECT x FROM item ORDER BY id"), (Rows{"'share'", "'carla'"}));
  EXPECT_EQ(kinds(), Rows{});
}

TEST_F(Joining, StrangersAreRefusedAndNothingChanges) {
  const auto twenty = [](const std::string& x) {
    std::string all;
    for (int i = 1; i <= 20; ++i)
      all += (i > 1 ? ", (" : "(") + std::to_string(i) + ", '" + x + "', NULL)";
    return all;
  };
  start(table(twenty("share")));
  EXPECT_THROW(join(twenty("stranger")), Error);
  EXPECT_EQ(rows("SELECT DISTINCT x FROM item"), Rows{"'share'"});
  EXPECT_EQ(fleet().check(), "");
}

// The conflict record

TEST_F(MergeRules, AConflictHasTheRowsBeforeWinningAndLosingAndItsReason) {
  start(kCustomers);
  at(0, kAlice, "UPDATE customer SET price = 12");
  at(5, kBob, "UPDATE customer SET price = 13");
  meet();
  EXPECT_EQ(rows("SELECT table_name, row_key, json_extract(base_row, '$.price'),"
                 " json_extract(winner_row, '$.price'), json_extract(loser_row, '$.price'),"
                 " winner_user, loser_user, winner_updated_at > loser_updated_at, rule"
                 " FROM sync_conflicts"),
            Rows{"'customer'|'{\"name\":\"Meyer\"}'|10|13|12|'bob'|'alice'|1|"
                 "'same column changed: newest wins (price)'"});
}

TEST_F(MergeRules, ALoserIsTakenBackByAnOrdinaryEdit) {
  start(kCustomers);
  at(0, kAlice, "UPDATE customer SET price = 12");
  at(5, kBob, "UPDATE customer SET price = 13");
  meet();
  at(0, kAlice, "UPDATE customer SET price = 12");
  meet();
  EXPECT_EQ(rows(kCustomer), Rows{"'1'|1|12"});
  EXPECT_EQ(kinds(), Rows{"'same_column'"});
}

}  // namespace
}  // namespace tidesync::oracle
