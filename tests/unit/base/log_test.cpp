#include "base/log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/filesystem/directory.hpp>
#include <boost/filesystem/operations.hpp>
#include <fstream>
#include <iterator>
#include <set>

#include "support/temp_dir.h"

namespace tidesync {
namespace {

class LogFiles : public ::testing::Test {
 protected:
  ~LogFiles() override { log::to_files({folder(), log::Level::kOff}); }
  Path folder() const { return temporary_.path() / "log"; }
  void touch(const std::string& name) {
    boost::filesystem::create_directories(folder());
    std::ofstream((folder() / name).string()) << "old\n";
  }
  std::set<std::string> names() const {
    std::set<std::string> all;
    for (const auto& entry : boost::filesystem::directory_iterator(folder()))
      all.insert(entry.path().filename().string());
    return all;
  }
  // The text of the one file of today.
  std::string today() const {
    for (const std::string& name : names()) {
      if (name.rfind("tidesync_20", 0) != 0 || name < "tidesync_2026") continue;
      std::ifstream file((folder() / name).string());
      return {std::istreambuf_iterator<char>(file), {}};
    }
    return "no file";
  }

  test::TempDir temporary_;
};

TEST_F(LogFiles, LinesBelowTheLevelAreLeftOut) {
  log::to_files({folder(), log::Level::kWarning});
  log::info("quiet");
  log::warning("the share is slow");
  const std::string text = today();
  EXPECT_NE(text.find(" warning the share is slow\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("quiet"), std::string::npos);
}

TEST_F(LogFiles, SecondProcessAppends) {
  log::to_files({folder(), log::Level::kInfo});
  log::info("one");
  log::to_files({folder(), log::Level::kInfo});
  log::info("two");
  const std::string text = today();
  EXPECT_LT(text.find("one"), text.find("two"));
  EXPECT_NE(text.find("two"), std::string::npos);
}

TEST_F(LogFiles, OldFilesGoAndForeignOnesStay) {
  for (const char* name : {"tidesync_2020-01-01.log", "tidesync_2020-01-01.log.gz", "notes.log",
                           "tidesync_2020-01-0.log", "tidesync_9999-12-31.log"})
    touch(name);
  log::to_files({folder(), log::Level::kInfo, false, 14});
  log::info("now");
  const auto left = names();
  EXPECT_EQ(left.count("tidesync_2020-01-01.log"), 0u);
  for (const char* name : {"tidesync_2020-01-01.log.gz", "notes.log", "tidesync_2020-01-0.log",
                           "tidesync_9999-12-31.log"})
    EXPECT_EQ(left.count(name), 1u) << name;
}

TEST_F(LogFiles, JsonLinesHoldWhateverWasSaid) {
  log::to_files({folder(), log::Level::kInfo, true, 14, "C:\\q \"x\".db"});
  log::error("line\none \"two\" \\ \xff");
  const std::string text = today();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
  EXPECT_NE(text.find("\"level\":\"error\",\"database\":\"C:\\\\q \\\"x\\\".db\""),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find('\xff'), std::string::npos);
}

TEST_F(LogFiles, FolderThatCannotBeMadeIsNoError) {
  std::ofstream((temporary_.path() / "log").string()) << "a file";
  log::to_files({folder(), log::Level::kInfo});
  EXPECT_NO_THROW(log::info("nowhere"));
}

}  // namespace
}  // namespace tidesync
