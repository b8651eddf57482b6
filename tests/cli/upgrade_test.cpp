// The application is updated, on one computer first: its tables change while others still run the
// older version.
#include "cli/cli_fixture.h"

namespace tidesync::test {
namespace {

constexpr const char* kSchema = R"(
  CREATE TABLE customer (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, city TEXT);
  CREATE TABLE quote (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer (id),
                      total INTEGER, updated_at TEXT);
  INSERT INTO customer (name, city) VALUES ('Berg', 'Ulm'), ('Kolb', 'Bonn'), ('Lang', 'Kiel');
  INSERT INTO quote (customer_id, total) VALUES (1, 100), (2, 200), (3, 300);
)";

class Upgrade : public CliFixture {
 protected:
  void SetUp() override {
    CliFixture::SetUp();
    start_fleet_sql(all_, kSchema);
  }
  void expect_everywhere(const std::string& query, const std::string& expected) {
    for (const std::string& name : all_) EXPECT_EQ(ask(db(name), query), expected) << name;
    EXPECT_EQ(ask(master(), query), expected) << "master.db";
  }
  const Names all_{"anna", "ben", "carla"};
};

TEST_F(Upgrade, NewColumnFlowsAndOlderApplicationsGoOnWorking) {
  sql(db("anna"),
      "ALTER TABLE quote ADD COLUMN discount INTEGER DEFAULT 0;"
      "UPDATE quote SET discount = 5 WHERE id = 1");
  const auto result = now_ok("anna");
  EXPECT_NE(result["notes"].dump().find("discount"), std::string::npos) << result.dump();
  sql(db("ben"), "UPDATE quote SET total = 111 WHERE id = 1; INSERT INTO quote (total) VALUES (9)");
  settle(all_);
  EXPECT_EQ(ask(db("anna"), "SELECT id, total, discount FROM quote ORDER BY id"),
            "1|111|5\n2|200|0\n3|300|0\n4|9|0");
  EXPECT_EQ(ask(master(), "SELECT id, total, discount FROM quote ORDER BY id"),
            "1|111|5\n2|200|0\n3|300|0\n4|9|0");
  EXPECT_EQ(ask(db("ben"), "SELECT count(*) FROM pragma_table_info('quote')"), "4")
      << "nothing is added to an older application's table";
  EXPECT_EQ(count(db("ben"), "sync_conflicts"), 0) << conflicts("ben");
}

TEST_F(Upgrade, UpgradeThatComesLaterDoesNotSendItsDefaultsOverRealValues) {
  sql(db("anna"),
      "ALTER TABLE quote ADD COLUMN discount INTEGER DEFAULT 0;"
      "UPDATE quote SET discount = id * 10");
  now_ok("anna");
  // Ben edits with the older application, is offline during its update, and edits again.
  sql(db("ben"), "UPDATE quote SET total = 201 WHERE id = 2");
  now_ok("ben");
  sql(db("ben"), "UPDATE quote SET total = 301 WHERE id = 3");
  sql(db("ben"), "ALTER TABLE quote ADD COLUMN discount INTEGER DEFAULT 0");
  sql(db("carla"),
      "ALTER TABLE quote ADD COLUMN discount INTEGER DEFAULT 0;"
      "UPDATE quote SET total = 101 WHERE id = 1");
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT id, total, discount FROM quote ORDER BY id",
                    "1|101|10\n2|201|20\n3|301|30");
  EXPECT_EQ(count(db("ben"), "sync_conflicts"), 0) << conflicts("ben");
}

TEST_F(Upgrade, AnotherValueInAColumnThatCameLaterIsKept) {
  sql(db("anna"),
      "ALTER TABLE quote ADD COLUMN discount INTEGER;"
      "UPDATE quote SET discount = 7 WHERE id = 1");
  now_ok("anna");
  now_ok("ben");
  sql(db("ben"),
      "ALTER TABLE quote ADD COLUMN discount INTEGER;"
      "UPDATE quote SET discount = 8 WHERE id = 1;"
      "UPDATE quote SET discount = 9 WHERE id = 2");
  sql(db("carla"), "ALTER TABLE quote ADD COLUMN discount INTEGER");
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT id, discount FROM quote ORDER BY id", "1|7\n2|9\n3|NULL");
  EXPECT_EQ(ask(db("anna"), "SELECT json_extract(loser_row, '$.discount') FROM sync_conflicts"),
            "8");
}

TEST_F(Upgrade, NewTableFlowsToEverybodyWhoHasItAndWaitsForTheOthers) {
  const std::string notes =
      "CREATE TABLE note (id INTEGER PRIMARY KEY, quote_id INTEGER REFERENCES quote (id), text "
      "TEXT)";
  sql(db("anna"), notes + "; INSERT INTO note VALUES (1, 1, 'by anna')");
  now_ok("anna");
  now_ok("ben");
  EXPECT_EQ(ask(db("ben"), "SELECT count(*) FROM sqlite_schema WHERE name = 'note'"), "0");
  EXPECT_EQ(ask(master(), "SELECT text FROM note"), "by anna");
  sql(db("ben"), notes + "; INSERT INTO note VALUES (1, 2, 'by ben')");
  sql(db("carla"), notes);
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT quote_id, text FROM note ORDER BY quote_id", "1|by anna\n2|by ben");
}

TEST_F(Upgrade, TwoComputersBringTheSameNewTableAndColumn) {
  const std::string update =
      "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT);"
      "ALTER TABLE customer ADD COLUMN phone TEXT";
  for (const std::string& name : all_) {
    sql(db(name), update + "; INSERT INTO note (text) VALUES ('" + name + "')");
    sql(db(name), "UPDATE customer SET phone = '" + name + "' WHERE name = 'Berg' AND '" + name +
                      "' = 'ben'");
  }
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT text FROM note ORDER BY text", "anna\nben\ncarla");
  expect_everywhere("SELECT phone FROM customer ORDER BY id", "ben\nNULL\nNULL");
}

TEST_F(Upgrade, RenamedColumnStopsExactlyItsTable) {
  sql(db("ben"),
      "ALTER TABLE customer RENAME COLUMN city TO town;"
      "UPDATE customer SET town = 'Köln' WHERE id = 1;"
      "UPDATE quote SET total = 150 WHERE id = 1");
  const Outcome outcome = now("ben");
  EXPECT_NE(outcome.text().find("customer is not synced"), std::string::npos) << outcome.text();
  EXPECT_NE(outcome.text().find("city"), std::string::npos) << outcome.text();
  sql(db("anna"),
      "UPDATE customer SET name = 'Berger' WHERE id = 1;"
      "UPDATE customer SET name = 'Kolbe' WHERE id = 2");
  now_ok("anna");
  EXPECT_EQ(ask(db("anna"), "SELECT total FROM quote WHERE id = 1"), "150") << "others flow";
  now("ben");
  EXPECT_EQ(ask(db("ben"), "SELECT name, town FROM customer WHERE id = 1"), "Berg|Köln");
  const std::string status = command("ben", "status").out;
  EXPECT_NE(status.find("table customer stands still"), std::string::npos) << status;
  EXPECT_NE(status.find("its column city is gone here"), std::string::npos) << status;
  // It is undone: what both did in the meantime is merged.
  sql(db("ben"), "ALTER TABLE customer RENAME COLUMN town TO city");
  settle_and_expect_all_equal(all_);
  EXPECT_EQ(ask(db("ben"), "SELECT name FROM customer WHERE id = 2"), "Kolbe");
  EXPECT_EQ(ask(db("anna"), "SELECT name, city FROM customer WHERE id = 1"), "Berger|Köln");
  EXPECT_EQ(count(db("anna"), "sync_conflicts"), 0) << conflicts("anna");
}

TEST_F(Upgrade, DroppedColumnIsGivenUpByEverybodyWhenAnAdminSaysSo) {
  sql(db("ben"),
      "ALTER TABLE customer DROP COLUMN city; UPDATE customer SET name = 'B' WHERE id = 1");
  now("ben");
  const Outcome outcome = now("ben", {"--accept-dropped"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.text();
  const auto told = now_ok("anna");
  EXPECT_NE(told["notes"].dump().find("customer.city is not synced any more, because ben"),
            std::string::npos)
      << told.dump();
  EXPECT_NE(command("anna", "status").out.find("customer.city"), std::string::npos);
  sql(db("anna"),
      "UPDATE customer SET city = 'Rom' WHERE id = 2; UPDATE customer SET name = 'C' WHERE id = 3");
  for (int round = 0; round < 2; ++round) {
    for (const std::string& name : all_) now_ok(name);
  }
  for (const std::string& name : all_)
    EXPECT_EQ(ask(db(name), "SELECT name FROM customer ORDER BY id"), "B\nKolb\nC") << name;
  EXPECT_EQ(ask(db("anna"), "SELECT city FROM customer WHERE id = 2"), "Rom")
      << "local from now on";
  EXPECT_EQ(ask(master(), "SELECT count(*) FROM pragma_table_info('customer')"), "2");
}

// What stands in it is nobody else's business any more, and no work that a delete has to spare.
TEST_F(Upgrade, ColumnThatWasGivenUpKeepsNoRowFromBeingDeleted) {
  sql(db("ben"), "ALTER TABLE customer DROP COLUMN city");
  EXPECT_EQ(now("ben", {"--accept-dropped"}).exit_code, 0);
  settle(all_);
  sql(db("anna"),
      "INSERT INTO customer (id, name) VALUES (90, 'Lang'); UPDATE customer SET city = 'Rom' WHERE "
      "id = 90");
  settle(all_);
  sql(db("anna"), "UPDATE customer SET city = 'Bonn' WHERE id = 90");
  sql(db("ben"), "DELETE FROM customer WHERE id = 90");
  now_ok("ben");
  settle(all_);
  for (const std::string& name : all_)
    EXPECT_EQ(ask(db(name), "SELECT count(*) FROM customer WHERE id = 90"), "0") << name;
  EXPECT_EQ(count(db("anna"), "sync_conflicts"), 0) << conflicts("anna");
}

TEST_F(Upgrade, VanishedTableIsNotReadAsDeleted) {
  sql(db("ben"), "DROP TABLE quote; UPDATE customer SET city = 'Hof' WHERE id = 1");
  const Outcome outcome = now("ben");
  EXPECT_NE(outcome.text().find("quote is not synced"), std::string::npos) << outcome.text();
  now_ok("anna");
  EXPECT_EQ(ask(db("anna"), "SELECT count(*) FROM quote"), "3");
  EXPECT_EQ(ask(db("anna"), "SELECT city FROM customer WHERE id = 1"), "Hof");
  // The application makes it again, empty: its rows come back.
  sql(db("ben"),
      "CREATE TABLE quote (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer"
      " (id), total INTEGER, updated_at TEXT)");
  settle_and_expect_all_equal(all_);
  EXPECT_EQ(ask(db("ben"), "SELECT count(*) FROM quote"), "3");
}

TEST_F(Upgrade, TableDroppedAndMadeAgainEmptyBetweenTwoRunsDeletesNothing) {
  sql(db("ben"),
      "DROP TABLE quote; CREATE TABLE quote (id INTEGER PRIMARY KEY, customer_id INTEGER"
      " REFERENCES customer (id), total INTEGER, updated_at TEXT)");
  now("ben");
  now_ok("anna");
  EXPECT_EQ(ask(db("anna"), "SELECT count(*) FROM quote"), "3");
  EXPECT_EQ(ask(db("ben"), "SELECT count(*) FROM quote"), "3");
}

TEST_F(Upgrade, StricterTableStandsStillUntilItIsAsTheOthers) {
  sql(db("ben"),
      "ALTER TABLE quote RENAME TO old_quote;"
      "CREATE TABLE quote (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer (id),"
      " total INTEGER CHECK (total < 1000), updated_at TEXT);"
      "INSERT INTO quote SELECT * FROM old_quote; DROP TABLE old_quote");
  sql(db("anna"),
      "UPDATE quote SET total = 5000 WHERE id = 1;"
      "UPDATE customer SET city = 'Hof' WHERE id = 1");
  now_ok("anna");
  // A dry run merges twice, too, and tells the same.
  const Outcome foretold = now("ben", {"--dry-run"});
  EXPECT_NE(foretold.text().find("quote is not synced"), std::string::npos) << foretold.text();
  EXPECT_EQ(ask(db("ben"), "SELECT city FROM customer WHERE id = 1"), "Ulm");
  const Outcome outcome = now("ben");
  EXPECT_EQ(foretold.exit_code, outcome.exit_code) << foretold.text();
  EXPECT_NE(outcome.text().find("quote is not synced"), std::string::npos) << outcome.text();
  EXPECT_EQ(ask(db("ben"), "SELECT total FROM quote WHERE id = 1"), "100");
  EXPECT_EQ(ask(db("ben"), "SELECT city FROM customer WHERE id = 1"), "Hof");
  sql(db("ben"),
      "ALTER TABLE quote RENAME TO old_quote;"
      "CREATE TABLE quote (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer (id),"
      " total INTEGER, updated_at TEXT);"
      "INSERT INTO quote SELECT * FROM old_quote; DROP TABLE old_quote");
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT total FROM quote WHERE id = 1", "5000");
}

TEST_F(Upgrade, RowsThatBreakARuleOfTheNewerApplicationWaitForTheUpdate) {
  const std::string update =
      "ALTER TABLE quote RENAME TO old_quote;"
      "CREATE TABLE quote (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer (id),"
      " total INTEGER NOT NULL, updated_at TEXT);"
      "INSERT INTO quote SELECT id, customer_id, ifnull(total, 0), updated_at FROM old_quote;"
      "DROP TABLE old_quote";
  sql(db("anna"), update);
  now_ok("anna");
  sql(db("ben"),
      "INSERT INTO quote (customer_id) VALUES (1); UPDATE customer SET city = 'Hof' WHERE id = 1");
  const Outcome outcome = now("ben");
  EXPECT_NE(outcome.text().find("quote is not synced"), std::string::npos) << outcome.text();
  EXPECT_EQ(ask(master(), "SELECT city FROM customer WHERE id = 1"), "Hof");
  EXPECT_EQ(ask(master(), "SELECT count(*) FROM quote"), "3");
  sql(db("ben"), update);
  settle_and_expect_all_equal({"anna", "ben"});
  EXPECT_EQ(ask(db("anna"), "SELECT total FROM quote WHERE id = 4"), "0");
}

TEST_F(Upgrade, RebuiltTableWithRelaxedRuleFlows) {
  make("strict",
       "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT NOT NULL);"
       "INSERT INTO t VALUES (1, 'a')");
  sql(db("anna"),
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT NOT NULL);"
      "INSERT INTO t VALUES (1, 'a')");
  settle(all_);
  sql(db("anna"),
      "ALTER TABLE t RENAME TO o; CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);"
      "INSERT INTO t SELECT * FROM o; DROP TABLE o; INSERT INTO t VALUES (2, NULL)");
  now_ok("anna");
  EXPECT_EQ(ask(master(), "SELECT id, v FROM t ORDER BY id"), "1|a\n2|NULL");
}

TEST_F(Upgrade, TwelveStepAlterKeepsTriggersAndRows) {
  sql(db("ben"),
      "PRAGMA foreign_keys = OFF; BEGIN;"
      "CREATE TABLE new_quote (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer "
      "(id),"
      " total INTEGER, note TEXT DEFAULT 'none', updated_at TEXT);"
      "INSERT INTO new_quote (id, customer_id, total, updated_at) SELECT id, customer_id, total,"
      " updated_at FROM quote; DROP TABLE quote; ALTER TABLE new_quote RENAME TO quote; COMMIT;"
      "UPDATE quote SET note = 'urgent' WHERE id = 2; DELETE FROM quote WHERE id = 3");
  now("ben");
  sql(db("ben"), "UPDATE quote SET total = 1 WHERE id = 1");
  settle(all_);
  EXPECT_EQ(ask(master(), "SELECT id, total, note FROM quote ORDER BY id"),
            "1|1|none\n2|200|urgent\n3|300|none")
      << "a row that nobody saw deleted comes back";
  EXPECT_EQ(ask(db("anna"), "SELECT id, total FROM quote ORDER BY id"), "1|1\n2|200\n3|300");
  sql(db("ben"), "DELETE FROM quote WHERE id = 3");
  settle(all_);
  EXPECT_EQ(ask(db("anna"), "SELECT id, total FROM quote ORDER BY id"), "1|1\n2|200");
}

TEST_F(Upgrade, TableLeftOutAtInitIsNeverProposed) {
  make("x",
       "CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE cache (id INTEGER PRIMARY KEY);"
       "INSERT INTO a VALUES (1)");
  const Path other = dir() / "other";
  boost::filesystem::create_directory(other);
  ASSERT_EQ(command("x", "init", {"--share", other.string(), "--exclude", "cache"}).exit_code, 0);
  sql(db("x"),
      "INSERT INTO cache VALUES (5); ALTER TABLE cache ADD COLUMN v; INSERT INTO a VALUES (2)");
  now_ok("x");
  EXPECT_EQ(ask(other / "master.db", "SELECT count(*) FROM sqlite_schema WHERE name = 'cache'"),
            "0");
}

TEST_F(Upgrade, ComputerThatJoinsAfterAChangeHasTheNewForm) {
  sql(db("anna"),
      "ALTER TABLE quote ADD COLUMN discount INTEGER DEFAULT 0;"
      "UPDATE quote SET discount = 3 WHERE id = 1; PRAGMA user_version = 7;"
      "CREATE INDEX quote_by_total ON quote (total)");
  now_ok("anna");
  ASSERT_EQ(join("dora").exit_code, 0);
  EXPECT_EQ(ask(db("dora"), "SELECT discount FROM quote WHERE id = 1"), "3");
  EXPECT_EQ(ask(db("dora"), "PRAGMA user_version"), "7");
  EXPECT_EQ(ask(db("dora"), "SELECT count(*) FROM sqlite_schema WHERE name = 'quote_by_total'"),
            "1");
}

// The share does not have the column yet when it says that the row is gone.
TEST_F(Upgrade, RowDeletedThereWhileItsNewColumnIsFilledHereStays) {
  sql(db("ben"),
      "ALTER TABLE quote ADD COLUMN discount INTEGER DEFAULT 0;"
      "UPDATE quote SET discount = 7 WHERE id = 1");
  sql(db("anna"), "DELETE FROM quote WHERE id IN (1, 2)");
  now_ok("anna");
  now("ben", {});
  settle(all_);
  for (const std::string name : {"anna", "ben", "carla"})
    EXPECT_EQ(ask(db(name), "SELECT id FROM quote ORDER BY id"), "1\n3") << name;
  EXPECT_EQ(ask(db("ben"), "SELECT discount FROM quote WHERE id = 1"), "7");
  EXPECT_EQ(ask(master(), "SELECT id, discount FROM quote ORDER BY id"), "1|7\n3|0");
  EXPECT_EQ(ask(db("anna"), "SELECT kind, row_key FROM sync_conflicts"), "edit_delete|{\"id\":1}");
}

}  // namespace
}  // namespace tidesync::test
