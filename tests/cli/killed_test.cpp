// A run that is killed at any moment, and the next one that goes on. The moments are spread over
// the time that an undisturbed run takes; which step each of them hits is up to the system.
#include <boost/filesystem/operations.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iostream>
#include <thread>

#include "cli/cli_fixture.h"

namespace tidesync::test {
namespace {

constexpr int kKills = 45;

class Killed : public CliFixture {
 protected:
  // One more edit of each kind on this computer. Nothing of it collides with the other's.
  void work(const std::string& name, int n) {
    const std::string number = std::to_string(n);
    const std::string mine = name == "anna" ? "0" : "1";
    sql(db(name), "INSERT INTO manual_quotes (number, customer_name, subject) VALUES ('" + name +
                      "-" + number + "', '" + name + "', 's');" +
                      "UPDATE components SET stock = stock + 1 WHERE id % 2 = " + mine +
                      " AND id <= 100;" + "DELETE FROM quote_line_costs WHERE id = 2 * " + number +
                      " + " + mine);
  }
  void expect_nothing_lost(int rounds) {
    for (const std::string name : {"anna", "ben"}) {
      for (const std::string author : {"anna", "ben"}) {
        EXPECT_EQ(count(db(name), "manual_quotes WHERE customer_name = '" + author + "'"), rounds);
      }
      EXPECT_EQ(ask(db(name),
                    "SELECT DISTINCT stock - (SELECT stock FROM original.components o"
                    " WHERE o.id = c.id) FROM components c WHERE id <= 100",
                    sample("quoting.db")),
                std::to_string(rounds))
          << name;
      EXPECT_EQ(
          count(db(name), "quote_line_costs WHERE id <= 2 * " + std::to_string(rounds) + " + 1"),
          1);
      EXPECT_EQ(conflicts(name), "");
    }
  }
  static std::string ask(const Path& file, const std::string& query, const Path& original) {
    Database db = Database::open(file, OpenMode::kReadOnly);
    db.exec("ATTACH '" + original.string() + "' AS original");
    std::string text;
    Statement rows = db.prepare(query);
    while (rows.step()) text += (text.empty() ? "" : ",") + std::to_string(rows.get_int(0));
    return text;
  }
};

TEST_F(Killed, AtAnyMomentAndNothingIsLost) {
  start_fleet({"anna", "ben"}, sample("quoting.db"));
  work("anna", 1);
  work("ben", 1);
  now_ok("anna");
  now_ok("ben");  // the first run of a day does more than others
  work("anna", 2);
  work("ben", 2);
  now_ok("anna");
  const auto started = std::chrono::steady_clock::now();
  now_ok("ben");
  const auto whole = std::chrono::steady_clock::now() - started;

  int killed = 0;
  int rounds = 2;
  for (int i = 0; i < kKills; ++i) {
    ++rounds;
    work("anna", rounds);
    work("ben", rounds);
    now_ok("anna");
    {
      Process run({"now", "--db", db("ben").string(), "--json"});
      std::this_thread::sleep_for(whole * i / kKills);
      run.send(SIGKILL);
      killed += run.wait().exit_code == 128 + SIGKILL ? 1 : 0;
    }
    if (i % 3 == 1) {  // the application goes on before the next sync
      ++rounds;
      work("ben", rounds);
      work("anna", rounds);
    }
    const Outcome next = now("ben", {"--json"});
    ASSERT_EQ(next.exit_code, 0) << "after kill " << i << ": " << next.text();
    if (i % 5 == 4) {
      ASSERT_NO_FATAL_FAILURE(settle_and_expect_all_equal({"anna", "ben"}));
      expect_nothing_lost(rounds);
      ASSERT_FALSE(HasFailure()) << "after kill " << i;
    }
  }
  settle_and_expect_all_equal({"anna", "ben"});
  expect_nothing_lost(rounds);
  std::cout << "  " << killed << " of " << kKills << " runs were killed before their end\n";
  EXPECT_GE(killed, kKills / 2) << "the others had ended: this run showed little";
}

// Tables change on one computer, then on the other; a column is renamed and named back. Every run
// in between is killed.
TEST_F(Killed, WhileTheApplicationIsUpdated) {
  constexpr int kFleets = 8;
  const std::string update =
      "ALTER TABLE quote ADD COLUMN discount INTEGER DEFAULT 0;"
      "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT);";
  for (int fleet = 0; fleet < kFleets; ++fleet) {
    SCOPED_TRACE(fleet);
    const std::string anna = "anna" + std::to_string(fleet);
    const std::string ben = "ben" + std::to_string(fleet);
    const Path nas = dir() / ("nas" + std::to_string(fleet));
    boost::filesystem::create_directory(nas);
    make(anna,
         "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT, city TEXT);"
         "CREATE TABLE quote (id INTEGER PRIMARY KEY, total INTEGER);"
         "INSERT INTO customer VALUES (5, 'Berg', 'Ulm');"
         "INSERT INTO quote WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
         " LIMIT 300) SELECT i, i FROM n");
    ASSERT_EQ(command(anna, "init", {"--share", nas.string(), "--node", anna}).exit_code, 0);
    ASSERT_EQ(command(ben, "join", {"--share", nas.string(), "--node", ben}).exit_code, 0);
    int run_number = 0;
    const auto kill = [&](const std::string& name) {
      Process run({"now", "--db", db(name).string(), "--json"});
      std::this_thread::sleep_for(std::chrono::milliseconds((fleet * 5 + 7 * ++run_number) % 40));
      run.send(SIGKILL);
      run.wait();
    };
    sql(db(anna), update + "UPDATE quote SET discount = id; INSERT INTO note VALUES (1, 'anna')");
    sql(db(ben), "UPDATE quote SET total = total + 1 WHERE id % 2 = 0");
    for (const std::string& name : {anna, ben, anna}) kill(name);
    sql(db(ben), update + "INSERT INTO note VALUES (1, 'ben')");
    for (const std::string& name : {ben, ben, anna}) kill(name);
    sql(db(ben), "ALTER TABLE customer RENAME COLUMN city TO town; UPDATE customer SET name = 'B'");
    for (const std::string& name : {ben, ben}) kill(name);
    sql(db(anna), "UPDATE customer SET city = 'Rom'");
    for (const std::string& name : {anna, ben}) kill(name);
    sql(db(ben), "ALTER TABLE customer RENAME COLUMN town TO city");
    kill(ben);
    ASSERT_NO_FATAL_FAILURE(settle({anna, ben}));
    for (const std::string& name : {anna, ben}) {
      EXPECT_EQ(count(db(name), "quote WHERE discount = id AND total = id + (id % 2 = 0)"), 300);
      EXPECT_EQ(count(db(name), "note"), 2);
      // A kill may cost the note of how the row was before: then both edits count as edits of the
      // whole row, and what loses is in a conflict.
      for (const char* value : {"name = 'B'", "city = 'Rom'"}) {
        const std::string json =
            std::string("json_extract(loser_row, '$.") + std::string(value).insert(4, "')");
        EXPECT_EQ(count(db(name), std::string("customer WHERE ") + value) +
                      (count(db(name), "sync_conflicts WHERE " + json) > 0 ? 1 : 0),
                  1)
            << value << " is lost\n"
            << conflicts(name);
      }
      EXPECT_EQ(defects(db(name)), "");
    }
  }
}

// In the middle of init or join: the command can be given again.
TEST_F(Killed, WhileSettingUp) {
  int i = 0;
  for (; i < 12; ++i) {
    const std::string name = "node" + std::to_string(i);
    const bool first = i < 6;
    if (i < 6 || i % 2 == 0) give(name, sample("quoting.db"));
    if (first) {
      boost::filesystem::remove_all(share());
      boost::filesystem::create_directory(share());
    }
    const Words words{first ? "init" : "join",
                      "--db",
                      db(name).string(),
                      "--share",
                      share().string(),
                      "--node",
                      name,
                      "--user",
                      name};
    {
      Process run(words);
      std::this_thread::sleep_for(std::chrono::milliseconds(8 + 15 * (i % 6)));
      run.send(SIGKILL);
      run.wait();
    }
    const Outcome again = tidesync(words);
    if (again.exit_code != 0) {
      // It had got as far as being a node: from there any sync goes on.
      EXPECT_NE(again.err.find("synced already"), std::string::npos) << again.text();
      now_ok(name);
    }
    EXPECT_EQ(count(db(name), "quote_lines"), 2932) << name;
  }
  settle_and_expect_all_equal({"node5", "node6", "node7", "node8", "node9", "node10", "node11"});
}

// Damage that keeps the length shows only in the digest of the whole entry.
TEST_F(Killed, EntryDamagedInTheMiddleIsMovedAsideAndPutBackByItsAuthor) {
  start_fleet({"anna", "ben"}, sample("chinook.db"));
  sql(db("anna"), "UPDATE Artist SET Name = 'Anna was here' WHERE ArtistId = 3");
  now_ok("anna");
  const auto before = count(db("ben"), "Artist WHERE Name = 'Anna was here'");
  Path newest;
  for (const auto& entry : boost::filesystem::directory_iterator(share() / "log" / "0000000")) {
    if (newest.empty() || entry.path().filename() > newest.filename()) newest = entry.path();
  }
  {
    std::fstream file(newest.string(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(300);
    const int byte = file.peek();
    file.seekp(300);
    file.put(static_cast<char>(byte ^ 1));
  }
  const auto refused = now_with(1, "ben");
  EXPECT_EQ(refused["error"]["code"], "damaged") << refused.dump();
  EXPECT_EQ(count(db("ben"), "Artist WHERE Name = 'Anna was here'"), before);
  EXPECT_FALSE(boost::filesystem::exists(newest));
  now_ok("anna");
  settle_and_expect_all_equal({"anna", "ben"});
  EXPECT_EQ(count(db("ben"), "Artist WHERE Name = 'Anna was here'"), 1);
}

}  // namespace
}  // namespace tidesync::test
