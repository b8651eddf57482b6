// An update of the application never loses an edit: columns that go and come back, tables made
// anew, types that change, numbers that each computer gives for itself.
#include "cli/cli_fixture.h"

namespace tidesync::test {
namespace {

constexpr const char* kSchema = R"(
  CREATE TABLE customer (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, city TEXT);
  CREATE TABLE quote (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer (id),
                      total INTEGER, note TEXT, updated_at TEXT);
  INSERT INTO customer (name, city) VALUES ('Berg', 'Ulm'), ('Kolb', 'Bonn'), ('Lang', 'Kiel');
  INSERT INTO quote (customer_id, total, note) VALUES (1, 100, 'a'), (2, 200, 'b'), (3, 300, 'c');
)";

class UpdateLosses : public CliFixture {
 protected:
  void SetUp() override {
    CliFixture::SetUp();
    start_fleet_sql(all_, kSchema);
  }
  void expect_everywhere(const std::string& query, const std::string& expected) {
    for (const std::string& name : all_) EXPECT_EQ(ask(db(name), query), expected) << name;
    EXPECT_EQ(ask(master(), query), expected) << "master.db";
  }
  void expect_verified() {
    for (const std::string& name : all_) {
      const Outcome outcome = command(name, "verify");
      EXPECT_EQ(outcome.exit_code, 0) << outcome.text();
    }
  }
  // Made anew as migration tools do it: a new table, the rows copied, the old one dropped.
  void rebuild(const std::string& name, const std::string& table, const std::string& columns,
               const std::string& into, const std::string& select) {
    sql(db(name), "PRAGMA foreign_keys = OFF; BEGIN; CREATE TABLE new_t (" + columns +
                      "); INSERT INTO new_t (" + into + ") SELECT " + select + " FROM " + table +
                      "; DROP TABLE " + table + "; ALTER TABLE new_t RENAME TO " + table +
                      "; COMMIT");
  }
  const Names all_{"anna", "ben", "carla"};
};

TEST_F(UpdateLosses, ColumnThatGoesAndComesBackTakesTheValuesOfTheOthers) {
  sql(db("ben"), "ALTER TABLE customer DROP COLUMN city");
  now("ben");
  sql(db("anna"), "UPDATE customer SET city = 'Rom' WHERE id = 3");
  now_ok("anna");
  sql(db("ben"), "ALTER TABLE customer ADD COLUMN city TEXT DEFAULT 'none'");
  sql(db("ben"), "UPDATE customer SET name = 'Berger' WHERE id = 1");
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT name, city FROM customer ORDER BY id",
                    "Berger|Ulm\nKolb|Bonn\nLang|Rom");
  EXPECT_EQ(count(db("anna"), "sync_conflicts"), 0) << conflicts("anna");
}

TEST_F(UpdateLosses, ColumnDroppedAndAddedBetweenTwoRunsKeepsItsValues) {
  sql(db("ben"),
      "ALTER TABLE customer DROP COLUMN city; ALTER TABLE customer ADD COLUMN city TEXT");
  const auto told = now_ok("ben");
  EXPECT_NE(told["notes"].dump().find("customer.city"), std::string::npos) << told.dump();
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT city FROM customer ORDER BY id", "Ulm\nBonn\nKiel");
}

TEST_F(UpdateLosses, WorkInATableMadeAnewWithoutAColumnGoesOutWhenAnAdminAccepts) {
  rebuild("ben", "quote",
          "id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer (id), total INTEGER,"
          " updated_at TEXT",
          "id, customer_id, total, updated_at", "id, customer_id, total, updated_at");
  now("ben");
  sql(db("ben"),
      "UPDATE quote SET total = 150 WHERE id = 1;"
      "INSERT INTO quote (customer_id, total) VALUES (1, 400), (2, 500)");
  sql(db("anna"), "UPDATE quote SET total = 222 WHERE id = 2");
  now_ok("anna");
  const Outcome outcome = now("ben", {"--accept-dropped"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.text();
  for (int round = 0; round < 3; ++round) {
    for (const std::string& name : all_) now_ok(name);
  }
  expect_everywhere("SELECT id, customer_id, total FROM quote ORDER BY id",
                    "1|1|150\n2|2|222\n3|3|300\n4|1|400\n5|2|500");
  EXPECT_EQ(count(db("anna"), "sync_conflicts"), 0) << conflicts("anna");
}

TEST_F(UpdateLosses, NewUniqueColumnThatTwoComputersFillInDifferentOrder) {
  sql(db("anna"),
      "ALTER TABLE quote ADD COLUMN code INTEGER; UPDATE quote SET code = id;"
      "CREATE UNIQUE INDEX quote_code ON quote (code)");
  now_ok("anna");
  sql(db("ben"),
      "ALTER TABLE quote ADD COLUMN code INTEGER; UPDATE quote SET code = 4 - id;"
      "CREATE UNIQUE INDEX quote_code ON quote (code);"
      "UPDATE quote SET note = 'by ben' WHERE id = 3");
  sql(db("carla"),
      "ALTER TABLE quote ADD COLUMN code INTEGER; CREATE UNIQUE INDEX quote_code ON quote (code)");
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT id, code, note FROM quote ORDER BY id", "1|1|a\n2|2|b\n3|3|by ben");
}

TEST_F(UpdateLosses, TextInAColumnThatWasANumberSurvivesAnOlderComputer) {
  rebuild("anna", "quote",
          "id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer (id), total TEXT,"
          " note TEXT, updated_at TEXT",
          "id, customer_id, total, note, updated_at", "id, customer_id, total, note, updated_at");
  sql(db("anna"), "UPDATE quote SET total = '0042' WHERE id = 1");
  now_ok("anna");
  sql(db("ben"), "UPDATE quote SET note = 'by ben' WHERE id = 1");
  sql(db("ben"), "INSERT INTO quote (customer_id, total) VALUES (1, 77)");
  for (int round = 0; round < 3; ++round) {
    for (const std::string& name : all_) now_ok(name);
  }
  expect_verified();
  EXPECT_EQ(ask(db("anna"), "SELECT total, note FROM quote WHERE id = 1"), "0042|by ben");
  EXPECT_EQ(ask(master(), "SELECT total, note FROM quote WHERE id = 1"), "0042|by ben");
  EXPECT_EQ(ask(db("anna"), "SELECT typeof(total), total FROM quote WHERE id = 4"), "text|77");
  EXPECT_EQ(ask(db("ben"), "SELECT typeof(total), total FROM quote WHERE id = 1"), "integer|42");
  // Ben's own update afterwards does not take what his older application made of it for an edit.
  rebuild("ben", "quote",
          "id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer (id), total TEXT,"
          " note TEXT, updated_at TEXT",
          "id, customer_id, total, note, updated_at", "id, customer_id, total, note, updated_at");
  for (int round = 0; round < 3; ++round) {
    for (const std::string& name : all_) now_ok(name);
  }
  EXPECT_EQ(ask(db("ben"), "SELECT typeof(total), total FROM quote WHERE id = 1"), "text|0042");
  EXPECT_EQ(ask(db("anna"), "SELECT total FROM quote WHERE id = 1"), "0042");
  EXPECT_EQ(count(db("anna"), "sync_conflicts"), 0) << conflicts("anna");
}

TEST_F(UpdateLosses, SameNewColumnWithTwoTypes) {
  sql(db("anna"), "ALTER TABLE quote ADD COLUMN ref TEXT; UPDATE quote SET ref = '007'");
  now_ok("anna");
  sql(db("ben"), "ALTER TABLE quote ADD COLUMN ref INTEGER");
  now_ok("ben");
  sql(db("ben"), "UPDATE quote SET ref = 8 WHERE id = 2");
  for (int round = 0; round < 3; ++round) {
    for (const std::string& name : all_) now_ok(name);
  }
  expect_verified();
  EXPECT_EQ(ask(db("anna"), "SELECT ref FROM quote ORDER BY id"), "007\n8\n007");
  EXPECT_EQ(ask(db("ben"), "SELECT ref FROM quote ORDER BY id"), "7\n8\n7");
}

TEST_F(UpdateLosses, TableWithATextKeyGetsANumberOfItsOwn) {
  const std::string tag = "CREATE TABLE tag (code TEXT PRIMARY KEY, label TEXT);";
  for (const std::string& name : all_) sql(db(name), tag);
  sql(db("anna"), "INSERT INTO tag VALUES ('x', 'X'), ('y', 'Y'), ('z', 'Z')");
  settle(all_);
  const auto update = [&](const std::string& name, const std::string& order) {
    sql(db(name),
        "BEGIN; CREATE TABLE new_tag (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, label "
        "TEXT);"
        "INSERT INTO new_tag (code, label) SELECT code, label FROM tag ORDER BY code " +
            order + "; DROP TABLE tag; ALTER TABLE new_tag RENAME TO tag; COMMIT");
  };
  update("anna", "ASC");
  now_ok("anna");
  sql(db("ben"),
      "INSERT INTO tag VALUES ('w', 'by ben'); UPDATE tag SET label = 'YY' WHERE code = 'y'");
  now_ok("ben");
  sql(db("anna"), "INSERT INTO tag (code, label) VALUES ('v', 'by anna')");
  now_ok("anna");
  sql(db("carla"), "INSERT INTO tag VALUES ('u', 'by carla')");
  update("carla", "DESC");
  update("ben", "DESC");
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT code, label FROM tag ORDER BY code",
                    "u|by carla\nv|by anna\nw|by ben\nx|X\ny|YY\nz|Z");
  expect_everywhere("SELECT count(DISTINCT id) FROM tag", "6");
}

TEST_F(UpdateLosses, ReferenceToATableThatIsNotThereStopsNothing) {
  sql(db("ben"),
      "PRAGMA legacy_alter_table = OFF; PRAGMA foreign_keys = OFF;"
      "ALTER TABLE customer RENAME TO customer_old;"
      "CREATE TABLE customer (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, city TEXT);"
      "INSERT INTO customer SELECT * FROM customer_old; DROP TABLE customer_old");
  ASSERT_NE(
      ask(db("ben"), "SELECT sql FROM sqlite_schema WHERE name = 'quote'").find("customer_old"),
      std::string::npos);
  sql(db("anna"), "INSERT INTO quote (customer_id, total) VALUES (2, 700)");
  now_ok("anna");
  now_ok("ben");
  EXPECT_EQ(ask(db("ben"), "SELECT total FROM quote WHERE id = 4"), "700");
}

TEST_F(UpdateLosses, KeyThatBecomesATextStopsOnlyItsTable) {
  const std::string update =
      "CREATE TABLE new_tag (id TEXT PRIMARY KEY NOT NULL, label TEXT); INSERT INTO new_tag SELECT"
      " id, label FROM tag; DROP TABLE tag; ALTER TABLE new_tag RENAME TO tag";
  for (const std::string& name : all_)
    sql(db(name), "CREATE TABLE tag (id INTEGER PRIMARY KEY, label TEXT)");
  sql(db("anna"), "INSERT INTO tag VALUES (1, 'one'), (2, 'two')");
  settle(all_);
  sql(db("anna"), update);
  sql(db("anna"), "INSERT INTO tag VALUES ('three', '3'); UPDATE quote SET total = 1 WHERE id = 1");
  now_ok("anna");
  sql(db("ben"), "UPDATE tag SET label = 'ONE' WHERE id = 1");
  const Outcome outcome = now("ben");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.text();
  EXPECT_NE(outcome.text().find("tag is not synced: its key id has another type here"),
            std::string::npos)
      << outcome.text();
  EXPECT_EQ(ask(db("ben"), "SELECT total FROM quote WHERE id = 1"), "1");
  sql(db("ben"), update);
  sql(db("carla"), update);
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT id, label FROM tag ORDER BY id", "1|ONE\n2|two\nthree|3");
}

TEST_F(UpdateLosses, TableRenamedByTheCaseOfALetter) {
  const std::string update =
      "ALTER TABLE quote RENAME TO between_names; ALTER TABLE between_names RENAME TO Quote";
  sql(db("anna"), update);
  sql(db("anna"), "UPDATE Quote SET total = 101 WHERE id = 1");
  now_ok("anna");
  sql(db("ben"), "UPDATE quote SET total = 202 WHERE id = 2");
  now_ok("ben");
  now_ok("anna");
  EXPECT_EQ(ask(db("anna"), "SELECT total FROM quote ORDER BY id"), "101\n202\n300");
  EXPECT_EQ(ask(db("ben"), "SELECT total FROM quote ORDER BY id"), "101\n202\n300");
  sql(db("ben"), update);
  sql(db("carla"), update);
  settle_and_expect_all_equal(all_);
  expect_verified();
}

TEST_F(UpdateLosses, RenamedOnBothComputersAndEditedOnOne) {
  const std::string update = "ALTER TABLE customer RENAME COLUMN city TO town";
  for (const std::string& name : all_) {
    sql(db(name), update);
    now(name);
  }
  sql(db("ben"), "UPDATE customer SET town = 'Rom' WHERE id = 2");
  EXPECT_EQ(now("anna", {"--accept-dropped"}).exit_code, 0);
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT town FROM customer ORDER BY id", "Ulm\nRom\nKiel");
  EXPECT_EQ(count(db("anna"), "sync_conflicts"), 0) << conflicts("anna");
}

}  // namespace
}  // namespace tidesync::test
