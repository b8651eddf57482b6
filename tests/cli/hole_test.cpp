// The share lost a batch from the middle of the log. Whoever has a copy puts it back; while nobody
// does, nobody publishes into the hole until an admin says so, or a week has passed.
#include <algorithm>
#include <boost/filesystem/operations.hpp>

#include "base/error.h"
#include "cli/cli_fixture.h"
#include "share/batch_file.h"

namespace tidesync::test {
namespace {

namespace fs = boost::filesystem;

constexpr int kDays = 24 * 3600 * 1000;

// Batches 1 to 3 are everybody's; 4 (Oslo) and 5 (Riga) are anna's, and ben is behind them.
class Hole : public CliFixture {
 protected:
  void SetUp() override {
    CliFixture::SetUp();
    start_fleet_sql({"anna", "ben"},
                    "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT, city TEXT);"
                    "INSERT INTO customer VALUES (1, 'Berg', 'Ulm'), (2, 'Tal', 'Bonn')");
    for (const char* city : {"Rom", "Wien"}) edit("anna", 1, city);
    settle({"anna", "ben"});
    ASSERT_EQ(entries(), 3);
    for (const char* city : {"Oslo", "Riga"}) edit("anna", 1, city);
    ASSERT_EQ(entries(), 5);
  }
  void edit(const std::string& name, int id, const std::string& city) {
    sql(db(name), "UPDATE customer SET city = '" + city + "' WHERE id = " + std::to_string(id));
    now_ok(name);
  }
  Path entry(int seq) {
    return share() / "log" / "0000000" / std::to_string(100000000 + seq).substr(1);
  }
  int entries() {
    const auto all = fs::directory_iterator(share() / "log" / "0000000");
    return static_cast<int>(std::distance(begin(all), end(all)));
  }
  void lose(int seq) { fs::remove(entry(seq)); }
  // As if the disk with its copies were new.
  void lose_copies(const std::string& name) { fs::remove_all(side(name) / "spool"); }
  void wait_days(const std::string& name, int days) {
    sql(side(name) / "base.db",
        "UPDATE tidesync_state SET v = substr(v, 1, 2) || (substr(v, 3) - " +
            std::to_string(std::int64_t{days} * kDays) + ") WHERE k = 'hole'");
  }
  // Each entry continues the one before; none is missing.
  void expect_whole_log() {
    DiskFileSystem disk;
    Digest before;
    for (int seq = 1; seq <= entries(); ++seq) {
      ASSERT_TRUE(fs::exists(entry(seq))) << seq;
      BatchReader reader(disk, entry(seq));
      EXPECT_TRUE(reader.header().prev == before) << seq;
      before = reader.hash();
    }
  }
  static void expect_has(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nis not in:\n" << text;
  }
  void expect_waits(const std::string& name) {
    const auto run = now_ok(name);
    EXPECT_EQ(run["status"], "partial") << run.dump();
    EXPECT_EQ(run["pushed"], 0) << run.dump();
    expect_has(run["notes"].dump(), "tidesync now --accept-hole");
    EXPECT_FALSE(fs::exists(entry(4)));
  }
  std::string cities(const std::string& name) {
    return ask(db(name), "SELECT city FROM customer ORDER BY id");
  }
};

TEST_F(Hole, NothingIsPublishedIntoItAndWhoHasACopyFillsIt) {
  sql(db("anna"), "INSERT INTO customer VALUES (7, 'Anna', 'Bern')");
  now_ok("anna");
  lose(4);
  sql(db("ben"), "INSERT INTO customer VALUES (7, 'Ben', 'Kiel')");
  expect_waits("ben");
  now_ok("anna");
  EXPECT_TRUE(fs::exists(entry(4)));
  settle_and_expect_all_equal({"anna", "ben"});
  EXPECT_EQ(ask(db("ben"), "SELECT name FROM customer WHERE id >= 7 ORDER BY 1"), "Anna\nBen");
}

TEST_F(Hole, ItIsNamedWithWhoHasItAndWhatToDo) {
  lose(4);
  sql(db("ben"), "UPDATE customer SET city = 'Kiel' WHERE id = 2");
  expect_has(now_ok("ben")["notes"].dump(),
             "Batch 4 is missing on the share, and later ones (to 5) are there");
  for (const char* word : {"status", "doctor"}) {
    std::string text = command("ben", word).out;
    std::replace(text.begin(), text.end(), '\n', ' ');
    while (text.find("  ") != std::string::npos) text.erase(text.find("  "), 1);
    expect_has(text, "batch 4 is missing on the share");
    expect_has(text, "taken in by: anna");
    expect_has(text, "--accept-hole");
  }
  const auto status = command("ben", "status", {"--json"}).json();
  EXPECT_EQ(status["hole"].dump(), R"({"computers":["anna"],"missing":4,"newest":5})");
  EXPECT_TRUE(command("anna", "status", {"--json"}).json()["hole"].is_null());
}

TEST_F(Hole, AcceptedItIsPublishedIntoAtOnceAndOthersProposeAgain) {
  lose(4);
  lose_copies("anna");
  sql(db("ben"), "UPDATE customer SET city = 'Kiel' WHERE id = 2");
  expect_waits("ben");
  const auto run = now_ok("ben", {"--accept-hole"});
  EXPECT_EQ(run["pushed"], 1) << run.dump();
  EXPECT_EQ(run["status"], "success") << run.dump();
  expect_has(run["notes"].dump(), "Went on without batch 4");
  expect_has(run["notes"].dump(), "(batch 5, moved to");
  expect_has(run["notes"].dump(), "comes back when one of these computers syncs: anna");
  EXPECT_EQ(entries(), 4) << "what was behind the hole is moved aside";
  settle_and_expect_all_equal({"anna", "ben"});
  EXPECT_EQ(cities("ben"), "Riga\nKiel");
  expect_whole_log();
}

TEST_F(Hole, AcceptedWithNothingToSendTheLogGoesOnAsWell) {
  for (const char* city : {"Genf", "Linz", "Graz"}) edit("anna", 1, city);
  lose(4);
  lose_copies("anna");
  now_ok("ben", {"--accept-hole"});
  expect_whole_log();
  EXPECT_EQ(entries(), 4);
  EXPECT_EQ(now_ok("ben")["status"], "success");
  settle_and_expect_all_equal({"anna", "ben"});
  EXPECT_EQ(cities("ben"), "Graz\nBonn");
}

TEST_F(Hole, WithoutAnybodyWhoHasItTheLossIsSaid) {
  lose(4);
  fs::remove(share() / "nodes" / "anna.json");
  sql(db("ben"), "UPDATE customer SET city = 'Kiel' WHERE id = 2");
  expect_has(now_ok("ben")["notes"].dump(), "No computer says that it has this batch");
  const auto run = now_ok("ben", {"--accept-hole"});
  expect_has(run["notes"].dump(), "what was in it is lost");
  ASSERT_EQ(join("carl").exit_code, 0);
  EXPECT_EQ(cities("carl"), "Wien\nKiel");
}

TEST_F(Hole, AcceptedWhereItsContentIsNothingIsLostAndNothingDoneTwice) {
  lose(4);
  lose_copies("anna");
  const auto run = now_ok("anna", {"--accept-hole"});
  expect_has(run["notes"].dump(), "Nothing is lost");
  sql(db("ben"), "UPDATE customer SET city = 'Kiel' WHERE id = 2");
  const auto next = now_ok("ben");
  EXPECT_EQ(next["status"], "success") << next.dump();
  EXPECT_EQ(next["pushed"], 1) << next.dump();
  settle_and_expect_all_equal({"anna", "ben"});
  EXPECT_EQ(cities("anna"), "Riga\nKiel");
  EXPECT_EQ(count(db("anna"), "sync_conflicts"), 0);
  ASSERT_EQ(join("carl").exit_code, 0);
  settle_and_expect_all_equal({"anna", "ben", "carl"});
}

// The newest batch is gone, everybody has taken it in, and nobody has a copy.
TEST_F(Hole, AtTheEndOfTheLogTheSnapshotOfOneSetsAllFree) {
  now_ok("ben");
  lose(5);
  lose_copies("anna");
  lose_copies("ben");
  sql(db("ben"), "UPDATE customer SET city = 'Kiel' WHERE id = 2");
  for (const std::string name : {"anna", "ben"}) {
    const auto refused = now_with(1, name);
    EXPECT_EQ(refused["error"]["code"], "damaged") << refused.dump();
    expect_has(refused["error"]["hint"], "tidesync now --accept-hole");
  }
  expect_has(now_ok("anna", {"--accept-hole"})["notes"].dump(), "Nothing is lost");
  settle_and_expect_all_equal({"anna", "ben"});
  EXPECT_EQ(cities("anna"), "Riga\nKiel");
  ASSERT_EQ(join("carl").exit_code, 0);
  settle_and_expect_all_equal({"anna", "ben", "carl"});
}

TEST_F(Hole, ThatNobodyFillsForAWeekIsGivenUp) {
  lose(4);
  lose_copies("anna");
  sql(db("ben"), "UPDATE customer SET city = 'Kiel' WHERE id = 2");
  expect_waits("ben");
  wait_days("ben", 6);
  expect_waits("ben");
  wait_days("ben", 1);
  const auto run = now_ok("ben");
  EXPECT_EQ(run["pushed"], 1) << run.dump();
  expect_has(run["notes"].dump(), "Went on without batch 4");
  settle_and_expect_all_equal({"anna", "ben"});
  EXPECT_EQ(cities("ben"), "Riga\nKiel");
  expect_whole_log();
}

TEST_F(Hole, NeverGivesNothingUp) {
  configure("ben", "accept_hole", "\"never\"");
  lose(4);
  sql(db("ben"), "UPDATE customer SET city = 'Kiel' WHERE id = 2");
  expect_waits("ben");
  wait_days("ben", 1000);
  expect_waits("ben");
}

TEST_F(Hole, WhereNoneIsThereIsNothingToAccept) {
  const auto run = now_ok("ben", {"--accept-hole"});
  EXPECT_EQ(run["pulled"], 1) << run.dump();
  expect_has(run["notes"].dump(), "No batch is missing on the share");
  EXPECT_FALSE(fs::exists(share() / "floor.json"));
  EXPECT_EQ(now("ben", {"--accept-hole", "--dry-run"}).exit_code, 2);
  configure("ben", "accept_hole", "\"3d\"");
  const Outcome refused = now("ben");
  EXPECT_EQ(refused.exit_code, 2);
  expect_has(refused.err, "never, or 7d to 3650d");
}

}  // namespace
}  // namespace tidesync::test
