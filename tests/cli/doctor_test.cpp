// tidesync doctor with the real program: what is broken by hand must be told in one line, with what
// to do, and everything else must still be looked at.
#include <boost/filesystem/operations.hpp>
#include <fstream>

#include "cli/cli_fixture.h"

namespace tidesync::test {
namespace {

class Doctor : public CliFixture {
 protected:
  void start(const Names& names = {"anna"}) {
    start_fleet_sql(names,
                    "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, price);"
                    "INSERT INTO item VALUES (1, 'pen', 10), (2, 'ink', 20), (3, 'cap', 30)");
    settle(names);
  }
  // "name verdict" of each check, and all texts in one.
  void examine(int exit_code, const std::string& name, Words more = {}) {
    more.push_back("--json");
    const Outcome outcome = command(name, "doctor", more);
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.text();
    checks_.clear();
    const auto report = outcome.json();
    for (const auto& check : report["checks"]) {
      const bool ok = check["verdict"] == "ok";
      EXPECT_EQ(check["what_to_do"].is_null(), ok) << check;
      checks_[check["name"].get<std::string>()] +=
          check["verdict"].get<std::string>() + ": " + check["text"].get<std::string>() + "\n";
    }
  }
  void expect(const std::string& name, const std::string& part) {
    EXPECT_NE(checks_[name].find(part), std::string::npos) << name << ": " << checks_[name];
  }

  std::map<std::string, std::string> checks_;
};

TEST_F(Doctor, AHealthyNodeHasNothingToWorryAboutAndIsNotChanged) {
  start({"anna", "ben"});
  const auto share_before = snapshot(share());
  const auto database_before = snapshot(db("ben"));
  const auto spool_before = snapshot(side("ben") / "spool");
  for (const Words& more : {Words{}, Words{"--probe"}}) {
    examine(0, "ben", more);
    for (const auto& [name, text] : checks_) {
      const bool ok = text.rfind("ok", 0) == 0;
      EXPECT_TRUE(ok || name == "schedule") << name << text;  // none is installed
    }
  }
  for (const char* name : {"database",    "database_place", "sqlite",   "attached",   "config",
                           "lock",        "folder",         "disk",     "base_copy",  "spool",
                           "conflicts",   "last_run",       "triggers", "tables",     "share_place",
                           "share_space", "share",          "probe",    "clock",      "log",
                           "master",      "nodes",          "staging",  "quarantine", "schedule"}) {
    EXPECT_EQ(checks_.count(name), 1U) << name;
  }
  EXPECT_EQ(changed_since(share_before, share()), "");
  EXPECT_EQ(changed_since(database_before, db("ben")), "");
  EXPECT_EQ(changed_since(spool_before, side("ben") / "spool"), "");
}

TEST_F(Doctor, ADatabaseThatIsNoNode) {
  make("stranger", "CREATE TABLE t (a)");
  examine(7, "stranger");
  expect("attached", "problem: this database is not synced");
  expect("database", "ok");
  EXPECT_FALSE(boost::filesystem::exists(side("stranger"))) << "doctor made something";
  examine(7, "nobody");
  expect("database", "there is no such file");
  std::ofstream(db("letter").string()) << std::string(4096, 'x');
  examine(7, "letter");
  expect("database", "problem");
}

TEST_F(Doctor, TheShareIsAway) {
  start();
  boost::filesystem::rename(share(), dir() / "away");
  examine(7, "anna");
  expect("share", "problem");
  expect("database", "ok");
  expect("triggers", "ok");
  EXPECT_EQ(checks_.count("log"), 0U);
}

TEST_F(Doctor, AnotherDatasetIsMountedThere) {
  start();
  boost::filesystem::rename(share(), dir() / "away");
  boost::filesystem::create_directory(share());
  make("ben", "CREATE TABLE t (id INTEGER PRIMARY KEY)");
  ASSERT_EQ(init("ben").exit_code, 0);
  examine(7, "anna");
  expect("share", "this database belongs to");
}

TEST_F(Doctor, WithoutAConfigurationTheDatabaseIsStillLookedAt) {
  start();
  boost::filesystem::remove(side("anna") / "config.toml");
  examine(7, "anna");
  expect("config", "problem");
  expect("database", "ok");
  expect("triggers", "ok");
  EXPECT_EQ(checks_.count("share"), 0U);
}

TEST_F(Doctor, TablesOfOursThatWereReplacedWithTheFile) {
  start();
  boost::filesystem::remove(db("anna"));
  make("anna", "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, price)");
  examine(7, "anna");
  expect("attached", "replaced or restored");
}

TEST_F(Doctor, ADroppedTriggerIsAWarningUntilTheNextSync) {
  start();
  sql(db("anna"), "DROP TRIGGER tidesync_11_u");
  examine(0, "anna");
  expect("triggers", "warning");
  now_ok("anna");
  examine(0, "anna");
  expect("triggers", "ok");
}

TEST_F(Doctor, ATableThatStandsStill) {
  start();
  sql(db("anna"), "ALTER TABLE item DROP COLUMN price");
  now(std::string("anna"));
  examine(0, "anna");
  expect("tables", "table item stands still");
  expect("last_run", "warning");
}

TEST_F(Doctor, ColumnsThatLookLikeReferences) {
  start_fleet_sql({"anna"},
                  "CREATE TABLE customers (id INTEGER PRIMARY KEY);"
                  "CREATE TABLE quotes (id INTEGER PRIMARY KEY, customer_id INTEGER);"
                  "INSERT INTO customers VALUES (1); INSERT INTO quotes VALUES (1, 1)");
  examine(0, "anna");
  expect("references", "warning");
}

TEST_F(Doctor, ADamagedDatabaseIsAProblem) {
  give("anna", sample("quoting.db"));
  ASSERT_EQ(init("anna").exit_code, 0);
  const Path file = db("anna");
  std::string bytes = snapshot(file).at(file.string());
  const std::size_t half = bytes.size() / 2;
  bytes.replace(half, 60000, std::string(60000, '\x55'));
  std::ofstream(file.string(), std::ios::binary | std::ios::trunc) << bytes;
  examine(7, "anna");
  expect("database", "problem");
}

TEST_F(Doctor, EntriesThatAreGoneOrCutOff) {
  start();
  const Path entry = share() / "log" / "0000000" / "00000001";
  const std::string bytes = snapshot(entry).at(entry.string());
  std::ofstream(entry.string(), std::ios::binary | std::ios::trunc) << bytes.substr(0, 100);
  examine(7, "anna");
  expect("log", "missing or cut off on the share: batch 1");
  now_ok("anna");
  examine(0, "anna");
  expect("log", "ok");
  expect("quarantine", "warning: 1 batch was moved aside");
}

TEST_F(Doctor, UnreadBatchesAndOpenConflictsAreTold) {
  start({"anna", "ben"});
  sql(db("anna"), "UPDATE item SET price = 11 WHERE id = 1");
  now_ok("anna");
  examine(0, "ben");
  expect("log", "1 batch of others not brought in yet");
  sql(db("ben"), "UPDATE item SET price = 12 WHERE id = 1");
  now(std::string("ben"));
  examine(0, "ben");
  expect("conflicts", "warning: 1 conflict waits");
}

TEST_F(Doctor, MasterThatSomebodyChanged) {
  start();
  std::ofstream(master().string(), std::ios::binary | std::ios::app) << "more";
  examine(0, "anna");
  expect("master", "warning");
  boost::filesystem::remove(share() / "master.json");
  examine(0, "anna");
  expect("master", "master.json is missing");
}

TEST_F(Doctor, ALostBaseCopyAndALostFolder) {
  start();
  boost::filesystem::remove(side("anna") / "base.db");
  examine(0, "anna");
  expect("base_copy", "warning: base.db is missing");
  EXPECT_FALSE(boost::filesystem::exists(side("anna") / "base.db"));
  boost::filesystem::remove_all(side("anna"));
  examine(7, "anna");
  expect("folder", "is missing");
}

TEST_F(Doctor, FoldersOfCloudProgramsAreRefusedFromTheBeginning) {
  start();
  const Path cloud = dir() / "Dropbox";
  boost::filesystem::create_directories(cloud / "nas");
  make("ben", "CREATE TABLE t (id INTEGER PRIMARY KEY)");
  const Outcome refused = tidesync(
      {"init", "--db", db("ben").string(), "--share", (cloud / "nas").string(), "--node", "ben"});
  EXPECT_EQ(refused.exit_code, 2) << refused.text();
  EXPECT_NE(refused.err.find("Dropbox"), std::string::npos) << refused.text();
  EXPECT_TRUE(boost::filesystem::is_empty(cloud / "nas"));
  EXPECT_EQ(ask(db("ben"), "SELECT count(*) FROM sqlite_schema"), "1");
  // A share that was put under such a program later.
  std::ofstream((share() / ".stfolder").string()) << "";
  examine(7, "anna");
  expect("share_place", "Syncthing");
  EXPECT_EQ(join("carla").exit_code, 2);
}

}  // namespace
}  // namespace tidesync::test
