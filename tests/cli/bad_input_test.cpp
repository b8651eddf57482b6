// What cannot work is refused in words that help, and leaves the database and the share as they
// were; what is merely unusual works.
#include <sys/stat.h>
#include <unistd.h>

#include <boost/filesystem/operations.hpp>
#include <chrono>
#include <fstream>
#include <regex>

#include "cli/cli_fixture.h"

namespace tidesync::test {
namespace {

constexpr int kNobody = 65534;

void write_text(const Path& file, const std::string& text) {
  std::ofstream(file.string(), std::ios::binary | std::ios::trunc) << text;
}

class BadInput : public CliFixture {
 protected:
  // The command fails with this exit code and error, names all of `words`, says what to do, and
  // changes nothing on this computer and on the share.
  void expect_refused(const Words& arguments, int exit_code, const std::string& error_code,
                      const Words& words, const ProcessOptions& options = {}) {
    const auto before = snapshot(dir());
    const Outcome plain = tidesync(arguments, options);
    EXPECT_EQ(plain.exit_code, exit_code) << plain.text();
    EXPECT_EQ(plain.out, "");
    Words with_json = arguments;
    with_json.push_back("--json");
    const Outcome outcome = tidesync(with_json, options);
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.text();
    expect_error(outcome.json(), error_code, words);
    for (const std::string& word : words) {
      // On the terminal the text is broken into lines.
      EXPECT_NE(one_line(plain.err).find(one_line(word)), std::string::npos) << word << plain.err;
    }
    EXPECT_EQ(changed_since(before, dir()), "");
  }
  static void expect_error(const nlohmann::json& json, const std::string& error_code,
                           const Words& words) {
    ASSERT_TRUE(json.is_object() && json.contains("error")) << json;
    EXPECT_EQ(json["error"]["code"], error_code) << json;
    EXPECT_GT(json["error"]["hint"].get<std::string>().size(), 10U) << json;
    const std::string all =
        json["error"]["message"].get<std::string>() + json["error"]["hint"].get<std::string>();
    for (const std::string& word : words) {
      EXPECT_NE(all.find(word), std::string::npos) << word << " is not named: " << json;
    }
  }
  static std::string one_line(const std::string& text) {
    return std::regex_replace(text, std::regex("\\s+"), "");
  }
  Words words_of(const std::string& command, const std::string& name) {
    Words words{command, "--db", db(name).string()};
    if (command == "init" || command == "join") {
      words.insert(words.end(), {"--share", share().string(), "--user", name, "--node", name});
    }
    return words;
  }
  Words words_of(const std::string& command, const std::string& name, const Words& more) {
    Words words = words_of(command, name);
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  // A run that fails: recorded in sync_log, otherwise nothing moves.
  void expect_run_refused(const std::string& name, int exit_code, const std::string& error_code,
                          const Words& words) {
    const auto share_before = snapshot(share());
    const auto tables = synced_tables(db(name), {});
    const Path copy = dir() / "before.db";
    open_as_application(db(name)).backup_to(copy);
    const auto result = now_with(exit_code, name);
    EXPECT_TRUE(result["status"] == "error" || result["status"] == "offline") << result;
    expect_error(result, error_code, words);
    EXPECT_EQ(changed_since(share_before, share()), "");
    EXPECT_EQ(difference(copy, db(name), tables), "");
    boost::filesystem::remove(copy);
  }
};

TEST_F(BadInput, FileThatIsNoDatabase) {
  write_text(db("anna"),
             "Dear reader, this is a letter, and a long one.\n" + std::string(5000, 'x'));
  for (const std::string command : {"init", "join"}) {
    expect_refused(words_of(command, "anna"), 1, "not_a_database", {"anna/data.db"});
  }
}

TEST_F(BadInput, EncryptedDatabase) {
  std::string noise;
  std::uint32_t x = 20260108;
  for (int i = 0; i < 8192; ++i) {
    x = x * 1664525 + 1013904223;
    noise.push_back(static_cast<char>(x >> 24));
  }
  write_text(db("anna"), noise);
  expect_refused(words_of("init", "anna"), 1, "not_a_database", {"anna/data.db", "encrypted"});
}

TEST_F(BadInput, DatabaseThatBecameNoDatabase) {
  start_fleet({"anna"}, sample("quoting.db"));
  write_text(db("anna"), std::string(9000, 'x'));
  expect_refused(words_of("now", "anna"), 1, "not_a_database", {"anna/data.db"});
}

TEST_F(BadInput, MissingDatabase) {
  expect_refused(words_of("init", "anna"), 1, "not_found", {"anna/data.db"});
  for (const std::string command : {"now", "status", "history", "leave"}) {
    expect_refused(words_of(command, "anna"), 1, "not_found", {"anna/data.db"});
  }
}

TEST_F(BadInput, DatabaseThatIsNotSynced) {
  give("anna", sample("quoting.db"));
  for (const std::string command : {"now", "status", "history", "leave"}) {
    expect_refused(words_of(command, "anna"), 1, "not_found", {"anna/data.db"});
  }
}

TEST_F(BadInput, DatabaseThatIsSyncedAlready) {
  start_fleet({"anna"}, sample("quoting.db"));
  for (const std::string command : {"init", "join"}) {
    expect_refused(words_of(command, "anna"), 1, "already_exists", {"anna/data.db", "leave"});
  }
}

TEST_F(BadInput, DatabaseWithoutAnyTable) {
  make("anna", "CREATE VIEW v AS SELECT 1; CREATE TABLE t (a)");
  expect_refused(words_of("init", "anna"), 6, "schema", {"anna/data.db"});
}

TEST_F(BadInput, MissingShareFolder) {
  give("anna", sample("quoting.db"));
  boost::filesystem::remove(share());
  for (const std::string command : {"init", "join"}) {
    expect_refused(words_of(command, "anna"), 1, "not_found", {share().string()});
  }
  write_text(share(), "a file");
  expect_refused(words_of("init", "anna"), 2, "usage", {share().string(), "file"});
}

TEST_F(BadInput, JoinToAFolderWithoutADataset) {
  give("anna", sample("quoting.db"));
  expect_refused(words_of("join", "anna"), 4, "share_unreachable", {share().string()});
  expect_refused(words_of("join", "new"), 4, "share_unreachable", {share().string()});
  write_text(share() / "holiday.jpg", "x");
  expect_refused(words_of("join", "anna"), 4, "share_unreachable", {share().string()});
}

TEST_F(BadInput, InitInAFolderThatIsNotFree) {
  start_fleet({"anna"}, sample("quoting.db"));
  give("ben", sample("chinook.db"));
  expect_refused(words_of("init", "ben"), 1, "already_exists", {share().string(), "join"});
  boost::filesystem::rename(share(), dir() / "dataset");
  boost::filesystem::create_directory(share());
  write_text(share() / "holiday.jpg", "x");
  expect_refused(words_of("init", "ben"), 2, "usage", {share().string(), "holiday.jpg"});
}

TEST_F(BadInput, AnotherDatasetIsMountedAtThePath) {
  start_fleet({"anna"}, sample("quoting.db"));
  boost::filesystem::rename(share(), dir() / "ours");
  boost::filesystem::create_directory(share());
  start_fleet({"zoe"}, sample("quoting.db"));
  sql(db("anna"), "UPDATE units SET name = 'kept' WHERE code = 'm'");
  expect_run_refused("anna", 1, "wrong_share", {share().string()});
  EXPECT_NE(command("anna", "status").exit_code, 0);
  boost::filesystem::remove_all(share());
  boost::filesystem::rename(dir() / "ours", share());
  EXPECT_EQ(now_ok("anna")["pushed"], 1);
}

TEST_F(BadInput, ShareOfANewerVersion) {
  start_fleet({"anna"}, sample("quoting.db"));
  sql(db("anna"), "UPDATE units SET name = 'kept' WHERE code = 'm'");
  const Path format = share() / "format.json";
  const std::string old = snapshot(format).at(format.string());
  for (const std::string key : {"min_writer", "min_reader"}) {
    SCOPED_TRACE(key);
    const auto newer =
        std::regex_replace(old, std::regex("\"" + key + "\":1"), "\"" + key + "\":999");
    ASSERT_NE(newer, old);
    write_text(format, newer);
    expect_run_refused("anna", 6, "too_new", {share().string(), "newer version"});
  }
  expect_refused(words_of("join", "ben"), 6, "too_new", {share().string(), "newer version"});
  write_text(format, old);
  EXPECT_EQ(now_ok("anna")["pushed"], 1);
}

TEST_F(BadInput, ShareWithoutFormatFileAnyMore) {
  start_fleet({"anna"}, sample("quoting.db"));
  boost::filesystem::rename(share() / "format.json", dir() / "format.json");
  sql(db("anna"), "UPDATE units SET name = 'kept' WHERE code = 'm'");
  expect_run_refused("anna", 4, "share_unreachable", {share().string()});
}

TEST_F(BadInput, NoPermissionOnShareOrDatabase) {
  start_fleet({"anna"}, sample("quoting.db"));
  make("ben", "CREATE TABLE t (id INTEGER PRIMARY KEY)");
  ProcessOptions as_nobody;
  if (::geteuid() == 0) as_nobody.user_id = kNobody;
  if (tidesync({"--version"}, as_nobody).exit_code != 0) {
    GTEST_SKIP() << "the executable is out of reach for another user";
  }
  const auto allow = [&](const Path& path, ::mode_t mode) { ::chmod(path.c_str(), mode); };
  const auto give_away = [&](const Path& folder) {
    if (as_nobody.user_id < 0) return;
    for (const auto& [name, content] : snapshot(folder)) {
      EXPECT_EQ(::chown(name.c_str(), kNobody, kNobody), 0);
    }
    EXPECT_EQ(::chown(folder.c_str(), kNobody, kNobody), 0);
  };
  // The share may be read only.
  give_away(dir() / "anna");
  sql(db("anna"), "UPDATE units SET name = 'kept' WHERE code = 'm'");
  give_away(dir() / "anna");
  for (const Path& folder :
       {share() / "log/0000000", share() / "tmp", share() / "nodes", share()}) {
    allow(folder, 0555);
  }
  const auto before = snapshot(share());
  Words words = words_of("now", "anna", {"--json"});
  const Outcome refused = tidesync(words, as_nobody);
  EXPECT_EQ(refused.exit_code, 1) << refused.text();
  expect_error(refused.json(), "no_permission", {share().string()});
  EXPECT_EQ(changed_since(before, share()), "");
  // A new dataset in a folder that may not be written.
  const Path closed = dir() / "closed";
  boost::filesystem::create_directory(closed);
  allow(closed, 0555);
  give_away(dir() / "ben");
  expect_refused({"init", "--db", db("ben").string(), "--share", closed.string()}, 1,
                 "no_permission", {closed.string()}, as_nobody);
  for (const Path& folder :
       {share() / "log/0000000", share() / "tmp", share() / "nodes", share()}) {
    allow(folder, 0777);
  }
  EXPECT_EQ(tidesync(words, as_nobody).json()["pushed"], 1) << "lost";
  // The database may be read only.
  ASSERT_EQ(::chown(db("ben").c_str(), 0, 0), as_nobody.user_id < 0 ? -1 : 0);
  allow(db("ben"), 0444);
  allow(dir() / "ben", 0555);
  if (as_nobody.user_id >= 0) {
    ASSERT_EQ(::chown((dir() / "ben").c_str(), 0, 0), 0);
  }
  const Path open = dir() / "open";
  boost::filesystem::create_directory(open);
  allow(open, 0777);
  expect_refused({"init", "--db", db("ben").string(), "--share", open.string()}, 1, "read_only",
                 {"ben/data.db"}, as_nobody);
  allow(dir() / "ben", 0755);
}

// A file stands where a folder of the share should be: fails in the middle of the work, as root.
TEST_F(BadInput, ShareThatRefusesToBeWritten) {
  start_fleet({"anna"}, sample("quoting.db"));
  boost::filesystem::remove(share() / "tmp");
  write_text(share() / "tmp", "in the way");
  sql(db("anna"), "UPDATE units SET name = 'kept' WHERE code = 'm'");
  const auto before = snapshot(share());
  const Outcome refused = now("anna", {"--json"});
  EXPECT_TRUE(refused.exit_code == 1 || refused.exit_code == 4) << refused.text();
  EXPECT_NE(refused.json()["error"]["message"].dump().find(share().string()), std::string::npos);
  EXPECT_EQ(changed_since(before, share()), "");
  boost::filesystem::remove(share() / "tmp");
  EXPECT_EQ(now_ok("anna")["pushed"], 1);
}

TEST_F(BadInput, UnknownTableInTheChoice) {
  give("anna", sample("quoting.db"));
  for (const std::string option : {"--tables", "--exclude"}) {
    expect_refused(words_of("init", "anna", {option, "units,qoutes"}), 2, "usage",
                   {option, "qoutes", "quotes"});
  }
  expect_refused(words_of("init", "anna", {"--tables", "quote_overview"}), 6, "schema",
                 {"quote_overview", "view"});
  expect_refused(words_of("init", "anna", {"--tables", "units", "--exclude", "quotes"}), 2, "usage",
                 {"--tables", "--exclude"});
}

TEST_F(BadInput, OnlyTheChosenTablesAreSynced) {
  give("anna", sample("quoting.db"));
  ASSERT_EQ(init("anna", {"--tables", "units,Components"}).exit_code, 0);
  ASSERT_EQ(join("ben").exit_code, 0);
  EXPECT_EQ(count(db("ben"), "components"), 1000);
  EXPECT_EQ(count(db("ben"), "quotes"), 0) << "exists, and stays this computer's own";
  sql(db("anna"),
      "DELETE FROM quote_lines WHERE id < 10; UPDATE units SET name = 'x' WHERE code ="
      " 'm'");
  EXPECT_EQ(now_ok("anna")["pushed"], 1);
}

TEST_F(BadInput, TablesThatCannotBeSyncedAreNamedWithTheReason) {
  make("anna", R"(
    CREATE TABLE good (id INTEGER PRIMARY KEY, a, b AS (a || '!'), c AS (a + 1) STORED);
    CREATE TABLE keyless (a, b);
    CREATE TABLE keyed (a TEXT NOT NULL UNIQUE, b);
    CREATE TABLE wide (a, b, c, d, e, PRIMARY KEY (a, b, c, d, e));
    CREATE VIRTUAL TABLE search USING fts5 (text);
    CREATE VIEW seen AS SELECT a FROM good;
    INSERT INTO good (a) VALUES (1), (2);
    INSERT INTO keyless VALUES (1, 1);
    INSERT INTO keyed VALUES ('k', 1);
    INSERT INTO search VALUES ('some words'))");
  const Outcome outcome = init("anna", {"--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.text();
  std::map<std::string, std::string> tables;
  const auto report = outcome.json();
  for (const auto& table : report["tables"]) {
    tables[table["name"]] =
        (table["synced"].get<bool>() ? "synced: " : "") + table["reason"].get<std::string>();
  }
  EXPECT_NE(tables["good"].find("synced: key id"), std::string::npos);
  EXPECT_NE(tables["keyed"].find("synced: key a"), std::string::npos);
  EXPECT_NE(tables["keyless"].find("left out: no primary key"), std::string::npos);
  EXPECT_NE(tables["wide"].find("left out: its key has more than 4"), std::string::npos);
  EXPECT_NE(tables["search"].find("left out: a virtual table"), std::string::npos);
  EXPECT_NE(tables["search_data"].find("left out: belongs to a virtual table"), std::string::npos);
  EXPECT_NE(tables["seen"].find("left out: a view"), std::string::npos);

  ASSERT_EQ(join("ben").exit_code, 0);
  sql(db("ben"), "INSERT INTO good (a) VALUES (7); INSERT INTO search VALUES ('words of ben')");
  sql(db("anna"), "UPDATE good SET a = 5 WHERE id = 1; INSERT INTO keyless VALUES (2, 2)");
  settle({"anna", "ben"});
  for (const std::string name : {"anna", "ben"}) {
    EXPECT_EQ(ask(db(name), "SELECT a, b, c FROM good ORDER BY id"), "5|5!|6\n2|2!|3\n7|7!|8");
    EXPECT_EQ(defects(db(name)), "");
  }
  EXPECT_EQ(ask(db("ben"), "SELECT a FROM seen ORDER BY 1"), "2\n5\n7");
  EXPECT_EQ(count(db("anna"), "search"), 1);
  EXPECT_EQ(count(db("ben"), "search WHERE search MATCH 'ben'"), 1);
}

TEST_F(BadInput, NamesWithQuotesBlanksAndOtherScripts) {
  const Path folder = dir() / "Jörg's \"data\" %20 [1]; 文件";
  const Path nas = dir() / "NAS für 'alle' & $HOME";
  boost::filesystem::create_directory(folder);
  boost::filesystem::create_directory(nas);
  const Path a = folder / "größe 'x'?#.db";
  const Path b = folder / "-b.db";
  sql(a, R"sql(
    CREATE TABLE "we""ird 'table' [x]" ("id ""1""" INTEGER PRIMARY KEY, "größe (mm)" TEXT UNIQUE,
                                        "select" , "?1" TEXT, "" TEXT);
    CREATE TABLE "order" ("group" TEXT, "名" TEXT, "where" REFERENCES "we""ird 'table' [x]",
                          PRIMARY KEY ("group", "名"));
    CREATE INDEX "an 'index'" ON "order" ("名");
    INSERT INTO "we""ird 'table' [x]" VALUES (1, 'a;b', 'DROP', '?1', 'e'), (2, 'c', x'00', '', '');
    INSERT INTO "order" VALUES ('g''1', '名前', 1), ('%', '', NULL))sql");
  const Words user{"--user", "Jörg \"J\" O'Neil 🙂"};
  const auto run = [&](const std::string& command, const Path& file, const Words& more = {}) {
    Words words{command, "--db", file.string()};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = tidesync(words, {folder, -1, {}});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.text();
    return outcome;
  };
  run("init", a, {"--share", nas.string(), user[0], user[1]});
  run("join", b, {"--share", "../" + nas.filename().string(), user[0], user[1]});
  sql(a, R"(UPDATE "we""ird 'table' [x]" SET "select" = 'new', "" = 'nameless' WHERE rowid = 1)");
  sql(b, R"(UPDATE "order" SET "名" = '''"; --' WHERE "group" = '%')");
  for (const Path& file : {a, b, a}) run("now", file);
  run("status", b);
  run("diff", b, {"order", "g'1,名前"});
  EXPECT_EQ(difference(a, b, synced_tables(a, {})), "");
  EXPECT_EQ(difference(a, nas / "master.db", synced_tables(a, {})), "");
  EXPECT_EQ(ask(b, R"(SELECT "select", "" FROM "we""ird 'table' [x]" WHERE rowid = 1)"),
            "new|nameless");
  EXPECT_EQ(ask(nas / "master.db", "SELECT DISTINCT user FROM sync_log"), user[1]);
}

TEST_F(BadInput, NodeNameThatIsNone) {
  give("anna", sample("quoting.db"));
  expect_refused(
      {"init", "--db", db("anna").string(), "--share", share().string(), "--node", "Jörg's PC"}, 2,
      "usage", {"Jörg's PC", "a-z"});
}

TEST_F(BadInput, NodeNameOfAnotherComputer) {
  start_fleet({"anna"}, sample("quoting.db"));
  expect_refused(
      {"join", "--db", db("ben").string(), "--share", share().string(), "--node", "anna"}, 1,
      "already_exists", {"anna"});
}

// The application keeps its database locked for longer than we wait.
TEST_F(BadInput, DatabaseLockedForLongerThanThePatience) {
  start_fleet({"anna", "ben"}, sample("quoting.db"));
  configure("ben", "patience", "\"200ms\"");
  for (const std::string journal : {"DELETE", "WAL"}) {
    for (const std::string lock : {"IMMEDIATE", "EXCLUSIVE"}) {
      SCOPED_TRACE(journal + " " + lock);
      sql(db("ben"), "PRAGMA journal_mode = " + journal +
                         "; UPDATE customers SET city = city || 'x' WHERE id = 1");
      sql(db("anna"), "UPDATE customers SET city = city || 'x' WHERE id = 2");
      now_ok("anna");
      Outcome busy;
      {
        Database application = open_as_application(db("ben"));
        application.exec("BEGIN " + lock +
                         "; UPDATE customers SET city = city || 'y' WHERE id = 3");
        const auto started = std::chrono::steady_clock::now();
        busy = now("ben", {"--json"});
        EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(4));
        application.exec("COMMIT");
      }
      EXPECT_EQ(busy.exit_code, 1) << busy.text();
      expect_error(busy.json(), "busy", {"ben/data.db"});
      now_ok("ben");
      settle_and_expect_all_equal({"anna", "ben"});
    }
  }
  EXPECT_EQ(ask(db("anna"),
                "SELECT group_concat(replace(city, rtrim(city, 'xy'), ''))"
                " FROM customers WHERE id <= 3"),
            "xxxx,xxxx,yyyy");
  EXPECT_EQ(conflicts("anna"), "");
}

// Both copies of the newest edit are gone, that of the share and the database's own; what is left
// is the entry that its author keeps.
TEST_F(BadInput, DatabaseIsRestoredAfterTheShareLostItsNewestBatch) {
  start_fleet_sql({"anna", "ben"}, "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)");
  now_ok("anna");
  const Path backup = dir() / "backup.db";
  sql(db("anna"), "VACUUM INTO '" + backup.string() + "'");
  sql(db("anna"), "INSERT INTO t VALUES (1, 'only here')");
  const auto seq = now_ok("anna")["seq_after"].get<int>();
  const Path entry = share() / "log" / "0000000" / ("0000000" + std::to_string(seq));
  ASSERT_TRUE(boost::filesystem::remove_all(entry) > 0);
  for (const char* suffix : {"-wal", "-shm"})
    boost::filesystem::remove(db("anna").string() + suffix);
  boost::filesystem::copy_file(backup, db("anna"),
                               boost::filesystem::copy_options::overwrite_existing);
  settle_and_expect_all_equal({"anna", "ben"});
  EXPECT_EQ(ask(db("ben"), "SELECT v FROM t"), "only here");
}

TEST_F(BadInput, ConfigurationWithAMistakeIsNamedWithItsLine) {
  start_fleet({"anna"}, sample("quoting.db"));
  const Path file = side("anna") / "config.toml";
  const std::string good = snapshot(file).at(file.string());
  const auto line_of = [&](const std::string& key) {
    const std::size_t at = good.find("\n" + key + " = ");
    return std::to_string(std::count(good.begin(), good.begin() + static_cast<long>(at), '\n') + 2);
  };
  const struct {
    const char *key, *line, *word;
  } mistakes[] = {
      {"interval", "intervall = \"2h\"", "intervall"},
      {"interval", "interval = \"2 fortnights\"", "2 fortnights"},
      {"patience", "patience = 5", "patience"},
      {"master", "master = \"yes\"", "master"},
      {"log", "log = \"loud\"", "loud"},
      {"user", "user = \"unfinished", "config.toml"},
  };
  for (const auto& mistake : mistakes) {
    SCOPED_TRACE(mistake.line);
    const std::string key = mistake.key;
    write_text(file, std::regex_replace(good, std::regex("\n" + key + " = [^\n]*"),
                                        std::string("\n") + mistake.line));
    for (const std::string command : {"now", "status"}) {
      expect_refused(words_of(command, "anna"), 2, "usage",
                     {"config.toml", "line " + line_of(key), mistake.word});
    }
  }
  boost::filesystem::remove(file);
  expect_refused(words_of("now", "anna"), 1, "not_found", {"anna/data.db"});
  write_text(file, good);
  now_ok("anna");
}

}  // namespace
}  // namespace tidesync::test
