// `tidesync run` as a real process with its workers: started, asked to end, killed; shares that go,
// come back and hang. Waits are long where a busy machine may need them; nothing here measures
// speed.
#include <signal.h>

#include <boost/filesystem/directory.hpp>
#include <boost/filesystem/operations.hpp>
#include <fstream>
#include <functional>
#include <sstream>

#include "base/clock.h"
#include "cli/cli_fixture.h"

namespace tidesync::test {
namespace {

namespace fs = boost::filesystem;

constexpr std::int64_t kLongMs = 40'000;
constexpr const char* kShop = R"(
  CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT);
  INSERT INTO item VALUES (1, 'one');
)";

bool comes_true(const std::function<bool()>& condition) {
  SystemClock clock;
  const std::int64_t end_ms = clock.monotonic_ms() + kLongMs;
  while (clock.monotonic_ms() < end_ms) {
    if (condition()) return true;
    clock.sleep_ms(50);
  }
  return condition();
}

class Run : public CliFixture {
 protected:
  void SetUp() override {
    CliFixture::SetUp();
    start_fleet_sql({"anna", "ben"}, kShop);
    settle({"anna", "ben"});
  }
  Words run_words(const std::string& name, const Words& more) {
    Words words{"run", "--db", db(name).string()};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  std::string items(const std::string& name) {
    return ask(db(name), "SELECT group_concat(name) FROM (SELECT name FROM item ORDER BY id)");
  }
  std::int64_t runs(const std::string& name) {
    return count(db(name), "sync_log WHERE node = '" + name + "'");
  }
  Outcome end(Process& process) {
    process.send(SIGTERM);
    EXPECT_TRUE(process.ended_within_ms(kLongMs));
    return process.wait();
  }
};

TEST_F(Run, SyncsAtTheStartAndOnceMoreWhenAskedToEnd) {
  sql(db("anna"), "INSERT INTO item VALUES (2, 'two')");
  Process run(run_words("anna", {"--every", "1h"}));
  EXPECT_TRUE(comes_true([&] { return count(master(), "item") == 2; }));
  sql(db("anna"), "INSERT INTO item VALUES (3, 'three')");
  const Outcome outcome = end(run);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.text();
  EXPECT_EQ(count(master(), "item"), 3);
  EXPECT_NE(outcome.out.find("every 1h"), std::string::npos) << outcome.text();
  EXPECT_NE(outcome.out.find("0 rows in, 1 out"), std::string::npos) << outcome.text();
  EXPECT_FALSE(fs::exists(side("anna") / "scheduler.json"));
}

TEST_F(Run, TwoPeopleWhoWatchSeeEachOthersRows) {
  Process anna(run_words("anna", {"--watch", "--every", "1h"}));
  Process ben(run_words("ben", {"--watch", "--every", "1h"}));
  ASSERT_TRUE(comes_true([&] { return runs("anna") > 2 && runs("ben") > 2; }));
  sql(db("anna"), "INSERT INTO item VALUES (2, 'of anna')");
  EXPECT_TRUE(comes_true([&] { return items("ben") == "one,of anna"; })) << items("ben");
  sql(db("ben"), "UPDATE item SET name = 'of ben' WHERE id = 2");
  EXPECT_TRUE(comes_true([&] { return items("anna") == "one,of ben"; })) << items("anna");
  EXPECT_EQ(end(anna).exit_code, 0);
  EXPECT_EQ(end(ben).exit_code, 0);
  settle_and_expect_all_equal({"anna", "ben"});
}

TEST_F(Run, WatchingIsQuietWhenNothingHappens) {
  Process anna(run_words("anna", {"--watch", "--every", "1h"}));
  Process ben(run_words("ben", {"--watch", "--every", "1h"}));
  ASSERT_TRUE(comes_true([&] { return runs("anna") > 2 && runs("ben") > 2; }));
  sql(db("anna"), "INSERT INTO item VALUES (2, 'two')");
  ASSERT_TRUE(comes_true([&] { return items("ben") == "one,two"; }));
  SystemClock().sleep_ms(4000);
  const std::int64_t before = runs("anna") + runs("ben");
  SystemClock().sleep_ms(6000);
  EXPECT_EQ(runs("anna") + runs("ben"), before) << "a sync of one led to a sync of the other";
}

TEST_F(Run, SecondSchedulerOfADatabaseIsRefused) {
  Process first(run_words("anna", {"--every", "1h"}));
  ASSERT_TRUE(comes_true([&] { return fs::exists(side("anna") / "scheduler.json"); }));
  const Outcome second = tidesync(run_words("anna", {"--every", "1h"}));
  EXPECT_EQ(second.exit_code, 5) << second.text();
  EXPECT_NE(second.err.find("another tidesync run"), std::string::npos);
  EXPECT_EQ(end(first).exit_code, 0);
}

TEST_F(Run, HangUpSignalReadsTheConfigurationAnew) {
  Process run(run_words("anna", {"--json"}));
  ASSERT_TRUE(comes_true([&] { return runs("anna") > 2; }));
  const std::int64_t before = runs("anna");
  configure("anna", "interval", "\"soon\"");
  run.send(SIGHUP);
  SystemClock().sleep_ms(2500);
  EXPECT_EQ(runs("anna"), before) << "a configuration that cannot be read changes nothing";
  configure("anna", "interval", "\"7m\"");
  run.send(SIGHUP);
  EXPECT_TRUE(comes_true([&] { return runs("anna") > before; }));
  std::ifstream note((side("anna") / "scheduler.json").string());
  const std::string text{std::istreambuf_iterator<char>(note), {}};
  EXPECT_NE(text.find("\"interval_minutes\":7"), std::string::npos) << text;
  EXPECT_EQ(end(run).exit_code, 0);
}

TEST_F(Run, ShareThatComesBackIsUsedAtOnce) {
  fs::rename(share(), dir() / "unplugged");
  Process run(run_words("anna", {"--every", "1h"}));
  sql(db("anna"), "INSERT INTO item VALUES (2, 'offline')");
  ASSERT_TRUE(comes_true([&] { return runs("anna") > 2; }));
  SystemClock().sleep_ms(8000);  // tries at 1, 2 and 4 s are over, the next is 8 s away
  fs::rename(dir() / "unplugged", share());
  EXPECT_TRUE(comes_true([&] { return count(master(), "item") == 2; }));
  const Outcome outcome = end(run);
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.out.find("Syncing again: 0 rows in, 1 out"), std::string::npos)
      << outcome.text();
}

TEST_F(Run, KilledSchedulerLeavesNobodyBehindAndBlocksNothing) {
  {
    Process run(run_words("anna", {"--watch"}));
    ASSERT_TRUE(comes_true([&] { return runs("anna") > 2; }));
    run.send(SIGKILL);
    ASSERT_TRUE(run.ended_within_ms(kLongMs));
  }
  const auto is_looking = [&] {
    for (const auto& entry : fs::directory_iterator("/proc")) {
      std::ifstream file((entry.path() / "cmdline").string());
      const std::string line{std::istreambuf_iterator<char>(file), {}};
      if (line.find("look-out") != std::string::npos &&
          line.find(db("anna").string()) != std::string::npos)
        return true;
    }
    return false;
  };
  EXPECT_TRUE(comes_true([&] { return !is_looking(); }));
  EXPECT_EQ(now("anna").exit_code, 0);
  Process again(run_words("anna", {}));
  ASSERT_TRUE(comes_true([&] { return runs("anna") > 4; }));
  EXPECT_EQ(end(again).exit_code, 0);
}

#ifdef TIDESYNC_FREEZE_SHIM
TEST_F(Run, ShareThatHangsHoldsUpNeitherTheApplicationNorTheEnd) {
  const Path flag = dir() / "frozen";
  ProcessOptions options;
  options.environment = {std::string("LD_PRELOAD=") + TIDESYNC_FREEZE_SHIM,
                         "TIDESYNC_FREEZE=" + flag.string(),
                         "TIDESYNC_FROZEN_FOLDER=" + share().string()};
  Process run(run_words("anna", {"--watch", "--every", "1h"}), options);
  ASSERT_TRUE(comes_true([&] { return runs("anna") > 2; }));
  std::ofstream(flag.string()) << "the server is gone";
  const std::int64_t before = runs("anna");
  for (int i = 2; i < 12; ++i) {
    // No lock of ours is in the way: the application does not even wait.
    Database application = Database::open(db("anna"), OpenMode::kReadWrite, 0);
    EXPECT_NO_THROW(application.exec("INSERT INTO item VALUES (" + std::to_string(i) + ", 'x')"));
    SystemClock().sleep_ms(300);
  }
  EXPECT_EQ(runs("anna"), before) << "the sync hangs";
  fs::remove(flag);
  EXPECT_TRUE(comes_true([&] { return count(master(), "item") == 11; }));

  std::ofstream(flag.string()) << "gone again";
  sql(db("anna"), "INSERT INTO item VALUES (20, 'late')");
  SystemClock().sleep_ms(2000);
  EXPECT_EQ(end(run).exit_code, 0) << "the sync that hangs is given up";
  fs::remove(flag);
  ASSERT_TRUE(comes_true([&] { return now("anna").exit_code == 0; }));
  settle_and_expect_all_equal({"anna", "ben"});
}
#endif

TEST_F(Run, QuietWithLogLinesSaysEachThingOnce) {
  Process run(run_words("anna", {"--quiet", "--log-level", "info"}));
  ASSERT_TRUE(comes_true([&] { return runs("anna") > 2; }));
  sql(db("anna"), "INSERT INTO item VALUES (2, 'two')");
  const Outcome outcome = end(run);
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, "");
  EXPECT_NE(outcome.err.find("info: 0 rows in, 1 out"), std::string::npos) << outcome.text();
  EXPECT_NE(outcome.err.find("info: sync success: 0 in, 1 out"), std::string::npos)
      << "the line of the sync itself" << outcome.text();
}

TEST_F(Run, WithJsonEachSyncIsOneLine) {
  Process run(run_words("anna", {"--json"}));
  ASSERT_TRUE(comes_true([&] { return runs("anna") > 2; }));
  const Outcome outcome = end(run);
  std::istringstream lines(outcome.out);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count)
    EXPECT_EQ(nlohmann::json::parse(line)["status"], "success");
  EXPECT_EQ(count, 2) << "the first and the last" << outcome.text();
}

TEST_F(Run, IntervalsThatAreNone) {
  for (const char* every : {"0m", "-5m", "soon", "366d", "90s"}) {
    const Outcome outcome = tidesync(run_words("anna", {std::string("--every=") + every}));
    EXPECT_EQ(outcome.exit_code, 2) << every << outcome.text();
    EXPECT_NE(outcome.err.find("1m to 31d"), std::string::npos) << outcome.text();
  }
}

TEST_F(Run, DatabaseThatIsNoNode) {
  make("carla", "CREATE TABLE t (id INTEGER PRIMARY KEY)");
  const Outcome outcome = tidesync(run_words("carla", {}));
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_NE(outcome.err.find("tidesync init"), std::string::npos) << outcome.text();
}

}  // namespace
}  // namespace tidesync::test
