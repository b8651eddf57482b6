// The command line as far as it goes without an engine: help, version, wrong input.
#include "cli/app.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "support/memory_file_system.h"

namespace tidesync {
namespace {

struct Outcome {
  int code = -1;
  std::string out, err;
};

Outcome call(const std::vector<std::string>& arguments) {
  std::ostringstream out, err;
  test::MemoryFileSystem fs;
  SystemClock clock;
  Random random(1);
  Environment env{fs, fs, clock, random, "host", "user", "tidesync test"};
  Printer printer(out, Terminal{}, err, Terminal{});
  Progress progress(err, Terminal{}, clock, [] { return false; });
  Session session{env, printer, progress, {}, false, ExitCode::kDone};
  const ExitCode code = run_command_line(arguments, session);
  return {static_cast<int>(code), out.str(), err.str()};
}

const std::vector<std::string> kCommands{"init",  "join",      "now", "status", "history", "diff",
                                         "leave", "conflicts", "why", "undo",   "schedule"};

TEST(App, AloneItPrintsHelp) {
  const Outcome outcome = call({});
  EXPECT_EQ(outcome.code, 0);
  for (const std::string& command : kCommands) {
    EXPECT_NE(outcome.out.find("  " + command), std::string::npos) << command;
  }
}

TEST(App, VersionNamesSqlite) {
  const Outcome outcome = call({"--version"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out.rfind("tidesync ", 0), 0u) << outcome.out;
  EXPECT_NE(outcome.out.find("(SQLite 3."), std::string::npos) << outcome.out;
}

TEST(App, EveryCommandHasHelpWithExitCodesAndAnExample) {
  for (const std::string& command : kCommands) {
    const Outcome outcome = call({command, "--help"});
    EXPECT_EQ(outcome.code, 0);
    EXPECT_EQ(outcome.err, "");
    const std::vector<std::string> parts{"--db", "--json",
                                         "Exit codes:", "tidesync " + command + " --db"};
    for (const std::string& part : parts) {
      EXPECT_NE(outcome.out.find(part), std::string::npos) << command << ": " << part;
    }
  }
}

TEST(App, WrongInputIsUsage) {
  const std::vector<std::vector<std::string>> lines{
      {"sync"},
      {"now", "--fast", "--db", "x"},
      {"now", "--db"},
      {"init", "--db", "x"},
      {"history", "--db", "x", "--limit", "many"},
      {"history", "--db", "x", "--since", "soon"},
      {"history", "--db", "x", "--all", "--node", "n"},
      {"now", "status"},
      {"--fast"},
      {""}};
  for (auto line : lines) {
    std::string text;
    for (const auto& word : line) text += word + " ";
    const Outcome outcome = call(line);
    EXPECT_EQ(outcome.code, 2) << text << outcome.out;
    EXPECT_EQ(outcome.err.rfind("tidesync: ", 0), 0u) << text << outcome.err;
    EXPECT_NE(outcome.err.find("\n  what to do: "), std::string::npos) << text << outcome.err;
    EXPECT_EQ(outcome.out, "") << text;
    if (line.back() == "--db") continue;  // takes whatever follows
    line.push_back("--json");
    const auto object = nlohmann::json::parse(call(line).out, nullptr, false);
    ASSERT_TRUE(object.is_object()) << text;
    EXPECT_EQ(object["error"]["code"], "usage") << text;
  }
}

TEST(App, UnknownCommandIsNamed) {
  EXPECT_EQ(call({"sync"}).err,
            "tidesync: command line: unknown command: sync\n"
            "  what to do: tidesync --help lists the commands\n");
}

TEST(App, MissingDatabaseSaysWhatToDo) {
  for (const char* command : {"now", "status", "history", "diff", "leave"}) {
    const Outcome outcome = call({command});
    EXPECT_EQ(outcome.code, 2) << command;
    EXPECT_NE(outcome.err.find("--db is missing"), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find("what to do: "), std::string::npos) << outcome.err;
    EXPECT_EQ(call({command, "--json"}).out.rfind("{\"error\":{\"code\":\"usage\"", 0), 0u);
  }
}

}  // namespace
}  // namespace tidesync
