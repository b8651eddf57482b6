// The main job: several computers with a copy of one database, edits everywhere, and all are equal
// in the end, with every run in sync_log.
#include <boost/filesystem/operations.hpp>
#include <regex>

#include "cli/cli_fixture.h"

namespace tidesync::test {
namespace {

// One table and how a person works with it. In the texts {n} is a number no other row has, {who}
// the computer. `find` is a condition for the row that `insert` made with {n}.
struct TableWork {
  const char* table;
  const char* insert;
  const char* find;
  const char* update;
};

std::string fill(std::string text, int n, const std::string& who) {
  text = std::regex_replace(text, std::regex("\\{n\\}"), std::to_string(n));
  return std::regex_replace(text, std::regex("\\{who\\}"), who);
}

// Parents before children.
const std::vector<TableWork> kChinook{
    {"Artist", "INSERT INTO Artist(Name) VALUES('artist {n}')", "Name LIKE 'artist {n}%'",
     "Name = Name || '-{who}'"},
    {"Album", "INSERT INTO Album(Title, ArtistId) VALUES('album {n}', 3)",
     "Title LIKE 'album {n}%'", "Title = Title || '-{who}'"},
    {"Employee", "INSERT INTO Employee(LastName, FirstName) VALUES('last {n}', 'first')",
     "LastName LIKE 'last {n}%'", "Title = 'Clerk of {who}'"},
    {"Customer",
     "INSERT INTO Customer(FirstName, LastName, Email) VALUES('first', 'last {n}', 'a@b.example')",
     "LastName LIKE 'last {n}%'", "City = 'City of {who}'"},
    {"Genre", "INSERT INTO Genre(Name) VALUES('genre {n}')", "Name LIKE 'genre {n}%'",
     "Name = Name || '-{who}'"},
    {"MediaType", "INSERT INTO MediaType(Name) VALUES('media {n}')", "Name LIKE 'media {n}%'",
     "Name = Name || '-{who}'"},
    {"Track",
     "INSERT INTO Track(Name, AlbumId, MediaTypeId, Milliseconds, UnitPrice)"
     " VALUES('track {n}', 1, 1, 1000, 0.99)",
     "Name LIKE 'track {n}%'", "Composer = '{who}'"},
    {"Invoice",
     "INSERT INTO Invoice(CustomerId, InvoiceDate, BillingCity, Total)"
     " VALUES(1, '2026-01-01', 'city {n}', 1.5)",
     "BillingCity = 'city {n}'", "BillingState = '{who}'"},
    {"InvoiceLine",
     "INSERT INTO InvoiceLine(InvoiceId, TrackId, UnitPrice, Quantity) VALUES(1, 1, 0.99, {n})",
     "Quantity = {n}", "UnitPrice = length('{who}')"},
    {"Playlist", "INSERT INTO Playlist(Name) VALUES('list {n}')", "Name LIKE 'list {n}%'",
     "Name = Name || '-{who}'"},
    // Nothing but a key: an update is a change of the key.
    {"PlaylistTrack", "INSERT INTO PlaylistTrack(PlaylistId, TrackId) VALUES(2, {n} - 9000)",
     "PlaylistId IN (2, 4, 6) AND TrackId = {n} - 9000",
     "PlaylistId = CASE '{who}' WHEN 'anna' THEN 4 ELSE 6 END"},
};

const std::vector<TableWork> kQuoting{
    {"units", "INSERT INTO units(code, name) VALUES('u{n}', 'unit')", "code = 'u{n}'",
     "name = 'unit of {who}'"},
    {"customers", "INSERT INTO customers(code, name, city) VALUES('C-{n}', 'name', 'Ulm')",
     "code = 'C-{n}'", "notes = 'by {who}', updated_at = CURRENT_TIMESTAMP"},
    {"projects", "INSERT INTO projects(code, customer_id, name) VALUES('P-{n}', 1, 'name')",
     "code = 'P-{n}'", "name = 'by {who}', updated_at = CURRENT_TIMESTAMP"},
    {"components",
     "INSERT INTO components(part_number, name, category, cost_price, list_price)"
     " VALUES('X-{n}', 'name', 'belts', 1, 2.5)",
     "part_number = 'X-{n}'", "name = 'by {who}', updated_at = CURRENT_TIMESTAMP"},
    {"sub_assemblies",
     "INSERT INTO sub_assemblies(code, name, drawing_digest) VALUES('S-{n}', 'name', x'00ff{n}')",
     "code = 'S-{n}'", "description = 'by {who}', updated_at = CURRENT_TIMESTAMP"},
    {"sub_assembly_components",
     "INSERT INTO sub_assembly_components(sub_assembly_id, component_id, quantity, note)"
     " VALUES(1, {n} - 8900, 2, 'n{n}')",
     "note LIKE 'n{n}%'", "note = note || '-{who}'"},
    {"quotes", "INSERT INTO quotes(number, customer_id, title) VALUES('Q-2026-{n}', 1, 'title')",
     "number = 'Q-2026-{n}'", "title = 'by {who}', updated_at = CURRENT_TIMESTAMP"},
    {"quote_lines",
     "INSERT INTO quote_lines(quote_id, position, description, unit_price)"
     " VALUES({n} % 400 + 1, 99, 'line {n}', 1.25)",
     "description LIKE 'line {n}%'", "description = description || '-{who}'"},
    {"quote_line_costs",
     "INSERT INTO quote_line_costs(quote_line_id, kind, amount, note)"
     " VALUES(1, 'travel', 3, 'cost {n}')",
     "note LIKE 'cost {n}%'", "note = note || '-{who}'"},
    {"manual_quotes",
     "INSERT INTO manual_quotes(number, customer_name, subject) VALUES('M-{n}', 'name', 'subject')",
     "number = 'M-{n}'", "subject = 'by {who}'"},
    {"generated_numbers", "INSERT INTO generated_numbers(series, prefix) VALUES('s{n}', 'p')",
     "series = 's{n}'", "prefix = '{who}'"},
};

class MainJob : public CliFixture {
 protected:
  void insert(const std::string& who, const TableWork& work, int n) {
    sql(db(who), fill(work.insert, n, who));
  }
  void update(const std::string& who, const TableWork& work, int n) {
    sql(db(who), "UPDATE " + std::string(work.table) + " SET " + fill(work.update, n, who) +
                     " WHERE " + fill(work.find, n, who));
  }
  void remove(const std::string& who, const TableWork& work, int n) {
    sql(db(who), "DELETE FROM " + std::string(work.table) + " WHERE " + fill(work.find, n, who));
  }
  std::int64_t found(const std::string& who, const TableWork& work, int n) {
    return count(db(who), std::string(work.table) + " WHERE " + fill(work.find, n, who));
  }

  // Two people insert, update and delete in every table, different rows each.
  void work_in_every_table(const std::vector<TableWork>& tables) {
    for (const TableWork& work : tables) {
      for (int n = 9001; n <= 9005; ++n) insert("anna", work, n);
    }
    settle({"anna", "ben"});
    const auto do_part = [&](const std::string& who, int first) {
      for (const TableWork& work : tables) {
        update(who, work, 9000 + first);
        remove(who, work, 9001 + first);
        insert(who, work, 9010 + first);
      }
    };
    do_part("anna", 1);                     // 9001 updated, 9002 deleted, 9011 inserted
    do_part("ben", 3);                      // 9003 updated, 9004 deleted, 9013 inserted
    for (const TableWork& work : tables) {  // both delete 9005
      remove("anna", work, 9005);
      remove("ben", work, 9005);
    }
    settle_and_expect_all_equal({"anna", "ben"});
    EXPECT_EQ(conflicts("anna"), "");
    for (const TableWork& work : tables) {
      for (const std::string who : {"anna", "ben"}) {
        SCOPED_TRACE(std::string(work.table) + " of " + who);
        for (const int n : {9001, 9003, 9011, 9013}) EXPECT_EQ(found(who, work, n), 1) << n;
        for (const int n : {9002, 9004, 9005}) EXPECT_EQ(found(who, work, n), 0) << n;
        EXPECT_EQ(updated(who, work, 9001, "anna"), 1);
        EXPECT_EQ(updated(who, work, 9003, "ben"), 1);
      }
    }
  }
  // Rows of {n} that carry what {author} wrote: a further update by the same author to a copy of
  // the row would change nothing but for the appended texts, so the first assignment is compared.
  std::int64_t updated(const std::string& who, const TableWork& work, int n,
                       const std::string& author) {
    std::string set = fill(work.update, n, author);
    set = set.substr(0, set.find(", updated_at"));
    const std::size_t equals = set.find(" = ");
    const std::string column = set.substr(0, equals);
    const std::string value = set.substr(equals + 3);
    const bool appended = value.find("||") != std::string::npos;
    return count(db(who), std::string(work.table) + " WHERE " + fill(work.find, n, who) + " AND " +
                              column + (appended ? " LIKE '%-" + author + "'" : " = " + value));
  }

  // Every run of every node stands in its own sync_log; those before its last push in master's.
  void expect_runs_recorded(const Names& names) {
    for (const std::string& name : names) {
      const auto last_push =
          ask(db(name), "SELECT ifnull(max(id), 0) FROM sync_log WHERE node = '" + name +
                            "' AND records_pushed > 0");
      EXPECT_NE(last_push, "0") << name;
      const std::string runs = ask(db(name), "SELECT run_id FROM sync_log WHERE node = '" + name +
                                                 "' AND id < " + last_push + " ORDER BY 1");
      EXPECT_NE(runs, "") << name;
      EXPECT_EQ(ask(master(), "SELECT run_id FROM sync_log WHERE node = '" + name + "' ORDER BY 1"),
                runs);
    }
  }
};

TEST_F(MainJob, ThreeComputersOnChinook) {
  const Names all{"anna", "ben", "carla"};
  give("anna", sample("chinook.db"));
  give("carla", sample("chinook.db"));
  ASSERT_EQ(init("anna").exit_code, 0);
  ASSERT_EQ(join("ben").exit_code, 0);    // has no file yet
  ASSERT_EQ(join("carla").exit_code, 0);  // has a copy
  expect_all_equal(all);

  for (const TableWork& work : kChinook) {
    insert("anna", work, 9001);
    insert("ben", work, 9002);
    insert("carla", work, 9003);
  }
  sql(db("anna"), "UPDATE Track SET Composer = 'anna' WHERE TrackId % 50 = 1");
  sql(db("ben"), "UPDATE Track SET Bytes = 1 WHERE TrackId % 50 IN (1, 2)");
  sql(db("carla"), "DELETE FROM InvoiceLine WHERE InvoiceLineId % 50 = 3");
  for (const std::string& name : all) now_ok(name);
  sql(db("ben"), "UPDATE Album SET Title = Title || '!' WHERE AlbumId % 30 = 0");
  settle_and_expect_all_equal(all);

  EXPECT_EQ(conflicts("anna"), "");
  for (const std::string& name : all) {
    for (const TableWork& work : kChinook) {
      for (const int n : {9001, 9002, 9003}) EXPECT_EQ(found(name, work, n), 1) << work.table << n;
    }
    // Different columns of one row: both stay.
    EXPECT_EQ(count(db(name),
                    "Track WHERE TrackId % 50 = 1 AND TrackId <= 3503"
                    " AND (Composer IS NOT 'anna' OR Bytes IS NOT 1)"),
              0);
    EXPECT_EQ(count(db(name), "InvoiceLine WHERE InvoiceLineId % 50 = 3 AND Quantity < 9000"), 0);
    EXPECT_EQ(count(db(name), "Album WHERE Title LIKE '%!' AND AlbumId % 30 = 0"), 11);
  }
  sql(db("anna"), "UPDATE Genre SET Name = 'Rock!' WHERE GenreId = 1");
  now_ok("anna");
  expect_runs_recorded(all);
}

TEST_F(MainJob, ThreeComputersOnQuotingSoftware) {
  const Names all{"anna", "ben", "carla"};
  give("anna", sample("quoting.db"));
  give("carla", sample("quoting.db"));
  ASSERT_EQ(init("anna").exit_code, 0);
  ASSERT_EQ(join("ben").exit_code, 0);
  ASSERT_EQ(join("carla").exit_code, 0);

  int n = 9001;
  for (const std::string& name : all) {
    for (const TableWork& work : kQuoting) insert(name, work, n);
    ++n;
  }
  // A quote with its lines, which are given the same numbers on every computer.
  for (const std::string& name : all) {
    sql(db(name), "INSERT INTO quotes(number, customer_id, title) VALUES('Q-2026-7-" + name +
                      "', 2, 'new');"
                      "INSERT INTO quote_lines(quote_id, position, description, unit_price)"
                      " SELECT id, 1, '" +
                      name + " 1', 10 FROM quotes WHERE number = 'Q-2026-7-" + name +
                      "' UNION ALL SELECT id, 2, '" + name +
                      " 2', 5 FROM quotes WHERE number = 'Q-2026-7-" + name + "'");
  }
  sql(db("anna"), "UPDATE components SET stock = stock + 1 WHERE id <= 50");
  sql(db("ben"), "UPDATE components SET list_price = 7.5 WHERE id BETWEEN 40 AND 60");
  sql(db("carla"), "DELETE FROM quotes WHERE id IN (11, 12)");  // with their lines and costs
  settle_and_expect_all_equal(all);

  for (const std::string& name : all) {
    for (const std::string& author : all) {
      EXPECT_EQ(ask(db(name),
                    "SELECT q.total || ' ' || group_concat(l.description) FROM quotes q"
                    " JOIN quote_lines l ON l.quote_id = q.id WHERE q.number ="
                    " 'Q-2026-7-" +
                        author + "'"),
                "15.0 " + author + " 1," + author + " 2")
          << name;
    }
    EXPECT_EQ(count(db(name), "quotes WHERE id IN (11, 12)"), 0);
    EXPECT_EQ(count(db(name), "quote_lines WHERE quote_id IN (11, 12)"), 0);
  }
  sql(db("anna"), "UPDATE units SET name = 'pieces' WHERE code = 'pcs'");
  sql(db("ben"), "UPDATE units SET name = 'metres' WHERE code = 'm'");
  sql(db("carla"), "UPDATE units SET name = 'litres' WHERE code = 'l'");
  for (const std::string& name : all) now_ok(name);
  settle_and_expect_all_equal(all);
  expect_runs_recorded(all);
}

TEST_F(MainJob, EveryTableOfChinookByTwoPeople) {
  start_fleet({"anna", "ben"}, sample("chinook.db"));
  work_in_every_table(kChinook);
}

TEST_F(MainJob, EveryTableOfQuotingSoftwareByTwoPeople) {
  start_fleet({"anna", "ben"}, sample("quoting.db"));
  work_in_every_table(kQuoting);
}

// Edited at 10:00, published at 12:00; the others synced at 11:00 and must still get it. A tool
// that asks "what is newer than my last sync" loses it.
TEST_F(MainJob, LatePushIsDelivered) {
  const Names all{"anna", "ben", "carla"};
  start_fleet(all, sample("quoting.db"));
  sql(db("anna"),
      "UPDATE components SET name = 'at ten', updated_at = datetime('now', '-2 hours')"
      " WHERE id = 7");
  sql(db("ben"),
      "UPDATE components SET name = 'at eleven', updated_at ="
      " datetime('now', '-1 hours') WHERE id = 8");
  now_ok("ben");
  EXPECT_EQ(now_ok("carla")["pulled"], 1);
  EXPECT_EQ(now_ok("anna")["pushed"], 1);
  EXPECT_EQ(now_ok("carla")["pulled"], 1);
  settle_and_expect_all_equal(all);
  EXPECT_EQ(ask(db("carla"), "SELECT name FROM components WHERE id IN (7, 8)"),
            "at ten\nat eleven");
}

TEST_F(MainJob, OfflineAndBack) {
  const Names all{"anna", "ben"};
  start_fleet(all, sample("quoting.db"));
  const Path away = dir() / "away";
  boost::filesystem::rename(share(), away);
  sql(db("anna"),
      "UPDATE customers SET city = 'Bonn' WHERE id = 5;"
      "INSERT INTO units(code, name) VALUES('pal', 'pallet')");
  const auto offline = now_with(4, "anna");
  EXPECT_EQ(offline["status"], "offline");
  EXPECT_NE(offline["error"]["hint"], "");
  EXPECT_FALSE(boost::filesystem::exists(share())) << "a mount point was made";
  EXPECT_EQ(ask(db("anna"), "SELECT status FROM sync_log ORDER BY id DESC LIMIT 1"), "error");

  // The mount point of a share that is not mounted: an empty folder. Nothing was deleted there.
  boost::filesystem::create_directory(share());
  EXPECT_EQ(now_with(4, "anna")["status"], "offline");
  EXPECT_TRUE(boost::filesystem::is_empty(share()));
  boost::filesystem::remove(share());

  boost::filesystem::rename(away, share());
  sql(db("ben"), "UPDATE customers SET phone = '1' WHERE id = 5");
  settle_and_expect_all_equal(all);
  EXPECT_EQ(ask(db("ben"), "SELECT city, phone FROM customers WHERE id = 5"), "Bonn|1");
  EXPECT_EQ(count(db("ben"), "units"), 7);
}

TEST_F(MainJob, NodeJoinsLate) {
  start_fleet({"anna", "ben"}, sample("quoting.db"));
  give("carla", sample("quoting.db"));
  for (int i = 1; i <= 5; ++i) {
    const std::string id = std::to_string(i);
    sql(db("anna"), "UPDATE components SET stock = -1 WHERE id = " + id);
    sql(db("ben"), "DELETE FROM manual_quotes WHERE id = " + id);
    settle({"anna", "ben"});
  }
  // Carla went on with her old copy by herself meanwhile.
  sql(db("carla"),
      "INSERT INTO units(code, name) VALUES('pal', 'pallet');"
      "UPDATE components SET name = 'by carla', updated_at = CURRENT_TIMESTAMP"
      " WHERE id = 1");
  const Outcome late = join("carla", {"--json"});
  EXPECT_TRUE(late.exit_code == 0 || late.exit_code == 3) << late.text();
  EXPECT_EQ(late.json()["rows_only_here"], 6);  // the unit, and what Ben deleted
  ASSERT_EQ(join("dora").exit_code, 0);
  settle_and_expect_all_equal({"anna", "ben", "carla", "dora"});
  for (const std::string name : {"anna", "dora"}) {
    EXPECT_EQ(count(db(name), "units WHERE code = 'pal'"), 1);
    EXPECT_EQ(ask(db(name), "SELECT name FROM components WHERE id = 1"), "by carla");
    EXPECT_EQ(count(db(name), "components WHERE id <= 5 AND stock = -1"), 4)
        << "of two versions without a common ancestor the newer stays whole";
  }
}

TEST_F(MainJob, JoinedDatabaseIsAWholeApplicationDatabase) {
  start_fleet({"anna", "ben"}, sample("quoting.db"));
  const std::string objects =
      "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'tidesync%'"
      " AND name NOT LIKE 'sqlite_%' ORDER BY type, name";
  EXPECT_EQ(ask(db("ben"), objects), ask(db("anna"), objects));
  EXPECT_EQ(ask(db("ben"), "PRAGMA user_version"), "3");
  // The next number is not one that was given out.
  sql(db("ben"), "INSERT INTO quotes(number, customer_id, title) VALUES('Q-2026-1x', 1, 'next')");
  EXPECT_EQ(ask(db("ben"), "SELECT max(id) FROM quotes"), "501");
}

TEST_F(MainJob, AddedColumnsAreMaintainedAndSynced) {
  give("anna", sample("chinook.db"));
  ASSERT_EQ(init("anna", {"--add-columns"}).exit_code, 0);
  ASSERT_EQ(join("ben").exit_code, 0);
  sql(db("ben"), "UPDATE Artist SET Name = 'x' WHERE ArtistId = 1");
  settle_and_expect_all_equal({"anna", "ben"});
  EXPECT_EQ(ask(db("anna"),
                "SELECT Name, updated_by, updated_at LIKE '20__-__-__T%Z' FROM Artist"
                " WHERE ArtistId = 1"),
            "x|ben|1");
  EXPECT_EQ(ask(db("anna"), "SELECT updated_by FROM Artist WHERE ArtistId = 2"), "NULL");
}

}  // namespace
}  // namespace tidesync::test
