// --log-level, --verbose and --quiet: what goes to which stream.
#include <boost/filesystem/operations.hpp>

#include "cli/cli_fixture.h"

namespace tidesync::test {
namespace {

class OutputOptions : public CliFixture {
 protected:
  void SetUp() override {
    CliFixture::SetUp();
    start_fleet_sql({"a"}, "CREATE TABLE t(id INTEGER PRIMARY KEY, x TEXT)");
  }
};

TEST_F(OutputOptions, VerboseIsLevelInfoOnTheErrorStream) {
  sql(db("a"), "INSERT INTO t VALUES (1, 'secret')");
  const Outcome verbose = now("a", {"-v", "--json"});
  EXPECT_EQ(verbose.json()["pushed"], 1);  // standard output stays for the object
  EXPECT_NE(verbose.err.find("tidesync: info: sync success: 0 in, 1 out"), std::string::npos)
      << verbose.err;
  EXPECT_EQ(verbose.err.find("secret"), std::string::npos);
  EXPECT_NE(now("a", {"--log-level", "debug"}).err, "");
  EXPECT_EQ(now("a", {"--log-level", "warning"}).err, "");
  EXPECT_EQ(now("a").err, "");
}

TEST_F(OutputOptions, QuietPrintsErrorsOnly) {
  const Outcome good = now("a", {"--quiet"});
  EXPECT_EQ(good.out + good.err, "");
  EXPECT_EQ(good.exit_code, 0);
  for (const char* word : {"status", "history", "diff", "conflicts", "nodes", "verify"})
    EXPECT_EQ(command("a", word, {"--quiet"}).out, "") << word;
  EXPECT_EQ(now("a", {"--quiet", "--json"}).json()["status"], "success");
  boost::filesystem::rename(share(), dir() / "away");
  const Outcome bad = now("a", {"--quiet"});
  EXPECT_EQ(bad.exit_code, 4);
  EXPECT_EQ(bad.out, "");
  EXPECT_EQ(bad.err.rfind("tidesync: ", 0), 0u) << bad.err;
}

TEST_F(OutputOptions, NonsenseIsRefused) {
  const std::vector<Words> wrong{
      {"--quiet", "-v"},   {"-v", "--log-level", "debug"},  {"--log-level", "loud"},
      {"--log-level", ""}, {"--log-level", "info|warning"}, {"--log-level"}};
  for (const Words& words : wrong) {
    const Outcome outcome = now("a", words);
    EXPECT_EQ(outcome.exit_code, 2) << words.front() << outcome.text();
    EXPECT_NE(outcome.err.find("what to do: "), std::string::npos) << outcome.err;
  }
}

}  // namespace
}  // namespace tidesync::test
