// Names and types that are SQL, or look like it: they are names everywhere, from the triggers to
// the conflicts, and never more.
#include <boost/filesystem/operations.hpp>
#include <fstream>

#include "base/text.h"
#include "cli/cli_fixture.h"

namespace tidesync::test {
namespace {

const std::string kParent = R"(a"b'; DROP TABLE x; --)";
const std::string kChild = "child [of] `it`\n; COMMIT; --";
const std::string kQuotedParent = quote_name(kParent);
const std::string kQuotedChild = quote_name(kChild);
const std::string kText = quote_name(R"(it's ""; --)");
const std::string kNumber = quote_name("] OR 1=1 --");
const std::string kReference = quote_name("select");
// A type that would attach a database wherever it stood bare.
const std::string kType =
    quote_name("x); ATTACH DATABASE 'evil.db' AS e; CREATE TABLE e.t (a); --");

const std::string kTables =
    "CREATE TABLE x (id INTEGER PRIMARY KEY, v);"
    "CREATE TABLE " +
    kQuotedParent + " (\"order\" INTEGER PRIMARY KEY, " + kText + " TEXT, " + kNumber +
    " TEXT UNIQUE);"
    "CREATE TABLE " +
    kQuotedChild + " (id INTEGER PRIMARY KEY, " + kReference + " INTEGER REFERENCES " +
    kQuotedParent + " (\"order\") ON DELETE CASCADE, \"ty pe\" " + kType +
    ");"
    "CREATE UNIQUE INDEX " +
    quote_name("in\"dex'; --") + " ON " + kQuotedParent + " (" + kText + ") WHERE " + kText +
    " > 'zz';"
    "INSERT INTO x VALUES (1, 1);"
    "INSERT INTO " +
    kQuotedParent + " VALUES (1, 'one', 'N-1'), (2, 'two', 'N-2');" + "INSERT INTO " +
    kQuotedChild + " VALUES (1, 1, '1'), (2, 2, '2')";

std::string insert_both(const std::string& who, int number) {
  return "INSERT INTO " + kQuotedParent + " VALUES (7, '" + who + "', 'N-7');" + "INSERT INTO " +
         kQuotedChild + " VALUES (" + std::to_string(number) + ", 7, '" + who + "');" + "UPDATE " +
         kQuotedParent + " SET " + kText + " = '" + who + "' WHERE \"order\" = 1";
}

class HostileNames : public CliFixture {};

TEST_F(HostileNames, AreSyncedMergedShownAndChanged) {
  const std::string user = R"(O'Brien"; DROP TABLE x; --)";
  make("anna", kTables);
  ASSERT_EQ(init("anna").exit_code, 0);
  const Outcome joined =
      command("ben", "join", {"--share", share().string(), "--node", "ben", "--user", user});
  ASSERT_EQ(joined.exit_code, 0) << joined.text();

  // The same new key, the same UNIQUE value, the same field.
  sql(db("anna"), insert_both("anna", 10));
  sql(db("ben"), insert_both("ben", 20));
  settle_and_expect_all_equal({"anna", "ben"});
  EXPECT_EQ(
      count(db("anna"), kQuotedParent + " AS p JOIN " + kQuotedChild + " AS c ON c." + kReference +
                            " = p.\"order\" WHERE p." + kText + " = c.\"ty pe\""),
      2);
  EXPECT_FALSE(conflicts("anna").empty());

  // A column more, first there, then here; with work in between.
  const std::string alter = "ALTER TABLE " + kQuotedChild + " ADD COLUMN " + quote_name("n\"ew") +
                            " " + kType + " DEFAULT 5";
  sql(db("anna"), alter);
  sql(db("anna"), "UPDATE " + kQuotedChild + " SET " + quote_name("n\"ew") + " = 6 WHERE id = 1");
  now_ok("anna");
  sql(db("ben"), "UPDATE " + kQuotedChild + " SET \"ty pe\" = 'later' WHERE id = 1");
  settle({"anna", "ben"});
  sql(db("ben"), alter);
  settle_and_expect_all_equal({"anna", "ben"});
  EXPECT_EQ(ask(db("ben"), "SELECT \"ty pe\", " + quote_name("n\"ew") + " FROM " + kQuotedChild +
                               " WHERE id < 3 ORDER BY id"),
            "later|6\n2|5");

  sql(db("ben"), "DELETE FROM " + kQuotedParent + " WHERE \"order\" = 2");
  for (const Words& words : {Words{"diff"}, Words{"diff", kParent, "2"}, Words{"conflicts"},
                             Words{"why", kParent, "1"}, Words{"history"}, Words{"status"}}) {
    const Outcome outcome = command("ben", words.front(), Words(words.begin() + 1, words.end()));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.text();
  }
  settle_and_expect_all_equal({"anna", "ben"});
  EXPECT_EQ(count(db("anna"), kQuotedChild + " WHERE " + kReference + " = 2"), 0) << "cascade";

  const Outcome carl = join("carl");
  EXPECT_EQ(carl.exit_code, 0) << carl.text();
  settle_and_expect_all_equal({"anna", "ben", "carl"});
  for (const std::string name : {"anna", "ben", "carl"}) EXPECT_EQ(count(db(name), "x"), 1);
  const Outcome left = command("carl", "leave");
  EXPECT_EQ(left.exit_code, 0) << left.text();
  EXPECT_FALSE(boost::filesystem::exists("evil.db")) << "a type was run as SQL";
}

// What stands in the notes of others is shown, and no path or command is made of it.
TEST_F(HostileNames, OfNotesAndEntriesOnTheShareLeadNowhere) {
  make("anna", kTables);
  ASSERT_EQ(init("anna").exit_code, 0);
  const auto write = [&](const std::string& file, const std::string& text) {
    std::ofstream((share() / file).string(), std::ios::binary) << text;
  };
  write("nodes/..json", "{}");
  write("nodes/evil name.json", R"({"node":"../../evil","seq":1,"at":"2026-01-01T00:00:00Z"})");
  write("nodes/ben.json", R"({"node":"../../evil","seq":1,"at":"2026-01-01T00:00:00Z"})");
  write("log/0000000/00000002.tmp", "x");
  write("log/0000000/-1", "x");
  write("log/0000000/99999999999999999999999", "x");
  sql(db("anna"), "UPDATE x SET v = 2");
  now_ok("anna");
  EXPECT_EQ(command("anna", "status").exit_code, 0);
  const Outcome joined = join("carl");
  EXPECT_EQ(joined.exit_code, 0) << joined.text();
  settle_and_expect_all_equal({"anna", "carl"});
}

}  // namespace
}  // namespace tidesync::test
