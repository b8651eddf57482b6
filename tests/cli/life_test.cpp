// why and undo: the life of a row as the log tells it, and taking back what a sync did.
#include <boost/filesystem/operations.hpp>

#include "base/process_lock.h"
#include "cli/cli_fixture.h"

namespace tidesync::test {
namespace {

constexpr const char* kSchema = R"(
  CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, phone TEXT, updated_at TEXT);
  CREATE TABLE orders (id INTEGER PRIMARY KEY, number TEXT UNIQUE,
                       customer_id INTEGER NOT NULL REFERENCES customers (id), total);
  CREATE TABLE stock (place TEXT, article INTEGER, amount, PRIMARY KEY (place, article));
  INSERT INTO customers VALUES (17, 'Miller', '111', '2026-01-01 08:00:00'),
    (18, 'Smith', '222', '2026-01-01 08:00:00'), (19, 'Jones', '333', '2026-01-01 08:00:00');
  INSERT INTO orders VALUES (1, 'Q-1', 17, 10), (2, 'Q-2', 17, 20);
  INSERT INTO stock VALUES ('Ulm', 1, 5);
)";

class LifeCase : public CliFixture {
 protected:
  void SetUp() override {
    CliFixture::SetUp();
    start_fleet_sql(all_, kSchema);
  }
  nlohmann::json why(const std::string& name, const Words& what, int exit_code = 0) {
    Words words{"--json"};
    words.insert(words.end(), what.begin(), what.end());
    const Outcome outcome = command(name, "why", words);
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.text();
    return outcome.json();
  }
  static std::string kinds(const nlohmann::json& life) {
    std::string text;
    for (const auto& event : life["events"]) {
      if (!text.empty()) text += " ";
      text += event["kind"].get<std::string>() + "@" +
              (event["seq"].is_null() ? "-" : std::to_string(event["seq"].get<int>()));
    }
    return text;
  }
  static void expect_says(const std::string& text, const std::string& expected) {
    EXPECT_NE(text.find(expected), std::string::npos) << expected << "\nis not in:\n" << text;
  }
  // What the application does on one computer, and its sync; the id of that run.
  std::string run_of(const std::string& name, const std::string& statements) {
    sql(db(name), statements);
    return now_ok(name)["run"];
  }
  Outcome undo(const std::string& name, const std::string& run, const Words& more = {}) {
    Words words{run};
    words.insert(words.end(), more.begin(), more.end());
    return command(name, "undo", words);
  }
  std::string rows(const std::string& name) {
    return ask(db(name), "SELECT id, name, phone FROM customers ORDER BY id") + "\n" +
           ask(db(name), "SELECT * FROM orders ORDER BY id") + "\n" +
           ask(db(name), "SELECT * FROM stock ORDER BY place");
  }

  const Names all_{"anna", "ben"};
};
using Why = LifeCase;
using Undo = LifeCase;

TEST_F(Why, TellsEveryChangeWithPersonBatchAndRun) {
  const std::string run = run_of("anna", "UPDATE customers SET phone = '112' WHERE id = 17");
  now_ok("ben");
  run_of("ben", "DELETE FROM orders; DELETE FROM customers WHERE id = 17");
  now_ok("anna");
  const auto life = why("anna", {"customers", "17"});
  EXPECT_EQ(kinds(life), "insert@1 update@2 delete@3");
  EXPECT_EQ(life["events"][1]["user"], "anna");
  EXPECT_EQ(life["events"][1]["run"], run);
  EXPECT_EQ(life["events"][1]["columns"],
            nlohmann::json::parse(R"([{"column":"phone","old":"'111'","new":"'112'"}])"));
  EXPECT_EQ(life["events"][2]["node"], "ben");
  EXPECT_TRUE(life["now"].is_null());
  const std::string text = command("anna", "why", {"customers", "17"}).out;
  expect_says(text, "It was in the database when the share was set up (batch 1).");
  expect_says(text, "phone  '111'  ->  '112'");
  expect_says(text, "Now there is no such row here.");
}

TEST_F(Why, AColumnAlone) {
  run_of("anna", "UPDATE customers SET phone = '112' WHERE id = 17");
  run_of("anna", "UPDATE customers SET name = 'M' WHERE id = 17");
  EXPECT_EQ(kinds(why("anna", {"customers", "17", "PHONE"})), "insert@1 update@2");
  EXPECT_EQ(kinds(why("anna", {"customers", "17", "name"})), "insert@1 update@3");
}

TEST_F(Why, AfterAConflictItNamesTheRuleAndWhoSettledIt) {
  sql(db("anna"), "UPDATE customers SET phone = '112' WHERE id = 17");
  sql(db("ben"), "UPDATE customers SET phone = '113' WHERE id = 17");
  now_ok("anna");
  now_with(3, "ben");
  now_ok("anna");
  const std::string id = ask(db("anna"), "SELECT id FROM sync_conflicts");
  tidesync({"conflicts", "resolve", id, "--keep", "loser", "--db", db("anna").string()});
  now_ok("anna");
  const auto life = why("anna", {"customers", "17", "phone"});
  EXPECT_EQ(kinds(life), "insert@1 update@2 update@3 conflict@3 update@4 resolved@4");
  const std::string rule = ask(db("anna"), "SELECT rule FROM sync_conflicts");
  EXPECT_EQ(life["events"][3]["rule"], rule);
  EXPECT_EQ(life["events"][3]["winner"], "ben");
  EXPECT_EQ(life["events"][5]["conflict"], id);
  EXPECT_EQ(kinds(why("anna", {"customers", "17", "name"})), "insert@1");
  expect_says(command("anna", "why", {"customers", "17"}).out,
              "conflict " + id.substr(0, 8) + ", decided: " + rule + "\n  ben won, anna lost.");
}

TEST_F(Why, ShowsWhatIsNotPublishedYetAndWhatIsNotBroughtInYet) {
  run_of("ben", "UPDATE customers SET name = 'B' WHERE id = 17");
  sql(db("anna"), "UPDATE customers SET phone = '9' WHERE id = 17");
  const auto life = why("anna", {"customers", "17"});
  EXPECT_EQ(kinds(life), "insert@1 update@2 update@-");
  EXPECT_EQ(life["events"][1]["brought_in"], false);
  const std::string text = command("anna", "why", {"customers", "17"}).out;
  expect_says(text, "not brought in here yet");
  expect_says(text, "not published yet");
}

TEST_F(Why, OfflineItReadsItsOwnCopiesAndSaysSo) {
  run_of("anna", "UPDATE customers SET phone = '112' WHERE id = 17");
  boost::filesystem::rename(share(), dir() / "away");
  EXPECT_EQ(kinds(why("anna", {"customers", "17"})), "insert@1 update@2");
  expect_says(command("anna", "why", {"customers", "17"}).out,
              "Only the copies kept here were read, the share cannot be reached");
}

TEST_F(Why, CopiesThatAreGoneAreReadFromTheShareOrNamed) {
  run_of("anna", "UPDATE customers SET phone = '112' WHERE id = 17");
  for (const auto& [file, content] : snapshot(side("anna") / "spool")) {
    if (file.find("00000001-") != std::string::npos) boost::filesystem::remove(file);
  }
  EXPECT_EQ(kinds(why("anna", {"customers", "17"})), "insert@1 update@2");
  boost::filesystem::rename(share(), dir() / "away");
  const auto life = why("anna", {"customers", "17"});
  EXPECT_EQ(kinds(life), "update@2");
  EXPECT_EQ(life["unread"], nlohmann::json::parse("[1]"));
  expect_says(command("anna", "why", {"customers", "17"}).out, "Batch 1 could not be read");
}

TEST_F(Why, KeysOfSeveralColumnsAndKeysThatWereChanged) {
  run_of("anna", "UPDATE stock SET amount = 6");
  EXPECT_EQ(kinds(why("anna", {"stock", "Ulm,1"})), "insert@1 update@2");
  run_of("anna", "UPDATE stock SET place = 'Bonn'");
  const auto before = why("anna", {"stock", "Ulm,1"});
  EXPECT_EQ(kinds(before), "insert@1 update@2 delete@3");
  EXPECT_EQ(before["events"][2]["note"], "the same values go on under key Bonn,1");
  const auto after = why("anna", {"stock", "Bonn,1"});
  EXPECT_EQ(after["events"][0]["note"], "the same values were under key Ulm,1 before");
}

TEST_F(Why, WhatIsNotThereIsSaidSo) {
  why("anna", {"customers", "99"}, 1);
  why("anna", {"custommers", "17"}, 2);
  why("anna", {"customers", "17", "fone"}, 2);
  why("anna", {"sync_log", "17"}, 2);
}

TEST_F(Undo, TakesBackWhatThisNodePublished) {
  const std::string before = rows("anna");
  const std::string run =
      run_of("anna",
             "UPDATE customers SET phone = '112', updated_at = datetime('now') WHERE id = 17;"
             "INSERT INTO customers VALUES (30, 'New', '1', NULL);"
             "INSERT INTO orders VALUES (30, 'Q-30', 30, 1);"
             "DELETE FROM orders WHERE id = 2; UPDATE stock SET place = 'Bonn'");
  const auto database = snapshot(db("anna"));
  const Outcome dry = undo("anna", run, {"--dry-run"});
  EXPECT_EQ(dry.exit_code, 0) << dry.text();
  expect_says(dry.out, "'112'  ->  '111'");
  EXPECT_EQ(changed_since(database, db("anna")), "");
  const Outcome done = undo("anna", run.substr(0, 10));
  EXPECT_EQ(done.exit_code, 0) << done.text();
  EXPECT_EQ(rows("anna"), before);
  EXPECT_EQ(ask(db("anna"),
                "SELECT updated_at > datetime('now', '-5 minutes') FROM customers"
                " WHERE id = 17"),
            "1")
      << "a new edit";
  settle_and_expect_all_equal(all_);
  EXPECT_EQ(rows("ben"), before);
  expect_says(undo("anna", run).out, "Nothing to undo: everything is as it was before it.");
}

TEST_F(Undo, TakesBackWhatARunOfThisNodeTookIn) {
  const std::string before = rows("anna");
  run_of("ben", "UPDATE customers SET phone = '112' WHERE id = 17");
  run_of("ben",
         "UPDATE customers SET phone = '113' WHERE id = 17; DELETE FROM orders WHERE id = 1");
  const std::string run = run_of("anna", "UPDATE customers SET name = 'S' WHERE id = 18");
  EXPECT_EQ(undo("anna", run, {"--json"}).json()["batches"], nlohmann::json::parse("[2,3,4]"));
  EXPECT_EQ(rows("anna"), before);
  settle_and_expect_all_equal(all_);
}

TEST_F(Undo, TakesBackWhatAnotherNodePublished) {
  const std::string run = run_of(
      "ben", "UPDATE customers SET phone = '112' WHERE id = 17; UPDATE stock SET amount = 1");
  run_of("ben", "UPDATE customers SET name = 'S' WHERE id = 18");
  now_ok("anna");
  const Outcome done = undo("anna", run, {"--json"});
  EXPECT_EQ(done.exit_code, 0) << done.text();
  EXPECT_EQ(done.json()["batches"], nlohmann::json::parse("[2]"));
  settle_and_expect_all_equal(all_);
  EXPECT_EQ(ask(db("ben"), "SELECT name, phone FROM customers"), "Miller|111\nS|222\nJones|333");
}

TEST_F(Undo, IsRefusedWhereARowWasChangedSince) {
  const std::string run = run_of("anna",
                                 "UPDATE customers SET phone = '112' WHERE id = 17;"
                                 "UPDATE customers SET phone = '223' WHERE id = 18");
  sql(db("anna"), "UPDATE customers SET phone = '999', name = 'X' WHERE id = 17");
  const std::string before = rows("anna");
  const Outcome refused = undo("anna", run);
  EXPECT_EQ(refused.exit_code, 1) << refused.text();
  expect_says(refused.out, "customers id = 17: phone is '999' now, the run had set '112'");
  EXPECT_EQ(rows("anna"), before);
  const auto json = undo("anna", run, {"--json"}).json();
  EXPECT_EQ(json["refused"], true);
  EXPECT_EQ(json["changed_count"], 1);
}

TEST_F(Undo, AnotherColumnChangedSinceIsNoObstacleAndStays) {
  const std::string run = run_of("anna", "UPDATE customers SET phone = '112' WHERE id = 17");
  run_of("ben", "UPDATE customers SET name = 'by ben', updated_at = datetime('now') WHERE id = 17");
  now_ok("anna");
  EXPECT_EQ(undo("anna", run).exit_code, 0);
  EXPECT_EQ(ask(db("anna"), "SELECT name, phone FROM customers WHERE id = 17"), "by ben|111");
}

TEST_F(Undo, ForceKeepsTheNewerValuesAsConflicts) {
  const std::string run = run_of("anna",
                                 "UPDATE customers SET phone = '112' WHERE id = 17;"
                                 "INSERT INTO customers VALUES (30, 'New', '1', NULL);"
                                 "UPDATE customers SET phone = '5' WHERE id = 18");
  sql(db("anna"),
      "UPDATE customers SET phone = '999' WHERE id IN (17, 30);"
      "DELETE FROM customers WHERE id = 18");
  const Outcome forced = undo("anna", run, {"--force"});
  EXPECT_EQ(forced.exit_code, 3) << forced.text();
  expect_says(forced.out, "customers id = 18: deleted since");
  EXPECT_EQ(ask(db("anna"), "SELECT id, phone FROM customers"), "17|111\n19|333");
  EXPECT_EQ(ask(db("anna"),
                "SELECT kind, json_extract(loser_row, '$.phone'), loser_user FROM"
                " sync_conflicts"),
            "undo|999|anna\nundo|999|anna");
  settle_and_expect_all_equal(all_);
  const std::string id =
      ask(db("ben"), "SELECT id FROM sync_conflicts WHERE winner_row IS NOT NULL");
  EXPECT_EQ(tidesync({"conflicts", "resolve", id, "--keep", "loser", "--db", db("ben").string()})
                .exit_code,
            0);
  settle_and_expect_all_equal(all_);
  EXPECT_EQ(ask(db("anna"), "SELECT phone FROM customers WHERE id = 17"), "999");
}

TEST_F(Undo, AnInsertWithChildrenOfOthersIsRefusedByName) {
  const std::string run = run_of("anna", "INSERT INTO customers VALUES (30, 'New', '1', NULL)");
  now_ok("ben");
  run_of("ben", "INSERT INTO orders VALUES (31, 'Q-31', 30, 1)");
  now_ok("anna");
  const Outcome refused = undo("anna", run, {"--force"});
  EXPECT_EQ(refused.exit_code, 1) << refused.text();
  expect_says(refused.err, "orders id = 31 refers to customers id = 30, which would not be there");
  EXPECT_EQ(count(db("anna"), "customers WHERE id = 30"), 1);
}

TEST_F(Undo, ADeletedRowWhoseUniqueValueIsTakenIsRefusedByName) {
  const std::string run = run_of("anna", "DELETE FROM orders WHERE id = 2");
  sql(db("anna"), "INSERT INTO orders VALUES (40, 'Q-2', 17, 1)");
  const Outcome refused = undo("anna", run);
  EXPECT_EQ(refused.exit_code, 1) << refused.text();
  expect_says(refused.err, "number = 'Q-2' must be unique and belongs to orders id = 40 now");
  EXPECT_EQ(count(db("anna"), "orders WHERE id = 2"), 0);
}

TEST_F(Undo, ValuesThatWereSwappedAreSwappedBack) {
  const std::string before = rows("anna");
  const std::string run = run_of("anna",
                                 "UPDATE orders SET number = 'x' WHERE id = 1; UPDATE orders SET"
                                 " number = 'Q-1' WHERE id = 2; UPDATE orders SET number = 'Q-2'"
                                 " WHERE id = 1");
  EXPECT_EQ(undo("anna", run).exit_code, 0);
  EXPECT_EQ(rows("anna"), before);
  settle_and_expect_all_equal(all_);
}

TEST_F(Undo, OfAHugeInsertIsHeldBackByTheGuard) {
  const std::string run =
      run_of("anna",
             "WITH RECURSIVE n (i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 199)"
             " INSERT INTO customers (id, name) SELECT i, 'x' FROM n");
  const Outcome done = undo("anna", run);
  EXPECT_EQ(done.exit_code, 0) << done.text();
  expect_says(done.out, "tidesync now --allow-mass-delete");
  EXPECT_EQ(now_ok("anna")["status"], "partial");
  const std::string said = now("anna").out;
  expect_says(said, "Nothing came in or went out; something waits.");
  EXPECT_EQ(said.find("in sync"), std::string::npos) << said;
  EXPECT_EQ(now_ok("anna", {"--allow-mass-delete"})["status"], "success");
  settle_and_expect_all_equal(all_);
}

TEST_F(Undo, RunsThatCannotBeTakenBackAreNamed) {
  const std::string run = run_of("ben", "UPDATE customers SET phone = '112' WHERE id = 17");
  EXPECT_EQ(undo("anna", run).exit_code, 1) << "not known here yet";
  EXPECT_EQ(undo("anna", "nothing").exit_code, 2);
  const std::string first = ask(db("anna"), "SELECT run_id FROM sync_log WHERE seq_after = 1");
  expect_says(undo("anna", first).err, "the first batch, which holds everything there was");
  const std::string idle = now_ok("ben")["run"];
  expect_says(undo("ben", idle).out, "Nothing to undo: it changed no rows.");
  const auto lock = ProcessLock::try_acquire(side("ben") / "lock", "held by a test");
  EXPECT_EQ(undo("ben", run).exit_code, 5);
}

TEST_F(Undo, OfflineItReadsItsOwnCopiesAndWithoutThemWaits) {
  const std::string run = run_of("anna", "UPDATE customers SET phone = '112' WHERE id = 17");
  boost::filesystem::rename(share(), dir() / "away");
  EXPECT_EQ(undo("anna", run, {"--dry-run"}).exit_code, 0);
  for (const auto& [file, content] : snapshot(side("anna") / "spool"))
    if (content != "folder") boost::filesystem::remove(file);
  EXPECT_EQ(undo("anna", run).exit_code, 4);
  boost::filesystem::rename(dir() / "away", share());
  EXPECT_EQ(undo("anna", run).exit_code, 0);
}

}  // namespace
}  // namespace tidesync::test
