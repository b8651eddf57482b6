#include "crash/crash_scenarios.h"

#include <boost/filesystem/operations.hpp>
#include <fstream>
#include <ostream>

namespace tidesync::test {
namespace {

namespace fs = boost::filesystem;

const char* const kTables =
    "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT);"
    "CREATE TABLE quote (id INTEGER PRIMARY KEY, number TEXT UNIQUE,"
    " customer_id INTEGER REFERENCES customer (id), total INTEGER);"
    "INSERT INTO customer VALUES (1, 'Berg', 'Ulm'), (2, 'Tal', 'Bonn'), (3, 'See', 'Kiel');"
    "INSERT INTO quote VALUES (1, 'Q-1', 1, 100), (2, 'Q-2', 2, 200), (3, 'Q-3', 3, 300);";

// An edit of each kind. Anna's and ben's do not touch the same rows.
const char* const kAnnasWork =
    "INSERT INTO customer VALUES (10, 'Anna', 'Rom'); INSERT INTO quote VALUES (10, 'A-1', 10, 1);"
    "UPDATE customer SET city = 'Köln' WHERE id = 1; DELETE FROM quote WHERE id = 1";
const char* const kBensWork =
    "INSERT INTO customer VALUES (20, 'Ben', 'Paris'); INSERT INTO quote VALUES (20, 'B-1', 20, 2);"
    "UPDATE customer SET city = 'Trier' WHERE id = 2; DELETE FROM quote WHERE id = 2";

const std::vector<Fact> kAnnasFacts{
    {"SELECT c.name, number FROM quote q JOIN customer c ON c.id = customer_id WHERE q.id = 10",
     "Anna|A-1"},
    {"SELECT city FROM customer WHERE id = 1", "Köln"},
    {"SELECT count(*) FROM quote WHERE id = 1", "0"}};
const std::vector<Fact> kBensFacts{
    {"SELECT c.name, number FROM quote q JOIN customer c ON c.id = customer_id WHERE q.id = 20",
     "Ben|B-1"},
    {"SELECT city FROM customer WHERE id = 2", "Trier"},
    {"SELECT count(*) FROM quote WHERE id = 2", "0"}};

std::vector<Fact> counts(int customers, int quotes) {
  return {{"SELECT count(*) FROM customer", std::to_string(customers)},
          {"SELECT count(*) FROM quote", std::to_string(quotes)}};
}

std::vector<Fact> operator+(std::vector<Fact> a, const std::vector<Fact>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

void start(CrashFleet& fleet) {
  fleet.start_fleet_sql({"anna", "ben"}, kTables);
}

void work_of_anna(CrashFleet& fleet) {
  sql(fleet.db("anna"), kAnnasWork);
  fleet.now_ok("anna");
}

void work_of_ben(CrashFleet& fleet) {
  sql(fleet.db("ben"), kBensWork);
}

void prepare_push(CrashFleet& fleet) {
  start(fleet);
  work_of_ben(fleet);
}

void prepare_pull(CrashFleet& fleet) {
  start(fleet);
  work_of_anna(fleet);
}

void prepare_both(CrashFleet& fleet) {
  start(fleet);
  work_of_anna(fleet);
  work_of_ben(fleet);
}

// The same field twice, the same new id, the same UNIQUE value.
void prepare_merge(CrashFleet& fleet) {
  start(fleet);
  sql(fleet.db("anna"),
      "UPDATE customer SET city = 'Aachen' WHERE id = 3;"
      "INSERT INTO customer VALUES (4, 'New of Anna', 'Rom');"
      "INSERT INTO quote VALUES (4, 'Q-4', 4, 1)");
  fleet.now_ok("anna");
  sql(fleet.db("ben"),
      "UPDATE customer SET city = 'Bern' WHERE id = 3;"
      "INSERT INTO customer VALUES (4, 'New of Ben', 'Paris');"
      "INSERT INTO quote VALUES (4, 'Q-4', 4, 2)");
}

void prepare_heal(CrashFleet& fleet) {
  prepare_pull(fleet);
  fleet.now_ok("ben");
  work_of_ben(fleet);
  fleet.now_ok("ben");
  fleet.now_ok("anna");
  const auto entries = fleet.entries();
  fs::remove(entries[entries.size() - 2]);
  std::ofstream(entries.back().string(), std::ios::binary | std::ios::app) << "damaged";
}

// The share loses its last entry, which only ben has seen, and anna publishes another in its place.
void prepare_fork(CrashFleet& fleet) {
  start(fleet);
  sql(fleet.db("ben"), "UPDATE customer SET city = 'Trier' WHERE id = 2");
  fleet.now_ok("ben");
  fs::remove(fleet.entries().back());
  sql(fleet.db("anna"), "UPDATE customer SET city = 'Köln' WHERE id = 1");
  fleet.now_ok("anna");
}

void prepare_restored(CrashFleet& fleet) {
  start(fleet);
  fleet.give("old", fleet.db("ben"));
  work_of_anna(fleet);
  fleet.now_ok("ben");
  fleet.give("ben", fleet.db("old"));
  fs::remove_all(fleet.dir() / "old");
  work_of_ben(fleet);
}

void prepare_base_lost(CrashFleet& fleet) {
  prepare_both(fleet);
  fs::remove(fleet.side("ben") / "base.db");
}

// The share lost ben's last batch, his database is of the day before, and his base copy is gone:
// only the copy in spool/ has what was in the batch.
void prepare_kept(CrashFleet& fleet) {
  start(fleet);
  fleet.give("old", fleet.db("ben"));
  work_of_ben(fleet);
  fleet.now_ok("ben");
  fs::remove(fleet.entries().back());
  fleet.give("ben", fleet.db("old"));
  fs::remove_all(fleet.dir() / "old");
  fs::remove(fleet.side("ben") / "base.db");
  sql(fleet.db("ben"), kAnnasWork);
}

// The same, but anna published in the place of his batch.
void prepare_branch(CrashFleet& fleet) {
  start(fleet);
  fleet.give("old", fleet.db("ben"));
  work_of_ben(fleet);
  fleet.now_ok("ben");
  fs::remove(fleet.entries().back());
  work_of_anna(fleet);
  fleet.give("ben", fleet.db("old"));
  fs::remove_all(fleet.dir() / "old");
}

void prepare_init(CrashFleet& fleet) {
  fleet.make("ben", kTables);
}

void prepare_join(CrashFleet& fleet) {
  fleet.make("anna", kTables);
  ASSERT_EQ(fleet.init("anna").exit_code, 0);
  work_of_anna(fleet);
  fleet.db("ben");
}

void prepare_adopt(CrashFleet& fleet) {
  prepare_join(fleet);
  fleet.make("ben", kTables);
  work_of_ben(fleet);
}

const std::string kUpdate =
    "ALTER TABLE quote ADD COLUMN discount INTEGER DEFAULT 0;"
    "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT);";
const std::string kWorkInNewTables =
    "UPDATE quote SET discount = 5 WHERE id = 3; INSERT INTO note VALUES (1, 'first')";

void prepare_schema_push(CrashFleet& fleet) {
  start(fleet);
  work_of_anna(fleet);
  sql(fleet.db("ben"), kUpdate + kWorkInNewTables);
}

void prepare_schema_pull(CrashFleet& fleet) {
  start(fleet);
  sql(fleet.db("anna"), kUpdate + kWorkInNewTables);
  fleet.now_ok("anna");
  work_of_ben(fleet);
  sql(fleet.db("ben"), kUpdate + "INSERT INTO note VALUES (2, 'ben')");
}

const std::vector<Fact> kMergeFacts{
    {"SELECT city FROM customer WHERE id = 3", "Bern"},
    {"SELECT name, city, total FROM customer c JOIN quote q ON q.customer_id = c.id"
     " WHERE name LIKE 'New %' ORDER BY 1",
     "New of Anna|Rom|1\nNew of Ben|Paris|2"},
    {"SELECT count(*) FROM quote WHERE number LIKE 'Q-4%'", "2"}};

std::vector<Scenario> make_scenarios() {
  const Fact discount{"SELECT discount FROM quote WHERE id = 3", "5"};
  std::vector<Scenario> all{
      {"push", prepare_push, "now", kBensFacts + counts(4, 3)},
      {"pull", prepare_pull, "now", kAnnasFacts + counts(4, 3)},
      {"both", prepare_both, "now", kAnnasFacts + kBensFacts + counts(5, 3)},
      {"merge", prepare_merge, "now", kMergeFacts + counts(5, 5)},
      {"nothing", start, "now", counts(3, 3)},
      {"heal", prepare_heal, "now", kAnnasFacts + kBensFacts + counts(5, 3)},
      {"fork", prepare_fork, "now",
       std::vector<Fact>{kAnnasFacts[1], kBensFacts[1]} + counts(3, 3)},
      {"restored", prepare_restored, "now", kAnnasFacts + kBensFacts + counts(5, 3)},
      {"base_lost", prepare_base_lost, "now", kAnnasFacts + kBensFacts + counts(5, 3)},
      {"kept", prepare_kept, "now", kAnnasFacts + kBensFacts + counts(5, 3)},
      {"branch", prepare_branch, "now", kAnnasFacts + kBensFacts + counts(5, 3)},
      {"init", prepare_init, "init", counts(3, 3)},
      {"join", prepare_join, "join", kAnnasFacts + counts(4, 3)},
      {"adopt", prepare_adopt, "join", counts(5, 5)},
      {"schema_push", prepare_schema_push, "now",
       kAnnasFacts + std::vector<Fact>{discount, {"SELECT text FROM note", "first"}} + counts(4, 3),
       kUpdate},
      {"schema_pull", prepare_schema_pull, "now",
       kBensFacts +
           std::vector<Fact>{discount, {"SELECT text FROM note ORDER BY 1", "ben\nfirst"}} +
           counts(4, 3)},
  };
  for (Scenario& scenario :
       old_share_scenarios(kTables, kAnnasWork, kBensWork, kAnnasFacts, kBensFacts))
    all.push_back(std::move(scenario));
  return all;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Scenario& scenario) {
  return out << scenario.name;
}

const std::vector<Scenario>& scenarios() {
  static const std::vector<Scenario> kScenarios = make_scenarios();
  return kScenarios;
}

}  // namespace tidesync::test
