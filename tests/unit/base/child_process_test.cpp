// Real programs of the system. POSIX only: what Windows does is the same contract.
#include "base/child_process.h"

#include <dirent.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>

#include "base/clock.h"
#include "support/expect_error.h"

namespace tidesync {
namespace {

constexpr std::int64_t kLongMs = 20'000;

ChildResult shell(const std::string& line, const std::string& input = {},
                  std::int64_t limit_ms = kLongMs) {
  return run_child({shell_words(line), input}, limit_ms);
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  DIR* folder = ::opendir("/proc/self/fd");
  while (folder != nullptr && ::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  return count;
}

// Not merely a dead process whose parent has not asked for it.
bool is_running(const std::string& pid) {
  std::ifstream stat("/proc/" + pid + "/stat");
  std::string id, name, state;
  return (stat >> id >> name >> state) && state != "Z";
}

TEST(ChildProcess, OutputErrorsAndExitCodeComeBack) {
  const ChildResult result = shell("echo out; echo err >&2; exit 7");
  EXPECT_EQ(result.exit_code, 7);
  EXPECT_EQ(result.output, "out\nerr\n");
}

TEST(ChildProcess, WordsAreGivenAsTheyAre) {
  const ChildResult result =
      run_child({{"printf", "%s|", "a b", "\"'", "$HOME", "*", "ü", ""}}, kLongMs);
  EXPECT_EQ(result.output, "a b|\"'|$HOME|*|ü||");
}

TEST(ChildProcess, LongInputIsReadWholeOrNotAtAll) {
  const std::string input(3'000'000, 'x');
  EXPECT_EQ(shell("wc -c", input).output, "3000000\n");
  EXPECT_EQ(shell("exit 3", input).exit_code, 3);
  EXPECT_EQ(shell("cat").output, "");
}

TEST(ChildProcess, LongOutputDoesNotHoldItUp) {
  const ChildResult result = shell("head -c 3000000 /dev/zero");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.output.size(), 3'000'000u);
}

TEST(ChildProcess, ProgramThatIsNotThere) {
  EXPECT_ERROR(ChildProcess::start({{"/no/such/program"}}), ErrorCode::kNotFound);
  EXPECT_ERROR(ChildProcess::start({{"tidesync-no-such-program"}}), ErrorCode::kNotFound);
  EXPECT_ERROR(ChildProcess::start({{"/etc/passwd"}}), ErrorCode::kNoPermission);
}

TEST(ChildProcess, ProgramThatHangsIsGivenUpAfterTheLimit) {
  SystemClock clock;
  const std::int64_t began_ms = clock.monotonic_ms();
  const ChildResult result = shell("trap '' TERM; echo begun; sleep 30", "", 300);
  EXPECT_FALSE(result.exit_code);
  EXPECT_EQ(result.output, "begun\n");
  EXPECT_LT(clock.monotonic_ms() - began_ms, 10'000);
}

TEST(ChildProcess, EndOfTheProgramIsSeenWhileItsOwnChildKeepsThePipe) {
  const ChildResult result = shell("sleep 20 & echo parent");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.output, "parent\n");
}

TEST(ChildProcess, AskedToEndItMayTidyUp) {
  const auto child = ChildProcess::start(
      {shell_words("trap 'echo bye; exit 4' TERM; echo up; while :; do sleep 0.05; done")});
  std::string output;
  while (output != "up\n") {
    child->wait(20);
    output += child->take_output();
  }
  EXPECT_FALSE(child->exit_code());
  child->ask_to_end();
  EXPECT_EQ(child->wait(kLongMs), 4);
  EXPECT_EQ(child->take_output(), "bye\n");
}

TEST(ChildProcess, GroupOfItsOwnEndsWhole) {
  ChildCommand command{shell_words("sleep 30 & echo $!; wait")};
  command.own_group = true;
  const auto child = ChildProcess::start(command);
  std::string output;
  while (output.empty()) {
    child->wait(20);
    output += child->take_output();
  }
  child->kill();
  EXPECT_EQ(child->wait(kLongMs), 128 + SIGKILL);
  const std::string grandchild = output.substr(0, output.find('\n'));
  for (int i = 0; i < 500 && is_running(grandchild); ++i) SystemClock().sleep_ms(10);
  EXPECT_FALSE(is_running(grandchild));
}

TEST(ChildProcess, SignalsThatWeIgnoreAreTheChildsOwnAgain) {
  ::signal(SIGPIPE, SIG_IGN);
  const ChildResult result = shell("kill -PIPE $$; echo survived");
  ::signal(SIGPIPE, SIG_DFL);
  EXPECT_EQ(result.exit_code, 128 + SIGPIPE);
}

TEST(ChildProcess, NoDescriptorStaysOpen) {
  shell("true", "input");
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 50; ++i) shell("exit 1", "input");
  EXPECT_EQ(open_descriptors(), before);
}

TEST(ChildProcess, OurOwnProgramIsKnown) {
  const ChildResult result = run_child({{to_utf8(own_program()), "--gtest_list_tests"}}, kLongMs);
  EXPECT_NE(result.output.find("OurOwnProgramIsKnown"), std::string::npos);
}

}  // namespace
}  // namespace tidesync
