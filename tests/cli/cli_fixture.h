// A fleet of computers in a temporary folder, each with its database, and one folder as the share.
// Every sync is a run of the tidesync executable.
//
// The user's own settings are in <dir>/user: no test reads or writes those of whoever runs it.
//
// The layout: <dir>/share, <dir>/<name>/data.db. A computer's name is its node and its user.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/process.h"
#include "cli/sql.h"
#include "support/temp_dir.h"

namespace tidesync::test {

// A file of tests/data.
Path sample(const std::string& name);

class CliFixture : public ::testing::Test {
 protected:
  using Names = std::vector<std::string>;
  using Words = std::vector<std::string>;

  void SetUp() override;

  const Path& dir() const { return dir_.path(); }
  const Path& share() const { return share_; }
  Path master() const { return share_ / "master.db"; }
  // The database of a computer; its folder is made.
  Path db(const std::string& name);
  // The folder that tidesync keeps beside it.
  Path side(const std::string& name);

  // A copy of a sample as this computer's database, or an empty one with these statements.
  void give(const std::string& name, const Path& from);
  void make(const std::string& name, const std::string& statements);

  // Each runs tidesync with --db and whatever the command needs, then these words.
  Outcome init(const std::string& name, const Words& more = {});
  Outcome join(const std::string& name, const Words& more = {});
  Outcome now(const std::string& name, const Words& more = {});
  Outcome command(const std::string& name, const std::string& command, const Words& more = {});

  // As these, and the test fails when the exit code is another. The JSON object of the run.
  nlohmann::json now_ok(const std::string& name, const Words& more = {});
  nlohmann::json now_with(int exit_code, const std::string& name, const Words& more = {});
  // The first computer creates the dataset from the sample, the others join, with a copy of the
  // sample (`with_copies`) or without a file.
  void start_fleet(const Names& names, const Path& from, bool with_copies = false);
  void start_fleet_sql(const Names& names, const std::string& statements);

  // Syncs each in turn until a whole round moves nothing. Fails the test when that takes long.
  void settle(const Names& names);
  // All databases and master.db have the same rows, and none is damaged.
  void expect_all_equal(const Names& names, const std::vector<std::string>& without = {});
  void settle_and_expect_all_equal(const Names& names);

  // Lines of the table sync_conflicts: kind, table and rule, with '|' between.
  std::string conflicts(const std::string& name);
  // Puts `key = value` into config.toml in place of the line that is there.
  void configure(const std::string& name, const std::string& key, const std::string& value);

 private:
  TempDir dir_{TempDir::Where::kMemory};
  Path share_;
};

}  // namespace tidesync::test
