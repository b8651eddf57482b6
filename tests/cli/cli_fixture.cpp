#include "cli/cli_fixture.h"

#include <boost/filesystem/operations.hpp>
#include <cstdlib>
#include <fstream>
#include <regex>

namespace tidesync::test {
namespace {

constexpr int kMaxRounds = 10;

// EXPECT_EQ would print a long text three times.
void expect_none(const std::string& problems) {
  EXPECT_TRUE(problems.empty()) << problems;
}

}  // namespace

Path sample(const std::string& name) {
  return Path(TIDESYNC_TEST_DATA) / name;
}

void CliFixture::SetUp() {
  share_ = dir_ / "share";
  boost::filesystem::create_directory(share_);
  ASSERT_EQ(::setenv("TIDESYNC_CONFIG_HOME", (dir_.path() / "user").c_str(), 1), 0);
  ::unsetenv("TIDESYNC_DB");
}

Path CliFixture::db(const std::string& name) {
  boost::filesystem::create_directories(dir() / name);
  return dir() / name / "data.db";
}

Path CliFixture::side(const std::string& name) {
  return db(name).string() + ".tidesync";
}

void CliFixture::give(const std::string& name, const Path& from) {
  // Not copy_file of Boost 1.74: it fails between file systems on some kernels.
  std::ifstream source(from.string(), std::ios::binary);
  std::ofstream target(db(name).string(), std::ios::binary | std::ios::trunc);
  target << source.rdbuf();
}

void CliFixture::make(const std::string& name, const std::string& statements) {
  sql(db(name), statements);
}

Outcome CliFixture::command(const std::string& name, const std::string& command,
                            const Words& more) {
  Words words{command, "--db", db(name).string()};
  words.insert(words.end(), more.begin(), more.end());
  return tidesync(words);
}

Outcome CliFixture::init(const std::string& name, const Words& more) {
  Words words{"--share", share_.string(), "--node", name, "--user", name};
  words.insert(words.end(), more.begin(), more.end());
  return command(name, "init", words);
}

Outcome CliFixture::join(const std::string& name, const Words& more) {
  Words words{"--share", share_.string(), "--node", name, "--user", name};
  words.insert(words.end(), more.begin(), more.end());
  return command(name, "join", words);
}

Outcome CliFixture::now(const std::string& name, const Words& more) {
  return command(name, "now", more);
}

nlohmann::json CliFixture::now_with(int exit_code, const std::string& name, const Words& more) {
  Words words{"--json"};
  words.insert(words.end(), more.begin(), more.end());
  const Outcome outcome = now(name, words);
  EXPECT_EQ(outcome.exit_code, exit_code) << name << ": " << outcome.text();
  return outcome.json();
}

nlohmann::json CliFixture::now_ok(const std::string& name, const Words& more) {
  return now_with(0, name, more);
}

void CliFixture::start_fleet(const Names& names, const Path& from, bool with_copies) {
  for (const std::string& name : names) {
    const bool first = name == names.front();
    if (first || with_copies) give(name, from);
    const Outcome outcome = first ? init(name) : join(name);
    ASSERT_EQ(outcome.exit_code, 0) << name << ": " << outcome.text();
  }
}

void CliFixture::start_fleet_sql(const Names& names, const std::string& statements) {
  make("model", statements);
  start_fleet(names, db("model"));
}

void CliFixture::settle(const Names& names) {
  for (int round = 0; round < kMaxRounds; ++round) {
    bool moved = false;
    for (const std::string& name : names) {
      const Outcome outcome = now(name, {"--json"});
      ASSERT_TRUE(outcome.exit_code == 0 || outcome.exit_code == 3)
          << name << ": " << outcome.text();
      const auto result = outcome.json();
      moved = moved || result["seq_before"] != result["seq_after"];
    }
    if (!moved) return;
  }
  FAIL() << "still something to do after " << kMaxRounds << " rounds";
}

void CliFixture::expect_all_equal(const Names& names, const std::vector<std::string>& without) {
  const auto tables = synced_tables(db(names.front()), without);
  for (const std::string& name : names) {
    EXPECT_EQ(defects(db(name)), "") << name;
    expect_none(difference(db(names.front()), db(name), tables));
  }
  expect_none(difference(db(names.front()), master(), tables));
  EXPECT_EQ(defects(master()), "") << "master.db";
}

void CliFixture::settle_and_expect_all_equal(const Names& names) {
  ASSERT_NO_FATAL_FAILURE(settle(names));
  expect_all_equal(names);
}

std::string CliFixture::conflicts(const std::string& name) {
  return ask(db(name),
             "SELECT kind || '|' || table_name || '|' || rule FROM sync_conflicts ORDER BY 1");
}

void CliFixture::configure(const std::string& name, const std::string& key,
                           const std::string& value) {
  const Path file = side(name) / "config.toml";
  std::string text = snapshot(file).at(file.string());
  const std::regex line("(^|\n)#? ?" + key + " *=[^\n]*");
  ASSERT_TRUE(std::regex_search(text, line)) << key << " is not in " << text;
  text = std::regex_replace(text, line, "$1" + key + " = " + value);
  std::ofstream(file.string(), std::ios::binary | std::ios::trunc) << text;
}

}  // namespace tidesync::test
