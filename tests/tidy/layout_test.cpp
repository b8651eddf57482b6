// The repository keeps the rules of the house, and each rule can fail: shown on small trees.
#include <gtest/gtest.h>

#include <boost/filesystem/operations.hpp>
#include <fstream>

#include "support/temp_dir.h"
#include "tidy/layout_rules.h"

namespace tidesync::test {
namespace {

const boost::filesystem::path kRepository = TIDESYNC_SOURCE_DIR;

void expect_none(const Problems& problems) {
  for (const std::string& problem : problems) ADD_FAILURE() << problem;
}

TEST(Repository, IncludesPointDownwards) {
  expect_none(include_problems(kRepository));
}
TEST(Repository, EverySourceIsBuilt) {
  expect_none(unlisted_source_problems(kRepository));
}
TEST(Repository, EveryTestIsBuilt) {
  expect_none(unlisted_test_problems(kRepository));
}
TEST(Repository, FuzzProgramsListWhatTheyNeed) {
  expect_none(fuzz_list_problems(kRepository));
}
TEST(Repository, NamesDifferByMoreThanCase) {
  expect_none(name_case_problems(kRepository));
}
TEST(Repository, TextIsTidy) {
  expect_none(text_problems(kRepository));
}
TEST(Repository, FilesAreShort) {
  expect_none(length_problems(kRepository));
}

// A tree in a temporary folder.
class Rules : public testing::Test {
 protected:
  void write(const std::string& path, const std::string& text) {
    boost::filesystem::create_directories((root() / path).parent_path());
    std::ofstream(root() / path, std::ios::binary) << text;
  }
  // A source with this one include.
  void include(const std::string& path, const std::string& header) {
    write(path, "#include " + header + "\n");
  }
  const boost::filesystem::path& root() const { return dir_.path(); }

 private:
  TempDir dir_{TempDir::Where::kMemory};
};

TEST_F(Rules, AnEmptyTreeKeepsThemAll) {
  for (const auto rule : {include_problems, unlisted_source_problems, unlisted_test_problems,
                          name_case_problems, text_problems, length_problems}) {
    EXPECT_EQ(rule(root()), Problems{});
  }
}

TEST_F(Rules, IncludesThatPointDownwards) {
  include("src/base/a.cpp", "\"base/b.h\"");
  include("src/sqlite/a.cpp", "\"base/b.h\"");
  include("src/merge/a.cpp", "\"merge/b.h\"");
  include("src/replica/a.cpp", "\"sqlite/b.h\"");
  include("src/replica/b.cpp", "\"schema.h\"");
  include("src/share/a.cpp", "\"merge/b.h\"");
  include("src/sync/a.cpp", "\"replica/b.h\"");
  include("src/sync/b.cpp", "\"share/b.h\"");
  include("src/inspect/a.cpp", "\"share/b.h\"");
  include("src/inspect/b.cpp", "\"replica/b.h\"");
  include("src/schedule/a.cpp", "\"sync/b.h\"");
  include("cli/a.cpp", "\"inspect/b.h\"");
  include("cli/b.cpp", "\"schedule/b.h\"");
  EXPECT_EQ(include_problems(root()), Problems{});
}

TEST_F(Rules, IncludesThatDoNot) {
  const std::vector<std::pair<std::string, std::string>> forbidden{
      {"base", "sqlite"},      {"base", "merge"},       {"sqlite", "merge"}, {"merge", "sqlite"},
      {"merge", "replica"},    {"replica", "share"},    {"replica", "sync"}, {"share", "replica"},
      {"share", "sqlite"},     {"share", "sync"},       {"sync", "inspect"}, {"sync", "schedule"},
      {"inspect", "schedule"}, {"schedule", "inspect"}, {"schedule", "cli"}, {"sync", "cli"}};
  for (const auto& [from, to] : forbidden) {
    const std::string path = "src/" + from + "/a.cpp";
    write(path, "// A comment.\n  # include \"" + to + "/b.h\"\n");
    EXPECT_EQ(include_problems(root()),
              Problems{path + ":2: includes \"" + to + "/b.h\": " + from + " may not see " + to});
    boost::filesystem::remove(root() / path);
  }
}

TEST_F(Rules, AnIncludeNamesItsRoom) {
  include("src/merge/a.cpp", "\"b.h\"");
  EXPECT_EQ(
      include_problems(root()),
      Problems{"src/merge/a.cpp:1: includes \"b.h\": write the room as well, \"room/file.h\""});
}

TEST_F(Rules, ANewRoomNeedsItsPlace) {
  include("src/cellar/a.cpp", "\"base/b.h\"");
  EXPECT_EQ(include_problems(root()),
            Problems{"src/cellar/a.cpp:1: the room cellar is not in the rules"});
}

TEST_F(Rules, LibrariesWhereTheyBelong) {
  include("src/sqlite/a.h", "<sqlite3.h>");
  include("src/base/log.cpp", "<spdlog/spdlog.h>");
  include("src/sync/config_parse.h", "<toml++/toml.h>");
  include("cli/a.h", "<CLI/CLI.hpp>");
  include("cli/b.h", "<nlohmann/json.hpp>");
  include("src/replica/journal.cpp", "<nlohmann/json.hpp>");
  include("src/merge/a.cpp", "<map>");
  EXPECT_EQ(include_problems(root()), Problems{});
}

TEST_F(Rules, LibrariesElsewhere) {
  const std::vector<std::pair<std::string, std::string>> forbidden{
      {"src/replica/a.cpp", "sqlite3.h"},       {"cli/a.cpp", "sqlite3.h"},
      {"src/base/a.cpp", "spdlog/spdlog.h"},    {"src/base/log.h", "spdlog/spdlog.h"},
      {"src/sync/a.cpp", "CLI/CLI.hpp"},        {"src/sync/a.cpp", "toml++/toml.h"},
      {"src/merge/a.cpp", "nlohmann/json.hpp"}, {"src/share/a.cpp", "sodium.h"},
      {"src/replica/a.cpp", "zstd.h"},          {"cli/a.cpp", "date/date.h"}};
  for (const auto& [path, header] : forbidden) {
    for (const std::string& written : {"<" + header + ">", "\"" + header + "\""}) {
      include(path, written);
      const Problems problems = include_problems(root());
      ASSERT_EQ(problems.size(), 1u) << path << " " << header;
      EXPECT_EQ(problems[0].rfind(path + ":1: includes <" + header + ">, which belongs to ", 0), 0u)
          << problems[0];
    }
    boost::filesystem::remove(root() / path);
  }
}

TEST_F(Rules, ASourceNoTargetNames) {
  write("src/base/CMakeLists.txt",
        "tidesync_room(base SOURCES a.cpp a.h fs_${TIDESYNC_SYSTEM}.cpp)\n# lost.cpp\n");
  write("cli/CMakeLists.txt", "add_library(cli sub/b.cpp\n  tty_${TIDESYNC_CLI_SYSTEM}.cpp)\n");
  for (const char* path :
       {"src/base/a.cpp", "src/base/a.h", "src/base/fs_posix.cpp", "src/base/fs_windows.cpp",
        "cli/sub/b.cpp", "cli/tty_posix.cpp", "cli/tty_windows.cpp", "src/base/notes.txt"}) {
    write(path, "");
  }
  EXPECT_EQ(unlisted_source_problems(root()), Problems{});

  for (const char* path : {"src/base/lost.cpp", "src/base/fs_plan9.cpp", "src/base/a_posix.cpp",
                           "cli/b.cpp", "cli/a.h", "src/new/a.cpp", "bench/a.cpp"}) {
    write(path, "");
  }
  EXPECT_EQ(unlisted_source_problems(root()),
            (Problems{"src/base/a_posix.cpp: not named in src/base/CMakeLists.txt",
                      "src/base/fs_plan9.cpp: not named in src/base/CMakeLists.txt",
                      "src/base/lost.cpp: not named in src/base/CMakeLists.txt",
                      "src/new/a.cpp: no CMakeLists.txt beside it",
                      "cli/a.h: not named in cli/CMakeLists.txt",
                      "cli/b.cpp: not named in cli/CMakeLists.txt",
                      "bench/a.cpp: no CMakeLists.txt beside it"}));
}

TEST_F(Rules, ATestNoTargetNames) {
  write("tests/CMakeLists.txt", "add_executable(a a_test.cpp)\n");
  write("tests/base.cmake", "tidesync_test(base_test SOURCES unit/base/text_test.cpp)\n");
  write("tests/a_test.cpp", "");
  write("tests/unit/base/text_test.cpp", "");
  EXPECT_EQ(unlisted_test_problems(root()), Problems{});

  write("tests/unit/merge/text_test.cpp", "");
  write("tests/support/tool.h", "");
  EXPECT_EQ(
      unlisted_test_problems(root()),
      (Problems{
          "tests/support/tool.h: not named in tests/CMakeLists.txt or a tests/*.cmake",
          "tests/unit/merge/text_test.cpp: not named in tests/CMakeLists.txt or a tests/*.cmake"}));
}

TEST_F(Rules, AFuzzProgramThatLacksASource) {
  write("tests/fuzz.cmake", "  foreach(\n    file\n    replica/scratch\n    share/notes)\n");
  write("src/replica/scratch.cpp", "#include \"replica/filter.h\"\n#include \"share/notes.h\"\n");
  write("src/replica/filter.h", "");
  write("src/share/notes.cpp", "");
  EXPECT_EQ(fuzz_list_problems(root()), Problems{}) << "a header alone";

  write("src/replica/filter.cpp", "");
  EXPECT_EQ(fuzz_list_problems(root()),
            Problems{"src/replica/scratch.cpp: replica/filter.cpp is not listed in "
                     "tests/fuzz.cmake"});
}

TEST_F(Rules, NamesThatDifferByCaseOnly) {
  write("src/base/text.h", "");
  write("src/sqlite/text.h", "");
  write("build/Text.o", "");
  write("build/text.o", "");
  EXPECT_EQ(name_case_problems(root()), Problems{});

  write("src/base/Text.h", "");
  if (boost::filesystem::equivalent(root() / "src/base/Text.h", root() / "src/base/text.h")) {
    GTEST_SKIP() << "this file system ignores case";
  }
  write("docs/a", "");
  write("DOCS/b", "");
  EXPECT_EQ(name_case_problems(root()),
            (Problems{"docs: differs from DOCS by case only",
                      "src/base/text.h: differs from src/base/Text.h by case only"}));
}

TEST_F(Rules, UntidyText) {
  write("src/base/good.h", "// Says what.\n#pragma once\n");
  write("src/base/data.bin", "\t \n");
  write(".git/a.cpp", "\t\n");
  EXPECT_EQ(text_problems(root()), Problems{});

  write("src/base/bad.h", "\n#pragma\tonce\n");
  write("src/base/blank.cpp", "int a; \nint b;\r\nint c;  // \t x\n");
  write("scripts/a.sh", "ls \n");
  EXPECT_EQ(
      text_problems(root()),
      (Problems{
          "scripts/a.sh:1: a blank at the end of the line", "src/base/bad.h:2: a tab",
          "src/base/bad.h: a header opens with a comment that says what it is for",
          "src/base/bad.h: no #pragma once", "src/base/blank.cpp:1: a blank at the end of the line",
          "src/base/blank.cpp:2: a blank at the end of the line", "src/base/blank.cpp:3: a tab"}));
}

TEST_F(Rules, FilesThatAreTooLong) {
  const auto lines = [](std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += "\n";
    return text;
  };
  write("src/base/a.cpp", lines(350));
  write("src/base/file_system_posix.cpp", lines(351));
  write("tests/a.cpp", lines(2000));
  EXPECT_EQ(length_problems(root()), Problems{});

  write("src/base/a.cpp", lines(351));
  write("cli/b.h", lines(400));
  write("src/base/file_system_posix.cpp", lines(350));
  write("src/base/file_system_windows.cpp", lines(500));
  EXPECT_EQ(length_problems(root()),
            (Problems{"src/base/a.cpp: 351 lines, the limit is 350. Has it grown a second job?",
                      "src/base/file_system_posix.cpp: short enough now; take it out of kLongFiles",
                      "src/base/file_system_windows.cpp: 500 lines, the limit is 410. Has it grown "
                      "a second job?",
                      "cli/b.h: 400 lines, the limit is 350. Has it grown a second job?"}));
}

}  // namespace
}  // namespace tidesync::test
