// The list of databases that a user has: commands without --db, TIDESYNC_DB, now --all.
#include <boost/filesystem/operations.hpp>
#include <fstream>
#include <iterator>

#include "cli/cli_fixture.h"

namespace tidesync::test {
namespace {

class RegistryOfUser : public CliFixture {
 protected:
  Path list() const { return dir() / "user" / "databases"; }
  std::string listed() const {
    std::ifstream in(list().string(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string line(const std::string& name) { return db(name).string() + "\n"; }
  // Two datasets, as for two applications of one user.
  void start_two() {
    for (const std::string name : {"quotes", "stock"}) {
      const Path folder = dir() / ("share-" + name);
      boost::filesystem::create_directory(folder);
      make(name, "CREATE TABLE t(id INTEGER PRIMARY KEY, x TEXT); INSERT INTO t VALUES(1, 'a')");
      const Outcome outcome = command(name, "init", {"--share", folder.string(), "--node", "n"});
      ASSERT_EQ(outcome.exit_code, 0) << outcome.text();
    }
  }
};

TEST_F(RegistryOfUser, TheOnlyDatabaseNeedsNoName) {
  make("a", "CREATE TABLE t(id INTEGER PRIMARY KEY, x TEXT)");
  ASSERT_EQ(init("a").exit_code, 0);
  EXPECT_EQ(listed(), line("a"));
  sql(db("a"), "INSERT INTO t VALUES (1, 'x')");
  const Outcome now = tidesync({"now", "--json"});
  ASSERT_EQ(now.exit_code, 0) << now.text();
  EXPECT_EQ(now.json()["pushed"], 1);
  EXPECT_EQ(tidesync({"status"}).exit_code, 0);
  ASSERT_EQ(tidesync({"leave"}).exit_code, 0);
  EXPECT_EQ(listed(), "\n");
  EXPECT_EQ(tidesync({"now"}).exit_code, 2);
}

TEST_F(RegistryOfUser, JoinAddsOnceAndInitNeverTakesAnotherDatabase) {
  start_fleet_sql({"a", "b"}, "CREATE TABLE t(id INTEGER PRIMARY KEY)");
  EXPECT_EQ(listed(), line("a") + line("b"));
  boost::filesystem::remove_all(side("b"));
  ASSERT_EQ(join("b").exit_code, 0);
  EXPECT_EQ(listed(), line("a") + line("b"));
  ASSERT_EQ(command("a", "leave").exit_code, 0);
  // b is the only one, and still nothing that init or join may take for itself.
  for (const char* command : {"init", "join"}) {
    const Outcome outcome = tidesync({command, "--share", share().string()});
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_NE(outcome.err.find("--db is missing"), std::string::npos) << outcome.err;
  }
}

TEST_F(RegistryOfUser, OfSeveralOneMustBeNamed) {
  start_two();
  const Outcome outcome = tidesync({"now"});
  EXPECT_EQ(outcome.exit_code, 2);
  for (const std::string name : {"quotes", "stock"})
    EXPECT_NE(outcome.err.find(db(name).string()), std::string::npos) << outcome.err;
  const std::string variable = "TIDESYNC_DB=" + db("stock").string();
  sql(db("stock"), "INSERT INTO t VALUES (2, 'x')");
  const Outcome chosen = tidesync({"now", "--json"}, {{}, -1, {variable}});
  EXPECT_EQ(chosen.json()["pushed"], 1) << chosen.text();
  // --db stands above the variable.
  const Outcome named = tidesync({"status", "--db", db("missing").string()}, {{}, -1, {variable}});
  EXPECT_EQ(named.exit_code, 1) << named.text();
}

TEST_F(RegistryOfUser, AllAreSyncedAndOneThatFailsStopsNone) {
  start_two();
  boost::filesystem::rename(dir() / "share-quotes", dir() / "share-gone");
  sql(db("stock"), "INSERT INTO t VALUES (2, 'x')");
  const Outcome all = tidesync({"now", "--all", "--json"});
  EXPECT_EQ(all.exit_code, 4) << all.text();
  const auto objects = all.json();
  ASSERT_EQ(objects.size(), 2u);
  EXPECT_EQ(objects[0]["database"], db("quotes").string());
  EXPECT_EQ(objects[0]["status"], "offline");
  EXPECT_EQ(objects[1]["pushed"], 1);
  // A database that is gone is worse than a share that is away, and stops none either.
  boost::filesystem::remove(db("quotes"));
  sql(db("stock"), "INSERT INTO t VALUES (3, 'x')");
  const Outcome text = tidesync({"now", "--all"});
  EXPECT_EQ(text.exit_code, 1) << text.text();
  EXPECT_NE(text.out.find(db("stock").string() + "\nSynced"), std::string::npos) << text.text();
  EXPECT_NE(text.err.find(db("quotes").string()), std::string::npos) << text.err;
  // leave takes what is gone off the list.
  EXPECT_EQ(command("quotes", "leave").exit_code, 0);
  EXPECT_EQ(tidesync({"now", "--all"}).exit_code, 0);
  EXPECT_EQ(tidesync({"now", "--all", "--db", db("stock").string()}).exit_code, 2);
}

TEST_F(RegistryOfUser, AListThatIsGoneOrUnreadableFailsNoSync) {
  start_fleet_sql({"a"}, "CREATE TABLE t(id INTEGER PRIMARY KEY)");
  boost::filesystem::remove(list());
  EXPECT_EQ(tidesync({"now", "--all"}).exit_code, 2);
  EXPECT_EQ(now("a").exit_code, 0);
  boost::filesystem::create_directory(list());  // a mistake of somebody
  EXPECT_EQ(now("a").exit_code, 0);
  const Outcome unnamed = tidesync({"now"});
  EXPECT_NE(unnamed.exit_code, 0);
  EXPECT_NE(unnamed.err.find(list().string()), std::string::npos) << unnamed.err;
  const Outcome joined = join("b");
  EXPECT_EQ(joined.exit_code, 0) << joined.text();
  EXPECT_NE(joined.out.find("Warning: "), std::string::npos) << joined.out;
  EXPECT_EQ(command("b", "leave").exit_code, 0);
}

}  // namespace
}  // namespace tidesync::test
