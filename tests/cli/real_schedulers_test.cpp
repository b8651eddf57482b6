// The schedulers of Linux themselves, with the real program: a manager of systemd and a cron of
// their own, in namespaces that end with them. Each waits for a minute of the clock to pass.
//
// Skipped where there is no systemd or cron, or no right to make a namespace (they need root).
#include <boost/filesystem/operations.hpp>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "base/child_process.h"
#include "cli/cli_fixture.h"

namespace tidesync::test {
namespace {

constexpr std::int64_t kMinuteAndMore_ms = 150'000;

constexpr const char* kNamespace = "unshare --mount --pid --fork --mount-proc ";

// $1 folder for files between us, $2 tidesync, $3 database
constexpr const char* kPrelude = R"(set -u
cd "$1"
mount -t tmpfs tmpfs /run
export HOME="$1/home" XDG_RUNTIME_DIR=/run/user
mkdir -p "$HOME" /run/user
chmod 700 /run/user
wait_for() { while [ ! -e "$1" ]; do sleep 0.2; done; }
)";

constexpr const char* kSystemd = R"(
mkdir -p /run/systemd/system
/lib/systemd/systemd --user --log-target=null &
for i in $(seq 50); do systemctl --user show-environment >/dev/null 2>&1 && break; sleep 0.2; done
"$2" schedule install --kind systemd --every 1m --json --db "$3" >installed 2>installed.err
unit=$(systemctl --user list-unit-files 'tidesync-*.service' --no-legend | cut -d' ' -f1)
touch ready
wait_for away
systemctl --user start "$unit"; echo "$?" >away.exit
systemctl --user show "$unit" --property=Result,ExecMainStatus >away.result
touch away.done
wait_for missed
"$2" schedule set 1d --json --db "$3" >set
timer="${unit%.service}.timer"
systemctl --user stop "$timer"
touch -d '3 days ago' "$HOME/.local/share/systemd/timers/stamp-$timer"
systemctl --user start "$timer"
wait_for stop
"$2" schedule show --json --db "$3" >shown
"$2" schedule remove --json --db "$3" >removed
systemctl --user list-timers --all --no-legend >left
find "$HOME/.config" -type f -o -type l >>left
touch end
)";

constexpr const char* kCron = R"(
mount -t tmpfs -o mode=1730,gid=crontab tmpfs /var/spool/cron/crontabs
"$2" schedule install --kind cron --every 1m --json --db "$3" >installed 2>installed.err
touch ready
wait_for boot
cron -f &
wait_for stop
"$2" schedule remove --json --db "$3" >removed
crontab -l >left 2>&1
touch end
)";

std::string read(const Path& path) {
  std::ifstream in(path.string(), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool runs_well(const std::string& command) {
  return run_child({{"sh", "-c", command}}, 20'000).exit_code == 0;
}

class RealSchedulers : public CliFixture {
 protected:
  void SetUp() override {
    CliFixture::SetUp();
    if (!runs_well(std::string(kNamespace) + "mount -t tmpfs tmpfs /run"))
      GTEST_SKIP() << "no right to make a namespace";
    start_fleet_sql({"anna", "ben"}, "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT)");
    settle({"anna", "ben"});
  }
  void TearDown() override {
    if (world_) world_->kill();
  }

  void start(const std::string& script) {
    std::ofstream((dir() / "script").string()) << kPrelude << script;
    const char* given = std::getenv("TIDESYNC_TEST_BINARY");
    const std::string line =
        std::string("exec ") + kNamespace + "--kill-child sh \"$1/script\" \"$1\" \"$2\" \"$3\"";
    world_ =
        ChildProcess::start({{"sh", "-c", line, "sh", dir().string(),
                              given != nullptr ? given : TIDESYNC_BINARY, db("anna").string()}});
    ASSERT_TRUE(comes("ready")) << read(dir() / "installed.err") << world_->take_output();
    EXPECT_EQ(read(dir() / "installed.err"), "");
  }
  void tell(const std::string& name) { std::ofstream((dir() / name).string()) << ""; }
  bool within(std::int64_t limit_ms, const std::function<bool()>& condition) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(limit_ms);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
    return true;
  }
  bool comes(const std::string& name) {
    return within(kMinuteAndMore_ms, [&] { return boost::filesystem::exists(dir() / name); });
  }
  // An edit here arrives there without anybody syncing here.
  bool edit_goes_out(const std::string& name) {
    const char* pushed = "SELECT sum(records_pushed) FROM sync_log";
    const std::string before = ask(db("anna"), pushed);
    sql(db("anna"), "INSERT INTO item (name) VALUES ('" + name + "')");
    return within(kMinuteAndMore_ms, [&] { return ask(db("anna"), pushed) != before; });
  }

  std::unique_ptr<ChildProcess> world_;
};

TEST_F(RealSchedulers, SystemdSyncsEveryMinuteAndMakesUpForWhatItMissed) {
  if (!runs_well("test -x /lib/systemd/systemd")) GTEST_SKIP() << "there is no systemd";
  start(kSystemd);
  EXPECT_NE(read(dir() / "installed").find("\"kind\":\"systemd\""), std::string::npos);
  EXPECT_TRUE(edit_goes_out("by the timer"));

  boost::filesystem::rename(share(), dir() / "gone");
  tell("away");
  ASSERT_TRUE(comes("away.done"));
  boost::filesystem::rename(dir() / "gone", share());
  EXPECT_EQ(read(dir() / "away.exit"), "0\n") << "a share that is away is no failed unit";
  EXPECT_EQ(read(dir() / "away.result"), "Result=success\nExecMainStatus=4\n");

  // From here on it is once a day; a stamp of three days ago makes it start at once.
  tell("missed");
  EXPECT_TRUE(edit_goes_out("made up for"));
  tell("stop");
  ASSERT_TRUE(comes("end"));
  EXPECT_NE(read(dir() / "shown").find("\"active\":true"), std::string::npos);
  EXPECT_EQ(read(dir() / "left"), "") << "something of the schedule is left";
  now_ok("ben");
  EXPECT_EQ(ask(db("ben"), "SELECT group_concat(name) FROM item"), "by the timer,made up for");
}

TEST_F(RealSchedulers, CronSyncsWhenTheComputerStartsAndEveryMinute) {
  if (!runs_well("command -v cron && command -v crontab")) GTEST_SKIP() << "there is no cron";
  start(kCron);
  EXPECT_NE(read(dir() / "installed").find("\"kind\":\"cron\""), std::string::npos);
  tell("boot");
  EXPECT_TRUE(edit_goes_out("at the start"));
  EXPECT_TRUE(edit_goes_out("by the minute"));
  tell("stop");
  ASSERT_TRUE(comes("end"));
  EXPECT_NE(read(dir() / "left").find("no crontab"), std::string::npos) << read(dir() / "left");
  now_ok("ben");
  EXPECT_EQ(ask(db("ben"), "SELECT group_concat(name) FROM item"), "at the start,by the minute");
}

}  // namespace
}  // namespace tidesync::test
