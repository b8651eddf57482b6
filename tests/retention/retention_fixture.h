// Anna and ben have a dataset with small log folders, and others join them.
#pragma once

#include <algorithm>

#include "retention/years.h"
#include "support/faulty_file_system.h"

namespace tidesync::test {

inline constexpr const char* kNotesAndParts =
    "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT);"
    "CREATE TABLE part (code TEXT PRIMARY KEY, price REAL, stock INTEGER);"
    "INSERT INTO part VALUES ('a', 1, 1), ('b', 2, 2), ('c', 3, 3);";

class StopAt : public Steps {
 public:
  explicit StopAt(Step last) : last_(last) {}
  void reached(Step step, std::uint64_t, std::uint64_t) override {
    if (step == last_) throw SimulatedCrash();
  }

 private:
  Step last_;
};

class RetentionTest : public ::testing::Test {
 protected:
  RetentionTest() {
    fleet_.init("anna", kNotesAndParts);
    fleet_.join("ben");
  }
  // Folder 0 is retired while anna and ben work; everybody in `asleep` was retired as a node.
  void work_until_the_log_is_short() {
    for (int i = 0; i < 40 && has_folder("0000000"); ++i) fleet_.work("anna", 5, {"ben"});
    ASSERT_FALSE(has_folder("0000000"));
  }
  bool has_folder(const std::string& name) {
    const auto folders = fleet_.names("log");
    return std::find(folders.begin(), folders.end(), name) != folders.end();
  }
  // carol is a node whom nobody waits for any more.
  void carol_joins_and_is_forgotten() {
    fleet_.join("carol");
    fleet_.share().remove("/nas/nodes/carol.json");
  }
  void expect_equal(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      for (const char* table : {"note", "part"})
        EXPECT_EQ(fleet_.content(name, table), fleet_.content("anna", table)) << name;
    }
  }
  // The computer is switched off at that moment of a run.
  void stop_at(const std::string& name, Step step) {
    StopAt stop(step);
    SyncOptions options;
    options.steps = &stop;
    Environment env = fleet_.environment(name);
    EXPECT_THROW(sync_now(env, fleet_.db(name), options), SimulatedCrash);
  }
  void settle(const std::vector<std::string>& names) {
    for (int round = 0; round < 3; ++round) {
      for (const std::string& name : names) fleet_.sync_well(name);
    }
  }

  Years fleet_;
};

}  // namespace tidesync::test
