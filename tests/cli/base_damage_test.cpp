// A row of the base copy was changed by a bad disk or by hand, and SQLite sees nothing wrong with
// the file. What is published must fit what the others have, or they would all stop at it: the base
// copy is added up before, and made anew from the share when it is not what the log says.
#include <boost/filesystem/operations.hpp>
#include <fstream>

#include "cli/cli_fixture.h"

namespace tidesync::test {
namespace {

class BaseDamage : public CliFixture {
 protected:
  void SetUp() override {
    CliFixture::SetUp();
    start_fleet_sql({"anna", "ben"},
                    "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT, city TEXT);"
                    "CREATE TABLE quote (id INTEGER PRIMARY KEY, customer_id REFERENCES customer);"
                    "INSERT INTO customer VALUES (1, 'Berg', 'Ulm'), (2, 'Tal', 'Bonn'),"
                    " (3, 'See', 'Kiel')");
    settle({"anna", "ben"});
  }
  void change_base(const std::string& statements) {
    sql(side("anna") / "base.db", statements);
    EXPECT_EQ(command("anna", "verify").exit_code, 7);
  }
  static void expect_told(const nlohmann::json& run) {
    EXPECT_NE(run["notes"].dump().find("base copy"), std::string::npos) << run.dump();
  }
  // Nobody stops, nothing is lost, and the base copy is what it should be.
  void expect_all_is_well() {
    settle_and_expect_all_equal({"anna", "ben"});
    for (const std::string name : {"anna", "ben"})
      EXPECT_EQ(command(name, "verify", {"--deep"}).exit_code, 0) << name;
    EXPECT_EQ(count(db("ben"), "sync_conflicts"), 0);
  }
};

TEST_F(BaseDamage, AnEditOfTheChangedRowReachesTheOthers) {
  change_base("UPDATE customer SET city = 'Rot' WHERE id = 1");
  sql(db("anna"), "UPDATE customer SET city = 'Rom' WHERE id = 1");
  expect_told(now_ok("anna"));
  EXPECT_EQ(now_ok("ben")["pulled"], 1);
  EXPECT_EQ(ask(db("ben"), "SELECT city FROM customer ORDER BY id"), "Rom\nBonn\nKiel");
  expect_all_is_well();
}

TEST_F(BaseDamage, AnEditOfAnotherRowReachesTheOthers) {
  change_base("UPDATE customer SET city = 'Rot' WHERE id = 1");
  sql(db("anna"), "DELETE FROM customer WHERE id = 2");
  expect_told(now_ok("anna"));
  now_ok("ben");
  EXPECT_EQ(ask(db("ben"), "SELECT city FROM customer ORDER BY id"), "Ulm\nKiel");
  expect_all_is_well();
}

TEST_F(BaseDamage, AFullComparisonSendsNothingThatIsOnlyDamage) {
  for (const char* damage :
       {"UPDATE customer SET city = 'Rot' WHERE id = 1", "DELETE FROM customer WHERE id = 2",
        "INSERT INTO customer VALUES (9, 'Nobody', 'Nowhere')"}) {
    SCOPED_TRACE(damage);
    change_base(damage);
    const auto run = now_ok("anna", {"--compare-all"});
    EXPECT_EQ(run["pushed"], 0) << run.dump();
    expect_told(run);
    expect_all_is_well();
  }
  EXPECT_EQ(count(db("ben"), "customer"), 3);
}

TEST_F(BaseDamage, TheCheckOfTheLogLooksAtTheBaseCopyToo) {
  change_base("UPDATE customer SET city = 'Rot' WHERE id = 1");
  expect_told(now_ok("anna", {"--check-log"}));
  expect_all_is_well();
}

TEST_F(BaseDamage, OnceADayItIsLookedAtByItself) {
  change_base("UPDATE customer SET city = 'Rot' WHERE id = 1");
  EXPECT_EQ(now_ok("anna")["notes"].dump(), "[]") << "not in every run that has nothing to send";
  sql(side("anna") / "base.db",
      "UPDATE tidesync_state SET v = CAST(v - 25 * 3600 * 1000 AS TEXT) WHERE k = "
      "'log_checked_ms'");
  expect_told(now_ok("anna"));
  expect_all_is_well();
}

// A share that begins with a wrong snapshot could not be read by anybody.
TEST_F(BaseDamage, NoShareIsMadeFromIt) {
  change_base("UPDATE customer SET city = 'Rot' WHERE id = 1");
  const Path fresh = dir() / "fresh";
  boost::filesystem::create_directories(fresh);
  const Outcome outcome =
      tidesync({"init", "--from-base", "--db", db("anna").string(), "--share", fresh.string()});
  EXPECT_EQ(outcome.exit_code, 1) << outcome.text();
  EXPECT_NE(outcome.err.find("base copy"), std::string::npos) << outcome.text();
  EXPECT_FALSE(boost::filesystem::exists(fresh / "floor.json"));
}

// Adding up a million rows before each batch would cost more than the batch: what no run left as it
// is now is added up, whatever its size.
TEST_F(BaseDamage, ALargeBaseCopyIsLookedAtOnceItWasChanged) {
  sql(db("anna"),
      "WITH n AS (SELECT 4 AS i UNION ALL SELECT i + 1 FROM n LIMIT 20000)"
      " INSERT INTO customer SELECT i, hex(randomblob(500)), 'Jena' FROM n");
  now_ok("anna");
  now_ok("ben");
  ASSERT_GT(boost::filesystem::file_size(side("anna") / "base.db"), 16u << 20);
  change_base("UPDATE customer SET city = 'Rot' WHERE id = 1");
  sql(db("anna"), "UPDATE customer SET city = 'Rom' WHERE id = 2");
  expect_told(now_ok("anna"));
  expect_all_is_well();
}

// The mark of a run that found the damage and sent nothing must not make it good.
TEST_F(BaseDamage, ARunThatHasNothingToSendDoesNotVouchForIt) {
  change_base("UPDATE customer SET city = 'Rot' WHERE id = 1");
  now_ok("anna");
  sql(db("anna"), "UPDATE customer SET city = 'Rom' WHERE id = 2");
  expect_told(now_ok("anna"));
  expect_all_is_well();
}

// The base copy is the third side of every merge: it tells that the number was another record's.
TEST_F(BaseDamage, NothingIsMergedWithIt) {
  change_base("DELETE FROM customer WHERE id = 3");
  sql(db("anna"), "DELETE FROM customer WHERE id = 3");
  sql(db("anna"), "INSERT INTO customer VALUES (3, 'New', 'Rom')");
  sql(db("ben"), "INSERT INTO quote VALUES (1, 3)");
  now_ok("ben");
  expect_told(now("anna", {"--json"}).json());
  settle_and_expect_all_equal({"anna", "ben"});
  EXPECT_EQ(ask(db("ben"), "SELECT c.name FROM quote q JOIN customer c ON c.id = q.customer_id"),
            "See");
  EXPECT_EQ(count(db("ben"), "customer WHERE name = 'New'"), 1);
}

// All rows stand in their tables, so they add up; master.db would be a copy of these pages.
TEST_F(BaseDamage, AnIndexWithoutItsRowsDoesNotReachTheShare) {
  const Path base = side("anna") / "base.db";
  const std::string index = "SELECT rootpage FROM sqlite_schema WHERE name = 'tidesync_chain_seq'";
  const auto page = std::stoll(ask(base, index));
  const auto page_size = std::stoll(ask(base, "PRAGMA page_size"));
  {
    std::fstream file(base.string(), std::ios::binary | std::ios::in | std::ios::out);
    file.seekp((page - 1) * page_size);
    // An empty leaf of an index.
    const std::string empty{'\x0a', '\0', '\0', '\0', '\0', static_cast<char>(page_size >> 8),
                            '\0',   '\0'};
    file.write(empty.data(), static_cast<std::streamsize>(empty.size()));
  }
  ASSERT_NE(ask(base, "PRAGMA integrity_check(1)"), "ok");
  sql(db("anna"), "UPDATE customer SET city = 'Rom' WHERE id = 1");
  expect_told(now_ok("anna"));
  EXPECT_EQ(ask(master(), "PRAGMA integrity_check(1)"), "ok");
  EXPECT_EQ(ask(base, "PRAGMA integrity_check(1)"), "ok");
  expect_all_is_well();
}

}  // namespace
}  // namespace tidesync::test
