// What applications do to their database without thinking of anybody else: every form of writing,
// cascades, emptying, dropping and making again, maintenance, triggers, many at once.
#include <boost/filesystem/operations.hpp>
#include <memory>

#include "cli/cli_fixture.h"

namespace tidesync::test {
namespace {

class Habits : public CliFixture {
 protected:
  void start(const std::string& schema) { start_fleet_sql(all_, schema); }
  void expect_everywhere(const std::string& query, const std::string& expected) {
    for (const std::string& name : all_) EXPECT_EQ(ask(db(name), query), expected) << name;
    EXPECT_EQ(ask(master(), query), expected) << "master.db";
  }
  void expect_conflicts(int number) {
    for (const std::string& name : all_)
      EXPECT_EQ(count(db(name), "sync_conflicts"), number) << conflicts(name);
  }

  const Names all_{"anna", "ben"};
};

constexpr const char* kWords =
    "CREATE TABLE word (id INTEGER PRIMARY KEY, w TEXT UNIQUE, n INTEGER);"
    "INSERT INTO word VALUES (1, 'one', 0), (2, 'two', 0), (3, 'three', 0), (4, 'four', 0)";

TEST_F(Habits, EveryFormOfWritingIsAcceptedAndArrives) {
  start(kWords);
  sql(db("anna"), R"(
    INSERT INTO word VALUES (1, 'x', 0) ON CONFLICT (id) DO UPDATE SET n = n + 1;
    INSERT INTO word VALUES (9, 'one', 0) ON CONFLICT (w) DO UPDATE SET n = n + 10;
    INSERT INTO word VALUES (2, 'x', 0) ON CONFLICT DO NOTHING;
    INSERT OR IGNORE INTO word VALUES (2, 'y', 5), (12, 'twelve', 12);
    INSERT OR REPLACE INTO word VALUES (2, 'second', 22);
    REPLACE INTO word VALUES (13, 'three', 13);
    INSERT OR ABORT INTO word VALUES (14, 'fourteen', 14);
    INSERT OR FAIL INTO word VALUES (15, 'fifteen', 15);
    INSERT OR ROLLBACK INTO word VALUES (16, 'sixteen', 16);
    UPDATE OR IGNORE word SET w = 'one' WHERE id = 4;
    UPDATE OR REPLACE word SET w = 'fifteen' WHERE id = 14;
    UPDATE OR FAIL word SET n = 160 WHERE id = 16;
    DELETE FROM word WHERE id = 12 RETURNING id)");
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT * FROM word ORDER BY id",
                    "1|one|11\n2|second|22\n4|four|0\n13|three|13\n14|fifteen|14\n16|sixteen|160");
  expect_conflicts(0);
}

TEST_F(Habits, RowsThatASchemaReplacesByItselfAreDeletedEverywhere) {
  start(
      "CREATE TABLE seat (id INTEGER PRIMARY KEY, place TEXT UNIQUE ON CONFLICT REPLACE, who TEXT);"
      "INSERT INTO seat VALUES (1, 'A1', 'ann'), (2, 'A2', 'bob'), (3, 'A3', 'cid')");
  sql(db("anna"),
      "INSERT INTO seat VALUES (7, 'A1', 'dora'); UPDATE seat SET place = 'A2' WHERE id = 3");
  EXPECT_EQ(now_ok("anna")["pushed"], 4);
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT * FROM seat ORDER BY id", "3|A2|cid\n7|A1|dora");
  expect_conflicts(0);
}

TEST_F(Habits, CascadesOverThreeLevelsAndATreeAreDeletedOnce) {
  start(R"(
    CREATE TABLE a (id INTEGER PRIMARY KEY);
    CREATE TABLE b (id INTEGER PRIMARY KEY, a REFERENCES a ON DELETE CASCADE);
    CREATE TABLE c (id INTEGER PRIMARY KEY, b REFERENCES b ON DELETE CASCADE);
    CREATE TABLE tree (id INTEGER PRIMARY KEY, up REFERENCES tree ON DELETE CASCADE);
    INSERT INTO a VALUES (1), (2); INSERT INTO b VALUES (1, 1), (2, 1), (3, 2);
    INSERT INTO c VALUES (1, 1), (2, 1), (3, 2), (4, 3);
    INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 2), (4, 3), (5, NULL))");
  sql(db("anna"), "DELETE FROM a WHERE id = 1; DELETE FROM tree WHERE id = 1");
  const auto pushed = now_ok("anna");
  EXPECT_EQ(pushed["tables"]["a"]["pushed"], 1);
  EXPECT_EQ(pushed["tables"]["b"]["pushed"], 2);
  EXPECT_EQ(pushed["tables"]["c"]["pushed"], 3);
  EXPECT_EQ(pushed["tables"]["tree"]["pushed"], 4);
  const auto pulled = now_ok("ben");
  EXPECT_EQ(pulled["pulled"], 10);
  EXPECT_EQ(pulled["pushed"], 0);
  settle_and_expect_all_equal(all_);
  expect_everywhere(
      "SELECT (SELECT group_concat(id) FROM a), (SELECT group_concat(id) FROM b),"
      " (SELECT group_concat(id) FROM c), (SELECT group_concat(id) FROM tree)",
      "2|3|4|5");
}

TEST_F(Habits, DeleteWithoutWhereOnTenThousandRowsAsksFirst) {
  start(
      "CREATE TABLE big (id INTEGER PRIMARY KEY, x);"
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 10000)"
      " INSERT INTO big SELECT i, 'x' || i FROM n");
  sql(db("anna"), "DELETE FROM big");
  const auto held = now_ok("anna");
  EXPECT_EQ(held["status"], "partial");
  EXPECT_EQ(held["pushed"], 0);
  EXPECT_NE(held["notes"].dump().find("10,000 of 10,000 rows of big"), std::string::npos) << held;
  now_ok("ben");
  EXPECT_EQ(count(db("ben"), "big"), 10000);
  EXPECT_EQ(now_ok("anna", {"--allow-mass-delete"})["pushed"], 10000);
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT count(*) FROM big", "0");
}

// A "reset" of an application: nobody deleted the rows that are missing afterwards.
TEST_F(Habits, TablesDroppedAndMadeAgainDeleteNothing) {
  start(kWords);
  sql(db("anna"),
      "DROP TABLE word; CREATE TABLE word (id INTEGER PRIMARY KEY, w TEXT UNIQUE, n INTEGER);"
      "INSERT INTO word VALUES (9, 'nine', 9)");
  now_ok("anna");
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT id FROM word ORDER BY id", "1\n2\n3\n4\n9");
  // Later deletions are ordinary ones.
  sql(db("anna"), "DELETE FROM word");
  EXPECT_EQ(now_ok("anna")["pushed"], 5);
  settle_and_expect_all_equal(all_);
}

TEST_F(Habits, TableThatVanishedDeletesNothing) {
  start(kWords);
  sql(db("anna"), "DROP TABLE word");
  EXPECT_EQ(now_ok("anna")["pushed"], 0);
  now_ok("ben");
  EXPECT_EQ(count(db("ben"), "word"), 4);
}

TEST_F(Habits, FileMadeAnewIsToldToJoinAndDeletesNothing) {
  start(kWords);
  for (const char* suffix : {"", "-wal", "-shm"})
    boost::filesystem::remove(db("anna").string() + suffix);
  make("anna", "CREATE TABLE word (id INTEGER PRIMARY KEY, w TEXT UNIQUE, n INTEGER)");
  const auto refused = now_with(1, "anna");
  EXPECT_NE(refused["error"]["hint"].get<std::string>().find("tidesync join"), std::string::npos);
  boost::filesystem::remove_all(side("anna"));
  const Outcome joined =
      command("anna", "join", {"--share", share().string(), "--node", "anna2", "--user", "anna"});
  EXPECT_EQ(joined.exit_code, 0) << joined.text();
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT count(*) FROM word", "4");
}

TEST_F(Habits, MaintenanceBetweenSyncsChangesNothing) {
  start(kWords);
  int number = 100;
  for (const char* habit :
       {"VACUUM", "PRAGMA journal_mode=WAL", "PRAGMA wal_checkpoint(TRUNCATE)", "ANALYZE",
        "PRAGMA journal_mode=DELETE; PRAGMA page_size=8192; VACUUM", "REINDEX",
        "PRAGMA auto_vacuum=FULL; VACUUM", "PRAGMA journal_mode=TRUNCATE",
        "PRAGMA journal_mode=PERSIST", "PRAGMA user_version=7; PRAGMA application_id=42",
        "PRAGMA journal_mode=WAL; VACUUM"}) {
    SCOPED_TRACE(habit);
    sql(db("anna"), "INSERT INTO word VALUES (" + std::to_string(++number) + ", NULL, 1)");
    sql(db("anna"), habit);
    sql(db("ben"), "UPDATE word SET n = n + 1 WHERE id = 1");
    EXPECT_EQ(now_ok("anna")["pushed"], 1);
    settle_and_expect_all_equal(all_);
  }
  expect_everywhere("SELECT n, (SELECT count(*) FROM word) FROM word WHERE id = 1", "11|15");
  expect_conflicts(0);
}

TEST_F(Habits, ViewsAreWrittenThroughTheirTriggers) {
  start(R"(
    CREATE TABLE person (id INTEGER PRIMARY KEY, first TEXT, last TEXT);
    CREATE VIEW people AS SELECT id, first || ' ' || last AS name FROM person;
    CREATE TRIGGER people_new INSTEAD OF INSERT ON people BEGIN
      INSERT INTO person (first, last) VALUES (substr(NEW.name, 1, instr(NEW.name, ' ') - 1),
                                               substr(NEW.name, instr(NEW.name, ' ') + 1));
    END;
    CREATE TRIGGER people_gone INSTEAD OF DELETE ON people BEGIN
      DELETE FROM person WHERE id = OLD.id; END;
    INSERT INTO people (name) VALUES ('Ada Byron'), ('Alan Turing'))");
  sql(db("anna"), "INSERT INTO people (name) VALUES ('Grace Hopper')");
  sql(db("ben"), "DELETE FROM people WHERE name = 'Ada Byron'");
  settle_and_expect_all_equal(all_);
  for (const std::string& name : all_)
    EXPECT_EQ(ask(db(name), "SELECT name FROM people ORDER BY 1"), "Alan Turing\nGrace Hopper");
}

// Stock, audit and full text: what they write arrives as rows, so nothing is booked twice.
TEST_F(Habits, TriggersOfTheApplicationTakeEffectOnce) {
  start(R"(
    CREATE TABLE article (id INTEGER PRIMARY KEY, name TEXT, stock INTEGER);
    CREATE TABLE line (id INTEGER PRIMARY KEY, article INTEGER REFERENCES article, amount INTEGER);
    CREATE TABLE audit (id INTEGER PRIMARY KEY, text TEXT);
    CREATE VIRTUAL TABLE search USING fts5 (name, content = 'article', content_rowid = 'id');
    CREATE TRIGGER line_new AFTER INSERT ON line BEGIN
      UPDATE article SET stock = stock - NEW.amount WHERE id = NEW.article;
      INSERT INTO audit (text) VALUES ('line ' || NEW.amount);
    END;
    CREATE TRIGGER article_new AFTER INSERT ON article BEGIN
      INSERT INTO search (rowid, name) VALUES (NEW.id, NEW.name); END;
    INSERT INTO article VALUES (1, 'steel belt', 100), (2, 'rubber belt', 100))");
  sql(db("anna"),
      "INSERT INTO line (article, amount) VALUES (1, 5);"
      "INSERT INTO article VALUES (7, 'copper pipe', 1)");
  sql(db("ben"), "INSERT INTO line (article, amount) VALUES (2, 7)");
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT stock FROM article ORDER BY id", "95\n93\n1");
  expect_everywhere("SELECT text FROM audit ORDER BY 1", "line 5\nline 7");
  expect_conflicts(0);
  // The index of full text is each computer's own and follows the rows that came in.
  for (const std::string& name : all_) {
    sql(db(name), "INSERT INTO search (search, rank) VALUES ('integrity-check', 1)");
    EXPECT_EQ(ask(db(name), "SELECT rowid FROM search WHERE search MATCH 'copper'"), "7") << name;
    EXPECT_EQ(ask(db(name), "SELECT rowid FROM search WHERE search MATCH 'rubber'"), "2") << name;
  }
}

TEST_F(Habits, LargeValuesAndOddNumbersArriveByTheByte) {
  start("CREATE TABLE thing (id INTEGER PRIMARY KEY, v)");
  sql(db("anna"),
      "INSERT INTO thing (v) VALUES (randomblob(5000000)), (9e999 - 9e999), (-0.0),"
      " (9007199254740993), (CAST(x'c328' AS TEXT)), ('')");
  // A number above 2^53, and as high as a number goes.
  sql(db("ben"),
      "INSERT INTO thing VALUES (9007199254740995, 'big'), (9223372036854775806, 'top')");
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT length(v) FROM thing WHERE id = 1", "5000000");
  expect_everywhere("SELECT typeof(v) FROM thing WHERE id BETWEEN 2 AND 6",
                    "null\nreal\ninteger\ntext\ntext");
  sql(db("anna"), "INSERT INTO thing (v) VALUES ('last of anna')");
  sql(db("ben"), "UPDATE thing SET v = 'edited' WHERE id = 9007199254740995");
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT v FROM thing WHERE id > 9007199254740000 ORDER BY id",
                    "edited\ntop\nlast of anna");
  expect_conflicts(0);
}

TEST_F(Habits, FormatsOfUpdatedAtAreReadAndNeverRewritten) {
  start(
      "CREATE TABLE doc (id INTEGER PRIMARY KEY, x TEXT, updated_at);"
      "INSERT INTO doc SELECT value, 'x', NULL FROM"
      " (WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 7)"
      " SELECT value FROM n)");
  // Anna's stamp is the newer one each time, though she writes first.
  const std::vector<std::pair<std::string, std::string>> stamps{
      {"'2026-03-02 10:00:00'", "'2026-03-02 09:59:59'"},
      {"'2026-03-02T10:00:00.500Z'", "'2026-03-02T10:00:00.400Z'"},
      {"'2026-03-02T10:00:00+01:00'", "'2026-03-02T10:00:00+02:00'"},
      {"1772445600", "1772445599"},
      {"1772445600123", "1772445600122"},
      {"2461101.9", "2461101.8"},
      {"'2026-03-03'", "'2026-03-02'"}};
  for (const bool anna : {true, false}) {
    int id = 0;
    for (const auto& [newer, older] : stamps) {
      sql(db(anna ? "anna" : "ben"), "UPDATE doc SET x = '" + std::string(anna ? "anna" : "ben") +
                                         "', updated_at = " + (anna ? newer : older) +
                                         " WHERE id = " + std::to_string(++id));
    }
  }
  settle_and_expect_all_equal(all_);
  expect_everywhere("SELECT DISTINCT x FROM doc", "anna");
  int id = 0;
  for (const auto& [newer, older] : stamps) {
    EXPECT_EQ(ask(db("ben"), "SELECT updated_at IS " + newer + " AND typeof(updated_at) = typeof(" +
                                 newer + ") FROM doc WHERE id = " + std::to_string(++id)),
              "1")
        << newer;
  }
  expect_conflicts(7);
}

TEST_F(Habits, ThirtyComputersPublishAtOnce) {
  constexpr int kComputers = 30;
  start("CREATE TABLE word (id INTEGER PRIMARY KEY, w TEXT)");
  Names names = all_;
  for (int i = 0; i < kComputers; ++i) {
    names.push_back("pc" + std::to_string(i));
    ASSERT_EQ(join(names.back()).exit_code, 0);
  }
  for (const std::string& name : names)
    sql(db(name), "INSERT INTO word (w) VALUES ('" + name + "')");
  {
    std::vector<std::unique_ptr<Process>> runs;
    for (const std::string& name : names) {
      runs.push_back(std::make_unique<Process>(
          std::vector<std::string>{"now", "--json", "--db", db(name).string()}));
    }
    for (const auto& run : runs) {
      const Outcome outcome = run->wait();
      EXPECT_EQ(outcome.exit_code, 0) << outcome.text();
    }
  }
  settle_and_expect_all_equal(names);
  EXPECT_EQ(ask(master(), "SELECT count(*), count(DISTINCT w), max(id) FROM word"), "32|32|32");
}

}  // namespace
}  // namespace tidesync::test
