// An update of the application never loses an edit: columns that go and come back, tables made
// anew, types that change, numbers that each computer gives for itself.
#include <boost/filesystem/operations.hpp>

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

// The older computer undoes a run that filled a column which its application does not have.
TEST_F(UpdateLosses, UndoOnAnOlderComputerBringsBackWhatItCannotSee) {
  sql(db("anna"), "ALTER TABLE quote ADD COLUMN discount INTEGER DEFAULT 0");
  sql(db("anna"), "UPDATE quote SET discount = 5 WHERE id = 1");
  settle(all_);
  sql(db("anna"), "UPDATE quote SET discount = 9 WHERE id = 1");
  const std::string update = now_ok("anna")["run"];
  // A run is known elsewhere when its computer syncs again.
  sql(db("anna"), "UPDATE customer SET city = 'Hof' WHERE id = 1");
  now_ok("anna");
  now_ok("ben");
  const Outcome undone = command("ben", "undo", {update});
  EXPECT_EQ(undone.exit_code, 0) << undone.text();
  settle(all_);
  EXPECT_EQ(ask(db("anna"), "SELECT discount FROM quote WHERE id = 1"), "5");
  EXPECT_EQ(ask(master(), "SELECT discount FROM quote WHERE id = 1"), "5");
  sql(db("anna"), "DELETE FROM quote WHERE id = 1");
  const std::string deletion = now_ok("anna")["run"];
  sql(db("anna"), "UPDATE customer SET city = 'Rom' WHERE id = 1");
  now_ok("anna");
  now_ok("ben");
  const Outcome brought_back = command("ben", "undo", {deletion});
  EXPECT_EQ(brought_back.exit_code, 0) << brought_back.text();
  settle(all_);
  EXPECT_EQ(ask(db("anna"), "SELECT total, discount FROM quote WHERE id = 1"), "100|5");
  EXPECT_EQ(ask(db("ben"), "SELECT count(*) FROM tidesync_meta WHERE k GLOB 'absent:*'"), "0");
}

TEST_F(UpdateLosses, ALoserBroughtBackOnAnOlderComputerHasItsNewColumn) {
  sql(db("anna"), "ALTER TABLE quote ADD COLUMN discount INTEGER DEFAULT 0");
  sql(db("anna"), "UPDATE quote SET discount = 7 WHERE id = 2");
  settle(all_);
  sql(db("anna"), "UPDATE quote SET total = 201 WHERE id = 2");
  now_ok("anna");
  sql(db("ben"), "DELETE FROM quote WHERE id = 2");
  now_with(3, "ben");
  settle(all_);
  ASSERT_EQ(ask(master(), "SELECT count(*) FROM quote WHERE id = 2"), "0");
  const std::string id = ask(db("ben"), "SELECT id FROM sync_conflicts");
  const Outcome outcome = command("ben", "conflicts", {"resolve", id, "--keep", "loser"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.text();
  settle(all_);
  EXPECT_EQ(ask(db("anna"), "SELECT total, discount FROM quote WHERE id = 2"), "201|7");
}

TEST_F(UpdateLosses, ATextThatADatabaseInUtf16CannotHoldStopsItsTableAlone) {
  sql(db("anna"),
      "CREATE TABLE tag (code TEXT PRIMARY KEY, label TEXT); INSERT INTO tag VALUES ('x', 'X')");
  settle(all_);
  make("dora",
       "PRAGMA encoding = 'UTF-16'; CREATE TABLE tag (code TEXT PRIMARY KEY, label TEXT);"
       "CREATE TABLE customer (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, city TEXT)");
  ASSERT_EQ(ask(db("dora"), "PRAGMA encoding"), "UTF-16le");
  ASSERT_EQ(join("dora").exit_code, 0);
  sql(db("anna"),
      "INSERT INTO tag VALUES (CAST(x'4BF66C6E' AS TEXT), 'in Latin 1');"
      "UPDATE customer SET city = CAST(x'4BF66C6E' AS TEXT) WHERE id = 1");
  now_ok("anna");
  const Outcome outcome = now("dora", {"--compare-all"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.text();
  EXPECT_NE(outcome.text().find("tag is not synced"), std::string::npos) << outcome.text();
  EXPECT_NE(outcome.text().find("UTF-16"), std::string::npos) << outcome.text();
  now("dora", {"--compare-all"});
  now_ok("anna");
  EXPECT_EQ(ask(db("anna"), "SELECT count(*), sum(label = 'in Latin 1') FROM tag"), "2|1");
  EXPECT_EQ(ask(db("anna"), "SELECT hex(city) FROM customer WHERE id = 1"), "4BF66C6E");
  // The text is corrected: the table goes on by itself.
  sql(db("anna"), "UPDATE tag SET code = 'Köln' WHERE label = 'in Latin 1'");
  now_ok("anna");
  now("dora");
  now("dora");
  EXPECT_EQ(ask(db("dora"), "SELECT code FROM tag ORDER BY code"), "Köln\nx");
}

TEST_F(UpdateLosses, ANewReferenceThatMustBeFilledWaitsForTheUpdate) {
  const std::string update =
      "PRAGMA foreign_keys = OFF; CREATE TABLE branch (id INTEGER PRIMARY KEY, name TEXT);"
      "INSERT INTO branch VALUES (1, 'main');"
      "CREATE TABLE new_quote (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer "
      "(id),"
      " total INTEGER, note TEXT, updated_at TEXT, branch_id INTEGER NOT NULL REFERENCES branch "
      "(id));"
      "INSERT INTO new_quote SELECT id, customer_id, total, note, updated_at, 1 FROM quote;"
      "DROP TABLE quote; ALTER TABLE new_quote RENAME TO quote";
  sql(db("anna"), update);
  now_ok("anna");
  sql(db("ben"), "INSERT INTO quote (customer_id, total) VALUES (1, 900)");
  const Outcome outcome = now("ben");
  EXPECT_NE(outcome.text().find("quote is not synced"), std::string::npos) << outcome.text();
  now_ok("anna");
  EXPECT_EQ(
      ask(db("anna"), "SELECT count(*) FROM quote WHERE branch_id NOT IN (SELECT id FROM branch)"),
      "0");
  sql(db("ben"), update);
  sql(db("carla"), update);
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT total, branch_id FROM quote ORDER BY id", "100|1\n200|1\n300|1\n900|1");
}

TEST_F(UpdateLosses, AConflictOfATableThatIsNoLongerSyncedCanBeSettled) {
  sql(db("anna"), "UPDATE customer SET city = 'Rom' WHERE id = 1");
  now_ok("anna");
  sql(db("ben"), "UPDATE customer SET city = 'Oslo' WHERE id = 1");
  now_with(3, "ben");
  settle(all_);
  sql(db("ben"), "PRAGMA foreign_keys = OFF; DROP TABLE customer");
  now("ben", {"--accept-dropped"});
  settle(all_);
  const std::string id = ask(db("ben"), "SELECT id FROM sync_conflicts");
  const Outcome refused = command("ben", "conflicts", {"resolve", id, "--keep", "loser"});
  EXPECT_EQ(refused.exit_code, 6) << refused.text();
  EXPECT_NE(refused.text().find("--keep winner"), std::string::npos) << refused.text();
  const Outcome outcome = command("ben", "conflicts", {"resolve", id, "--keep", "winner"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.text();
  settle(all_);
  EXPECT_EQ(count(db("anna"), "sync_conflicts WHERE resolved_at IS NULL"), 0);
}

TEST_F(UpdateLosses, ABadNoteInTheBaseCopyIsNoReasonToStop) {
  sql(side("ben") / "base.db", "UPDATE tidesync_state SET v = 'x' WHERE k = 'clock_offset_ms'");
  sql(side("ben") / "base.db", "UPDATE tidesync_state SET v = 'x' WHERE k = 'heartbeat_ms'");
  sql(db("ben"), "UPDATE customer SET city = 'Hof' WHERE id = 1");
  now_ok("ben");
  now_ok("anna");
  EXPECT_EQ(ask(db("anna"), "SELECT city FROM customer WHERE id = 1"), "Hof");
  sql(side("ben") / "base.db", "UPDATE tidesync_state SET v = 'x' WHERE k IN ('seq', 'hash')");
  now_ok("ben");
}

// Anna's update fills NULL with 'none', Ben's older application has written a value meanwhile.
TEST_F(UpdateLosses, AFillingOfNullGivesWayToAnEditWithoutAConflict) {
  const auto update = [&](const std::string& name) {
    rebuild(name, "quote",
            "id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer (id), total INTEGER,"
            " note TEXT NOT NULL DEFAULT 'none', updated_at TEXT",
            "id, customer_id, total, note, updated_at",
            "id, customer_id, total, ifnull(note, 'none'), updated_at");
  };
  sql(db("anna"), "UPDATE quote SET note = NULL");
  settle(all_);
  sql(db("ben"), "UPDATE quote SET note = 'by ben' WHERE id = 1");
  now_ok("ben");
  sql(db("carla"), "UPDATE quote SET note = 'by carla' WHERE id = 2");
  update("anna");
  now_ok("anna");
  now_ok("carla");
  settle(all_);
  update("ben");
  update("carla");
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT note FROM quote ORDER BY id", "by ben\nby carla\nnone");
  EXPECT_EQ(count(db("anna"), "sync_conflicts"), 0) << conflicts("anna");
}

TEST_F(UpdateLosses, ThousandsOfParentsWithoutAnIndexOnTheirChildren) {
  sql(db("anna"),
      "CREATE TABLE p (id INTEGER PRIMARY KEY, a TEXT);"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, pid INTEGER REFERENCES p (id));"
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 40) INSERT INTO p"
      " SELECT i, 'old ' || i FROM n");
  sql(db("ben"),
      "CREATE TABLE p (id INTEGER PRIMARY KEY, a TEXT);"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, pid INTEGER REFERENCES p (id))");
  settle({"anna", "ben"});
  const std::string parents =
      "WITH RECURSIVE n (i) AS (SELECT 41 UNION ALL SELECT i + 1 FROM n LIMIT 60) INSERT INTO p"
      " SELECT i, '%' || i FROM n; INSERT INTO c (pid) SELECT id FROM p WHERE id > 40;"
      "INSERT INTO c (pid) SELECT id FROM p WHERE id > 40";
  for (const std::string& name : {std::string("anna"), std::string("ben")}) {
    std::string mine = parents;
    mine.replace(mine.find('%'), 1, name + " ");
    sql(db(name), mine);
  }
  settle({"anna", "ben"});
  for (const std::string& name : {std::string("anna"), std::string("ben")}) {
    EXPECT_EQ(count(db(name), "p"), 160);
    EXPECT_EQ(ask(db(name),
                  "SELECT count(*), count(DISTINCT pid), min(n), max(n) FROM (SELECT pid, count(*)"
                  " OVER (PARTITION BY pid) AS n FROM c)"),
              "240|120|2|2");
  }
  EXPECT_EQ(count(db("ben"), "p WHERE a LIKE 'ben%' AND id > 100"), 60)
      << "moved with their children";
}

// Functions and collations that only the application has.
TEST_F(UpdateLosses, TablesThatOnlyTheApplicationCanWriteStopNothing) {
  make("eva", "");
  {
    Database app = open_as_application(db("eva"));
    ASSERT_TRUE(app.add_stand_in("no such collation sequence: GERMAN"));
    ASSERT_TRUE(app.add_stand_in("unknown function: slug()"));
    app.exec(
        "CREATE TABLE keyed (name TEXT COLLATE GERMAN PRIMARY KEY, v TEXT);"
        "INSERT INTO keyed VALUES ('k', 'v');"
        "CREATE TABLE plain (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO plain VALUES (1, 'x');"
        "CREATE INDEX plain_slug ON plain (slug(a));"
        "CREATE TABLE book (id INTEGER PRIMARY KEY, k TEXT REFERENCES keyed (name));"
        "INSERT INTO book VALUES (1, 'k');"
        "CREATE VIEW slugs AS SELECT slug(a) FROM plain");
  }
  const Path other = dir() / "other";
  boost::filesystem::create_directory(other);
  const Outcome created = command("eva", "init", {"--share", other.string(), "--node", "eva"});
  ASSERT_EQ(created.exit_code, 0) << created.text();
  const Outcome joined = command("fritz", "join", {"--share", other.string(), "--node", "fritz"});
  ASSERT_EQ(joined.exit_code, 0) << joined.text();
  EXPECT_EQ(
      count(db("fritz"), "sqlite_schema WHERE name IN ('keyed', 'plain', 'plain_slug', 'slugs')"),
      4)
      << "the application finds its tables, empty";
  sql(db("fritz"), "PRAGMA foreign_keys = OFF; INSERT INTO book VALUES (2, 'k')");
  now_ok("fritz");
  now_ok("eva");
  EXPECT_EQ(ask(db("eva"), "SELECT k FROM book WHERE id = 2"), "k");
  for (const char* name : {"eva", "fritz"}) {
    const Outcome outcome = command(name, "verify");
    EXPECT_EQ(outcome.exit_code, 0) << outcome.text();
    EXPECT_EQ(outcome.text().find("unknown function"), std::string::npos) << outcome.text();
    EXPECT_EQ(command(name, "doctor").text().find("unknown function"), std::string::npos);
  }
}

TEST_F(UpdateLosses, ADatabaseInTheSharesFolderIsRefused) {
  sql(share() / "inside.db", "CREATE TABLE t (id INTEGER PRIMARY KEY)");
  const Outcome outcome = tidesync({"join", "--db", (share() / "inside.db").string(), "--share",
                                    share().string(), "--node", "gerd"});
  EXPECT_EQ(outcome.exit_code, 2) << outcome.text();
  EXPECT_NE(outcome.text().find("lies in the share's folder"), std::string::npos) << outcome.text();
}

TEST_F(UpdateLosses, ADatabaseThroughASymbolicLinkIsTheSame) {
  boost::filesystem::create_symlink(db("ben"), dir() / "link.db");
  sql(db("ben"), "UPDATE customer SET city = 'Hof' WHERE id = 1");
  const Outcome outcome = tidesync({"now", "--db", (dir() / "link.db").string()});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.text();
  now_ok("anna");
  EXPECT_EQ(ask(db("anna"), "SELECT city FROM customer WHERE id = 1"), "Hof");
}

class AddedColumns : public CliFixture {};

TEST_F(AddedColumns, AreAddedAgainWhenAnUpdateMakesTheTableAnew) {
  make("anna",
       "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'a'), (2, 'b')");
  ASSERT_EQ(init("anna", {"--add-columns"}).exit_code, 0);
  ASSERT_EQ(join("ben").exit_code, 0);
  sql(db("ben"), "UPDATE t SET a = 'by ben' WHERE id = 1");
  now_ok("ben");
  now_ok("anna");
  sql(db("anna"),
      "BEGIN; CREATE TABLE new_t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO new_t SELECT id, a "
      "FROM t;"
      "DROP TABLE t; ALTER TABLE new_t RENAME TO t; COMMIT;"
      "UPDATE t SET a = 'by anna' WHERE id = 2; INSERT INTO t VALUES (3, 'new')");
  const auto told = now_ok("anna");
  EXPECT_NE(told["notes"].dump().find("were added again"), std::string::npos) << told.dump();
  settle_and_expect_all_equal({"anna", "ben"});
  EXPECT_EQ(ask(db("ben"), "SELECT a FROM t ORDER BY id"), "by ben\nby anna\nnew");
  EXPECT_EQ(ask(db("anna"), "SELECT updated_at IS NOT NULL FROM t WHERE id = 1"), "1");
}

TEST_F(AddedColumns, ATableOfTheApplicationWithOurNameIsNamedBeforeAnythingIsMade) {
  make("anna", "CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE TABLE sync_log (x)");
  const Outcome outcome = init("anna");
  EXPECT_EQ(outcome.exit_code, 1) << outcome.text();
  EXPECT_NE(outcome.text().find("sync_log"), std::string::npos) << outcome.text();
  EXPECT_FALSE(boost::filesystem::exists(share() / "format.json"));
}

}  // namespace
}  // namespace tidesync::test
