// What is filled in: compared with golden files, and read by each format's own reader where this
// computer has one. TIDESYNC_WRITE_GOLDEN=1 writes the golden files anew.
#include <boost/filesystem/operations.hpp>
#include <cstdlib>
#include <fstream>

#include "base/child_process.h"
#include "schedule/os_task_kinds.h"
#include "schedule/task_text.h"
#include "support/expect_error.h"
#include "support/temp_dir.h"
#include "unit/schedule/fake_host.h"

namespace tidesync {
namespace {

using test::FakeHost;
using test::TempDir;

constexpr const char* kHostile =
    "/home/anna/M\xC3\xBCller & S\xC3\xB6hne/50% \"new\" $HOME it's\\<x>--y/quotes.db";
constexpr std::int64_t kLimit_ms = 60'000;

Task hostile_task() {
  Task task;
  task.database = from_utf8(kHostile);
  task.program = "/bin/echo";
  task.node = "anna";
  task.every_minutes = 90;
  task.at_logon = true;
  return task;
}

std::string windows_path(const std::string& text) {
  return "C:\\Users\\Anna & Co\\50% new\\" + text;
}

Task windows_task() {
  Task task = hostile_task();
  task.database = from_utf8(windows_path("it's \xC3\xBC.db"));
  task.program = from_utf8("C:\\Program Files\\tidesync\\tidesync.exe");
  task.account = "OFFICE\\anna";
  return task;
}

bool has_program(const std::string& name) {
  try {
    return run_child({{"sh", "-c", "command -v " + name}}, kLimit_ms).exit_code == 0;
  } catch (const Error&) {
    return false;
  }
}

std::string read(const Path& path) {
  std::ifstream in(path.string(), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const Path& path, const std::string& text) {
  boost::filesystem::create_directories(path.parent_path());
  std::ofstream(path.string(), std::ios::binary | std::ios::trunc) << text;
}

void expect_golden(const std::string& name, const std::string& text) {
  const Path file = Path(TIDESYNC_GOLDEN) / "tasks" / name;
  if (std::getenv("TIDESYNC_WRITE_GOLDEN") != nullptr) write(file, text);
  EXPECT_EQ(text, read(file)) << name;
}

class TaskFormat : public ::testing::Test {
 protected:
  std::vector<TaskFile> fill(TaskKind kind, const Task& task) {
    return os_tasks(kind, fake.host)->fill(task);
  }
  // Runs it and expects success; its output.
  std::string run(const std::vector<std::string>& words) {
    const ChildResult result = run_child({words}, kLimit_ms);
    EXPECT_EQ(result.exit_code, 0) << words[0] << ": " << result.output;
    return result.output;
  }
  FakeHost fake;
  TempDir dir;
};

TEST_F(TaskFormat, AsInTheGoldenFiles) {
  const auto user = fill(TaskKind::kSystemd, hostile_task());
  expect_golden("systemd-user.service", user.at(0).text);
  expect_golden("systemd-user.timer", user.at(1).text);
  Task system = hostile_task();
  system.account = "anna";
  system.every_minutes = 50 * 60;
  const auto units = fill(TaskKind::kSystemdSystem, system);
  expect_golden("systemd-system.service", units.at(0).text);
  expect_golden("systemd-system.timer", units.at(1).text);
  expect_golden("cron.crontab", fill(TaskKind::kCron, hostile_task()).at(0).text);
  expect_golden("launchd.plist", fill(TaskKind::kLaunchd, hostile_task()).at(0).text);
  expect_golden("windows.xml", fill(TaskKind::kWindows, windows_task()).at(0).text);
}

TEST_F(TaskFormat, SystemdAcceptsTheUnits) {
  if (!has_program("systemd-analyze")) GTEST_SKIP() << "there is no systemd-analyze";
  int number = 0;
  for (const TaskKind kind : {TaskKind::kSystemd, TaskKind::kSystemdSystem}) {
    for (const std::int64_t every : {1, 7, 15, 90, 1440, 3000, 10080}) {
      Task task = hostile_task();
      task.every_minutes = every;
      task.account = kind == TaskKind::kSystemd ? "" : "root";
      const Path folder = dir.path() / std::to_string(++number);
      std::vector<std::string> words{"systemd-analyze", "verify", "--man=no"};
      for (const TaskFile& file : fill(kind, task)) {
        const Path copy = folder / from_utf8(file.name).filename();
        write(copy, file.text);
        words.push_back(to_utf8(copy));
      }
      const std::string said = run(words);
      EXPECT_EQ(said.find("tidesync"), std::string::npos) << said;
    }
  }
}

TEST_F(TaskFormat, SystemdReadsTheTimesAsTheyAreMeant) {
  if (!has_program("systemd-analyze")) GTEST_SKIP() << "there is no systemd-analyze";
  for (const std::int64_t every : {15, 90, 1440, 10080}) {
    Task task = hostile_task();
    task.every_minutes = every;
    const std::string timer = fill(TaskKind::kSystemd, task).at(1).text;
    std::set<std::string> times;
    for (std::size_t at = timer.find("OnCalendar="); at != std::string::npos;
         at = timer.find("OnCalendar=", at + 1)) {
      const std::size_t begin = at + 11;
      const std::string line = timer.substr(begin, timer.find('\n', begin) - begin);
      const std::string said =
          run({"env", "TZ=UTC", "systemd-analyze", "calendar", "--iterations=400",
               "--base-time=2026-11-20 00:00:00 UTC", line});
      for (std::size_t hit = said.find("2026-11-23 "); hit != std::string::npos;
           hit = said.find("2026-11-23 ", hit + 1))
        times.insert(said.substr(hit, 19));
    }
    EXPECT_EQ(times.size(), static_cast<std::size_t>(every >= 1440 ? 1 : 1440 / every)) << every;
  }
}

TEST_F(TaskFormat, CronAcceptsTheLines) {
  if (!has_program("crontab")) GTEST_SKIP() << "there is no crontab";
  const std::string file = to_utf8(dir.path() / "crontab");
  write(file, "0 5 * * * true\n");
  if (run_child({{"crontab", "-n", file}}, kLimit_ms).exit_code != 0)
    GTEST_SKIP() << "this crontab has no dry run";
  for (const std::int64_t every : {1, 9, 15, 32, 90, 1440, 10080}) {
    Task task = hostile_task();
    task.every_minutes = every;
    write(file, fill(TaskKind::kCron, task).at(0).text);
    run({"crontab", "-n", file});
  }
  write(file, "0 25 * * * true\n");
  EXPECT_NE(run_child({{"crontab", "-n", file}}, kLimit_ms).exit_code, 0) << "it accepts anything";
}

TEST_F(TaskFormat, TheShellRunsTheLineOfTheCrontab) {
  const std::string text = fill(TaskKind::kCron, hostile_task()).at(0).text;
  const std::size_t at = text.find("@reboot ") + 8;
  std::string command = text.substr(at, text.find('\n', at) - at);
  ASSERT_EQ(command.find('%'), std::string::npos);
  command = command.substr(0, command.find(" >/dev/null"));
  EXPECT_EQ(run({"/bin/sh", "-c", command}), "now --unattended --delay " +
                                                 std::to_string(hostile_task().times().second()) +
                                                 "s --db " + kHostile + "\n");
}

TEST_F(TaskFormat, ThePropertyListIsReadBack) {
  if (!has_program("python3")) GTEST_SKIP() << "there is no python3";
  for (const std::int64_t every : {7, 15, 90, 1440, 10080}) {
    Task task = hostile_task();
    task.every_minutes = every;
    write(dir.path() / "agent.plist", fill(TaskKind::kLaunchd, task).at(0).text);
    const std::string said =
        run({"python3", "-c",
             "import plistlib,sys\n"
             "p=plistlib.load(open(sys.argv[1],'rb'))\n"
             "sys.stdout.buffer.write((p['ProgramArguments'][-1]+'\\n').encode())\n"
             "t=p.get('StartCalendarInterval')\n"
             "print(p['ProgramArguments'][0],p['StartInterval'] if t is None else len(t))\n",
             to_utf8(dir.path() / "agent.plist")});
    const std::int64_t count = every == 7      ? 420  // seconds: no times of the day
                               : every == 15   ? 4    // of each hour
                               : every >= 1440 ? 1
                                               : 1440 / every;
    EXPECT_EQ(said, std::string(kHostile) + "\n/bin/echo " + std::to_string(count) + "\n");
  }
}

TEST_F(TaskFormat, TheXmlForWindowsIsWellFormed) {
  if (!has_program("python3")) GTEST_SKIP() << "there is no python3";
  for (const bool all : {false, true}) {
    Task task = windows_task();
    task.on_idle = task.always = all;
    task.at_logon = all;
    write(dir.path() / "task.xml", utf16_file(fill(TaskKind::kWindows, task).at(0).text));
    // The order of elements where the schema asks for one (xs:sequence): in triggers.
    const std::string said =
        run({"python3", "-c",
             "import sys,xml.etree.ElementTree as E\n"
             "n='{http://schemas.microsoft.com/windows/2004/02/mit/task}'\n"
             "r=E.parse(sys.argv[1]).getroot()\n"
             "for t in r.find(n+'Triggers'): print(t.tag[len(n):],[c.tag[len(n):] for c in t])\n"
             "g=lambda p: r.find('/'.join(n+x for x in p.split('/'))).text\n"
             "print(g('Principals/Principal/LogonType'),g('Settings/RunOnlyIfIdle'))\n"
             "print(g('Settings/StartWhenAvailable'),g('Settings/DisallowStartIfOnBatteries'))\n"
             "print(g('Triggers/TimeTrigger/Repetition/Interval'))\n"
             "sys.stdout.flush()\n"
             "sys.stdout.buffer.write((g('Actions/Exec/Arguments')+'\\n').encode())\n",
             to_utf8(dir.path() / "task.xml")});
    std::string expected = "TimeTrigger ['Enabled', 'StartBoundary', 'Repetition']\n";
    if (all) expected += "LogonTrigger ['Enabled', 'UserId', 'Delay']\n";
    expected += all ? "Password true\n" : "InteractiveToken false\n";
    expected +=
        "true false\nPT1H30M\nnow --unattended --db \"" + windows_path("it's \xC3\xBC.db") + "\"\n";
    EXPECT_EQ(said, expected);
  }
}

}  // namespace
}  // namespace tidesync
