// Every command as a person and as a program meets it: help, output, JSON, exit codes.
#include <boost/filesystem/operations.hpp>
#include <set>

#include "cli/cli_fixture.h"

namespace tidesync::test {
namespace {

const std::vector<std::string> kCommands{"init",  "join",      "now", "status", "history", "diff",
                                         "leave", "conflicts", "why", "undo",   "report"};

std::set<std::string> names_of(const nlohmann::json& object) {
  std::set<std::string> names;
  for (const auto& [name, value] : object.items()) names.insert(name);
  return names;
}

class Commands : public CliFixture {
 protected:
  void start_two() { start_fleet({"anna", "ben"}, sample("quoting.db")); }
  // All tables, triggers, indexes and views, as SQL.
  static std::string schema_of(const Path& file) {
    return ask(file, "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name");
  }
};

TEST_F(Commands, HelpShowsExitCodesAndAnExample) {
  for (const std::string& command : kCommands) {
    SCOPED_TRACE(command);
    const Outcome help = tidesync({command, "--help"});
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_EQ(help.err, "");
    for (const std::string expected :
         {"--db FILE", "--json", "Exit codes:\n    0  done\n    1  failed\n    2  wrong arguments",
          "Example:\n  tidesync "}) {
      EXPECT_NE(help.out.find(expected), std::string::npos) << expected << "\n" << help.out;
    }
    EXPECT_NE(help.out.find("Example:\n  tidesync " + command + " --db "), std::string::npos);
  }
  const Outcome all = tidesync({});
  EXPECT_EQ(all.exit_code, 0);
  EXPECT_EQ(all.out, tidesync({"--help"}).out);
  for (const std::string& command : kCommands) {
    EXPECT_NE(all.out.find("\n  " + command + " "), std::string::npos) << command;
  }
}

// The example of the help is a command line that can be used as it is.
TEST_F(Commands, ExamplesOfTheHelpAreAccepted) {
  for (const std::string& command : kCommands) {
    std::string line = tidesync({command, "--help"}).out;
    line = line.substr(line.find("Example:\n  tidesync ") + 20);
    Words words;
    std::string word;
    for (const char c : line.substr(0, line.find('\n')) + " ") {
      if (c != ' ') {
        word += c;
      } else {
        words.push_back(word);
        word.clear();
      }
    }
    ProcessOptions options;
    options.working_folder = dir();
    const Outcome outcome = tidesync(words, options);
    EXPECT_EQ(outcome.exit_code, 1) << "there is no such database and no such share here\n"
                                    << line << outcome.text();
    EXPECT_NE(outcome.err.find("quotes"), std::string::npos) << outcome.text();
  }
}

TEST_F(Commands, Version) {
  const Outcome version = tidesync({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_EQ(version.out.rfind("tidesync " TIDESYNC_VERSION " (SQLite 3.", 0), 0U) << version.out;
}

TEST_F(Commands, WrongArgumentsEndWithTwo) {
  for (const Words& words :
       {Words{"nwo"}, Words{"now", "--dryrun", "--db", "x"}, Words{"now"},
        Words{"init", "--db", "x"}, Words{"history", "--db", "x", "--limit", "many"},
        Words{"now", "--db"}}) {
    const Outcome outcome = tidesync(words);
    EXPECT_EQ(outcome.exit_code, 2) << outcome.text();
    EXPECT_EQ(outcome.out, "");
    EXPECT_NE(outcome.err.find("what to do: "), std::string::npos) << outcome.text();
    Words with_json = words;
    with_json.insert(with_json.begin() + 1, "--json");
    const auto json = tidesync(with_json).json();
    EXPECT_EQ(json["error"]["code"], "usage") << json;
  }
}

TEST_F(Commands, NowPrintsThePromisedObject) {
  start_two();
  sql(db("anna"),
      "UPDATE components SET stock = 1 WHERE id <= 3; DELETE FROM manual_quotes WHERE"
      " id = 1");
  const auto pushed = now_ok("anna");
  // As product.md promises it, and more.
  EXPECT_EQ(names_of(pushed),
            (std::set<std::string>{"run",          "status",           "direction",
                                   "pulled",       "pushed",           "conflicts",
                                   "seq_before",   "seq_after",        "tables",
                                   "master_seq",   "duration_ms",      "error",
                                   "dry_run",      "put_off",          "bytes_pulled",
                                   "bytes_pushed", "share_bytes_read", "share_bytes_written",
                                   "failing_runs", "failing_since",    "notes"}));
  EXPECT_EQ(pushed["status"], "success");
  EXPECT_EQ(pushed["direction"], "push");
  EXPECT_EQ(pushed["pulled"], 0);
  EXPECT_EQ(pushed["pushed"], 4);
  EXPECT_EQ(pushed["conflicts"], 0);
  EXPECT_EQ(pushed["seq_before"], 1);
  EXPECT_EQ(pushed["seq_after"], 2);
  EXPECT_EQ(pushed["master_seq"], 2);
  EXPECT_EQ(pushed["tables"],
            nlohmann::json::parse(R"({"components":{"pulled":0,"pushed":3,"conflicts":0},
                                      "manual_quotes":{"pulled":0,"pushed":1,"conflicts":0}})"));
  EXPECT_TRUE(pushed["duration_ms"].is_number_unsigned());
  EXPECT_TRUE(pushed["error"].is_null());
  EXPECT_EQ(pushed["run"], ask(db("anna"), "SELECT run_id FROM sync_log ORDER BY id DESC LIMIT 1"));

  sql(db("ben"), "UPDATE units SET name = 'x' WHERE code = 'm'");
  EXPECT_EQ(now_ok("ben")["direction"], "bidirectional");
  EXPECT_EQ(now_ok("anna")["direction"], "pull");

  boost::filesystem::rename(share(), dir() / "away");
  const auto offline = now_with(4, "anna");
  EXPECT_EQ(offline["status"], "offline");
  EXPECT_EQ(names_of(offline), names_of(pushed));
  EXPECT_EQ(names_of(offline["error"]), (std::set<std::string>{"code", "message", "hint"}));
}

TEST_F(Commands, DryRunAnnouncesWhatTheRunThenDoes) {
  start_two();
  sql(db("anna"),
      "UPDATE components SET stock = 1, updated_at = datetime('now', '-1 hours') WHERE"
      " id <= 3; DELETE FROM manual_quotes WHERE id = 1;"
      "INSERT INTO quotes (number, customer_id, title) VALUES ('Q-2026-9', 1, 'a');"
      "INSERT INTO quote_lines (quote_id, position, description, unit_price)"
      " SELECT max(id), 1, 'a', 1 FROM quotes");
  now_ok("anna");
  sql(db("ben"),
      "UPDATE components SET stock = 2 WHERE id IN (2, 3, 4);"
      "INSERT INTO quotes (number, customer_id, title) VALUES ('Q-2026-9', 1, 'b');"
      "INSERT INTO quote_lines (quote_id, position, description, unit_price)"
      " SELECT max(id), 1, 'b', 1 FROM quotes; INSERT INTO units VALUES ('x', 'y', 0)");
  const auto database = snapshot(db("ben"));
  const auto on_share = snapshot(share());
  const Outcome text = now("ben", {"--dry-run"});
  EXPECT_EQ(text.exit_code, 0) << "a dry run keeps no conflicts: " << text.text();
  EXPECT_NE(text.out.find("Nothing was changed."), std::string::npos) << text.text();
  const auto announced = now_ok("ben", {"--dry-run"});
  EXPECT_EQ(changed_since(database, db("ben")), "");
  EXPECT_EQ(changed_since(on_share, share()), "");
  EXPECT_EQ(announced["dry_run"], true);

  const auto done = now_with(3, "ben");
  for (const std::string field : {"pulled", "pushed", "conflicts", "tables"}) {
    EXPECT_EQ(announced[field], done[field]) << field;
  }
  EXPECT_EQ(done["conflicts"], 3) << "stock of two components, one number given twice";
  settle_and_expect_all_equal({"anna", "ben"});
}

TEST_F(Commands, DryRunOfTheFirstBatchAndOfNothing) {
  start_two();
  const auto database = snapshot(db("ben"));
  const auto on_share = snapshot(share());
  const auto nothing = now_ok("ben", {"--dry-run"});
  EXPECT_EQ(nothing["pulled"], 0);
  EXPECT_EQ(nothing["pushed"], 0);
  EXPECT_EQ(changed_since(database, db("ben")), "");
  EXPECT_EQ(changed_since(on_share, share()), "");
}

TEST_F(Commands, InitAndJoinReportWhatTheyDid) {
  give("anna", sample("quoting.db"));
  const auto created = init("anna", {"--json"}).json();
  EXPECT_EQ(created["node"], "anna");
  EXPECT_EQ(created["tables"].size(), 12U);
  EXPECT_EQ(created["sync"]["pushed"], 6935);
  EXPECT_EQ(created["seq"], 1);
  const auto joined = join("ben", {"--json"}).json();
  EXPECT_EQ(joined["created_database"], true);
  EXPECT_EQ(joined["share_id"], created["share_id"]);
  give("carla", sample("quoting.db"));
  sql(db("carla"),
      "DELETE FROM quote_line_costs WHERE id <= 4; INSERT INTO units VALUES"
      " ('x', 'y', 0); UPDATE components SET stock = 77 WHERE id <= 2");
  const Outcome outcome = join("carla", {"--json"});
  const auto adopted = outcome.json();
  EXPECT_EQ(outcome.exit_code, adopted["sync"]["conflicts"] > 0 ? 3 : 0);
  EXPECT_EQ(adopted["created_database"], false);
  EXPECT_EQ(adopted["equal_rows"], 6935 - 4 - 2);
  EXPECT_EQ(adopted["rows_only_here"], 1);
  EXPECT_EQ(adopted["rows_only_there"], 4);
  EXPECT_EQ(adopted["differing_rows"], 2);
  EXPECT_EQ(count(adopted["backup"].get<std::string>(), "components WHERE stock = 77 AND id <= 2"),
            2);
  settle_and_expect_all_equal({"anna", "ben", "carla"});
}

TEST_F(Commands, StatusShowsHowThingsStand) {
  start_two();
  sql(db("anna"),
      "UPDATE components SET stock = 1 WHERE id <= 3; DELETE FROM manual_quotes WHERE"
      " id = 1; UPDATE units SET name = name");
  sql(db("ben"), "UPDATE units SET name = 'x' WHERE code = 'm'");
  now_ok("ben");
  const auto database = snapshot(db("anna"));
  const auto on_share = snapshot(share());
  const Outcome outcome = command("anna", "status", {"--json"});
  EXPECT_EQ(outcome.exit_code, 0);
  const auto status = outcome.json();
  EXPECT_EQ(status["node"], "anna");
  EXPECT_EQ(status["share"], share().string());
  EXPECT_EQ(status["share_reachable"], true);
  EXPECT_EQ(status["seq_here"], 1);
  EXPECT_EQ(status["seq_on_share"], 2);
  EXPECT_EQ(status["seq_in_master"], 2);
  EXPECT_EQ(status["open_conflicts"], 0);
  EXPECT_EQ(status["interval_minutes"], 120);
  EXPECT_EQ(status["last_run"]["status"], "success");
  EXPECT_EQ(status["pending"]["components"], 3);
  EXPECT_EQ(status["pending"]["manual_quotes"], 1);
  EXPECT_EQ(status["pending"].value("units", 0), 0) << "touched, and the same as before";
  const Outcome text = command("anna", "status");
  EXPECT_NE(text.out.find("4 edits to send, 1 batch of others to bring in"), std::string::npos)
      << text.text();
  EXPECT_EQ(changed_since(database, db("anna")), "");
  EXPECT_EQ(changed_since(on_share, share()), "");

  boost::filesystem::rename(share(), dir() / "away");
  const Outcome offline = command("anna", "status", {"--json"});
  EXPECT_EQ(offline.exit_code, 4);
  EXPECT_EQ(offline.json()["share_reachable"], false);
  EXPECT_EQ(offline.json()["pending"]["components"], 3);
}

TEST_F(Commands, HistoryListsTheRunsNewestFirst) {
  start_two();
  for (int i = 0; i < 3; ++i) {
    sql(db("ben"), "UPDATE units SET name = name || 'x' WHERE code = 'm'");
    now_ok("ben");
  }
  boost::filesystem::rename(share(), dir() / "away");
  now_with(4, "anna");
  boost::filesystem::rename(dir() / "away", share());
  now_ok("anna");
  const auto runs = [&](const Words& more) {
    Words words{"--json"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = command("anna", "history", words);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.text();
    return outcome.json()["runs"];
  };
  const auto mine = runs({});
  ASSERT_EQ(mine.size(), 3U);
  EXPECT_EQ(mine[0]["status"], "success");
  EXPECT_EQ(mine[0]["records_pulled"], 1);
  EXPECT_EQ(mine[1]["status"], "error");
  EXPECT_NE(mine[1]["error_message"].get<std::string>().find(share().string()), std::string::npos);
  EXPECT_EQ(mine[2]["records_pushed"], 6935);
  EXPECT_EQ(runs({"--limit", "1"}).size(), 1U);
  EXPECT_EQ(runs({"--failed"}).size(), 1U);
  EXPECT_EQ(runs({"--since", "1h"}).size(), 3U);
  EXPECT_EQ(runs({"--since", "2099-01-01"}).size(), 0U);
  EXPECT_EQ(runs({"--node", "ben"}).size(), 3U) << "his last run comes with his next batch";
  EXPECT_EQ(runs({"--all"}).size(), 6U);
  EXPECT_EQ(command("anna", "history", {"--since", "yesteryear"}).exit_code, 2);
  EXPECT_NE(command("anna", "history").out.find("error"), std::string::npos);
}

TEST_F(Commands, DiffShowsOldAndNewValues) {
  start_two();
  EXPECT_EQ(command("anna", "diff", {"--json"}).json()["rows"].size(), 0U);
  sql(db("anna"),
      "UPDATE components SET stock = 5 WHERE id = 17; INSERT INTO units VALUES"
      " ('x', 'new', 1); DELETE FROM generated_numbers WHERE series ="
      " (SELECT min(series) FROM generated_numbers)");
  const auto rows = [&](const Words& more) {
    Words words{"--json"};
    words.insert(words.end(), more.begin(), more.end());
    return command("anna", "diff", words).json()["rows"];
  };
  const auto edit = rows({"components", "17"});
  ASSERT_EQ(edit.size(), 1U);
  EXPECT_EQ(edit[0]["kind"], "update");
  EXPECT_EQ(edit[0]["columns"],
            nlohmann::json::parse(R"([{"column":"stock","old":"223","new":"5"}])"));
  const auto insert = rows({"units"});
  ASSERT_EQ(insert.size(), 1U);
  EXPECT_EQ(insert[0]["kind"], "insert");
  EXPECT_GE(rows({"generated_numbers"}).size(), 1U);
  EXPECT_EQ(rows({"generated_numbers"})[0]["kind"], "delete");
  const Outcome text = command("anna", "diff", {"components", "17"});
  EXPECT_NE(text.out.find("223  ->  5"), std::string::npos) << text.text();
  EXPECT_EQ(command("anna", "diff", {"componants"}).exit_code, 2);
  const auto all = rows({});
  EXPECT_EQ(now_ok("anna")["pushed"], all.size()) << "what diff shows is what is sent";
}

TEST_F(Commands, LeaveTakesEverythingOfOursOutAndKeepsTheData) {
  start_two();
  sql(db("anna"), "UPDATE components SET stock = 5 WHERE id <= 3");
  const auto on_share = snapshot(share());
  const Outcome refused = command("anna", "leave", {"--json"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(refused.json()["error"]["code"], "guard");
  EXPECT_NE(refused.json()["error"]["message"].get<std::string>().find("3 rows"),
            std::string::npos);
  EXPECT_TRUE(boost::filesystem::exists(side("anna")));

  const Outcome left = command("anna", "leave", {"--json", "--force"});
  EXPECT_EQ(left.exit_code, 0) << left.text();
  EXPECT_EQ(left.json()["pending_rows"], 3);
  EXPECT_FALSE(boost::filesystem::exists(side("anna")));
  EXPECT_EQ(changed_since(on_share, share()), "");
  EXPECT_EQ(schema_of(db("anna")), schema_of(sample("quoting.db")));
  EXPECT_EQ(count(db("anna"), "components WHERE stock = 5 AND id <= 3"), 3);
  EXPECT_EQ(defects(db("anna")), "");
  EXPECT_EQ(command("anna", "now").exit_code, 1);

  // It may come back, and finds its work taken for its own.
  const Outcome back = tidesync({"join", "--db", db("anna").string(), "--share", share().string(),
                                 "--user", "anna", "--node", "anna-2"});
  EXPECT_TRUE(back.exit_code == 0 || back.exit_code == 3) << back.text();
  settle_and_expect_all_equal({"anna", "ben"});

  // Nothing waits: no word needed.
  EXPECT_EQ(command("ben", "leave").exit_code, 0);
  EXPECT_EQ(schema_of(db("ben")), schema_of(sample("quoting.db")));
}

}  // namespace
}  // namespace tidesync::test
