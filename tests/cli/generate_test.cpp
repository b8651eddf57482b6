// Completions and manual pages as the build makes them, driven by the shells and by man where they
// are installed. What must be in them is read from --help, not from the program's own tree.
#include <boost/filesystem/operations.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "cli/cli_fixture.h"

namespace tidesync::test {
namespace {

std::string read(const Path& file) {
  std::ifstream in(file.string(), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

bool is_installed(const std::string& program) {
  return std::system(("command -v " + program + " >/dev/null 2>&1").c_str()) == 0;
}

// The names of the options that a help text lists, "--db", "-v", and of its commands.
std::set<std::string> matches(const std::string& help, const char* pattern) {
  const std::regex line(pattern);
  std::set<std::string> found;
  for (std::sregex_iterator at(help.begin(), help.end(), line), end; at != end; ++at) {
    for (std::size_t i = 1; i < at->size(); ++i) {
      if ((*at)[i].matched) found.insert((*at)[i]);
    }
  }
  return found;
}
std::set<std::string> options_in(const std::string& help) {
  return matches(help, "\n  (-\\w)?,?(--[a-z-]+)");
}
std::set<std::string> commands_in(const std::string& help) {
  const auto begin = help.find("\nCommands:");
  if (begin == std::string::npos) return {};
  return matches(help.substr(begin, help.find("\nExit codes:") - begin), "\n  ([a-z]+) ");
}

class Generated : public CliFixture {
 protected:
  void SetUp() override {
    CliFixture::SetUp();
    const Outcome outcome = tidesync({"generate", folder().string()});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.text();
  }
  Path folder() const { return dir() / "made" / "here"; }
  std::string file(const std::string& name) const { return read(folder() / name); }

  // What a script prints; its first line names the interpreter that reads it.
  std::string run(const std::string& interpreter, const std::string& script) {
    std::ofstream((dir() / "script").string(), std::ios::binary) << script;
    const std::string out = (dir() / "output").string();
    const std::string command = "cd " + dir().string() + " && " + interpreter + " " +
                                (dir() / "script").string() + " >" + out + " 2>&1";
    const int status = std::system(command.c_str());
    return read(out) + (status == 0 ? "" : "ended with " + std::to_string(status));
  }
  // The words that bash offers behind these.
  std::string bash_offers(const std::vector<std::string>& words) {
    std::string list;
    for (const std::string& word : words) list += "'" + word + "' ";
    return run("bash", "source " + (folder() / "bash/tidesync").string() +
                           "\nCOMP_WORDS=(tidesync " + list +
                           ")\nCOMP_CWORD=" + std::to_string(words.size()) +
                           "\n$(complete -p tidesync | sed 's/.*-F \\([^ ]*\\).*/\\1/')\n"
                           "printf '%s\\n' \"${COMPREPLY[@]}\" | LC_ALL=C sort\n");
  }
  std::string fish_offers(const std::string& line) {
    return run("fish --no-config", "source " + (folder() / "fish/tidesync.fish").string() +
                                       "\ncomplete -C '" + line +
                                       "' | string replace -r '\\t.*' ''\n");
  }
};

TEST_F(Generated, EachCommandAndOptionIsInItsPageAndInEveryCompletion) {
  const std::string help = tidesync({"--help"}).out;
  const auto commands = commands_in(help);
  ASSERT_GE(commands.size(), 15u) << help;
  EXPECT_EQ(commands.count("generate"), 0u);
  const std::string top = file("man/tidesync.1");
  for (const std::string& command : commands) {
    EXPECT_TRUE(has(top, ".BR tidesync\\-" + command + " (1)")) << command;
    const std::string page = file("man/tidesync-" + command + ".1");
    const std::string text = tidesync({command, "--help"}).out;
    std::set<std::string> options = options_in(text);
    ASSERT_GE(options.size(), 5u) << text;
    for (const std::string& below : commands_in(text)) {
      EXPECT_TRUE(has(page, ".SS tidesync " + command + " " + below)) << page;
      options.merge(options_in(tidesync({command, below, "--help"}).out));
    }
    for (const std::string& option : options) {
      const std::string roff = "\\fB" + std::regex_replace(option, std::regex("-"), "\\-") + "\\fR";
      EXPECT_TRUE(has(page, roff)) << command << " " << option;
      EXPECT_TRUE(has(file("bash/tidesync"), option)) << option;
      EXPECT_TRUE(has(file("zsh/_tidesync"), "'" + option)) << option;
      const std::string dash = option.size() == 2 ? " -s " : " -l ";
      const std::string name = option.substr(option.find_first_not_of('-'));
      EXPECT_TRUE(has(file("fish/tidesync.fish"), dash + name)) << option;
      EXPECT_TRUE(has(file("powershell/tidesync.ps1"), "@('" + option + "'")) << option;
    }
  }
}

TEST_F(Generated, NothingIsLeftOverAndASecondTimeIsTheSame) {
  const std::string before = file("bash/tidesync") + file("man/tidesync-now.1");
  ASSERT_EQ(tidesync({"generate", folder().string()}).exit_code, 0);
  EXPECT_EQ(file("bash/tidesync") + file("man/tidesync-now.1"), before);
  for (const auto& [name, content] : snapshot(folder())) EXPECT_FALSE(has(name, ".new")) << name;
  EXPECT_EQ(tidesync({"generate"}).exit_code, 2);
  EXPECT_NE(tidesync({"generate", (folder() / "bash/tidesync").string()}).exit_code, 0);
}

TEST_F(Generated, BashCompletesCommandsOptionsWordsAndFiles) {
  boost::filesystem::create_directory(dir() / "my share");
  make("quotes", "");
  EXPECT_EQ(run("bash -n", file("bash/tidesync")), "");
  EXPECT_EQ(bash_offers({"no"}), "nodes\nnow\n");
  EXPECT_EQ(bash_offers({"conflicts", ""}), "list\nresolve\nshow\n");
  EXPECT_EQ(bash_offers({"conflicts", "--db", "show", "re"}), "resolve\n");
  EXPECT_EQ(bash_offers({"now", "--json", "--ch"}), "--check-log\n");
  EXPECT_EQ(bash_offers({"conflicts", "resolve", "7", "--keep", ""}), "loser\nwinner\n");
  EXPECT_EQ(bash_offers({"now", "--log-level", "=", "in"}), "info\n");
  EXPECT_EQ(bash_offers({"now", "--log-level", "="}), "debug\nerror\ninfo\noff\nwarning\n");
  EXPECT_EQ(bash_offers({"now", "--db", "quo"}), "quotes\n");
  EXPECT_EQ(bash_offers({"init", "--share", "my"}), "my share\n");
  EXPECT_EQ(bash_offers({"init", "--share", "scri"}), "\n");  // a file is no folder
  EXPECT_EQ(bash_offers({"history", "--limit", ""}), "\n");
  EXPECT_TRUE(has(bash_offers({"config", "set", "inter"}), "interval\n"));
  EXPECT_TRUE(has(bash_offers({"-"}), "--version\n"));
}

TEST_F(Generated, ZshReadsItsCompletion) {
  if (!is_installed("zsh")) GTEST_SKIP() << "zsh is not installed";
  EXPECT_EQ(run("zsh -n", file("zsh/_tidesync")), "");
  // Read by the completion system itself.
  EXPECT_EQ(run("zsh -f", "fpath=(" + (folder() / "zsh").string() +
                              " $fpath)\nautoload -Uz compinit\ncompinit -u -d " +
                              (dir() / "dump").string() +
                              "\nprint -r -- $_comps[tidesync]\nautoload +X _tidesync\n"),
            "_tidesync\n");
}

TEST_F(Generated, FishCompletes) {
  if (!is_installed("fish")) GTEST_SKIP() << "fish is not installed";
  EXPECT_EQ(fish_offers("tidesync no"), "nodes\nnow\n");
  EXPECT_EQ(fish_offers("tidesync conflicts re"), "resolve\n");
  EXPECT_EQ(fish_offers("tidesync now --json --ch"), "--check-log\n");
  EXPECT_EQ(fish_offers("tidesync conflicts resolve 7 --keep "), "loser\nwinner\n");
  EXPECT_TRUE(has(fish_offers("tidesync config get inter"), "interval"));
}

TEST_F(Generated, ManPrintsThePagesWithoutAWarning) {
  if (!is_installed("man") || !is_installed("groff")) GTEST_SKIP() << "man is not installed";
  for (const auto& [name, content] : snapshot(folder() / "man")) {
    EXPECT_EQ(
        run("sh", "LC_ALL=C.UTF-8 MANROFFSEQ= MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z " +
                      name + " >/dev/null\n"),
        "")
        << name;
    EXPECT_EQ(run("sh", "groff -man -ww -z -Tutf8 -K utf8 " + name + "\n"), "") << name;
  }
}

}  // namespace
}  // namespace tidesync::test
