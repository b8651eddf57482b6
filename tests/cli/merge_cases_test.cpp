// What two people can do to the same rows while they do not see each other, one situation a test.
#include <chrono>
#include <thread>

#include "cli/cli_fixture.h"

namespace tidesync::test {
namespace {

constexpr const char* kSchema = R"(
  CREATE TABLE item (id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT UNIQUE, name TEXT,
                     price, updated_at TEXT);
  CREATE TABLE part (id INTEGER PRIMARY KEY, item_id INTEGER NOT NULL REFERENCES item (id),
                     name TEXT COLLATE NOCASE);
  CREATE TABLE stock (place TEXT, article INTEGER, amount REAL, PRIMARY KEY (place, article));
  CREATE TABLE tag (word TEXT NOT NULL PRIMARY KEY COLLATE NOCASE, note TEXT) WITHOUT ROWID;
  CREATE TABLE slot (number INTEGER PRIMARY KEY, seat INTEGER UNIQUE, name TEXT);
  CREATE TABLE value (id INTEGER PRIMARY KEY, v);
  CREATE TABLE audit (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT);
  CREATE TRIGGER part_audit AFTER INSERT ON part BEGIN
    INSERT INTO audit (text) VALUES ('part ' || NEW.name);
  END;
  INSERT INTO item (code, name, price, updated_at)
    SELECT 'I-' || value, 'item ' || value, value, '2026-01-01 08:00:00'
      FROM (WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 300)
            SELECT value FROM n);
  INSERT INTO part (item_id, name) VALUES (1, 'bolt'), (1, 'nut'), (2, 'belt');
  INSERT INTO stock VALUES ('Ulm', 1, 5), ('Ulm', 2, 0.5), ('Bonn', 1, 7);
  INSERT INTO tag VALUES ('red', 'warm'), ('blue', 'cold');
  INSERT INTO slot (seat, name) VALUES (1, 'one'), (2, 'two'), (3, 'three');
)";

// An edit of item 1 by somebody, said to be made this long ago.
std::string edit_item(const std::string& set, int minutes_ago) {
  return "UPDATE item SET " + set + ", updated_at = strftime('%Y-%m-%d %H:%M:%S', 'now', '-" +
         std::to_string(minutes_ago) + " minutes') WHERE id = 1";
}

class MergeCases : public CliFixture {
 protected:
  // What follows is later, by the clock that counts in milliseconds.
  static void pass_time() { std::this_thread::sleep_for(std::chrono::milliseconds(20)); }

  void SetUp() override {
    CliFixture::SetUp();
    start_fleet_sql(all_, kSchema);
  }

  // Both answers at once: every test asks every computer.
  void expect_everywhere(const std::string& query, const std::string& expected) {
    for (const std::string& name : all_) EXPECT_EQ(ask(db(name), query), expected) << name;
    EXPECT_EQ(ask(master(), query), expected) << "master.db";
  }
  void expect_conflicts(int number) {
    for (const std::string& name : all_) {
      EXPECT_EQ(count(db(name), "sync_conflicts"), number) << name << ":\n" << conflicts(name);
    }
  }
  // Edits of anna and ben; they sync in this order, or in the other.
  void meet(const std::string& by_anna, const std::string& by_ben, bool ben_first = false) {
    sql(db("anna"), by_anna);
    sql(db("ben"), by_ben);
    settle_and_expect_all_equal(ben_first ? Names{"ben", "anna", "carla"} : all_);
  }

  const Names all_{"anna", "ben", "carla"};
};

TEST_F(MergeCases, DifferentColumnsOfARowBothStay) {
  meet(edit_item("name = 'by anna'", 20), edit_item("price = 99", 10));
  expect_everywhere("SELECT name, price FROM item WHERE id = 1", "by anna|99");
  expect_conflicts(0);
}

TEST_F(MergeCases, SameEditOnBothSidesIsNoConflict) {
  meet(edit_item("name = 'same'", 10), edit_item("name = 'same'", 20));
  expect_everywhere("SELECT name FROM item WHERE id = 1", "same");
  expect_conflicts(0);
}

TEST_F(MergeCases, NewestEditWinsThoughItWasPublishedFirst) {
  meet(edit_item("name = 'old'", 60), edit_item("name = 'new'", 30), true);
  expect_everywhere("SELECT name FROM item WHERE id = 1", "new");
  expect_everywhere(
      "SELECT winner_user, loser_user, json_extract(winner_row, '$.name'),"
      " json_extract(loser_row, '$.name'), json_extract(base_row, '$.name')"
      " FROM sync_conflicts",
      "ben|anna|new|old|item 1");
}

TEST_F(MergeCases, NewestEditWinsThoughItWasPublishedLast) {
  sql(db("anna"), edit_item("name = 'old'", 60));
  sql(db("ben"), edit_item("name = 'new'", 30));
  now_ok("anna");
  const auto result = now_with(3, "ben");
  EXPECT_EQ(result["conflicts"], 1);
  EXPECT_EQ(result["tables"]["item"]["conflicts"], 1);
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT name FROM item WHERE id = 1", "new");
  expect_everywhere("SELECT winner_user, json_extract(loser_row, '$.name') FROM sync_conflicts",
                    "ben|old");
}

TEST_F(MergeCases, EditWithoutANewStampCountsWithItsRealTime) {
  meet(edit_item("name = 'stamped'", 60), "UPDATE item SET name = 'plain' WHERE id = 1");
  expect_everywhere("SELECT name FROM item WHERE id = 1", "plain");
  expect_conflicts(1);
}

TEST_F(MergeCases, EqualStampsGiveTheSameWinnerInBothOrders) {
  const std::string stamp = ", updated_at = '2026-10-01 10:00:00'";
  meet("UPDATE item SET name = 'anna 1'" + stamp + " WHERE id = 1",
       "UPDATE item SET name = 'ben 1'" + stamp + " WHERE id = 1");
  meet("UPDATE item SET name = 'anna 2'" + stamp + " WHERE id = 2",
       "UPDATE item SET name = 'ben 2'" + stamp + " WHERE id = 2", true);
  expect_everywhere("SELECT name FROM item WHERE id <= 2", "ben 1\nben 2");
  expect_conflicts(2);
}

TEST_F(MergeCases, ThreeWayConflictKeepsEveryLoser) {
  sql(db("anna"), edit_item("name = 'a'", 30));
  sql(db("ben"), edit_item("name = 'b'", 20));
  sql(db("carla"), edit_item("name = 'c'", 10));
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT name FROM item WHERE id = 1", "c");
  expect_everywhere("SELECT json_extract(loser_row, '$.name') FROM sync_conflicts ORDER BY 1",
                    "a\nb");
}

TEST_F(MergeCases, NewerEditSurvivesADeleteInBothOrders) {
  // The delete was captured before the edits were made.
  sql(db("anna"), "DELETE FROM item WHERE id IN (10, 11)");
  pass_time();
  sql(db("ben"), "UPDATE item SET name = 'kept' WHERE id = 10");
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT name FROM item WHERE id IN (10, 11)", "kept");
  sql(db("ben"), "DELETE FROM item WHERE id = 12");
  pass_time();
  sql(db("anna"), "UPDATE item SET name = 'kept' WHERE id = 12");
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT name FROM item WHERE id = 12", "kept");
  expect_everywhere(
      "SELECT json_extract(coalesce(loser_row, base_row), '$.name')"
      " FROM sync_conflicts ORDER BY 1",
      "item 10\nitem 12");
}

TEST_F(MergeCases, NewerDeleteWinsInBothOrdersAndTheEditIsKept) {
  const std::string old_edit = ", updated_at = datetime('now', '-60 minutes') WHERE id = ";
  meet("DELETE FROM item WHERE id = 10", "UPDATE item SET name = 'lost 1'" + old_edit + "10");
  meet("DELETE FROM item WHERE id = 11", "UPDATE item SET name = 'lost 2'" + old_edit + "11", true);
  expect_everywhere("SELECT count(*) FROM item WHERE id IN (10, 11)", "0");
  expect_everywhere("SELECT json_extract(loser_row, '$.name') FROM sync_conflicts ORDER BY 1",
                    "lost 1\nlost 2");
}

TEST_F(MergeCases, DeletedOnBothSidesIsNoConflict) {
  meet("DELETE FROM item WHERE id = 20", "DELETE FROM item WHERE id = 20");
  expect_everywhere("SELECT count(*) FROM item", "299");
  expect_conflicts(0);
}

// Two people create an item each; both are given number 301, and the parts refer to it.
TEST_F(MergeCases, SameNewNumberOfTwoRecordsKeepsBothWithTheirChildren) {
  const auto create = [](const std::string& who) {
    return "INSERT INTO item (code, name) VALUES ('N-" + who + "', '" + who + "');" +
           "INSERT INTO part (item_id, name) VALUES ((SELECT max(id) FROM item), '" + who +
           " 1'),"
           " ((SELECT max(id) FROM item), '" +
           who + " 2')";
  };
  sql(db("carla"), create("carla"));
  meet(create("anna"), create("ben"));
  for (const std::string who : {"anna", "ben", "carla"}) {
    expect_everywhere(
        "SELECT group_concat(p.name) FROM item i JOIN part p ON p.item_id = i.id"
        " WHERE i.name = '" +
            who + "' ORDER BY p.id",
        who + " 1," + who + " 2");
  }
  expect_everywhere(
      "SELECT count(*), count(DISTINCT id), min(id), max(id) FROM item"
      " WHERE code LIKE 'N-%'",
      "3|3|301|303");
  // The next number is free everywhere, also for the node that gave way.
  for (const std::string& name : all_) {
    sql(db(name), "INSERT INTO item (code) VALUES ('next " + name + "')");
    EXPECT_EQ(ask(db(name), "SELECT id FROM item WHERE code = 'next " + name + "'"), "304");
  }
  settle_and_expect_all_equal(all_);
}

TEST_F(MergeCases, UniqueNumberGivenTwiceGetsASuffix) {
  meet("INSERT INTO item (code, name) VALUES ('Q-100', 'of anna')",
       "INSERT INTO item (code, name) VALUES ('Q-100', 'of ben')");
  expect_everywhere("SELECT code, name FROM item WHERE code LIKE 'Q-%' ORDER BY code",
                    "Q-100|of anna\nQ-100~ben|of ben");
  expect_conflicts(1);
  expect_everywhere(
      "SELECT table_name, loser_user, json_extract(loser_row, '$.code')"
      " FROM sync_conflicts",
      "item|ben|Q-100");
}

TEST_F(MergeCases, UniqueNumberTakenByAnEditGetsASuffix) {
  meet("UPDATE item SET code = 'Q-7' WHERE id = 1", "UPDATE item SET code = 'Q-7' WHERE id = 2");
  expect_everywhere("SELECT id, code FROM item WHERE code LIKE 'Q-%' ORDER BY code",
                    "1|Q-7\n2|Q-7~ben");
  expect_conflicts(1);
}

// No text column to put a suffix on: the later one is set aside whole, and can be read back.
TEST_F(MergeCases, UniqueValueWithoutTextIsSetAsideAndKept) {
  meet("INSERT INTO slot (number, seat, name) VALUES (10, 9, 'anna')",
       "INSERT INTO slot (number, seat, name) VALUES (11, 9, 'ben')");
  expect_everywhere("SELECT name FROM slot WHERE seat = 9", "anna");
  expect_everywhere("SELECT kind, json_extract(loser_row, '$.name') FROM sync_conflicts",
                    "set_aside|ben");
}

TEST_F(MergeCases, SwapOfUniqueValuesFlowsWithoutConflict) {
  meet(
      "UPDATE item SET code = 'tmp' WHERE id = 1; UPDATE item SET code = 'I-1' WHERE id = 2;"
      "UPDATE item SET code = 'I-2' WHERE id = 1",
      // Three at once, in a circle, on the other computer.
      "UPDATE slot SET seat = -1 WHERE seat = 1; UPDATE slot SET seat = 1 WHERE seat = 2;"
      "UPDATE slot SET seat = 2 WHERE seat = 3; UPDATE slot SET seat = 3 WHERE seat = -1");
  expect_everywhere("SELECT code FROM item WHERE id <= 2 ORDER BY id", "I-2\nI-1");
  expect_everywhere("SELECT name FROM slot ORDER BY seat", "two\nthree\none");
  expect_conflicts(0);
}

TEST_F(MergeCases, MovedChildOfADeletedParentFlows) {
  sql(db("anna"),
      "INSERT INTO item (id, code) VALUES (400, 'P');"
      "UPDATE part SET item_id = 400 WHERE item_id = 2;"
      "DELETE FROM item WHERE id = 2");
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT item_id FROM part WHERE name = 'belt'", "400");
  expect_everywhere("SELECT count(*) FROM item WHERE id = 2", "0");
  expect_conflicts(0);
}

TEST_F(MergeCases, ChildOfAParentDeletedElsewhereBringsItBack) {
  meet("DELETE FROM item WHERE id = 50", "INSERT INTO part (item_id, name) VALUES (50, 'orphan')");
  expect_everywhere(
      "SELECT i.name FROM part p JOIN item i ON i.id = p.item_id"
      " WHERE p.name = 'orphan'",
      "item 50");
  expect_conflicts(1);
}

// Work that no trigger saw, as of a program that turns triggers off: the number of rows gives it
// away.
TEST_F(MergeCases, RowsThatCameAndWentUnseenAreFound) {
  const std::string triggers =
      " FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'tidesync_%'";
  const std::string drop =
      ask(db("anna"), "SELECT 'DROP TRIGGER ' || quote(name) || ';'" + triggers);
  const std::string create = ask(db("anna"), "SELECT sql || ';'" + triggers);
  ASSERT_NE(create, "");
  sql(db("anna"), drop +
                      "DELETE FROM item WHERE id = 80;"
                      "INSERT INTO tag VALUES ('new', 'unseen');" +
                      create);
  EXPECT_EQ(now_ok("anna")["pushed"], 2);
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT count(*) FROM item WHERE id = 80", "0");
  expect_everywhere("SELECT note FROM tag WHERE word = 'new'", "unseen");
}

// REPLACE evicts rows without firing a delete trigger.
TEST_F(MergeCases, RowEvictedByReplaceIsDeletedEverywhere) {
  sql(db("anna"), "INSERT OR REPLACE INTO item (id, code, name) VALUES (500, 'I-60', 'new')");
  sql(db("ben"), "UPDATE OR REPLACE item SET code = 'I-61' WHERE id = 62");
  sql(db("carla"), "INSERT OR REPLACE INTO slot (number, seat, name) VALUES (1, 2, 'both')");
  settle_and_expect_all_equal(all_);
  expect_everywhere(
      "SELECT id, code FROM item WHERE code IN ('I-60', 'I-61', 'I-62')"
      " ORDER BY id",
      "62|I-61\n500|I-60");
  expect_everywhere("SELECT number, seat, name FROM slot", "1|2|both\n3|3|three");
  expect_conflicts(0);
}

// On the other computers the application's triggers have nothing to do: their effects arrive.
TEST_F(MergeCases, TriggersOfTheApplicationFireOnce) {
  sql(db("anna"), "INSERT INTO part (item_id, name) VALUES (5, 'washer')");
  EXPECT_EQ(now_ok("anna")["pushed"], 2);
  EXPECT_EQ(now_ok("ben")["pulled"], 2);
  EXPECT_EQ(now_ok("ben")["pushed"], 0);
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT count(*) FROM audit WHERE text = 'part washer'", "1");
}

TEST_F(MergeCases, ChangedKeysFlow) {
  meet(
      "UPDATE item SET id = 5000 WHERE id = 70; UPDATE stock SET place = 'Köln' WHERE place ="
      " 'Bonn'",
      "UPDATE tag SET word = 'green' WHERE word = 'blue'; UPDATE stock SET article = 3"
      " WHERE place = 'Ulm' AND article = 2");
  expect_everywhere("SELECT code FROM item WHERE id IN (70, 5000)", "I-70");
  expect_everywhere("SELECT place, article FROM stock ORDER BY 1, 2", "Köln|1\nUlm|1\nUlm|3");
  expect_everywhere("SELECT word FROM tag ORDER BY 1", "green\nred");
  expect_conflicts(0);
}

TEST_F(MergeCases, CompositeKeysMergeByColumn) {
  meet(
      "UPDATE stock SET amount = 6 WHERE place = 'Ulm' AND article = 1;"
      "INSERT INTO stock VALUES ('Kiel', 1, 1); DELETE FROM stock WHERE place = 'Bonn'",
      "INSERT INTO stock VALUES ('Kiel', 2, 2);"
      "UPDATE stock SET amount = 1 WHERE place = 'Ulm' AND article = 2");
  expect_everywhere("SELECT place, article, amount FROM stock ORDER BY 1, 2",
                    "Kiel|1|1.000000\nKiel|2|2.000000\nUlm|1|6.000000\nUlm|2|1.000000");
  expect_conflicts(0);
}

TEST_F(MergeCases, SameNewNaturalKeyIsOneRecord) {
  meet("INSERT INTO tag VALUES ('grey', 'by anna')", "INSERT INTO tag VALUES ('grey', 'by ben')");
  expect_everywhere("SELECT count(*) FROM tag WHERE word = 'grey'", "1");
  expect_everywhere("SELECT note FROM tag WHERE word = 'grey'", "by ben");
  expect_conflicts(1);
}

TEST_F(MergeCases, DeletedNumberGivenToANewRecord) {
  sql(db("anna"), "DELETE FROM part WHERE id = 3");
  now_ok("anna");
  sql(db("anna"), "INSERT INTO part (item_id, name) VALUES (9, 'other')");
  EXPECT_EQ(ask(db("anna"), "SELECT id FROM part WHERE name = 'other'"), "3");
  settle_and_expect_all_equal(all_);
  // And within one sync: for the others the record was replaced.
  sql(db("ben"),
      "DELETE FROM part WHERE id = 3;"
      "INSERT INTO part (id, item_id, name) VALUES (3, 8, 'third')");
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT item_id, name FROM part WHERE id = 3", "8|third");
  expect_conflicts(0);
}

TEST_F(MergeCases, ValuesArriveByTypeAndBytes) {
  sql(db("anna"), R"(
    INSERT INTO value (v) VALUES (1), (1.0), (-0.0), (9223372036854775807), (-9223372036854775808),
      (9e999), (-9e999), (4.9e-324), (CAST(x'610062' AS TEXT)), (CAST(x'ff80c3' AS TEXT)), (''),
      (x''), (x'00'), (NULL), (9007199254740993), ('1'), (randomblob(2000000)),
      (CAST(zeroblob(100000) AS TEXT));
    UPDATE part SET name = 'BOLT' WHERE id = 1)");
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT typeof(v) || length(hex(v)) FROM value WHERE id IN (1, 2, 9, 10, 17)",
                    "integer2\nreal6\ntext6\ntext6\nblob4000000");
  expect_everywhere("SELECT name FROM part WHERE id = 1", "BOLT");
  // Changes that SQL's own comparison does not see.
  sql(db("ben"),
      "UPDATE value SET v = 1.0 WHERE id = 1; UPDATE value SET v = 0.0 WHERE id = 3;"
      "UPDATE value SET v = '1' WHERE id = 2; UPDATE value SET v = x'' WHERE id = 11;"
      "UPDATE part SET name = 'bolT' WHERE id = 1");
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT typeof(v) FROM value WHERE id IN (1, 2, 3, 11)",
                    "real\ntext\nreal\nblob");
  expect_everywhere("SELECT name FROM part WHERE id = 1", "bolT");
  expect_conflicts(0);
}

TEST_F(MergeCases, DeletionOfMostOfATableWaitsForConsent) {
  sql(db("anna"),
      "DELETE FROM item WHERE id > 100;"
      "UPDATE item SET name = 'edited' WHERE id = 1;"
      "INSERT INTO tag VALUES ('new', 'flows')");
  const auto held = now_ok("anna");
  EXPECT_EQ(held["status"], "partial");
  EXPECT_EQ(held["pushed"], 2);
  EXPECT_NE(held["notes"].dump().find("--allow-mass-delete"), std::string::npos) << held;
  EXPECT_EQ(ask(db("anna"), "SELECT status FROM sync_log ORDER BY id DESC LIMIT 1"), "partial");
  now_ok("ben");
  EXPECT_EQ(count(db("ben"), "item"), 300);
  EXPECT_EQ(ask(db("ben"), "SELECT name FROM item WHERE id = 1"), "edited");
  EXPECT_EQ(count(db("ben"), "tag WHERE word = 'new'"), 1);
  EXPECT_EQ(count(db("anna"), "item"), 100) << "brought back";
  // Still waiting the next time, and what others do to the table still comes in.
  sql(db("ben"), "UPDATE item SET name = 'by ben' WHERE id = 2");
  now_ok("ben");
  EXPECT_EQ(now_ok("anna")["status"], "partial");
  EXPECT_EQ(ask(db("anna"), "SELECT name FROM item WHERE id = 2"), "by ben");

  EXPECT_EQ(now_ok("anna", {"--allow-mass-delete"})["pushed"], 200);
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT count(*) FROM item", "100");
}

// A table that was emptied and filled again, as an import does it: with new ids, the same codes.
TEST_F(MergeCases, RefilledTableWaitsForConsentToo) {
  sql(db("anna"),
      "CREATE TEMP TABLE copy AS SELECT code, name FROM item WHERE id > 100;"
      "DELETE FROM item WHERE id > 100;"
      "INSERT INTO item (code, name) SELECT code, name || '!' FROM copy");
  const auto held = now_with(1, "anna");
  EXPECT_EQ(held["error"]["code"], "guard") << held;
  EXPECT_NE(held["error"]["hint"].get<std::string>().find("--allow-mass-delete"),
            std::string::npos);
  now_ok("ben");
  EXPECT_EQ(count(db("ben"), "item WHERE name LIKE '%!'"), 0);
  now_ok("anna", {"--allow-mass-delete"});
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT count(*), min(id) FROM item WHERE name LIKE '%!'", "200|301");
}

}  // namespace
}  // namespace tidesync::test
