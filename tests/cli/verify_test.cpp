// tidesync verify with the real program: everything that must agree is broken by hand, one thing at
// a time, and must be found, named, and be right again after what verify said to do.
#include <boost/filesystem/operations.hpp>
#include <fstream>

#include "base/digest.h"
#include "base/process_lock.h"
#include "cli/cli_fixture.h"

namespace tidesync::test {
namespace {

class Verify : public CliFixture {
 protected:
  void start(const Names& names) {
    start_fleet_sql(names,
                    "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, price);"
                    "INSERT INTO item VALUES (1, 'pen', 10), (2, 'ink', 20), (3, 'cap', 30)");
    settle(names);
  }
  nlohmann::json verify(int exit_code, const std::string& name, Words more = {}) {
    more.push_back("--json");
    const Outcome outcome = command(name, "verify", more);
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.text();
    return outcome.json();
  }
  // All findings as one text.
  std::string found(int exit_code, const std::string& name, const Words& more = {}) {
    std::string text;
    const auto report = verify(exit_code, name, more);
    for (const auto& finding : report["findings"])
      text += finding["what"].get<std::string>() + " | " +
              finding["what_to_do"].get<std::string>() + " | " + finding["row"].dump() + "\n";
    return text;
  }
  Path entry(int seq) {
    const std::string name = std::to_string(100000000 + seq).substr(1);
    return share() / "log" / "0000000" / name;
  }
  static std::string bytes_of(const Path& file) { return snapshot(file).at(file.string()); }
  static void write(const Path& file, const std::string& bytes) {
    std::ofstream(file.string(), std::ios::binary | std::ios::trunc) << bytes;
  }
  // Damage that shows neither in the size nor in the end of the file.
  void flip_the_middle(const Path& file) {
    std::string bytes = bytes_of(file);
    bytes[bytes.size() / 2] ^= 0x20;
    boost::filesystem::remove(file);
    write(file, bytes);
  }
  void edit_and_sync(const std::string& name, int price) {
    sql(db(name), "UPDATE item SET price = " + std::to_string(price) + " WHERE id = 2");
    now_ok(name);
  }
};

void expect_has(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << part << "\nis not in:\n" << text;
}

TEST_F(Verify, AHealthyFleetAgreesAndNothingIsChanged) {
  start({"anna", "ben"});
  edit_and_sync("anna", 21);
  now_ok("ben");
  const auto share_before = snapshot(share());
  const auto database_before = snapshot(db("ben"));
  const auto spool_before = snapshot(side("ben") / "spool");
  for (const std::string name : {"anna", "ben"}) {
    const auto report = verify(0, name);
    EXPECT_EQ(report["differences"], 0);
    EXPECT_EQ(report["findings"].dump(), "[]");
    for (const auto& table : report["tables"]) {
      EXPECT_EQ(table["digest_here"], table["digest_base"]) << table;
      EXPECT_EQ(table["digest_master"], table["digest_base"]) << table;
    }
  }
  const auto deep = verify(0, "ben", {"--deep"});
  EXPECT_EQ(deep["entries_read"], deep["seq_here"]);
  EXPECT_EQ(changed_since(share_before, share()), "");
  EXPECT_EQ(changed_since(database_before, db("ben")), "");
  EXPECT_EQ(changed_since(spool_before, side("ben") / "spool"), "");
  EXPECT_TRUE(boost::filesystem::is_empty(side("ben") / "tmp"));
  expect_has(command("ben", "verify").out, "agree at batch");
}

TEST_F(Verify, EditsThatWereNotSentAreNoDifference) {
  start({"anna"});
  sql(db("anna"),
      "UPDATE item SET price = 99 WHERE id = 1; DELETE FROM item WHERE id = 2;"
      "INSERT INTO item VALUES (9, 'new', 1)");
  const auto report = verify(0, "anna");
  for (const auto& table : report["tables"]) {
    if (table["name"] != "item") continue;
    EXPECT_EQ(table["not_sent"], 3);
  }
}

TEST_F(Verify, AnEditThatNoTriggerNoticedIsNamedAndSentByAFullComparison) {
  start({"anna", "ben"});
  sql(db("anna"),
      "UPDATE item SET price = 77 WHERE id = 2; DELETE FROM tidesync_dirty WHERE t > 10");
  const std::string text = found(7, "anna");
  expect_has(text, "item, id = 2");
  expect_has(text, "--compare-all");
  expect_has(text, R"("new":"77","old":"20")");
  EXPECT_EQ(now_ok("anna")["pushed"], 0);
  EXPECT_EQ(now_ok("anna", {"--compare-all"})["pushed"], 1);
  verify(0, "anna");
  now_ok("ben");
  EXPECT_EQ(ask(db("ben"), "SELECT price FROM item WHERE id = 2"), "77");
}

TEST_F(Verify, ARowChangedInTheBaseCopy) {
  start({"anna"});
  sql(side("anna") / "base.db", "UPDATE item SET price = 66 WHERE id = 3");
  for (const Words& more : {Words{}, Words{"--deep"}}) {
    const std::string text = found(7, "anna", more);
    expect_has(text, "base.db: its rows do not add up");
    expect_has(text, "item, id = 3");
  }
  boost::filesystem::remove(side("anna") / "base.db");
  now_ok("anna");
  verify(0, "anna", {"--deep"});
  EXPECT_EQ(ask(db("anna"), "SELECT price FROM item WHERE id = 3"), "30");
}

TEST_F(Verify, MasterEditedByHand) {
  start({"anna"});
  sql(master(), "UPDATE item SET price = 55 WHERE id = 1");
  const std::string text = found(7, "anna");
  expect_has(text, "master.db is not the file that master.json describes");
}

// As somebody would who wants it to look right.
TEST_F(Verify, MasterEditedTogetherWithItsNoteNamesTheRow) {
  start({"anna"});
  sql(master(), "UPDATE item SET price = 55 WHERE id = 1");
  const Path note = share() / "master.json";
  auto json = nlohmann::json::parse(bytes_of(note));
  const std::string bytes = bytes_of(master());
  json["digest"] = digest_of(bytes).hex();
  json["size"] = bytes.size();
  write(note, json.dump());
  const std::string text = found(7, "anna");
  expect_has(text, "item, id = 1: the row in master.db");
  expect_has(text, R"("new":"55","old":"10")");
  edit_and_sync("anna", 21);
  verify(0, "anna");
}

TEST_F(Verify, AMasterThatIsATrapIsNotRead) {
  start({"anna"});
  sql(master(), "DROP TABLE item; CREATE VIEW item AS SELECT 1 AS id, 'x' AS name, 2 AS price");
  const Path note = share() / "master.json";
  auto json = nlohmann::json::parse(bytes_of(note));
  const std::string bytes = bytes_of(master());
  json["digest"] = digest_of(bytes).hex();
  json["size"] = bytes.size();
  write(note, json.dump());
  expect_has(found(7, "anna"), "master.db cannot be read");
}

TEST_F(Verify, AnEntryDamagedInTheMiddleIsFoundByDeepAndHealedByCheckLog) {
  start({"anna", "ben"});
  edit_and_sync("anna", 21);
  edit_and_sync("anna", 22);
  now_ok("ben");
  const std::string whole = bytes_of(entry(2));
  flip_the_middle(entry(2));
  verify(0, "ben");
  const std::string text = found(7, "ben", {"--deep"});
  expect_has(text, "batch 2");
  expect_has(text, "tidesync now --check-log here");
  EXPECT_NE(bytes_of(entry(2)), whole) << "verify only looks";

  const auto run = now_ok("ben", {"--check-log"});
  expect_has(run["notes"].dump(), "put back from here: batch 2");
  EXPECT_EQ(bytes_of(entry(2)), whole);
  EXPECT_FALSE(boost::filesystem::is_empty(share() / "quarantine"));
  verify(0, "ben", {"--deep"});
  // Who has not read it yet reads it now.
  ASSERT_EQ(join("carla").exit_code, 0);
  EXPECT_EQ(ask(db("carla"), "SELECT price FROM item WHERE id = 2"), "22");
}

TEST_F(Verify, TheWholeLogIsCheckedByItselfOnceADay) {
  start({"anna"});
  edit_and_sync("anna", 21);
  const std::string whole = bytes_of(entry(2));
  flip_the_middle(entry(2));
  now_ok("anna");
  EXPECT_NE(bytes_of(entry(2)), whole) << "not every run reads the whole log";
  sql(side("anna") / "base.db",
      "UPDATE tidesync_state SET v = CAST(v - 25 * 3600 * 1000 AS TEXT) WHERE k = "
      "'log_checked_ms'");
  now_ok("anna");
  EXPECT_EQ(bytes_of(entry(2)), whole);
}

TEST_F(Verify, AComputerWithoutACopyLeavesADamagedEntryToOthers) {
  start({"anna"});
  edit_and_sync("anna", 21);
  ASSERT_EQ(join("ben").exit_code, 0);
  flip_the_middle(entry(2));
  const std::string damaged = bytes_of(entry(2));
  expect_has(found(7, "ben", {"--deep"}), "--check-log on anna");
  const auto run = now_ok("ben", {"--check-log"});
  EXPECT_EQ(run["status"], "partial");
  EXPECT_EQ(bytes_of(entry(2)), damaged);
  now_ok("anna", {"--check-log"});
  EXPECT_EQ(now_ok("ben", {"--check-log"})["status"], "success");
  verify(0, "ben", {"--deep"});
}

TEST_F(Verify, AMissingEntryIsNamedAndPutBack) {
  start({"anna"});
  edit_and_sync("anna", 21);
  edit_and_sync("anna", 22);
  boost::filesystem::remove(entry(2));
  expect_has(found(7, "anna"), "batch 2: it is missing on the share");
  now_ok("anna");
  verify(0, "anna", {"--deep"});
}

TEST_F(Verify, BatchesOfOthersThatAreNotHereYetAreReadToo) {
  start({"anna", "ben"});
  edit_and_sync("anna", 21);
  const auto report = verify(0, "ben", {"--deep"});
  EXPECT_EQ(report["seq_on_share"].get<int>(), report["seq_here"].get<int>() + 1);
  EXPECT_EQ(report["entries_read"], report["seq_on_share"]);
  expect_has(report["findings"].dump(), "which this computer has not brought in");
  flip_the_middle(entry(report["seq_on_share"].get<int>()));
  expect_has(found(7, "ben", {"--deep"}), "on the other computers");
}

TEST_F(Verify, WithoutTheShareThisComputerIsLookedAt) {
  start({"anna"});
  boost::filesystem::rename(share(), dir() / "away");
  const auto report = verify(4, "anna");
  EXPECT_FALSE(report["share_problem"].is_null());
  EXPECT_EQ(report["differences"], 0);
  sql(db("anna"),
      "UPDATE item SET price = 77 WHERE id = 2; DELETE FROM tidesync_dirty WHERE t > 10");
  verify(7, "anna");
}

TEST_F(Verify, NotWhileASyncRunsAndNotOnAnyDatabase) {
  start({"anna"});
  {
    const auto lock = ProcessLock::try_acquire(side("anna") / "lock", "a test");
    verify(5, "anna");
  }
  make("stranger", "CREATE TABLE t (a)");
  EXPECT_EQ(command("stranger", "verify").exit_code, 1);
  boost::filesystem::remove(side("anna") / "base.db");
  EXPECT_EQ(command("anna", "verify").exit_code, 1);
}

TEST_F(Verify, ReferencesThatLeadNowhereAreARemark) {
  start_fleet_sql({"anna"},
                  "CREATE TABLE p (id INTEGER PRIMARY KEY);"
                  "CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p);"
                  "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1)");
  settle({"anna"});
  Database::open(db("anna"), OpenMode::kReadWrite).exec("INSERT INTO c VALUES (2, 99)");
  expect_has(found(0, "anna"), "references lead nowhere");
}

}  // namespace
}  // namespace tidesync::test
