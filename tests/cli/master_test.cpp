// master.db: what people do to it, its backups, and how a state comes back. A test for each "What
// to do when" of docs/operations.md that concerns it.
#include <boost/filesystem/operations.hpp>
#include <fstream>

#include "cli/cli_fixture.h"

namespace tidesync::test {
namespace {

namespace fs = boost::filesystem;

constexpr const char* kShop = R"(
  CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT);
  CREATE TABLE quotes (id INTEGER PRIMARY KEY, number TEXT UNIQUE,
                       customer_id INTEGER NOT NULL REFERENCES customers (id));
  INSERT INTO customers VALUES (1, 'Ada', 'Ulm'), (2, 'Bo', 'Rom'), (3, 'Cy', 'Oslo');
  INSERT INTO quotes VALUES (10, 'Q-10', 1), (11, 'Q-11', 2);
)";

class Master : public CliFixture {
 protected:
  void SetUp() override {
    CliFixture::SetUp();
    start_fleet_sql({"anna", "ben"}, kShop);
    settle({"anna", "ben"});
  }
  Outcome master_command(const std::string& name, Words words) {
    words.insert(words.begin(), "master");
    words.insert(words.end(), {"--db", db(name).string()});
    return tidesync(words);
  }
  nlohmann::json info(const std::string& name) {
    const Outcome outcome = master_command(name, {"info", "--json"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.text();
    return outcome.json();
  }
  // Names in backups/ that begin so and end so.
  std::vector<std::string> backups(const std::string& begin, const std::string& end = ".db") {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(share() / "backups")) {
      const std::string name = entry.path().filename().string();
      if (name.rfind(begin, 0) == 0 && name.ends_with(end)) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  std::string back_up(const std::string& name) {
    const Outcome outcome = master_command(name, {"backup", "--json"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.text();
    return outcome.json()["name"];
  }
  void edit_and_sync() {
    sql(db("anna"), "UPDATE customers SET city = 'Bern' WHERE id = 3");
    now_ok("anna");
  }
  static void append(const Path& file, const std::string& text) {
    std::ofstream(file.string(), std::ios::binary | std::ios::app) << text;
  }
};

TEST_F(Master, InfoSaysWhatItHolds) {
  const auto json = info("anna");
  EXPECT_EQ(json["state"], "as_built");
  EXPECT_EQ(json["age"], "equal");
  EXPECT_EQ(json["seq"], json["seq_here"]);
  EXPECT_EQ(json["size"], fs::file_size(master()));
  const Outcome text = master_command("ben", {});
  EXPECT_EQ(text.exit_code, 0) << text.text();
  EXPECT_NE(text.out.find("has what this computer has"), std::string::npos) << text.text();
  EXPECT_EQ(text.out.find("restore-"), std::string::npos);
}

TEST_F(Master, FirstRunOfTheDayMakesABackup) {
  ASSERT_EQ(backups("master-").size(), 1U);
  ASSERT_EQ(backups("master-", ".json").size(), 1U);
  edit_and_sync();
  sql(db("ben"), "UPDATE customers SET city = 'Bonn' WHERE id = 2");
  now_ok("ben");
  EXPECT_EQ(backups("master-").size(), 1U);
}

TEST_F(Master, BackupsMayBeOff) {
  fs::remove_all(share() / "backups");
  fs::remove(share() / "master.json");  // which says that the day's is made
  configure("ben", "backups", "\"off\"");
  sql(db("ben"), "UPDATE customers SET city = 'Bonn' WHERE id = 2");
  now_ok("ben");
  EXPECT_FALSE(fs::exists(share() / "backups"));
  configure("ben", "backups", "\"sometimes\"");
  EXPECT_EQ(now("ben").exit_code, 2);
}

TEST_F(Master, BackupKeepsOnlyAsManyAsWanted) {
  sql(db("anna"), "UPDATE customers SET city = 'x' WHERE id = 1");
  now_ok("anna");
  const std::string last = back_up("anna");
  append(share() / "backups" / "mine.db", "of somebody");
  const Outcome outcome = master_command("anna", {"backup", "--keep", "1", "--json"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.text();
  EXPECT_EQ(backups("master-"), (Names{std::string(outcome.json()["name"]) + ".db"}));
  EXPECT_TRUE(fs::exists(share() / "backups" / "mine.db"));
  EXPECT_EQ(master_command("anna", {"backup", "--keep", "0"}).exit_code, 2);
}

// "Somebody edited master.db."
TEST_F(Master, EditedByHandThenSync) {
  sql(master(), "UPDATE customers SET city = 'by hand' WHERE id = 1");
  EXPECT_EQ(info("anna")["state"], "changed_by_hand");
  sql(db("anna"), "UPDATE customers SET city = 'Bern' WHERE id = 3");
  const auto result = now_ok("anna");
  const Names kept = backups("hand-edited-");
  ASSERT_EQ(kept.size(), 1U);
  const std::string note = result["notes"].dump();
  EXPECT_NE(note.find("changed by hand"), std::string::npos) << note;
  EXPECT_NE(note.find(kept[0].substr(0, kept[0].size() - 3)), std::string::npos) << note;
  EXPECT_EQ(ask(share() / "backups" / kept[0], "SELECT city FROM customers WHERE id = 1"),
            "by hand");
  EXPECT_EQ(ask(master(), "SELECT city FROM customers ORDER BY id"), "Ulm\nRom\nBern");
  EXPECT_NE(ask(db("anna"), "SELECT error_message FROM sync_log ORDER BY id DESC LIMIT 1")
                .find("hand-edited-"),
            std::string::npos);
  EXPECT_EQ(info("anna")["state"], "as_built");
  // And what was typed there is taken over, for everybody.
  const std::string name = kept[0].substr(0, kept[0].size() - 3);
  const Outcome shown = master_command("anna", {"restore", name, "--table", "customers"});
  EXPECT_NE(shown.out.find("by hand"), std::string::npos) << shown.text();
  const Outcome done = master_command("anna", {"restore", name, "--table", "customers", "--yes"});
  EXPECT_EQ(done.exit_code, 0) << done.text();
  settle_and_expect_all_equal({"anna", "ben"});
  EXPECT_EQ(ask(db("ben"), "SELECT city FROM customers WHERE id = 1"), "by hand");
}

TEST_F(Master, AddedTableIsKeptAside) {
  sql(master(), "CREATE TABLE mine (x); INSERT INTO mine VALUES ('dear to me')");
  edit_and_sync();
  const Names kept = backups("hand-edited-");
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(ask(share() / "backups" / kept[0], "SELECT x FROM mine"), "dear to me");
}

// Somebody has it open in WAL mode: what was written may stand in the -wal only.
TEST_F(Master, OpenedInWalModeByHandThenSync) {
  {
    Database open = Database::open(master(), OpenMode::kReadWrite);
    open.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;");
    open.exec("UPDATE customers SET city = 'in the wal' WHERE id = 1");
    ASSERT_TRUE(fs::exists(master().string() + "-wal"));
    edit_and_sync();
    EXPECT_FALSE(fs::exists(master().string() + "-wal"));
    const Names kept = backups("hand-edited-");
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_EQ(backups("hand-edited-", ".db-wal").size(), 1U);
    const std::string name = kept[0].substr(0, kept[0].size() - 3);
    const Outcome shown = master_command("ben", {"restore", name});
    EXPECT_NE(shown.out.find("in the wal"), std::string::npos) << shown.text();
  }
  EXPECT_EQ(defects(master()), "");
  EXPECT_EQ(ask(master(), "SELECT city FROM customers WHERE id = 3"), "Bern");
}

TEST_F(Master, AnotherFileInItsPlaceIsKeptAside) {
  fs::remove(master());
  append(master(), "a letter");
  edit_and_sync();
  const Names kept = backups("hand-edited-");
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(defects(master()), "");
  const std::string name = kept[0].substr(0, kept[0].size() - 3);
  const Outcome refused = master_command("anna", {"restore", name});
  EXPECT_EQ(refused.exit_code, 1) << refused.text();
}

// A node that wrote master.db and was stopped before master.json: nobody edited anything.
TEST_F(Master, MasterOfANodeThatWasStoppedIsNoHandEdit) {
  const std::string old_note =
      snapshot(share() / "master.json").at((share() / "master.json").string());
  edit_and_sync();
  std::ofstream((share() / "master.json").string(), std::ios::trunc) << old_note;
  sql(db("anna"), "UPDATE customers SET city = 'Basel' WHERE id = 3");
  const auto result = now_ok("anna");
  EXPECT_EQ(backups("hand-edited-").size(), 0U);
  EXPECT_EQ(ask(master(), "SELECT city FROM customers WHERE id = 3"), "Basel");
}

// "master.db is lost or damaged."
TEST_F(Master, LostMasterIsRebuilt) {
  fs::remove(master());
  EXPECT_EQ(info("anna")["state"], "absent");
  const Outcome outcome = master_command("anna", {"rebuild"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.text();
  expect_all_equal({"anna", "ben"});
  EXPECT_EQ(info("anna")["state"], "as_built");
  std::fstream(master().string(), std::ios::in | std::ios::out | std::ios::binary) << "damaged";
  EXPECT_EQ(master_command("anna", {"rebuild"}).exit_code, 0);
  EXPECT_EQ(backups("hand-edited-").size(), 1U);
  expect_all_equal({"anna", "ben"});
}

TEST_F(Master, RebuildNeverGoesBackUnlessForced) {
  edit_and_sync();
  const Outcome refused = master_command("ben", {"rebuild"});
  EXPECT_EQ(refused.exit_code, 1) << refused.text();
  EXPECT_NE(refused.out.find("tidesync now"), std::string::npos) << refused.text();
  EXPECT_EQ(ask(master(), "SELECT city FROM customers WHERE id = 3"), "Bern");
  EXPECT_EQ(master_command("ben", {"rebuild", "--force"}).exit_code, 0);
  EXPECT_EQ(ask(master(), "SELECT city FROM customers WHERE id = 3"), "Oslo");
  settle_and_expect_all_equal({"anna", "ben"});
}

// "A state from before is wanted back."
TEST_F(Master, StateOfABackupComesBackForEverybody) {
  const std::string name = back_up("anna");
  sql(db("anna"), R"(
    UPDATE customers SET city = 'wrong';
    DELETE FROM quotes WHERE id = 11;
    DELETE FROM customers WHERE id = 2;
    INSERT INTO customers VALUES (4, 'Di', 'Kiel');
    UPDATE quotes SET number = 'Q-99' WHERE id = 10)");
  settle({"anna", "ben"});
  const auto before = ask(db("ben"), "SELECT * FROM customers");
  const Outcome preview = master_command("ben", {"restore", name, "--json"});
  EXPECT_EQ(preview.exit_code, 0) << preview.text();
  EXPECT_EQ(preview.json()["done"], false);
  EXPECT_EQ(preview.json()["tables"]["customers"].dump(),
            R"({"brought_back":1,"deleted":1,"updated":2})");
  EXPECT_EQ(ask(db("ben"), "SELECT * FROM customers"), before);
  const Outcome done = master_command("ben", {"restore", name.substr(7, 10), "--yes", "--json"});
  EXPECT_EQ(done.exit_code, 0) << done.text();
  EXPECT_EQ(ask(Path(std::string(done.json()["local_backup"])), "SELECT * FROM customers"), before);
  settle_and_expect_all_equal({"anna", "ben"});
  EXPECT_EQ(ask(db("anna"), "SELECT id, name, city FROM customers ORDER BY id"),
            "1|Ada|Ulm\n2|Bo|Rom\n3|Cy|Oslo");
  EXPECT_EQ(ask(db("anna"), "SELECT id, number, customer_id FROM quotes ORDER BY id"),
            "10|Q-10|1\n11|Q-11|2");
  EXPECT_EQ(conflicts("anna"), "");
  const Outcome again = master_command("anna", {"restore", name});
  EXPECT_NE(again.out.find("Nothing to restore"), std::string::npos) << again.text();
}

TEST_F(Master, OneTableComesBackAndReferencesAreRespected) {
  const std::string name = back_up("anna");
  sql(db("anna"), "DELETE FROM quotes WHERE id = 11; DELETE FROM customers WHERE id = 2");
  now_ok("anna");
  const Outcome refused = master_command("anna", {"restore", name, "--table", "quotes", "--yes"});
  EXPECT_EQ(refused.exit_code, 1) << refused.text();
  EXPECT_NE(refused.err.find("would not be there"), std::string::npos) << refused.text();
  EXPECT_EQ(count(db("anna"), "quotes"), 1);
  EXPECT_EQ(master_command("anna", {"restore", name, "--table", "customers", "--yes"}).exit_code,
            0);
  EXPECT_EQ(count(db("anna"), "customers"), 3);
  EXPECT_EQ(count(db("anna"), "quotes"), 1);
  EXPECT_EQ(master_command("anna", {"restore", name, "--table", "nothing"}).exit_code, 2);
}

// The application was updated since: the new column keeps its values.
TEST_F(Master, BackupFromBeforeAColumnWasAdded) {
  const std::string name = back_up("anna");
  sql(db("anna"), "ALTER TABLE customers ADD COLUMN phone TEXT; UPDATE customers SET phone = '55'");
  sql(db("anna"), "UPDATE customers SET city = 'wrong' WHERE id = 1");
  now_ok("anna");
  const Outcome done = master_command("anna", {"restore", name, "--yes"});
  EXPECT_EQ(done.exit_code, 0) << done.text();
  EXPECT_EQ(ask(db("anna"), "SELECT city, phone FROM customers WHERE id = 1"), "Ulm|55");
}

TEST_F(Master, BackupThatIsNotToBeUsedIsRefused) {
  const std::string name = back_up("anna");
  const Path file = share() / "backups" / (name + ".db");
  const Path note = share() / "backups" / (name + ".json");
  const auto before = snapshot(db("anna"));
  const auto refuse = [&](const std::string& what, int exit_code, const std::string& words) {
    const Outcome outcome = master_command("anna", {"restore", what, "--yes"});
    EXPECT_EQ(outcome.exit_code, exit_code) << what << outcome.text();
    EXPECT_NE(outcome.err.find(words), std::string::npos) << words << outcome.text();
  };
  refuse("1999-01-01", 1, "no such backup");
  refuse("master-1999-01-01-000000-00000001", 1, "no such backup");
  refuse("/nowhere/at/all.db", 1, "no such backup");
  refuse("", 1, "no such backup");
  refuse(master().string(), 1, "no \"format\"");
  const std::string good_note = snapshot(note).at(note.string());
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good_note;
    text.replace(text.find(from), from.size(), to);
    std::ofstream(note.string(), std::ios::trunc) << text;
  };
  with("\"format\": 1", "\"format\": 2");
  refuse(name, 6, "newer version");
  with("\"share_id\": \"", "\"share_id\": \"0");
  refuse(name, 1, "share_id");
  const std::string id = ask(db("anna"), "SELECT v FROM tidesync_meta WHERE k = 'share_id'");
  with(id, std::string(32, '0'));
  refuse(name, 1, "another dataset");
  with("{", "[");
  refuse(name, 1, "JSON");
  std::ofstream(note.string(), std::ios::trunc) << good_note;
  append(file, "x");
  refuse(name, 1, "not those that were written");
  refuse(file.string(), 1, "not those that its note names");
  EXPECT_EQ(changed_since(before, db("anna")), "");
  EXPECT_TRUE(fs::is_empty(Path(side("anna")) / "tmp"));
}

TEST_F(Master, ShareThatIsAwayIsSaid) {
  fs::rename(share(), dir() / "away");
  for (const Words& words :
       {Words{"info"}, Words{"backup"}, Words{"rebuild"}, Words{"restore", "2026-11-21"}}) {
    const Outcome outcome = master_command("anna", words);
    EXPECT_EQ(outcome.exit_code, 4) << words[0] << outcome.text();
  }
}

}  // namespace
}  // namespace tidesync::test
