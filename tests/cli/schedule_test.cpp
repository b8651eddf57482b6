// tidesync schedule with the real program. The crontab is a file in a scratch folder, kept by a
// program that stands for crontab; its lines are run by /bin/sh as cron runs them.
#include <boost/filesystem/operations.hpp>
#include <cstdlib>
#include <fstream>

#include "base/child_process.h"
#include "cli/cli_fixture.h"

namespace tidesync::test {
namespace {

constexpr const char* kCrontab = R"(#!/bin/sh
# Keeps a crontab in the folder it lies in.
file="$(dirname "$0")/crontab.txt"
case "$1" in
  -l) if [ -f "$file" ]; then cat "$file"; else echo "no crontab for anna" >&2; exit 1; fi ;;
  -r) rm -f "$file" ;;
  -) cat >"$file" ;;
  *) exit 2 ;;
esac
)";

std::string read(const Path& path) {
  std::ifstream in(path.string(), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Schedule : public CliFixture {
 protected:
  void SetUp() override {
    CliFixture::SetUp();
    bin_ = dir() / "bin";
    boost::filesystem::create_directories(bin_);
    boost::filesystem::create_directories(dir() / "home");
    program("crontab", kCrontab);
    program("systemctl", "#!/bin/sh\necho Failed to connect to bus >&2\nexit 1\n");
    options_.environment = {"PATH=" + bin_.string() + ":/usr/bin:/bin",
                            "HOME=" + (dir() / "home").string(),
                            "XDG_CONFIG_HOME=" + (dir() / "home" / "config").string(), "TZ=UTC"};
  }
  void program(const std::string& name, const std::string& text) {
    std::ofstream((bin_ / name).string()) << text;
    boost::filesystem::permissions(bin_ / name, boost::filesystem::owner_all);
  }
  void start() {
    start_fleet_sql({"anna"},
                    "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT);"
                    "INSERT INTO item VALUES (1, 'pen')");
  }
  Outcome schedule(Words words, const std::string& name = "anna") {
    words.insert(words.begin(), "schedule");
    words.insert(words.end(), {"--db", db(name).string()});
    return tidesync(words, options_);
  }
  nlohmann::json schedule_ok(Words words, const std::string& name = "anna") {
    words.push_back("--json");
    const Outcome outcome = schedule(words, name);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.text();
    return outcome.json();
  }
  void expect_refused(const Words& words, int exit_code, const Words& parts) {
    const std::string before = crontab();
    const std::string config = read(side("anna") / "config.toml");
    const Outcome outcome = schedule(words);
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.text();
    for (const std::string& part : parts)
      EXPECT_NE(outcome.err.find(part), std::string::npos) << part << outcome.text();
    EXPECT_EQ(crontab(), before);
    EXPECT_EQ(read(side("anna") / "config.toml"), config);
  }
  std::string crontab() { return read(bin_ / "crontab.txt"); }
  // The command behind the time of the first line that begins so.
  std::string command_behind(const std::string& time) {
    const std::string text = "\n" + crontab();
    const std::size_t at = text.find("\n" + time + " ");
    EXPECT_NE(at, std::string::npos) << text;
    const std::size_t begin = at + time.size() + 2;
    return text.substr(begin, text.find('\n', begin) - begin);
  }
  std::string runs(const std::string& name) {
    return ask(db(name), "SELECT count(*) FROM sync_log");
  }
  std::string doctor_line() {
    const Outcome outcome = tidesync({"doctor", "--json", "--db", db("anna").string()}, options_);
    const auto report = outcome.json();
    for (const auto& check : report["checks"]) {
      if (check["name"] == "schedule")
        return check["verdict"].get<std::string>() + ": " + check["text"].get<std::string>();
    }
    return "no such check";
  }

  Path bin_;
  ProcessOptions options_;
};

TEST_F(Schedule, InstallShowSetRemoveWithCron) {
  start();
  EXPECT_EQ(schedule_ok({"show"}), nlohmann::json({{"installed", false}}));
  const auto installed = schedule_ok({"install", "--every", "15m"});
  EXPECT_EQ(installed["kind"], "cron");
  EXPECT_FALSE(installed["next_sync"].is_null());
  EXPECT_NE(read(side("anna") / "config.toml").find("interval = \"15m\""), std::string::npos);

  auto shown = schedule_ok({"show"});
  EXPECT_EQ(shown["every_minutes"], 15);
  EXPECT_EQ(shown["next_sync"], installed["next_sync"]);
  EXPECT_EQ(shown["last_run"]["status"], "success");
  const Outcome text = schedule({});
  EXPECT_NE(text.out.find("every 15m by cron"), std::string::npos) << text.text();
  EXPECT_NE(text.out.find("next run"), std::string::npos);

  EXPECT_EQ(schedule_ok({"set", "60m"})["every_minutes"], 60);
  EXPECT_EQ(schedule_ok({"show"})["every_minutes"], 60);
  EXPECT_NE(read(side("anna") / "config.toml").find("interval = \"1h\""), std::string::npos);

  EXPECT_EQ(schedule_ok({"remove"})["removed"], true);
  EXPECT_EQ(crontab(), "");
  EXPECT_EQ(schedule_ok({"show"}), nlohmann::json({{"installed", false}}));
}

TEST_F(Schedule, TheLineOfTheCrontabSyncs) {
  const std::string name = "Anna's 50% $HOME \"new\"";
  start();
  const Path folder = dir() / name;
  boost::filesystem::create_directories(folder);
  const Path file = folder / "q uotes.db";
  const Outcome joined = tidesync({"join", "--db", file.string(), "--share", share().string(),
                                   "--node", "odd", "--user", "Odd"});
  ASSERT_EQ(joined.exit_code, 0) << joined.text();
  const Outcome installed =
      tidesync({"schedule", "install", "--every", "1m", "--db", file.string()}, options_);
  ASSERT_EQ(installed.exit_code, 0) << installed.text();

  sql(db("anna"), "UPDATE item SET name = 'ink' WHERE id = 1");
  now_ok("anna");
  const std::string before = ask(file, "SELECT count(*) FROM sync_log");
  std::string command = command_behind("* * * * *");
  ASSERT_EQ(command.find('%'), std::string::npos) << "cron ends the command there";
  // Not for a minute: the second of its start is tested elsewhere.
  const std::size_t delay = command.find(" --delay ");
  if (delay != std::string::npos) command.erase(delay, command.find(" --db") - delay);
  const ChildResult result = run_child({{"env", "-i", "/bin/sh", "-c", command}}, 60'000);
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_EQ(result.output, "") << "cron would send mail";
  EXPECT_NE(ask(file, "SELECT count(*) FROM sync_log"), before);
  EXPECT_EQ(ask(file, "SELECT name FROM item"), "ink");
}

TEST_F(Schedule, WithoutEveryTheConfigurationCounts) {
  start();
  configure("anna", "interval", "\"45m\"");
  EXPECT_EQ(schedule_ok({"install"})["every_minutes"], 45);
  EXPECT_EQ(schedule_ok({"show"})["every_minutes"], 45);
}

TEST_F(Schedule, IntervalsThatAreNoneAreRefused) {
  start();
  for (const char* every : {"0", "0m", "-5m", "soon", "365d", "1y", "15", "32d", "", "1.5h"}) {
    const std::string argument = std::string("--every=") + every;
    expect_refused({"install", argument}, 2, *every == '\0' ? Words{} : Words{"1m to 31d"});
  }
  schedule_ok({"install", "--every", "15m"});
  expect_refused({"set", "soon"}, 2, {"1m to 31d"});
  expect_refused({"set", "7m"}, 2, {"cron cannot start something every 7m", "6m or 8m"});
  expect_refused({"set"}, 2, {"every"});
}

TEST_F(Schedule, ASecondOneIsRefusedUnlessForced) {
  start();
  schedule_ok({"install", "--every", "15m"});
  expect_refused({"install", "--every", "30m"}, 1,
                 {"every 15m by cron", "schedule set", "--force"});
  EXPECT_EQ(schedule_ok({"install", "--every", "30m", "--force"})["every_minutes"], 30);
  EXPECT_EQ(crontab().find("*/15"), std::string::npos);
  EXPECT_EQ(schedule_ok({"show"})["every_minutes"], 30);
}

TEST_F(Schedule, WhatIsNotThereCannotBeChangedOrRemoved) {
  start();
  expect_refused({"set", "30m"}, 1, {"it has no schedule", "schedule install"});
  expect_refused({"remove"}, 1, {"it has no schedule"});
  make("stranger", "CREATE TABLE t (a)");
  EXPECT_EQ(schedule({"install"}, "stranger").exit_code, 1);
  EXPECT_EQ(crontab(), "");
}

TEST_F(Schedule, AUserWithoutSystemdAndCronIsToldWhatToDo) {
  start();
  program("crontab",
          "#!/bin/sh\necho 'You (anna) are not allowed to use this program' >&2\nexit 1\n");
  expect_refused({"install"}, 1, {"neither systemd nor cron", "tidesync run"});
  expect_refused({"install", "--kind", "launchd"}, 2, {"this system has no launchd"});
  expect_refused({"install", "--kind", "anacron"}, 2, {"--kind"});
}

TEST_F(Schedule, PrintShowsEveryKindAndChangesNothing) {
  start();
  const std::vector<std::pair<std::string, std::string>> parts{
      {"systemd", "OnCalendar=*-*-* "},
      {"cron", "@reboot "},
      {"launchd", "<key>StartCalendarInterval</key>"},
      {"windows", "<Interval>PT15M</Interval>"}};
  for (const auto& [kind, part] : parts) {
    const Outcome outcome = schedule({"install", "--every=15m", "--kind", kind, "--print"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.text();
    EXPECT_NE(outcome.out.find(part), std::string::npos) << outcome.text();
    EXPECT_NE(outcome.out.find(db("anna").string()), std::string::npos);
  }
  const auto files = schedule_ok(
      {"install", "--print", "--kind", "systemd", "--system", "--account", "anna"})["files"];
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0]["name"].get<std::string>().rfind("/etc/systemd/system/tidesync-data-", 0), 0U);
  EXPECT_EQ(crontab(), "");
  EXPECT_EQ(read(side("anna") / "config.toml").find("15m"), std::string::npos);
}

TEST_F(Schedule, SeveralDatabasesHaveSchedulesOfTheirOwn) {
  start();
  ASSERT_EQ(join("ben").exit_code, 0);
  schedule_ok({"install", "--every", "15m"}, "anna");
  schedule_ok({"install", "--every", "30m"}, "ben");
  schedule_ok({"remove"}, "anna");
  EXPECT_EQ(schedule_ok({"show"}, "ben")["every_minutes"], 30);
  EXPECT_EQ(schedule_ok({"show"}, "anna")["installed"], false);
}

TEST_F(Schedule, DoctorAndStatusKnowOfIt) {
  start();
  EXPECT_EQ(doctor_line().rfind("warning: none is installed", 0), 0U) << doctor_line();
  schedule_ok({"install", "--every", "15m"});
  EXPECT_EQ(doctor_line(), "ok: every 15m by cron");
  const auto status = tidesync({"status", "--json", "--db", db("anna").string()}, options_).json();
  EXPECT_EQ(status["next_sync"], schedule_ok({"show"})["next_sync"]);
  configure("anna", "interval", "\"2h\"");
  EXPECT_EQ(doctor_line().rfind("warning: every 15m by cron, config.toml says 2h", 0), 0U)
      << doctor_line();
}

TEST_F(Schedule, DoctorSeesAProgramThatIsGone) {
  start();
  const Path copy = dir() / "bin" / "tidesync-old";
  const char* given = std::getenv("TIDESYNC_TEST_BINARY");
  run_child({{"cp", given != nullptr ? given : TIDESYNC_BINARY, copy.string()}}, 60'000);
  const ChildResult installed = run_child(
      {{"env", options_.environment[0], options_.environment[1], options_.environment[2],
        copy.string(), "schedule", "install", "--every", "15m", "--db", db("anna").string()}},
      60'000);
  ASSERT_EQ(installed.exit_code, 0) << installed.output;
  boost::filesystem::remove(copy);
  EXPECT_EQ(doctor_line(), "problem: it starts " + copy.string() + ", which is not there");
  schedule_ok({"install", "--every", "15m", "--force"});
  EXPECT_EQ(doctor_line(), "ok: every 15m by cron");
}

TEST_F(Schedule, ACrontabEditedByHandIsAProblemNotACrash) {
  start();
  schedule_ok({"install", "--every", "15m"});
  const std::string text = crontab();
  std::ofstream((bin_ / "crontab.txt").string(), std::ios::trunc)
      << text.substr(0, text.find("# tidesync end"));
  EXPECT_EQ(doctor_line().rfind("problem: ", 0), 0U) << doctor_line();
  EXPECT_EQ(tidesync({"status", "--db", db("anna").string()}, options_).exit_code, 0);
  expect_refused({"remove"}, 1, {"is missing", "crontab -e"});
}

TEST_F(Schedule, LeavingTakesTheScheduleAlong) {
  start();
  schedule_ok({"install", "--every", "15m"});
  const Outcome left = tidesync({"leave", "--db", db("anna").string()}, options_);
  EXPECT_EQ(left.exit_code, 0) << left.text();
  EXPECT_NE(left.out.find("every 15m by cron, was removed"), std::string::npos) << left.text();
  EXPECT_EQ(crontab(), "");
}

TEST_F(Schedule, ADelayedRunWaitsAndEndsAtOnceWhenAsked) {
  start();
  const std::string before = runs("anna");
  EXPECT_EQ(tidesync({"now", "--delay", "1s", "--db", db("anna").string()}).exit_code, 0);
  Process waiting({"now", "--delay", "1m", "--db", db("anna").string()});
  EXPECT_FALSE(waiting.ended_within_ms(1000));
  waiting.send(SIGTERM);
  ASSERT_TRUE(waiting.ended_within_ms(5000));
  EXPECT_EQ(waiting.wait().exit_code, 130);
  EXPECT_EQ(now("anna", {"--delay", "soon"}).exit_code, 2);
}

}  // namespace
}  // namespace tidesync::test
