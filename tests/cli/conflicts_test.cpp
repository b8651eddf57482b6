// conflicts list, show and resolve: what people read, what they do about it, and that everybody
// ends with the same rows.
#include <boost/filesystem/operations.hpp>
#include <chrono>
#include <thread>

#include "base/process_lock.h"
#include "cli/cli_fixture.h"

namespace tidesync::test {
namespace {

constexpr const char* kSchema = R"(
  CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, phone TEXT, score,
                          updated_at TEXT, updated_by TEXT);
  CREATE TABLE orders (id INTEGER PRIMARY KEY, number TEXT UNIQUE,
                       customer_id INTEGER NOT NULL REFERENCES customers (id), total REAL);
  CREATE TABLE badge (id INTEGER PRIMARY KEY, code INTEGER UNIQUE, note TEXT);
  INSERT INTO customers VALUES
    (17, 'Miller', '111', 5, '2026-01-01 08:00:00', 'old'),
    (18, 'Smith', '222', 6, '2026-01-01 08:00:00', 'old'),
    (19, 'Jones', '333', 7, '2026-01-01 08:00:00', 'old');
  INSERT INTO orders VALUES (1, 'Q-1', 17, 10);
)";

// An edit of a customer, said to be made this long ago.
std::string edit(int id, const std::string& set, int minutes_ago) {
  return "UPDATE customers SET " + set + ", updated_at = strftime('%Y-%m-%d %H:%M:%S', 'now', '-" +
         std::to_string(minutes_ago) + " minutes') WHERE id = " + std::to_string(id) + ";";
}

class Conflicts : public CliFixture {
 protected:
  void SetUp() override {
    CliFixture::SetUp();
    start_fleet_sql(all_, kSchema);
  }

  // Anna syncs first, so ben decides; then everybody knows.
  void meet(const std::string& by_anna, const std::string& by_ben) {
    sql(db("anna"), by_anna);
    sql(db("ben"), by_ben);
    now_ok("anna");
    ben_said_ = now("ben").out;
    anna_heard_ = now("anna").out;
  }
  // Ben does his work first, by the clock that counts in milliseconds; anna syncs first.
  void ben_first(const std::string& by_ben, const std::string& by_anna) {
    sql(db("ben"), by_ben);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    meet(by_anna, "");
  }
  // ben's phone wins over anna's.
  void meet_on_the_phone() {
    meet(edit(17, "phone = '112', updated_by = 'anna'", 20),
         edit(17, "phone = '113', updated_by = 'ben'", 10));
  }
  std::string id_of(const std::string& table = "customers") {
    return ask(db("ben"), "SELECT substr(id, 1, 8) FROM sync_conflicts WHERE table_name = '" +
                              table + "' ORDER BY created_at DESC LIMIT 1");
  }
  Outcome conflicts_of(const std::string& name, const Words& more) {
    return command(name, "conflicts", more);
  }
  // conflicts resolve ID ...
  Outcome resolve(const std::string& name, const std::string& id, const Words& more) {
    Words words{"conflicts", "resolve", id, "--db", db(name).string()};
    words.insert(words.end(), more.begin(), more.end());
    return tidesync(words);
  }
  Outcome show(const std::string& name, const std::string& id, const Words& more = {}) {
    Words words{"conflicts", "show", id, "--db", db(name).string()};
    words.insert(words.end(), more.begin(), more.end());
    return tidesync(words);
  }
  void expect_resolved(const Outcome& outcome) {
    EXPECT_EQ(outcome.exit_code, 0) << outcome.text();
  }
  void expect_everywhere(const std::string& query, const std::string& expected) {
    settle_and_expect_all_equal(all_);
    for (const std::string& name : all_) EXPECT_EQ(ask(db(name), query), expected) << name;
  }
  static void expect_says(const std::string& text, const std::string& expected) {
    EXPECT_NE(text.find(expected), std::string::npos) << expected << "\nis not in:\n" << text;
  }

  const Names all_{"anna", "ben"};
  std::string ben_said_, anna_heard_;
};

TEST_F(Conflicts, NowSaysInASentenceWhatHappenedAndWhatShowsIt) {
  meet_on_the_phone();
  expect_says(ben_said_, "customers 17: anna's phone was replaced by yours at ");
  expect_says(ben_said_, "; anna's is kept. See: tidesync conflicts show " + id_of() + " --db ");
  expect_says(anna_heard_, "1 conflict about your edits, decided on another computer:");
  expect_says(anna_heard_, "customers 17: your phone was replaced by the one ben saved at ");
  EXPECT_EQ(now("anna").out.find("your phone"), std::string::npos) << "it is told once";
}

TEST_F(Conflicts, NowNamesFiveAndSaysHowToSeeTheRest) {
  const std::string fill =
      "WITH RECURSIVE n (i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 106)"
      " INSERT INTO customers (id, name, phone) SELECT i, 'x', '0' FROM n";
  sql(db("anna"), fill);
  settle(all_);
  meet("UPDATE customers SET phone = 'a' WHERE id >= 100",
       "UPDATE customers SET phone = 'b' WHERE id >= 100");
  expect_says(ben_said_, "7 conflicts, decided and kept:");
  expect_says(ben_said_, "- and 2 more: tidesync conflicts --db ");
  EXPECT_EQ(ben_said_.find("customers 105:"), std::string::npos) << ben_said_;
}

TEST_F(Conflicts, StatusSaysHowManyWaitForALook) {
  expect_says(command("ben", "status").out, "none open");
  meet_on_the_phone();
  expect_says(command("anna", "status").out, "1 conflict waits for a look (from ");
  EXPECT_TRUE(command("anna", "status", {"--json"}).json()["oldest_conflict"].is_string());
}

TEST_F(Conflicts, TheListShowsOpenOnesAndCanBeNarrowed) {
  expect_says(conflicts_of("ben", {}).out, "No conflict waits for a look.");
  meet_on_the_phone();
  meet(edit(18, "name = 'a'", 20), edit(18, "name = 'b'", 10));
  expect_resolved(resolve("ben", id_of(), {"--keep", "winner"}));
  const auto listed = [&](const Words& more) {
    Words words{"list", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = conflicts_of("ben", words);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.text();
    return outcome.json()["conflicts"].size();
  };
  EXPECT_EQ(listed({}), 1u);
  EXPECT_EQ(listed({"--resolved"}), 1u);
  EXPECT_EQ(listed({"--all"}), 2u);
  EXPECT_EQ(listed({"--all", "--limit", "1"}), 1u);
  EXPECT_EQ(listed({"--all", "--table", "orders"}), 0u);
  EXPECT_EQ(listed({"--all", "--node", "anna"}), 2u);
  EXPECT_EQ(listed({"--all", "--node", "carla"}), 0u);
  EXPECT_EQ(conflicts_of("ben", {"--all", "--open"}).exit_code, 2);
  const std::string text = conflicts_of("ben", {"--all"}).out;
  expect_says(text, "same field changed twice");
  expect_says(text, "same column changed: newest wins (name). Resolved by ben: winner");
}

TEST_F(Conflicts, ShowPutsTheVersionsSideBySideAndSaysWhatToDo) {
  meet_on_the_phone();
  const std::string id = id_of();
  const Outcome shown = show("anna", id);
  EXPECT_EQ(shown.exit_code, 0) << shown.text();
  expect_says(shown.out, "  *  phone    '111'   '113'                '112'\n");
  expect_says(shown.out, "anna (you)");
  expect_says(shown.out, "rule      same column changed: newest wins (phone)");
  expect_says(shown.out, "state     open");
  expect_says(shown.out, "now here  as decided");
  expect_says(shown.out, "tidesync conflicts resolve " + id + " --keep loser --db ");
  EXPECT_EQ(shown.out.find("score"), std::string::npos) << "it is the same everywhere";
  expect_says(show("anna", id, {"--full"}).out, "score");
  const auto json = show("anna", id.substr(0, 4), {"--json"}).json();
  EXPECT_EQ(json["disputed"], nlohmann::json::parse(R"(["phone"])"));
  EXPECT_EQ(json["loser"]["phone"], "112");
  EXPECT_EQ(json["now"]["phone"], "113");
  sql(db("anna"), "UPDATE customers SET phone = '999' WHERE id = 17");
  expect_says(show("anna", id).out, "now here  changed since: phone is '999'");
}

TEST_F(Conflicts, AWrongIdAndAnAmbiguousOneAreRefused) {
  meet_on_the_phone();
  sql(db("anna"),
      "INSERT INTO sync_conflicts SELECT 'aaaa0000' || i, table_name, row_key, kind, base_row,"
      " winner_row, loser_row, winner_node, loser_node, winner_user, loser_user, winner_updated_at,"
      " loser_updated_at, rule, created_at, NULL, NULL, NULL"
      " FROM sync_conflicts, (SELECT 'b1' AS i UNION SELECT 'c1')");
  EXPECT_EQ(show("anna", "ffffffffff").exit_code, 1);
  EXPECT_EQ(show("anna", "what").exit_code, 2);
  const Outcome ambiguous = resolve("anna", "aaaa", {"--keep", "winner"});
  EXPECT_EQ(ambiguous.exit_code, 2) << ambiguous.text();
  expect_says(ambiguous.err, "aaaa0000b (customers 17), aaaa0000c (customers 17)");
}

TEST_F(Conflicts, KeepLoserTakesItsColumnsBackEverywhere) {
  meet(edit(17, "phone = '112', name = 'by anna'", 20), edit(17, "phone = '113', score = 9", 10));
  expect_resolved(resolve("anna", id_of(), {"--keep", "loser"}));
  expect_everywhere("SELECT phone, name, score FROM customers WHERE id = 17", "112|by anna|9");
  expect_everywhere("SELECT resolved_by, resolution FROM sync_conflicts", "anna|loser");
  EXPECT_EQ(ask(db("ben"),
                "SELECT updated_at > datetime('now', '-5 minutes'), length(updated_at)"
                " FROM customers WHERE id = 17"),
            "1|19")
      << "a new edit, in the form of the old stamps";
  EXPECT_EQ(count(db("ben"), "sync_conflicts"), 1) << "no new conflict";
}

TEST_F(Conflicts, KeepLoserBringsADeletedRowBack) {
  meet("DELETE FROM customers WHERE id = 18", edit(18, "phone = '223'", 10));
  EXPECT_EQ(count(db("ben"), "customers WHERE id = 18"), 0);
  const Outcome dry = resolve("ben", id_of(), {"--keep", "loser", "--dry-run"});
  expect_says(dry.out, "customers 18 would be brought back:");
  EXPECT_EQ(count(db("ben"), "customers WHERE id = 18"), 0);
  EXPECT_EQ(count(db("ben"), "sync_conflicts WHERE resolved_at IS NOT NULL"), 0);
  expect_resolved(resolve("ben", id_of(), {"--keep", "loser"}));
  expect_everywhere("SELECT phone FROM customers WHERE id = 18", "223");
}

TEST_F(Conflicts, KeepLoserDeletesWhereTheDeletionLost) {
  ben_first("DELETE FROM customers WHERE id = 18",
            "UPDATE customers SET phone = '223' WHERE id = 18");
  expect_says(ben_said_, "customers 18: you deleted it, but anna changed it at ");
  ASSERT_EQ(count(db("ben"), "customers WHERE id = 18"), 1);
  expect_resolved(resolve("ben", id_of(), {"--keep", "loser"}));
  expect_everywhere("SELECT count(*) FROM customers WHERE id = 18", "0");
}

TEST_F(Conflicts, ADeletionThatLostIsRefusedWhileChildrenNeedTheRow) {
  sql(db("anna"), "INSERT INTO orders VALUES (7, 'Q-7', 18, 1)");
  sql(db("ben"), "DELETE FROM customers WHERE id = 18");
  now_ok("anna");
  now("ben");
  const Outcome refused = resolve("ben", id_of(), {"--keep", "loser"});
  EXPECT_EQ(refused.exit_code, 1) << refused.text();
  expect_says(refused.err, "orders id = 7 refers to customers id = 18, which would not be there");
  EXPECT_EQ(count(db("ben"), "customers WHERE id = 18"), 1);
  sql(db("ben"), "DELETE FROM orders WHERE id = 7");
  expect_resolved(resolve("ben", id_of(), {"--keep", "loser"}));
  expect_everywhere("SELECT count(*) FROM customers WHERE id = 18", "0");
}

TEST_F(Conflicts, KeepWinnerOnlySaysThatItIsSettled) {
  meet_on_the_phone();
  const std::string before = ask(db("ben"), "SELECT * FROM customers");
  const Outcome outcome = resolve("ben", id_of(), {"--keep", "winner"});
  expect_resolved(outcome);
  expect_says(outcome.out, "customers 17 stays as it is.");
  EXPECT_EQ(ask(db("ben"), "SELECT * FROM customers"), before);
  expect_everywhere("SELECT resolution FROM sync_conflicts", "winner");
}

TEST_F(Conflicts, WhatWasChangedSinceIsLeftUnlessForced) {
  meet_on_the_phone();
  sql(db("ben"), "UPDATE customers SET phone = '999' WHERE id = 17");
  const Outcome refused = resolve("ben", id_of(), {"--keep", "loser"});
  EXPECT_EQ(refused.exit_code, 1) << refused.text();
  expect_says(refused.err, "phone is '999' now, changed since the conflict");
  const Outcome winner = resolve("ben", id_of(), {"--keep", "winner"});
  expect_resolved(winner);
  expect_says(winner.out, "It was left as it is");
  EXPECT_EQ(ask(db("ben"), "SELECT phone FROM customers WHERE id = 17"), "999");
  expect_resolved(resolve("ben", id_of(), {"--keep", "loser", "--force"}));
  expect_everywhere("SELECT phone FROM customers WHERE id = 17", "112");
}

TEST_F(Conflicts, ResolvingTwiceIsRefusedWithWhoAndHow) {
  meet_on_the_phone();
  expect_resolved(resolve("ben", id_of(), {"--keep", "winner"}));
  settle(all_);
  const Outcome second = resolve("anna", id_of(), {"--keep", "loser"});
  EXPECT_EQ(second.exit_code, 1) << second.text();
  expect_says(second.err, "it was resolved by ben at ");
  expect_says(second.err, "(winner)");
  EXPECT_EQ(ask(db("anna"), "SELECT phone FROM customers WHERE id = 17"), "113");
  expect_resolved(resolve("anna", id_of(), {"--keep", "loser", "--force"}));
  expect_everywhere(
      "SELECT c.phone, s.resolved_by FROM customers c, sync_conflicts s WHERE"
      " c.id = 17",
      "112|anna");
}

TEST_F(Conflicts, ResolvedOnTwoNodesAtOnceAllEndEqualAndNothingIsMixed) {
  meet_on_the_phone();
  expect_resolved(resolve("anna", id_of(), {"--keep", "loser"}));
  expect_resolved(resolve("ben", id_of(), {"--set", "phone=555"}));
  settle_and_expect_all_equal(all_);
  EXPECT_EQ(ask(db("anna"),
                "SELECT resolved_by, resolution FROM sync_conflicts WHERE resolved_at"
                " IS NOT NULL"),
            "ben|set phone = 555")
      << "the later of the two, whole";
}

TEST_F(Conflicts, ValuesTakeTheTypeOfTheirColumn) {
  meet(edit(17, "score = 6", 20), edit(17, "score = 7", 10));
  expect_resolved(
      resolve("ben", id_of(), {"--set", "score=12", "--set", "phone=00=1", "--set-null", "name"}));
  expect_everywhere("SELECT typeof(score), score, phone, name FROM customers WHERE id = 17",
                    "integer|12|00=1|NULL");
  expect_everywhere("SELECT resolution FROM sync_conflicts",
                    "set score = 12, phone = 00=1, name = NULL");
}

TEST_F(Conflicts, WrongValuesAreRefused) {
  meet_on_the_phone();
  const std::string id = id_of();
  const auto before = snapshot(db("ben"));
  EXPECT_EQ(resolve("ben", id, {}).exit_code, 2);
  EXPECT_EQ(resolve("ben", id, {"--keep", "both"}).exit_code, 2);
  EXPECT_EQ(resolve("ben", id, {"--keep", "winner", "--set", "phone=1"}).exit_code, 2);
  EXPECT_EQ(resolve("ben", id, {"--set", "phone"}).exit_code, 2);
  EXPECT_EQ(resolve("ben", id, {"--set", "fone=1"}).exit_code, 2);
  EXPECT_EQ(resolve("ben", id, {"--set", "id=1"}).exit_code, 1);
  EXPECT_EQ(changed_since(before, db("ben")), "");
}

TEST_F(Conflicts, AUniqueValueThatIsTakenIsNamedWithItsOwner) {
  meet("INSERT INTO orders VALUES (5, 'Q-5', 17, 1)",
       "INSERT INTO orders VALUES (6, 'Q-5', 17, 2)");
  expect_says(ben_said_,
              "orders 6: another record has the number 'Q-5' already; this one is now"
              " 'Q-5~ben'.");
  const std::string id = id_of("orders");
  const Outcome refused = resolve("ben", id, {"--keep", "loser"});
  EXPECT_EQ(refused.exit_code, 1) << refused.text();
  expect_says(refused.err, "number = 'Q-5' must be unique and belongs to orders id = 5 now");
  expect_resolved(resolve("ben", id, {"--set", "number=Q-6"}));
  expect_everywhere("SELECT number FROM orders WHERE id > 1", "Q-5\nQ-6");
}

TEST_F(Conflicts, ARecordThatWasSetAsideComesBackOnceItsValueIsFree) {
  meet("INSERT INTO badge VALUES (1, 7, 'anna')", "INSERT INTO badge VALUES (2, 7, 'ben')");
  expect_says(ben_said_,
              "badge 2: it was taken out of the table, because a value that must be"
              " unique is taken by id = 1; it is kept whole.");
  EXPECT_EQ(resolve("ben", id_of("badge"), {"--keep", "loser"}).exit_code, 1);
  sql(db("ben"), "UPDATE badge SET code = 8 WHERE id = 1");
  expect_resolved(resolve("ben", id_of("badge"), {"--keep", "loser"}));
  expect_everywhere("SELECT id, code, note FROM badge", "1|8|anna\n2|7|ben");
}

TEST_F(Conflicts, ARecordThatComesBackUnderANumberGivenAgainIsAnotherRecord) {
  meet("INSERT INTO badge VALUES (1, 7, 'anna')", "INSERT INTO badge VALUES (2, 7, 'ben')");
  sql(db("anna"), "INSERT INTO badge VALUES (2, 9, 'another')");
  sql(db("ben"), "UPDATE badge SET code = 8 WHERE id = 1");
  expect_resolved(resolve("ben", id_of("badge"), {"--keep", "loser"}));
  now_ok("ben");
  expect_everywhere("SELECT code, note FROM badge ORDER BY code", "7|ben\n8|anna\n9|another");
}

TEST_F(Conflicts, ARowWhoseParentIsGoneDoesNotComeBackAlone) {
  ben_first("UPDATE orders SET total = 11 WHERE id = 1",
            "DELETE FROM orders WHERE id = 1; DELETE FROM customers WHERE id = 17");
  expect_says(ben_said_, ", and you had changed it: it is gone, and your version is kept.");
  const Outcome refused = resolve("ben", id_of("orders"), {"--keep", "loser"});
  EXPECT_EQ(refused.exit_code, 1) << refused.text();
  expect_says(refused.err, "orders id = 1 refers to customers id = 17, which would not be there");
  settle_and_expect_all_equal(all_);
}

TEST_F(Conflicts, ResolvingNeedsNoShareButNoSyncBesideIt) {
  meet_on_the_phone();
  boost::filesystem::rename(share(), dir() / "away");
  const auto lock = ProcessLock::try_acquire(side("ben") / "lock", "held by a test");
  EXPECT_EQ(resolve("ben", id_of(), {"--keep", "loser"}).exit_code, 5);
  EXPECT_EQ(resolve("anna", id_of(), {"--keep", "loser"}).exit_code, 0);
  EXPECT_EQ(show("ben", id_of()).exit_code, 0) << "a question may always be asked";
}

TEST_F(Conflicts, ALockedDatabaseIsNotNothingToDo) {
  configure("ben", "patience", "\"0s\"");
  sql(db("anna"), edit(17, "phone = '1'", 1));
  now_ok("anna");
  Database application = open_as_application(db("ben"));
  application.exec("BEGIN IMMEDIATE");
  const Outcome outcome = now("ben");
  application.exec("COMMIT");
  EXPECT_EQ(outcome.exit_code, 1) << outcome.text();
  EXPECT_EQ(outcome.out, "") << outcome.text();
  expect_says(outcome.err, "locked");
}

TEST_F(Conflicts, ARowOfTheTableThatSomebodySpoiledDoesNotStopTheSync) {
  meet_on_the_phone();
  sql(db("ben"),
      "INSERT INTO sync_conflicts (id, table_name, row_key, kind, loser_row, loser_node, rule,"
      " created_at) VALUES ('ee', 'customers', '{', 'odd', '{', 'anna', 'by hand', '0')");
  now_ok("ben");
  EXPECT_EQ(now("anna").exit_code, 0);
  const Outcome listed = conflicts_of("anna", {});
  EXPECT_EQ(listed.exit_code, 0) << listed.text();
  expect_says(listed.out, "this row cannot be read: it was changed by hand");
  EXPECT_EQ(show("anna", "ee").exit_code, 1);
  EXPECT_EQ(show("anna", id_of("customers")).exit_code, 0);
  settle_and_expect_all_equal(all_);
}

TEST_F(Conflicts, ADryRunSaysWhatWouldBeDecided) {
  sql(db("anna"), edit(17, "phone = '112'", 20));
  sql(db("ben"), edit(17, "phone = '113'", 10));
  now_ok("anna");
  const std::string text = now("ben", {"--dry-run"}).out;
  expect_says(text, "1 conflict would be decided:\n  - customers 17: anna's phone was replaced by");
  EXPECT_EQ(text.find("See:"), std::string::npos) << text;
}

TEST_F(Conflicts, AJoiningDatabaseIsToldWhereItsConflictsAre) {
  make("carla", kSchema);
  sql(db("carla"), "UPDATE customers SET phone = '7' WHERE id = 17");
  const Outcome joined = join("carla");
  expect_says(joined.out, "1, each a conflict: tidesync conflicts --db ");
  expect_says(conflicts_of("carla", {}).out, "same record changed twice");
}

TEST_F(Conflicts, JsonSaysWhatAResolutionChanged) {
  meet_on_the_phone();
  const auto json = resolve("ben", id_of(), {"--keep", "loser", "--json"}).json();
  EXPECT_EQ(json["change"], "update");
  EXPECT_EQ(json["columns"][0],
            nlohmann::json::parse(R"({"column":"phone","old":"'113'","new":"'112'"})"));
  EXPECT_EQ(json["conflict"]["resolution"], "loser");
  EXPECT_EQ(ask(db("ben"), "SELECT updated_by FROM customers WHERE id = 17"), "ben");
}

}  // namespace
}  // namespace tidesync::test
