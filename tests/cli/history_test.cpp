// history with the real program: every filter, spreadsheets, a master.db alone, and following.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <set>
#include <sstream>
#include <thread>

#include "cli/cli_fixture.h"

namespace tidesync::test {
namespace {

class History : public CliFixture {
 protected:
  void SetUp() override {
    CliFixture::SetUp();
    start_fleet_sql({"anna", "ben"}, "CREATE TABLE item (id INTEGER PRIMARY KEY, name)");
    settle({"anna", "ben"});
    sql(db("anna"), "DELETE FROM sync_log");
  }
  void add(const std::string& at, const std::string& status, const std::string& user = "Anna",
           const std::string& message = "NULL", const std::string& node = "anna") {
    sql(db("anna"),
        "INSERT INTO sync_log (timestamp, direction, status, records_pulled, records_pushed, "
        "conflicts, error_message, duration_ms, run_id, node, user, seq_before, seq_after) VALUES "
        "('" +
            at + "', 'pull', '" + status + "', 1, 2, 0, " + message +
            ", 30, lower(hex(randomblob(16))), '" + node + "', '" + user + "', 3, 4)");
  }
  nlohmann::json runs(const Words& more) {
    Words words{"--json"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = command("anna", "history", words);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.text();
    return outcome.json()["runs"];
  }
  void expect_refused(int exit_code, const Words& words, const std::string& why) {
    Words all{"history"};
    all.insert(all.end(), words.begin(), words.end());
    const Outcome outcome = tidesync(all);
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.text();
    EXPECT_NE(outcome.err.find(why), std::string::npos) << outcome.text();
    EXPECT_NE(outcome.err.find("what to do: "), std::string::npos) << outcome.text();
  }
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST_F(History, EachFilterLeavesWhatWasAskedFor) {
  add("2026-11-01T09:00:00.000Z", "success");
  add("2026-11-02T23:59:59.999Z", "partial", "BEN");
  add("2026-11-03T00:00:00.000Z", "error");
  add("2026-11-04T00:00:00.000Z", "success", "Ben", "NULL", "ben");
  EXPECT_EQ(runs({}).size(), 3U);
  EXPECT_EQ(runs({"--all"}).size(), 4U);
  EXPECT_EQ(runs({"--all", "--user", "ben"}).size(), 2U);
  EXPECT_EQ(runs({"--node", "ben"}).size(), 1U);
  EXPECT_EQ(runs({"--status", "error"}).size(), 1U);
  EXPECT_EQ(runs({"--status", "error,partial"}).size(), 2U);
  EXPECT_EQ(runs({"--failed"}).size(), 2U);
  EXPECT_EQ(runs({"--limit", "1"})[0]["status"], "error") << "the newest first";
  ASSERT_EQ(::setenv("TZ", "UTC", 1), 0);
  EXPECT_EQ(runs({"--until", "2026-11-02"}).size(), 2U) << "that day is included";
  EXPECT_EQ(runs({"--since", "2026-11-02", "--until", "2026-11-02"}).size(), 1U);
  EXPECT_EQ(runs({"--until", "2026-11-02 00:00"}).size(), 1U);
  ASSERT_EQ(::unsetenv("TZ"), 0);
}

TEST_F(History, ContradictionsAndUnknownWordsAreRefused) {
  const std::string file = db("anna").string();
  expect_refused(2, {"--db", file, "--since", "2026-11-03", "--until", "2026-11-01"}, "--until");
  expect_refused(2, {"--db", file, "--until", "soon"}, "read --until");
  expect_refused(2, {"--db", file, "--status", "offline"}, "offline");
  expect_refused(2, {"--db", file, "--status", "error", "--failed"}, "--failed");
  expect_refused(2, {"--db", file, "--master", master().string()}, "--db");
  expect_refused(2, {"--master", master().string(), "--follow"}, "--follow");
}

TEST_F(History, SpreadsheetIsWholeAndNoTextInItIsAFormula) {
  for (int i = 0; i < 25; ++i)
    add("2026-11-01T09:00:" + std::to_string(10 + i) + ".000Z", "success");
  add("2026-11-02T09:00:00.000Z", "error", "=HYPERLINK(1)",
      "'open \"quotes.db\", then' || char(10) || 'gone (12 runs since 2026-11-02T09:00:00.000Z)'");
  const Outcome outcome = command("anna", "history", {"--csv"});
  const auto lines = lines_of(outcome.out);
  ASSERT_EQ(lines.size(), 27U) << outcome.text();
  EXPECT_EQ(lines[0],
            "timestamp,node,user,direction,status,runs,records_pulled,records_pushed,conflicts,"
            "duration_ms,seq_before,seq_after,run_id,error_message\r");
  EXPECT_EQ(
      lines[1].rfind("2026-11-02T09:00:00.000Z,anna,'=HYPERLINK(1),pull,error,12,1,2,0,30,3,4,", 0),
      0U)
      << lines[1];
  EXPECT_NE(lines[1].find(",\"open \"\"quotes.db\"\", then"), std::string::npos) << lines[1];
  EXPECT_EQ(lines_of(command("anna", "history", {"--csv", "--limit", "3"}).out).size(), 4U);
}

TEST_F(History, MasterFileAloneTellsOfAllNodes) {
  // A run is published by the next one.
  for (const std::string id : {"1", "2", "3", "4"}) {
    const std::string name = id < "3" ? "anna" : "ben";
    sql(db(name), "INSERT INTO item VALUES (" + id + ", 'a')");
    now_ok(name);
  }
  const Outcome outcome = tidesync({"history", "--master", master().string(), "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.text();
  const auto json = outcome.json();
  std::set<std::string> nodes;
  for (const auto& run : json["runs"]) nodes.insert(run["node"]);
  EXPECT_EQ(nodes, (std::set<std::string>{"anna", "ben"}));
  EXPECT_GT(json["master_seq"], 1);
  const Outcome text = tidesync({"history", "--master", master().string(), "--node", "ben"});
  EXPECT_NE(text.out.find("As of batch "), std::string::npos) << text.text();
  EXPECT_EQ(text.out.find("anna"), std::string::npos) << text.text();
  EXPECT_FALSE(boost::filesystem::exists(master().string() + "-shm"));
}

TEST_F(History, FilesThatAreNoMasterAreRefusedWithWhatToDo) {
  expect_refused(1, {"--master", (dir() / "gone.db").string()}, "there is no such file");
  expect_refused(1, {"--master", share().string()}, "it is a folder");
  expect_refused(1, {"--master", db("anna").string()}, "it is a database that is synced");
  const Path copy = dir() / "copy.db";
  boost::filesystem::copy_file(master(), copy);
  boost::filesystem::resize_file(copy, boost::filesystem::file_size(copy) / 2);
  expect_refused(1, {"--master", copy.string()}, "damaged");
  boost::filesystem::remove(copy);
  boost::filesystem::copy_file(master(), copy);
  sql(copy, "UPDATE tidesync_state SET v = 99 WHERE k = 'format'");
  expect_refused(6, {"--master", copy.string()}, "newer version of tidesync");
}

TEST_F(History, FollowingPrintsRunsAsTheyComeUntilItIsInterrupted) {
  add("2026-11-01T09:00:00.000Z", "success");
  Process follower({"history", "--db", db("anna").string(), "--follow", "--json"});
  Process table({"history", "--db", db("anna").string(), "--follow", "--utc"});
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  now_ok("anna");
  std::this_thread::sleep_for(std::chrono::milliseconds(2500));
  follower.send(SIGINT);
  table.send(SIGINT);
  const Outcome outcome = follower.wait();
  EXPECT_EQ(outcome.exit_code, 128 + SIGINT);
  const auto lines = lines_of(outcome.out);
  ASSERT_EQ(lines.size(), 2U) << outcome.text();
  EXPECT_EQ(nlohmann::json::parse(lines[0])["timestamp"], "2026-11-01T09:00:00.000Z");
  EXPECT_EQ(nlohmann::json::parse(lines[1])["status"], "success");
  const auto rows = lines_of(table.wait().out);
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_NE(rows[0].find("Ctrl-C"), std::string::npos);
  EXPECT_EQ(rows[2].rfind("  2026-11-01 09:00  anna        success", 0), 0U) << rows[2];
  EXPECT_EQ(rows[2].find("success"), rows[3].find("success")) << "columns stay where they are";
}

}  // namespace
}  // namespace tidesync::test
