#include "cli/registry.h"

#include <gtest/gtest.h>

#include <boost/filesystem/operations.hpp>
#include <fstream>
#include <iterator>
#include <thread>

#include "base/error.h"
#include "base/process_lock.h"
#include "support/temp_dir.h"

namespace tidesync {
namespace {

class RegistryTest : public ::testing::Test {
 protected:
  RegistryTest() { boost::filesystem::create_directory(home()); }

  Path home() const { return dir_.path() / "home"; }
  Path folder() const { return dir_.path() / "user" / "settings"; }
  Path file() const { return folder() / "databases"; }
  Registry registry() { return Registry(env_, folder()); }
  void write(const std::string& text) {
    boost::filesystem::create_directories(folder());
    std::ofstream(file().string(), std::ios::binary) << text;
  }
  std::string text() const {
    std::ifstream in(file().string(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  test::TempDir dir_;
  DiskFileSystem disk_;
  SystemClock clock_;
  Random random_{1};
  Environment env_{disk_, disk_, clock_, random_, "host", "user", "tidesync test"};
};

TEST_F(RegistryTest, WithoutAFileThereAreNone) {
  EXPECT_TRUE(registry().databases().empty());
  EXPECT_EQ(registry().remove(home() / "a.db"), "");
}

TEST_F(RegistryTest, AddedOnceEachInOrder) {
  EXPECT_EQ(registry().add(home() / "b.db"), "");
  EXPECT_EQ(registry().add(home() / "a.db"), "");
  EXPECT_EQ(registry().add(home() / "b.db"), "");
  const std::vector<Path> expected{home() / "b.db", home() / "a.db"};
  EXPECT_EQ(registry().databases(), expected);
  EXPECT_EQ(registry().remove(home() / "b.db"), "");
  EXPECT_EQ(text(), (home() / "a.db").string() + "\n");
}

TEST_F(RegistryTest, OneFolderByTwoPathsIsOneDatabase) {
  boost::filesystem::create_directory_symlink(home(), dir_.path() / "link");
  registry().add(dir_.path() / "link" / "a.db");
  registry().add(home() / "a.db");
  registry().add(home() / ".." / "home" / "a.db");
  EXPECT_EQ(registry().databases(), std::vector<Path>{home() / "a.db"});
  EXPECT_TRUE(registry().contains(dir_.path() / "link" / "a.db"));
  registry().remove(dir_.path() / "link" / "a.db");
  EXPECT_TRUE(registry().databases().empty());
}

TEST_F(RegistryTest, WhatPeopleWroteIntoTheFileStays) {
  const std::string other = (home() / "other.db").string();
  write("\xEF\xBB\xBF# mine\r\n\r\nquotes.db\r\n" + other + "\r\n\xFF\xFE\n" + other);
  EXPECT_EQ(registry().databases(), std::vector<Path>{home() / "other.db"});
  registry().add(home() / "a.db");
  EXPECT_EQ(registry().databases().size(), 2u);
  EXPECT_NE(text().find("# mine\n\nquotes.db\n"), std::string::npos) << text();
  registry().remove(home() / "other.db");
  EXPECT_EQ(registry().databases(), std::vector<Path>{home() / "a.db"});
  EXPECT_NE(text().find("# mine\n"), std::string::npos) << text();
}

TEST_F(RegistryTest, APathThatIsNoLineIsNotListed) {
  EXPECT_NE(registry().add(home() / "a\nb.db"), "");
  EXPECT_NE(registry().add(home() / "\xFF.db"), "");
  EXPECT_TRUE(registry().databases().empty());
}

TEST_F(RegistryTest, WithoutAHomeNothingIsKept) {
  Registry none(env_, {});
  EXPECT_EQ(none.add(home() / "a.db"), "");
  EXPECT_TRUE(none.databases().empty());
}

TEST_F(RegistryTest, AFolderInItsPlaceIsSaidAndNotThrown) {
  boost::filesystem::create_directories(file());
  EXPECT_NE(registry().add(home() / "a.db"), "");
  EXPECT_NE(registry().remove(home() / "a.db"), "");
  EXPECT_THROW(registry().databases(), Error);
}

TEST_F(RegistryTest, WhileAnotherHoldsItNothingIsWritten) {
  boost::filesystem::create_directories(folder());
  const auto lock = ProcessLock::try_acquire(folder() / "databases.lock", "the test");
  EXPECT_NE(registry().add(home() / "a.db").find("held by another process"), std::string::npos);
  EXPECT_EQ(text(), "");
}

TEST_F(RegistryTest, ManyAtOnceLoseNothingAndAReaderSeesWholeLines) {
  constexpr int kWriters = 4, kEach = 15;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 0; i < kEach; ++i)
        registry().add(home() / (std::to_string(writer) + "-" + std::to_string(i) + ".db"));
    });
  }
  for (int i = 0; i < 200; ++i) {
    for (const Path& database : registry().databases()) EXPECT_EQ(database.extension(), ".db");
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(registry().databases().size(), std::size_t{kWriters * kEach});
}

}  // namespace
}  // namespace tidesync
