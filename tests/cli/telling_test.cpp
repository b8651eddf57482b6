// What a run leaves for people who were not there: commands that are called, one row of sync_log
// for an outage, the file for monitoring, the short status, log lines. The real program.
#include <boost/filesystem/directory.hpp>
#include <boost/filesystem/operations.hpp>
#include <fstream>
#include <sstream>

#include "cli/cli_fixture.h"

namespace tidesync::test {
namespace {

namespace fs = boost::filesystem;
using Json = nlohmann::json;

constexpr const char* kShop = R"(
  CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, updated_at TEXT);
  INSERT INTO item VALUES (1, 'one', NULL);
)";

class Telling : public CliFixture {
 protected:
  void SetUp() override {
    CliFixture::SetUp();
    start_fleet_sql({"anna", "ben"}, kShop);
    settle({"anna", "ben"});
  }
  void set(const std::string& name, const std::string& key, const std::string& value) {
    configure(name, key, "'" + value + "'");
  }
  // The command appends what it is given to <event>.jsonl.
  void listen(const std::string& name) {
    for (const char* event : {"error", "conflict", "success"}) {
      const std::string file = (dir() / (std::string(event) + ".jsonl")).string();
      set(name, std::string("on_") + event, "cat >> \"" + file + "\"");
    }
  }
  std::vector<Json> heard(const std::string& event) {
    std::ifstream file((dir() / (event + ".jsonl")).string());
    std::vector<Json> all;
    for (std::string line; std::getline(file, line);) all.push_back(Json::parse(line));
    return all;
  }
  std::string log_of(const std::string& name) {
    std::string text;
    for (const auto& entry : fs::directory_iterator(side(name) / "log")) {
      std::ifstream file(entry.path().string());
      text.append(std::istreambuf_iterator<char>(file), {});
    }
    return text;
  }
  std::string text_of(const Path& file) {
    std::ifstream in(file.string());
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void unplug() { fs::rename(share(), dir() / "unplugged"); }
  void plug_in() { fs::rename(dir() / "unplugged", share()); }
};

TEST_F(Telling, SuccessIsToldWhenRowsMovedAndOnlyThen) {
  listen("anna");
  now_ok("anna");
  EXPECT_EQ(heard("success").size(), 0u);
  sql(db("anna"), "INSERT INTO item VALUES (2, 'zwei \"2\" ü', NULL)");
  const Json run = now_ok("anna");
  ASSERT_EQ(heard("success").size(), 1u);
  const Json told = heard("success").front();
  EXPECT_EQ(told["event"], "success");
  EXPECT_EQ(told["database"], db("anna").string());
  EXPECT_EQ(told["node"], "anna");
  EXPECT_EQ(told["run"], run["run"]);
  EXPECT_EQ(told["pushed"], 1);
  sql(db("anna"), "INSERT INTO item VALUES (3, 'x', NULL)");
  now_ok("anna", {"--dry-run"});
  EXPECT_EQ(heard("success").size(), 1u) << "a dry run is no sync";
}

TEST_F(Telling, ConflictIsToldToWhoDecidedItAndToWhomItConcerns) {
  listen("anna");
  listen("ben");
  sql(db("anna"), "UPDATE item SET name = 'of anna', updated_at = '2026-01-01 10:00:00'");
  sql(db("ben"), "UPDATE item SET name = 'of ben', updated_at = '2026-01-01 11:00:00'");
  now_ok("anna");
  now_with(3, "ben");
  ASSERT_EQ(heard("conflict").size(), 1u);
  EXPECT_EQ(heard("conflict").front()["node"], "ben");
  now("anna");
  ASSERT_EQ(heard("conflict").size(), 2u);
  EXPECT_EQ(heard("conflict").back()["node"], "anna");
}

TEST_F(Telling, ErrorForAPersonIsToldOnceAndIsOneRow) {
  listen("anna");
  const std::int64_t before = count(db("anna"), "sync_log");
  // Another dataset lies where ours was.
  unplug();
  fs::create_directory(share());
  make("carla", kShop);
  ASSERT_EQ(init("carla").exit_code, 0);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(now("anna").exit_code, 1);
  ASSERT_EQ(heard("error").size(), 1u);
  EXPECT_EQ(heard("error").front()["error"]["code"], "wrong_share");
  EXPECT_EQ(count(db("anna"), "sync_log"), before + 1);
  EXPECT_NE(ask(db("anna"), "SELECT error_message FROM sync_log ORDER BY id DESC LIMIT 1")
                .find("(4 runs since 20"),
            std::string::npos);
  fs::rename(share(), dir() / "other");
  plug_in();
  now_ok("anna");
  EXPECT_EQ(count(db("anna"), "sync_log"), before + 2);
}

TEST_F(Telling, OutageOfDaysIsOneRowAndIsToldWhenItHasLasted) {
  listen("anna");
  set("anna", "offline_after", "1d");
  const std::int64_t before = count(db("anna"), "sync_log");
  sql(db("anna"), "INSERT INTO item VALUES (2, 'offline', NULL)");
  unplug();
  for (int i = 0; i < 3; ++i) now_with(4, "anna");
  EXPECT_EQ(heard("error").size(), 0u) << "it may be back in a minute";
  EXPECT_EQ(count(db("anna"), "sync_log"), before + 1);

  const Outcome status = command("anna", "status");
  EXPECT_EQ(status.exit_code, 4);
  EXPECT_NE(status.out.find("(3 runs)"), std::string::npos) << status.text();
  const Outcome brief = command("anna", "status", {"--short"});
  EXPECT_EQ(brief.exit_code, 4);
  EXPECT_EQ(brief.out.rfind("offline since ", 0), 0u) << brief.text();
  EXPECT_NE(brief.out.find("(3 runs), 1 edit to send\n"), std::string::npos) << brief.text();

  // Two days pass: what the database remembers of the beginning is moved into the past.
  sql(db("anna"),
      "UPDATE tidesync_meta SET v = json_set(v, '$.since_ms', json_extract(v, '$.since_ms') - "
      "172800000) WHERE k = 'failing'");
  now_with(4, "anna");
  now_with(4, "anna");
  ASSERT_EQ(heard("error").size(), 1u);
  EXPECT_EQ(heard("error").front()["status"], "offline");
  EXPECT_EQ(heard("error").front()["failing_runs"], 4);

  plug_in();
  EXPECT_EQ(now_ok("anna")["pushed"], 1);
  EXPECT_EQ(count(db("anna"), "sync_log"), before + 2);
  EXPECT_EQ(command("anna", "status", {"--short"}).out, "in sync\n");
  now_ok("ben");
  EXPECT_EQ(count(db("ben"), "sync_log WHERE error_message LIKE '%(5 runs since%'"), 1)
      << "the others read of the outage";
}

TEST_F(Telling, CommandThatHangsFailsOrIsMissingChangesNothing) {
  set("anna", "hook_limit", "1s");
  for (const char* hook : {"sleep 60", "exit 9", "/no/such/program", "echo \"$("}) {
    set("anna", "on_success", hook);
    sql(db("anna"), "UPDATE item SET name = name || 'x' WHERE id = 1");
    EXPECT_EQ(now_ok("anna")["pushed"], 1) << hook;
  }
  const std::string log = log_of("anna");
  EXPECT_NE(log.find("took longer than 1.0 s and was stopped"), std::string::npos) << log;
  EXPECT_NE(log.find("ended with exit code 9"), std::string::npos) << log;
  EXPECT_NE(log.find("ended with exit code 127"), std::string::npos) << log;
}

TEST_F(Telling, FileForMonitoringSaysHowTheLastRunWent) {
  const Path file = dir() / "tidesync.prom";
  set("anna", "metrics", file.string());
  sql(db("anna"), "INSERT INTO item VALUES (2, 'two', NULL)");
  now_ok("anna");
  const std::string labels = "{database=\"" + db("anna").string() + "\",node=\"anna\"} ";
  std::string text = text_of(file);
  for (const std::string& line :
       {"tidesync_last_run_success" + labels + "1\n",
        "tidesync_last_run_rows_pushed" + labels + "1\n", "tidesync_waiting_rows" + labels + "0\n",
        "tidesync_failing_runs" + labels + "0\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  sql(db("anna"), "INSERT INTO item VALUES (3, 'three', NULL)");
  unplug();
  now_with(4, "anna");
  now_with(4, "anna");
  text = text_of(file);
  for (const std::string& line :
       {"tidesync_last_run_success" + labels + "0\n", "tidesync_last_run_offline" + labels + "1\n",
        "tidesync_waiting_rows" + labels + "1\n", "tidesync_failing_runs" + labels + "2\n",
        "tidesync_last_success_timestamp_seconds" + labels})
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  plug_in();
  set("anna", "metrics", "/no/such/folder/x.prom");
  now_ok("anna");
  EXPECT_NE(log_of("anna").find("file for monitoring was not written"), std::string::npos);
}

TEST_F(Telling, LogOfJsonLinesIsJsonAndHoldsNoRows) {
  set("anna", "log_format", "json");
  set("anna", "log", "debug");
  fs::remove_all(side("anna") / "log");
  sql(db("anna"), "INSERT INTO item VALUES (2, 'a secret of the customer', NULL)");
  now_ok("anna");
  unplug();
  now_with(4, "anna");
  plug_in();
  const std::string log = log_of("anna");
  std::istringstream lines(log);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const Json json = Json::parse(line);
    EXPECT_EQ(json["database"], db("anna").string());
    EXPECT_TRUE(json.contains("time") && json.contains("level") && json.contains("message"));
  }
  EXPECT_GT(count, 2) << log;
  set("anna", "log", "info");
  sql(db("anna"), "INSERT INTO item VALUES (4, 'another secret', NULL)");
  now_ok("anna");
  EXPECT_EQ(log_of("anna").find("another secret"), std::string::npos);
}

TEST_F(Telling, LogThatCannotBeWrittenStopsNoSync) {
  fs::remove_all(side("anna") / "log");
  std::ofstream((side("anna") / "log").string()) << "a file where the folder was";
  sql(db("anna"), "INSERT INTO item VALUES (2, 'two', NULL)");
  EXPECT_EQ(now_ok("anna")["pushed"], 1);
}

TEST_F(Telling, LimitOfTheBandwidthSlowsTheShareDownAndLosesNothing) {
  sql(db("anna"), "INSERT INTO item VALUES (2, hex(randomblob(100000)), NULL)");
  set("anna", "limit", "100 kB/s");
  configure("anna", "master", "false");
  const Json dry = now_ok("anna", {"--dry-run"});
  EXPECT_GE(dry["bytes_pushed"], 200'000);
  const Json run = now_ok("anna");
  EXPECT_GE(run["bytes_pushed"], 90'000);
  EXPECT_GE(run["share_bytes_written"], run["bytes_pushed"]);
  EXPECT_GE(run["duration_ms"], 900) << "some 100 kB at 100 kB/s";
  settle_and_expect_all_equal({"anna", "ben"});
}

}  // namespace
}  // namespace tidesync::test
