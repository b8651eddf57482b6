// A computer that joins without a database gets one that nobody can tell from the first computer's.
#include <boost/filesystem/operations.hpp>
#include <fstream>
#include <iterator>

#include "cli/cli_fixture.h"

namespace tidesync::test {
namespace {

const std::string kEverything =
    "PRAGMA page_size = 2048; PRAGMA user_version = 7; PRAGMA application_id = 99;"
    "CREATE TABLE person (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT COLLATE NOCASE UNIQUE,"
    " born INTEGER CHECK (born > 1800), upper_name TEXT AS (upper(name)) VIRTUAL,"
    " digits TEXT AS (born || '') STORED);"
    "CREATE TABLE rate (day TEXT, currency TEXT, rate, PRIMARY KEY (currency, day)) WITHOUT ROWID;"
    "CREATE TABLE tag (name TEXT PRIMARY KEY NOT NULL, note, UNIQUE (note) ON CONFLICT REPLACE);"
    "CREATE TABLE scrap (a, b DEFAULT (1 + 1));"
    "CREATE UNIQUE INDEX person_born ON person (born DESC, lower(name)) WHERE born IS NOT NULL;"
    "CREATE INDEX rate_of ON rate (rate);"
    "CREATE VIEW young AS SELECT * FROM person WHERE born > 1990;"
    "CREATE TRIGGER audit AFTER INSERT ON person BEGIN INSERT INTO scrap (a) VALUES (NEW.id); END;"
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)"
    " INSERT INTO person (name, born) SELECT 'person ' || i, 1900 + i % 100 FROM n;"
    "INSERT INTO rate VALUES ('mon', 'EUR', 1.5), ('mon', 'USD', x'00'), ('tue', 'EUR', -0.0);"
    "INSERT INTO tag VALUES ('a', 1), ('b', '1'), ('c', 1.5), ('d', NULL);"
    "DELETE FROM scrap";

class JoinedDatabase : public CliFixture {
 protected:
  std::string schema_of(const std::string& name) {
    return ask(db(name),
               "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'tidesync%'"
               " ORDER BY type, name");
  }
  void expect_the_same(const std::string& one, const std::string& other) {
    EXPECT_EQ(schema_of(one), schema_of(other));
    for (const char* question :
         {"SELECT * FROM person ORDER BY id", "SELECT * FROM rate ORDER BY 1, 2",
          "SELECT name, note, typeof(note) FROM tag ORDER BY 1", "SELECT * FROM young ORDER BY 1",
          "SELECT * FROM sqlite_sequence ORDER BY 1", "PRAGMA user_version",
          "PRAGMA application_id", "PRAGMA page_size", "PRAGMA journal_mode",
          "PRAGMA integrity_check"}) {
      EXPECT_EQ(ask(db(one), question), ask(db(other), question)) << question;
    }
  }
};

TEST_F(JoinedDatabase, HasTheSchemaAndTheRowsOfTheFirst) {
  make("anna", kEverything);
  ASSERT_EQ(init("anna").exit_code, 0);
  ASSERT_EQ(join("ben").exit_code, 0);
  expect_the_same("anna", "ben");
  EXPECT_EQ(count(db("ben"), "scrap"), 0) << "no trigger ran";
  EXPECT_LE(boost::filesystem::file_size(db("ben")),
            boost::filesystem::file_size(db("anna")) + 10 * 2048);
  sql(db("ben"), "INSERT INTO person (name, born) VALUES ('new here', 2001)");
  sql(db("anna"), "UPDATE tag SET note = 'x' WHERE name = 'a'");
  settle({"anna", "ben"});
  expect_all_equal({"anna", "ben"}, {"scrap"});
}

TEST_F(JoinedDatabase, HasNothingThatOnlyTheBaseCopyKnows) {
  make("anna", kEverything);
  ASSERT_EQ(init("anna").exit_code, 0);
  ASSERT_EQ(join("ben").exit_code, 0);
  EXPECT_EQ(ask(db("ben"),
                "SELECT name FROM sqlite_schema WHERE name LIKE 'tidesync%' AND type ="
                " 'table' ORDER BY 1"),
            "tidesync_dirty\ntidesync_intent\ntidesync_meta");
  std::ifstream in(db("ben").string(), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  EXPECT_EQ(bytes.find("tidesync_lineage"), std::string::npos);
  EXPECT_EQ(bytes.find("tidesync_object"), std::string::npos);
}

TEST_F(JoinedDatabase, IsTheSameAfterTheSchemaChangedAndRowsWereDeleted) {
  // The pages are taken as they are: of the usual size, and few of them empty.
  make("anna",
       kEverything.substr(kEverything.find(';') + 1) +
           ";WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
           " INSERT INTO tag SELECT printf('tag number %d', i), NULL FROM n");
  ASSERT_EQ(init("anna").exit_code, 0);
  sql(db("anna"),
      "ALTER TABLE person ADD COLUMN phone TEXT DEFAULT '-'; CREATE TABLE extra (id INTEGER PRIMARY"
      " KEY, secret TEXT UNIQUE); INSERT INTO extra VALUES (1, 'unreadable afterwards'), (2, 'b')");
  now_ok("anna");
  sql(db("anna"), "DELETE FROM extra WHERE id = 1; DELETE FROM person WHERE id > 490");
  now_ok("anna");
  ASSERT_EQ(join("ben").exit_code, 0);
  expect_the_same("anna", "ben");
  std::ifstream in(db("ben").string(), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  EXPECT_EQ(bytes.find("unreadable afterwards"), std::string::npos);
  settle({"anna", "ben"});
  expect_all_equal({"anna", "ben"}, {"scrap"});
}

// A copy that was written while it was folded is known to be right: the next run need not read it.
TEST_F(JoinedDatabase, ItsBaseCopyIsMarkedAsTheJoinLeftIt) {
  make("anna", kEverything);
  ASSERT_EQ(init("anna").exit_code, 0);
  ASSERT_EQ(join("ben").exit_code, 0);
  EXPECT_TRUE(boost::filesystem::exists(side("ben") / "base.mark"));
}

}  // namespace
}  // namespace tidesync::test
