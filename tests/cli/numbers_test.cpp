// Record numbers that change while somebody works in the application.
#include "cli/cli_fixture.h"

namespace tidesync::test {
namespace {

constexpr const char* kSchema = R"(
  CREATE TABLE quote (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT);
  CREATE TABLE line (id INTEGER PRIMARY KEY, quote_id INTEGER REFERENCES quote (id), text TEXT);
  INSERT INTO quote (title) VALUES ('first');
)";

class Numbers : public CliFixture {
 protected:
  void SetUp() override {
    CliFixture::SetUp();
    start_fleet_sql(all_, kSchema);
    sql(db("anna"), "INSERT INTO quote (title) VALUES ('by anna')");
    sql(db("ben"), "INSERT INTO quote (title) VALUES ('by ben')");
    now_ok("anna");
  }
  // As if everything in ben's database had been done this long ago.
  void age(int seconds) {
    sql(db("ben"), "UPDATE tidesync_dirty SET at = at - " + std::to_string(seconds) + " * 1000");
  }
  const Names all_{"anna", "ben"};
};

TEST_F(Numbers, AnUnattendedRunGoesOnWhenNobodyHasWorkedForAWhile) {
  age(40);
  now_ok("ben", {"--unattended"});
  EXPECT_EQ(ask(db("ben"), "SELECT id, title FROM quote ORDER BY id"),
            "1|first\n2|by anna\n3|by ben");
}

TEST_F(Numbers, APersonWhoAsksGetsItAtOnce) {
  now_ok("ben");
  EXPECT_EQ(ask(db("ben"), "SELECT title FROM quote WHERE id = 3"), "by ben");
  EXPECT_EQ(ask(db("ben"), "SELECT seq FROM sqlite_sequence WHERE name = 'quote'"), "3");
  sql(db("ben"), "INSERT INTO quote (title) VALUES ('next')");
  EXPECT_EQ(ask(db("ben"), "SELECT id FROM quote WHERE title = 'next'"), "4");
}

TEST_F(Numbers, ALineSavedJustAfterFollowsItsQuote) {
  now_ok("ben");
  sql(db("ben"), "INSERT INTO line (quote_id, text) VALUES (2, 'late')");
  now_with(3, "ben");
  EXPECT_EQ(ask(db("ben"), "SELECT quote_id FROM line"), "3");
  EXPECT_EQ(ask(db("ben"), "SELECT kind FROM sync_conflicts"), "late_child");
  settle_and_expect_all_equal(all_);
}

TEST_F(Numbers, ALineSavedLaterStaysAndAsksForALook) {
  now_ok("ben");
  sql(side("ben") / "base.db", "UPDATE tidesync_moved SET at = at - 60000");
  sql(db("ben"), "INSERT INTO line (quote_id, text) VALUES (2, 'later')");
  now_with(3, "ben");
  EXPECT_EQ(ask(db("ben"), "SELECT quote_id FROM line"), "2");
  EXPECT_EQ(ask(db("ben"), "SELECT json_extract(loser_row, '$.quote_id') FROM sync_conflicts"),
            "3");
  settle_and_expect_all_equal(all_);
}

TEST_F(Numbers, ALineSavedMuchLaterBelongsToTheQuoteOnTheScreen) {
  now_ok("ben");
  sql(side("ben") / "base.db", "UPDATE tidesync_moved SET at = at - 3600000");
  sql(db("ben"), "INSERT INTO line (quote_id, text) VALUES (2, 'for anna')");
  now_ok("ben");
  EXPECT_EQ(ask(db("ben"), "SELECT quote_id FROM line"), "2");
  EXPECT_EQ(count(db("ben"), "sync_conflicts"), 0);
}

}  // namespace
}  // namespace tidesync::test
