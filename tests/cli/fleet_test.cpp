// The computers of a fleet as such: who they are, copies of them, and folders that got lost. A test
// for each "What to do when" of docs/operations.md that concerns them.
#include <boost/filesystem/operations.hpp>
#include <fstream>
#include <regex>

#include "cli/cli_fixture.h"

namespace tidesync::test {
namespace {

namespace fs = boost::filesystem;

constexpr const char* kShop = R"(
  CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT,
                          updated_at TEXT DEFAULT CURRENT_TIMESTAMP);
  INSERT INTO customers (id, name, city) VALUES (1, 'Ada', 'Ulm'), (2, 'Bo', 'Rom'),
                                                (3, 'Cy', 'Oslo');
)";

class Fleet : public CliFixture {
 protected:
  void SetUp() override {
    CliFixture::SetUp();
    start_fleet_sql({"anna", "ben"}, kShop);
    settle({"anna", "ben"});
  }
  std::string meta(const std::string& name, const std::string& key) {
    return ask(db(name), "SELECT v FROM tidesync_meta WHERE k = '" + key + "'");
  }
  std::string node(const std::string& name) { return meta(name, "node"); }
  static std::string text_of(const Path& file) {
    std::ifstream in(file.string(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void put(const Path& file, const std::string& text) {
    std::ofstream(file.string(), std::ios::binary | std::ios::trunc) << text;
  }
  static void replace_in(const Path& file, const std::string& from, const std::string& to) {
    std::string text = text_of(file);
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from << " in " << text;
    put(file, text.replace(at, from.size(), to));
  }
  // A computer's whole folder, the database and what is beside it.
  void copy_computer(const std::string& from, const std::string& to) {
    fs::copy(db(from).parent_path(), dir() / to, fs::copy_options::recursive);
  }
  void edit(const std::string& name, const std::string& city, int id = 1) {
    sql(db(name), "UPDATE customers SET city = '" + city +
                      "', updated_at = CURRENT_TIMESTAMP WHERE id = " + std::to_string(id));
  }
  void insert(const std::string& name, const std::string& who) {
    sql(db(name), "INSERT INTO customers (name) VALUES ('" + who + "')");
  }
  Outcome nodes(const std::string& name, Words words) {
    words.insert(words.begin(), "nodes");
    words.insert(words.end(), {"--db", db(name).string()});
    return tidesync(words);
  }
  nlohmann::json listed(const std::string& name, const std::string& wanted) {
    const Outcome outcome = nodes(name, {"list", "--json"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.text();
    const auto fleet = outcome.json();
    for (const auto& one : fleet["nodes"]) {
      if (one["node"] == wanted) return one;
    }
    ADD_FAILURE() << wanted << " in " << outcome.text();
    return {};
  }
  // As if an hour had passed since the node last looked at its own note.
  void let_look_at_own_note(const std::string& name) {
    sql(side(name) / "base.db", "UPDATE tidesync_state SET v = '1' WHERE k = 'own_note_ms'");
    sql(side(name) / "base.db", "UPDATE tidesync_state SET v = '1' WHERE k = 'heartbeat_ms'");
  }
  // Both edited the same row and inserted one: what must stand everywhere in the end.
  void expect_nothing_lost(const Names& names) {
    ASSERT_NO_FATAL_FAILURE(settle_and_expect_all_equal(names));
    for (const std::string& name : names) {
      EXPECT_EQ(ask(db(name),
                    "SELECT group_concat(name, ',') FROM (SELECT name FROM customers "
                    "WHERE id > 3 ORDER BY name)"),
                "from the copy,from the original")
          << name;
      EXPECT_NE(conflicts(name).find("customers"), std::string::npos) << conflicts(name);
      const std::string kept = ask(db(name),
                                   "SELECT winner_row || loser_row FROM sync_conflicts "
                                   "WHERE table_name = 'customers' AND "
                                   "winner_row LIKE '%by the %'");
      EXPECT_NE(kept.find("by the copy"), std::string::npos) << kept;
      EXPECT_NE(kept.find("by the original"), std::string::npos) << kept;
    }
  }
  void edit_both() {
    edit("anna", "by the original");
    insert("anna", "from the original");
    edit("twin", "by the copy");
    insert("twin", "from the copy");
  }
  static bool has_note(const nlohmann::json& result, const std::string& words) {
    return result["notes"].dump().find(words) != std::string::npos;
  }
};

// "A machine was cloned", and both go on.
TEST_F(Fleet, ComputerIsCopiedThenBothEditAndTheOriginalSyncsFirst) {
  replace_in(side("anna") / "config.toml", "node = ", "# a remark of anna's\nnode = ");
  copy_computer("anna", "twin");
  edit_both();
  now("anna");
  now("twin");
  expect_nothing_lost({"anna", "twin", "ben"});
  EXPECT_NE(node("anna"), node("twin"));
  for (const std::string name : {"anna", "twin"}) {
    const std::string config = text_of(side(name) / "config.toml");
    EXPECT_NE(config.find("node = \"" + node(name) + "\""), std::string::npos) << config;
    EXPECT_NE(config.find("# a remark of anna's\n"), std::string::npos) << config;
  }
  EXPECT_EQ(std::set<std::string>({node("anna"), node("twin")}),
            std::set<std::string>({"anna", "anna-2"}));
}

TEST_F(Fleet, ComputerIsCopiedThenBothEditAndTheCopySyncsFirst) {
  copy_computer("anna", "twin");
  edit_both();
  const auto twin = now("twin", {"--json"}).json();
  EXPECT_TRUE(has_note(twin, "are a copy of")) << twin;
  const auto anna = now("anna", {"--json"}).json();
  EXPECT_TRUE(has_note(anna, "This one is anna-2 from now on")) << anna;
  expect_nothing_lost({"anna", "twin", "ben"});
  EXPECT_EQ(node("anna"), "anna-2");
  EXPECT_EQ(node("twin"), "anna");
  EXPECT_NE(ask(db("anna"), "SELECT group_concat(error_message) FROM sync_log").find("anna-2"),
            std::string::npos);
  EXPECT_TRUE(fs::exists(share() / "nodes" / "anna-2.json"));
  // It stays so.
  edit("anna", "later", 2);
  edit("twin", "later", 3);
  settle_and_expect_all_equal({"anna", "twin", "ben"});
  EXPECT_EQ(node("anna"), "anna-2");
  EXPECT_EQ(node("twin"), "anna");
}

// A virtual machine: nothing tells the copy that it is one, but the log.
TEST_F(Fleet, VirtualMachineIsCopiedThenBothEdit) {
  copy_computer("anna", "twin");
  replace_in(side("twin") / "machine.json", db("anna").string(), db("twin").string());
  edit_both();
  now("anna");
  const auto twin = now("twin", {"--json"}).json();
  EXPECT_TRUE(has_note(twin, "This one is anna-2 from now on")) << twin;
  expect_nothing_lost({"anna", "twin", "ben"});
  EXPECT_EQ(node("anna"), "anna");
  EXPECT_EQ(node("twin"), "anna-2");
}

TEST_F(Fleet, ThreeCopiesGetThreeNames) {
  for (const std::string name : {"twin", "third"}) {
    copy_computer("anna", name);
    replace_in(side(name) / "machine.json", db("anna").string(), db(name).string());
    insert(name, "of " + name);
  }
  insert("anna", "of anna");
  settle_and_expect_all_equal({"anna", "twin", "third", "ben"});
  EXPECT_EQ(std::set<std::string>({node("anna"), node("twin"), node("third")}).size(), 3U);
  EXPECT_EQ(count(db("ben"), "customers"), 6);
}

// "A computer was replaced by a new one."
TEST_F(Fleet, FolderMovesToAnotherComputerAndKeepsItsName) {
  const std::string old_incarnation = meta("anna", "incarnation");
  std::string text = text_of(side("anna") / "machine.json");
  text = std::regex_replace(text, std::regex("\"machine\": \"[0-9a-f]*\""),
                            "\"machine\": \"" + std::string(64, '5') + "\"");
  put(side("anna") / "machine.json", text);
  edit("anna", "after the move");
  const auto result = now_ok("anna");
  if (!has_note(result, "came from another computer")) {
    GTEST_SKIP() << "this system has no machine id";
  }
  EXPECT_NE(meta("anna", "incarnation"), old_incarnation);
  settle_and_expect_all_equal({"anna", "ben"});
  EXPECT_EQ(node("anna"), "anna");
  EXPECT_EQ(conflicts("anna"), "");
  EXPECT_EQ(now_ok("anna")["notes"].size(), 0U);
}

TEST_F(Fleet, FolderThatWasMovedIsNoCopy) {
  const std::string incarnation = meta("anna", "incarnation");
  fs::rename(dir() / "anna", dir() / "moved");
  EXPECT_EQ(now_ok("moved")["notes"].size(), 0U);
  EXPECT_EQ(meta("moved", "incarnation"), incarnation);
}

TEST_F(Fleet, RestoredDatabaseKeepsItsName) {
  fs::copy_file(db("anna"), dir() / "backup.db");
  edit("anna", "after the backup");
  now_ok("anna");
  fs::copy_file(dir() / "backup.db", db("anna"), fs::copy_options::overwrite_existing);
  insert("anna", "after the restore");
  settle_and_expect_all_equal({"anna", "ben"});
  EXPECT_EQ(node("anna"), "anna");
  EXPECT_EQ(ask(db("ben"), "SELECT city FROM customers WHERE id = 1"), "after the backup");
}

// A copy that only reads writes nothing into the log, but it writes the note.
TEST_F(Fleet, AnotherWritesOurNoteThenWeTakeAnotherName) {
  auto note = nlohmann::json::parse(text_of(share() / "nodes" / "anna.json"));
  note["incarnation"] = std::string(32, '7');
  note["last_run"]["at"] = "2099-01-01T00:00:00.000Z";
  put(share() / "nodes" / "anna.json", note.dump());
  let_look_at_own_note("anna");
  EXPECT_TRUE(has_note(now_ok("anna"), "This one is anna-2 from now on"));
  EXPECT_EQ(node("anna"), "anna-2");
  EXPECT_TRUE(fs::exists(share() / "nodes" / "anna-2.json"));
}

// nodes ------------------------------------------------------------------------------------------

TEST_F(Fleet, NodesAreListedWithTheirStates) {
  insert("anna", "new");
  now_ok("anna");
  put(share() / "nodes" / "carla.json", "[");
  auto note = nlohmann::json::parse(text_of(share() / "nodes" / "anna.json"));
  note["node"] = "dora";
  note["last_run"]["status"] = "error";
  note["failed_runs"] = 3;
  put(share() / "nodes" / "dora.json", note.dump());
  note["node"] = "emil";
  note.erase("last_run");
  note.erase("last_success");
  note["seq"] = 0;
  put(share() / "nodes" / "emil.json", note.dump());
  EXPECT_EQ(listed("ben", "anna")["state"], "ok");
  EXPECT_EQ(listed("ben", "ben")["state"], "ok") << "a batch of another one is no trouble";
  EXPECT_EQ(listed("ben", "ben")["here"], true);
  EXPECT_GE(listed("ben", "ben")["backlog"], 1);
  EXPECT_EQ(listed("ben", "carla")["state"], "unknown");
  EXPECT_EQ(listed("ben", "dora")["state"], "failing");
  EXPECT_EQ(listed("ben", "dora")["reason"], "the last 3 runs failed");
  EXPECT_EQ(listed("ben", "emil")["state"], "never");
  EXPECT_EQ(listed("ben", "anna")["last_run"]["status"], "success");
  const Outcome text = nodes("ben", {});
  EXPECT_EQ(text.exit_code, 0) << text.text();
  EXPECT_NE(text.out.find("it is no JSON object"), std::string::npos) << text.text();
  EXPECT_NE(text.out.find("ben *"), std::string::npos) << text.text();
}

TEST_F(Fleet, ThresholdsOfWhoLooksDecide) {
  auto note = nlohmann::json::parse(text_of(share() / "nodes" / "anna.json"));
  note["node"] = "dora";
  note["last_success"] = "2020-01-01T00:00:00.000Z";
  put(share() / "nodes" / "dora.json", note.dump());
  EXPECT_EQ(listed("ben", "dora")["state"], "behind");
  configure("ben", "behind_after", "\"3650d\"");
  EXPECT_EQ(listed("ben", "dora")["state"], "ok");
  EXPECT_EQ(listed("anna", "dora")["state"], "behind");
  note["clock_offset_ms"] = 100'000;
  put(share() / "nodes" / "dora.json", note.dump());
  EXPECT_EQ(listed("ben", "dora")["state"], "ok");
  configure("ben", "clock_offset_max", "\"30s\"");
  EXPECT_EQ(listed("ben", "dora")["state"], "clock-off");
}

TEST_F(Fleet, RunThatFailsIsSeenByOthers) {
  configure("ben", "patience", "\"200ms\"");
  insert("anna", "new");
  now_ok("anna");
  // Damaged in its middle, and its author away: ben cannot go on.
  std::string newest;
  for (const auto& one : fs::directory_iterator(share() / "log" / "0000000"))
    newest = std::max(newest, one.path().string());
  std::string bytes = text_of(newest);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x55);
  put(newest, bytes);
  EXPECT_EQ(now("ben").exit_code, 1);
  EXPECT_EQ(listed("anna", "ben")["state"], "ok") << "one failed run may pass";
  EXPECT_EQ(listed("anna", "ben")["reason"], "the last run failed");
  configure("anna", "failing_after", "1");
  EXPECT_EQ(listed("anna", "ben")["state"], "failing");
}

TEST_F(Fleet, NodeIsRenamed) {
  replace_in(side("anna") / "config.toml", "node = \"anna\"", "node = 'anna' # that is me");
  const std::string incarnation = meta("anna", "incarnation");
  insert("anna", "before");
  const Outcome outcome = nodes("anna", {"rename", "anna", "annette"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.text();
  EXPECT_NE(text_of(side("anna") / "config.toml").find("node = \"annette\" # that is me"),
            std::string::npos);
  EXPECT_FALSE(fs::exists(share() / "nodes" / "anna.json"));
  settle_and_expect_all_equal({"anna", "ben"});
  EXPECT_EQ(meta("anna", "incarnation"), incarnation);
  EXPECT_EQ(listed("ben", "annette")["state"], "ok");
  const auto refuse = [&](const Words& words, int exit_code, const std::string& why) {
    const Outcome refused = nodes("anna", words);
    EXPECT_EQ(refused.exit_code, exit_code) << refused.text();
    EXPECT_NE(refused.err.find(why), std::string::npos) << refused.text();
  };
  refuse({"rename", "annette", "ben"}, 1, "has or had this name");
  refuse({"rename", "annette", "anna"}, 1, "has or had this name");
  refuse({"rename", "ben", "bob"}, 2, "on its own computer only");
  refuse({"rename", "annette", "Anna B"}, 2, "rename annette anna-b");
  refuse({"rename", "annette", "annette"}, 2, "already");
  EXPECT_EQ(node("anna"), "annette");
}

// "A computer is gone for good."
TEST_F(Fleet, NodeIsRetiredAndComesBack) {
  EXPECT_EQ(nodes("anna", {"retire", "nobody"}).exit_code, 1);
  EXPECT_EQ(nodes("anna", {"retire", "../ben"}).exit_code, 1);
  EXPECT_EQ(nodes("anna", {"retire", "anna"}).exit_code, 2);
  const Outcome recent = nodes("anna", {"retire", "ben"});
  EXPECT_EQ(recent.exit_code, 1) << recent.text();
  EXPECT_NE(recent.err.find("--yes"), std::string::npos) << recent.text();
  EXPECT_EQ(listed("anna", "ben")["retired"], false);
  const Outcome done = nodes("anna", {"retire", "ben", "--yes"});
  EXPECT_EQ(done.exit_code, 0) << done.text();
  EXPECT_EQ(listed("anna", "ben")["state"], "retired");
  let_look_at_own_note("ben");
  insert("ben", "back again");
  EXPECT_TRUE(has_note(now_ok("ben"), "it is back"));
  EXPECT_EQ(listed("anna", "ben")["state"], "ok");
  settle_and_expect_all_equal({"anna", "ben"});
}

TEST_F(Fleet, OldNodeIsRetiredWithoutAsking) {
  auto note = nlohmann::json::parse(text_of(share() / "nodes" / "ben.json"));
  note["at"] = "2020-01-01T00:00:00.000Z";
  put(share() / "nodes" / "ben.json", note.dump());
  EXPECT_EQ(nodes("anna", {"retire", "ben"}).exit_code, 0);
}

// Lost folders -----------------------------------------------------------------------------------

// "The folder <database>.tidesync/ is lost."
TEST_F(Fleet, FolderBesideTheDatabaseIsLost) {
  edit("anna", "not yet sent", 1);
  sql(db("anna"), "DELETE FROM customers WHERE id = 2");
  insert("anna", "not yet sent");
  edit("ben", "from ben", 3);
  now_ok("ben");
  fs::remove_all(side("anna"));
  const Outcome lost = now("anna");
  EXPECT_EQ(lost.exit_code, 1) << lost.text();
  const std::string wanted =
      "tidesync join --db " + db("anna").string() + " --share " + share().string();
  EXPECT_NE(lost.err.find(wanted), std::string::npos) << lost.text();
  const Outcome status = command("anna", "status");
  EXPECT_NE(status.err.find(wanted), std::string::npos) << status.text();
  EXPECT_FALSE(fs::exists(side("anna")));
  // Exactly what it said.
  const Outcome again =
      tidesync({"join", "--db", db("anna").string(), "--share", share().string()});
  EXPECT_EQ(again.exit_code, 0) << again.text();
  EXPECT_EQ(node("anna"), "anna");
  EXPECT_NE(text_of(side("anna") / "config.toml").find("user = \"anna\""), std::string::npos);
  settle_and_expect_all_equal({"anna", "ben"});
  EXPECT_EQ(conflicts("anna"), "");
  EXPECT_EQ(ask(db("ben"), "SELECT id, city FROM customers WHERE id < 4 ORDER BY id"),
            "1|not yet sent\n3|from ben");
  EXPECT_EQ(count(db("ben"), "customers WHERE name = 'not yet sent'"), 1);
}

TEST_F(Fleet, LostFolderOfAnotherShareIsRefused) {
  fs::create_directory(dir() / "other");
  make("olga", kShop);
  EXPECT_EQ(
      command("olga", "init", {"--share", (dir() / "other").string(), "--node", "olga"}).exit_code,
      0);
  fs::remove_all(side("anna"));
  const auto before = snapshot(db("anna"));
  const Outcome refused =
      tidesync({"join", "--db", db("anna").string(), "--share", (dir() / "other").string()});
  EXPECT_EQ(refused.exit_code, 1) << refused.text();
  EXPECT_NE(refused.err.find("this database belongs to"), std::string::npos) << refused.text();
  EXPECT_EQ(changed_since(before, db("anna")), "");
  EXPECT_FALSE(fs::exists(side("anna")));
  const Outcome renamed = join("anna", {"--node", "other"});
  EXPECT_EQ(renamed.exit_code, 2) << renamed.text();
  EXPECT_EQ(join("anna").exit_code, 0);
}

TEST_F(Fleet, LostFolderWithMergePoliciesTakesNoneBack) {
  std::ofstream((side("anna") / "config.toml").string(), std::ios::app)
      << "\n[tables.customers]\nprefer = \"master\"\n";
  now_ok("anna");
  fs::remove_all(side("anna"));
  EXPECT_EQ(join("anna").exit_code, 0);
  settle({"anna", "ben"});
  const auto status = command("ben", "status", {"--json"});
  EXPECT_NE(status.out.find("prefer"), std::string::npos) << status.text();
  EXPECT_NE(text_of(side("anna") / "config.toml").find("prefer = \"master\""), std::string::npos);
}

// "The database was replaced by one that tidesync does not know."
TEST_F(Fleet, DatabaseIsReplacedByOneWithoutOurTables) {
  fs::remove(db("anna"));
  make("anna", R"(
    CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT,
                            updated_at TEXT DEFAULT CURRENT_TIMESTAMP);
    INSERT INTO customers VALUES (1, 'Ada', 'Ulm', '2020-01-01 00:00:00'))");
  const Outcome refused = now("anna");
  EXPECT_EQ(refused.exit_code, 1) << refused.text();
  const std::string wanted =
      "tidesync join --db " + db("anna").string() + " --share " + share().string();
  EXPECT_NE(refused.err.find(wanted), std::string::npos) << refused.text();
  EXPECT_NE(refused.err.find("Nothing was read as deleted"), std::string::npos) << refused.text();
  now_ok("ben");
  EXPECT_EQ(count(db("ben"), "customers"), 3);
  const Outcome joined =
      tidesync({"join", "--db", db("anna").string(), "--share", share().string()});
  EXPECT_TRUE(joined.exit_code == 0 || joined.exit_code == 3) << joined.text();
  settle_and_expect_all_equal({"anna", "ben"});
  EXPECT_EQ(count(db("anna"), "customers"), 3);
}

// "Another share stands at the path", "the mount point is empty".
TEST_F(Fleet, AnotherShareOrNothingStandsAtThePath) {
  edit("anna", "kept");
  fs::rename(share(), dir() / "away");
  fs::create_directory(share());
  EXPECT_EQ(now("anna").exit_code, 4);
  EXPECT_TRUE(fs::is_empty(share()));
  make("olga", kShop);
  EXPECT_EQ(init("olga").exit_code, 0);
  const auto before = snapshot(share());
  const Outcome refused = now("anna");
  EXPECT_EQ(refused.exit_code, 1) << refused.text();
  EXPECT_NE(refused.err.find("this database belongs to"), std::string::npos) << refused.text();
  EXPECT_EQ(changed_since(before, share()), "");
  EXPECT_EQ(nodes("anna", {"list"}).exit_code, 1);
  EXPECT_EQ(nodes("anna", {"retire", "olga", "--yes"}).exit_code, 1);
  EXPECT_EQ(changed_since(before, share()), "");
  fs::remove_all(share());
  fs::rename(dir() / "away", share());
  settle_and_expect_all_equal({"anna", "ben"});
  EXPECT_EQ(ask(db("ben"), "SELECT city FROM customers WHERE id = 1"), "kept");
}

}  // namespace
}  // namespace tidesync::test
