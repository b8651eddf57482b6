// tidesync config: settings shown, changed and checked, with the real program.
#include <boost/filesystem/operations.hpp>
#include <fstream>
#include <iterator>
#include <memory>

#include "base/process_lock.h"
#include "cli/cli_fixture.h"

namespace tidesync::test {
namespace {

class ConfigCommand : public CliFixture {
 protected:
  void SetUp() override {
    CliFixture::SetUp();
    start_fleet_sql({"a"}, "CREATE TABLE t(id INTEGER PRIMARY KEY, x TEXT)");
  }
  Path file() { return side("a") / "config.toml"; }
  std::string text() {
    std::ifstream in(file().string(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void append(const std::string& lines) {
    std::ofstream(file().string(), std::ios::binary | std::ios::app) << lines;
  }
  Outcome config(const Words& words) { return command("a", "config", words); }
};

TEST_F(ConfigCommand, AllSettingsOrOneAreShown) {
  const auto all = config({"get", "--json"}).json();
  EXPECT_EQ(all["node"], "a");
  EXPECT_EQ(all["share"], share().string());
  EXPECT_EQ(all["interval"], "2h");
  EXPECT_EQ(config({"--json"}).json(), all);
  const Outcome table = config({"get"});
  for (const auto& [key, value] : all.items())
    EXPECT_NE(table.out.find("  " + key + " "), std::string::npos) << key;
  EXPECT_EQ(config({"get", "interval"}).out, "2h\n");
  EXPECT_EQ(config({"get", "interval", "--json"}).out, "{\"interval\":\"2h\"}\n");
}

TEST_F(ConfigCommand, ASettingIsChangedAndCountsFromTheNextSync) {
  const std::string before = text();
  const Outcome outcome = config({"set", "interval", "15m"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.text();
  EXPECT_EQ(outcome.out.rfind("interval: 2h -> 15m\nIt counts when tidesync run ", 0), 0u)
      << outcome.out;
  EXPECT_EQ(config({"set", "patience", "5s"}).out,
            "patience: 5s -> 5s\nIt counts from the next sync.\n");
  std::string expected = before;
  expected.replace(expected.find("\"2h\""), 4, "\"15m\"");
  EXPECT_EQ(text(), expected);
  const auto object = config({"set", "master", "false", "--json"}).json();
  EXPECT_EQ(object["old"], "true");
  EXPECT_EQ(object["new"], "false");
  boost::filesystem::remove(master());
  sql(db("a"), "INSERT INTO t VALUES (1, 'x')");
  EXPECT_EQ(now_ok("a")["pushed"], 1);
  EXPECT_FALSE(boost::filesystem::exists(master()));
}

TEST_F(ConfigCommand, APathIsKeptAsSeenFromTheRoot) {
  const ProcessOptions there{dir(), -1, {}};
  boost::filesystem::create_directory(dir() / "moved");
  const Outcome moved = tidesync({"config", "set", "share", "moved"}, there);
  ASSERT_EQ(moved.exit_code, 0) << moved.text();
  EXPECT_EQ(config({"get", "share"}).out, (dir() / "moved").string() + "\n");
  EXPECT_NE(moved.out.find("Warning: there is no dataset in "), std::string::npos) << moved.out;
  EXPECT_EQ(config({"set", "share", share().string()}).exit_code, 0);
  EXPECT_EQ(now("a").exit_code, 0);
}

TEST_F(ConfigCommand, WhatIsNotAcceptedChangesNothing) {
  const std::string before = text();
  const std::vector<Words> wrong{
      {"set", "interval", "0"},      {"set", "interval", "-5m"},  {"set", "interval", "0m"},
      {"set", "interval", "soon"},   {"set", "interval", "365d"}, {"set", "interval", ""},
      {"set", "intervall", "15m"},   {"set", "interval"},         {"set"},
      {"get", "intervall"},          {"get", "tables"},           {"set", "master", "yes"},
      {"set", "keep_entries", "-1"}, {"set", "node", "b"},        {"set", "node", "A B"},
      {"sit", "interval", "1h"},     {"set", "limit", "fast"}};
  for (const Words& words : wrong) {
    const Outcome outcome = config(words);
    EXPECT_EQ(outcome.exit_code, 2) << words.back() << ": " << outcome.text();
    EXPECT_NE(outcome.err.find("what to do: "), std::string::npos) << outcome.err;
  }
  EXPECT_EQ(text(), before);
  EXPECT_NE(config({"set", "intervall", "1h"}).err.find("did you mean \"interval\"?"),
            std::string::npos);
  EXPECT_NE(config({"set", "node", "b"}).err.find("tidesync nodes rename a b"), std::string::npos);
}

TEST_F(ConfigCommand, ADatabaseThatIsNoNodeSaysSo) {
  make("other", "CREATE TABLE t(id INTEGER PRIMARY KEY)");
  for (const Words& words :
       std::vector<Words>{{"get"}, {"get", "interval"}, {"set", "interval", "1h"}, {"check"}}) {
    const Outcome outcome = command("other", "config", words);
    EXPECT_EQ(outcome.exit_code, 1) << outcome.text();
    EXPECT_NE(outcome.err.find("run tidesync init"), std::string::npos) << outcome.err;
  }
  EXPECT_FALSE(boost::filesystem::exists(side("other")));
}

TEST_F(ConfigCommand, CheckNamesEveryProblemWithItsLine) {
  const Outcome good = config({"check"});
  EXPECT_EQ(good.exit_code, 0);
  EXPECT_NE(good.out.find("is all right."), std::string::npos) << good.out;
  configure("a", "interval", "\"soon\"");
  append("colour = 'red'\n[tables.absent]\nprefer = 'me'\n");
  const auto object = [&] {
    const Outcome outcome = config({"check", "--json"});
    EXPECT_EQ(outcome.exit_code, 2);
    return outcome.json();
  }();
  EXPECT_EQ(object["ok"], false);
  ASSERT_EQ(object["problems"].size(), 4u) << object;
  const Outcome words = config({"check"});
  EXPECT_EQ(words.exit_code, 2);
  for (const auto& problem : object["problems"]) {
    const std::string line = "line " + std::to_string(problem["line"].get<int>()) + ": ";
    EXPECT_NE(words.out.find(line), std::string::npos) << line << words.out;
  }
  // Nothing is set while another line is wrong; the wrong line itself can be set.
  EXPECT_EQ(config({"set", "patience", "1s"}).exit_code, 2);
  EXPECT_EQ(config({"get"}).exit_code, 2);
}

TEST_F(ConfigCommand, AWrongValueIsMendedBySettingIt) {
  configure("a", "interval", "\"soon\"");
  ASSERT_EQ(now("a").exit_code, 2);
  const Outcome outcome = config({"set", "interval", "1h"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.text();
  EXPECT_EQ(config({"check"}).exit_code, 0);
  EXPECT_EQ(now("a").exit_code, 0);
}

TEST_F(ConfigCommand, CheckSeesWhatOnlyThisComputerKnows) {
  append("[tables.gone]\nprefer = 'local'\n");  // right by itself
  const Outcome policies = config({"check"});
  EXPECT_EQ(policies.exit_code, 2) << policies.text();
  EXPECT_NE(policies.out.find("gone"), std::string::npos) << policies.out;
  boost::filesystem::rename(share(), dir() / "away");
  const auto object = config({"check", "--json"}).json();
  EXPECT_EQ(object["problems"].size(), 1u) << object;
  ASSERT_EQ(object["warnings"].size(), 1u) << object;
  EXPECT_NE(object["warnings"][0].get<std::string>().find(share().string()), std::string::npos);
}

TEST_F(ConfigCommand, WhileAnotherProcessChangesItNothingIsSet) {
  const std::string before = text();
  auto lock = ProcessLock::try_acquire(side("a") / "config.lock", "the test");
  const Outcome outcome = config({"set", "interval", "15m"});
  EXPECT_EQ(outcome.exit_code, 5) << outcome.text();
  EXPECT_EQ(text(), before);
  lock.reset();
  EXPECT_EQ(config({"set", "interval", "15m"}).exit_code, 0);
}

TEST_F(ConfigCommand, NoRunEverReadsHalfAFile) {
  constexpr int kRounds = 12;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::unique_ptr<Process>> writers;
    for (const char* interval : {"15m", "31d"}) {
      writers.push_back(std::make_unique<Process>(
          Words{"config", "set", "interval", interval, "--db", db("a").string()}));
    }
    const std::string seen = config({"get", "interval"}).out;
    EXPECT_TRUE(seen == "2h\n" || seen == "15m\n" || seen == "31d\n") << seen;
    for (auto& writer : writers) {
      const Outcome outcome = writer->wait();
      EXPECT_EQ(outcome.exit_code, 0) << outcome.text();
    }
  }
  EXPECT_EQ(config({"check"}).exit_code, 0);
  EXPECT_FALSE(boost::filesystem::exists(file().string() + ".set"));
}

}  // namespace
}  // namespace tidesync::test
