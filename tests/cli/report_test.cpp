// `report` as an admin uses it: from a computer of the fleet, from a master.db alone, as text,
// page, tables and JSON; and what it says when it cannot.
#include <boost/filesystem/operations.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "cli/cli_fixture.h"
#include "support/report_file.h"

namespace tidesync::test {
namespace {

namespace fs = boost::filesystem;

std::string text_of(const Path& file) {
  std::ifstream in(file.string(), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class ReportCommand : public CliFixture {
 protected:
  // The month of tests/data/report.sql.
  Path make_sample() {
    const Path file = dir() / "sample.db";
    Database db = Database::open(file, OpenMode::kCreate);
    db.exec(sql::k_local_journal);
    db.exec(text_of(sample("report.sql")));
    return file;
  }
  Outcome report(const Path& master, const Words& more = {}) {
    Words words{"report",        "--master",
                master.string(), "--utc",
                "--since",       "2026-10-23T00:00:00.000Z",
                "--until",       "2026-11-21T10:00:00.000Z"};
    words.insert(words.end(), more.begin(), more.end());
    return tidesync(words);
  }
  std::size_t files_in_dir() {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(dir()), fs::directory_iterator()));
  }
};

TEST_F(ReportCommand, MasterAloneGivesTextPageTablesAndJson) {
  const Path master = make_sample();
  const Outcome text = report(master);
  EXPECT_EQ(text.exit_code, 0) << text.text();
  EXPECT_NE(text.out.find("dave-laptop"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("tidesync report --html report.html --master"), std::string::npos);

  const Path page = dir() / "page.html";
  const Path folder = dir() / "tables";
  const Outcome written =
      report(master, {"--html", page.string(), "--csv", folder.string(), "--json"});
  ASSERT_EQ(written.exit_code, 0) << written.text();
  const auto json = written.json();
  EXPECT_EQ(json["totals"]["runs"], 946);
  EXPECT_EQ(json["nodes"].size(), 5u);
  EXPECT_EQ(json["written"].size(), 12u);
  EXPECT_NE(text_of(page).find(">946<"), std::string::npos);
  std::istringstream csv(text_of(folder / "runs_per_day.csv"));
  std::string line;
  std::getline(csv, line);
  EXPECT_EQ(line, "day,success,partial,error\r");
  for (const auto& day : json["runs_per_day"]) {
    std::getline(csv, line);
    EXPECT_EQ(line, day["day"].get<std::string>() + "," + std::to_string(int(day["success"])) +
                        "," + std::to_string(int(day["partial"])) + "," +
                        std::to_string(int(day["error"])) + "\r");
  }
}

TEST_F(ReportCommand, DatabaseOfTheFleetIsEnrichedByTheShareAndDoesWithoutIt) {
  start_fleet_sql({"anna", "ben"}, "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);");
  settle({"anna", "ben"});
  const auto json = command("anna", "report", {"--json"}).json();
  EXPECT_EQ(json["share_read"], true);
  EXPECT_EQ(json["nodes"].size(), 2u);
  EXPECT_FALSE(json["nodes"][0]["version"].is_null());
  EXPECT_EQ(json["nodes"][0]["state"], "ok");
  fs::rename(share(), dir() / "away");
  const Path page = dir() / "page.html";
  const Outcome away = command("anna", "report", {"--html", page.string()});
  EXPECT_EQ(away.exit_code, 0) << away.text();
  EXPECT_NE(text_of(page).find("The share could not be reached"), std::string::npos);
  EXPECT_NE(command("anna", "report").out.find("The share could not be reached"),
            std::string::npos);
}

TEST_F(ReportCommand, FileThatExistsIsReplacedOnlyWhenForced) {
  const Path master = make_sample();
  const Path page = dir() / "page.html";
  std::ofstream(page.string()) << "mine";
  const Outcome refused = report(master, {"--html", page.string()});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.err.find("--force"), std::string::npos) << refused.err;
  EXPECT_EQ(text_of(page), "mine");
  EXPECT_EQ(report(master, {"--html", page.string(), "--force"}).exit_code, 0);
  EXPECT_NE(text_of(page).find("<!DOCTYPE html>"), std::string::npos);
}

TEST_F(ReportCommand, PlaceThatCannotBeWrittenKeepsNothingHalf) {
  const Path master = make_sample();
  EXPECT_EQ(report(master, {"--html", (dir() / "none" / "page.html").string()}).exit_code, 1);
  const std::size_t before = files_in_dir();
  EXPECT_EQ(report(master, {"--html", dir().string()}).exit_code, 1);
  EXPECT_EQ(files_in_dir(), before);
}

TEST_F(ReportCommand, OtherDamagedAndNewerFilesAreRefusedWithTheReason) {
  const Path other = dir() / "other.db";
  make("x", "CREATE TABLE t (a)");
  fs::copy_file(db("x"), other);
  const Outcome foreign = report(other);
  EXPECT_EQ(foreign.exit_code, 1);
  EXPECT_NE(foreign.err.find("no master file of tidesync"), std::string::npos) << foreign.err;
  std::ofstream((dir() / "text.db").string()) << std::string(5000, 'x');
  EXPECT_EQ(report(dir() / "text.db").exit_code, 1);
  EXPECT_EQ(report(dir() / "absent.db").exit_code, 1);
  const Path newer = make_sample();
  Database::open(newer, OpenMode::kReadWrite)
      .exec("UPDATE tidesync_state SET v = 99 WHERE k = 'format'");
  EXPECT_EQ(report(newer).exit_code, 6);
  EXPECT_EQ(tidesync({"report", "--master", newer.string(), "--db", "x.db"}).exit_code, 2);
}

TEST_F(ReportCommand, PeriodWithNothingInItAndOneThatEndsBeforeItBegins) {
  const Path master = make_sample();
  const Outcome empty = tidesync({"report", "--master", master.string(), "--since", "2030-01-01",
                                  "--until", "2030-02-01", "--json"});
  EXPECT_EQ(empty.exit_code, 0) << empty.text();
  EXPECT_EQ(empty.json()["totals"]["runs"], 0);
  EXPECT_EQ(empty.json()["nodes"].size(), 5u);
  EXPECT_EQ(tidesync({"report", "--master", master.string(), "--since", "2026-02-01", "--until",
                      "2026-01-01"})
                .exit_code,
            2);
}

TEST_F(ReportCommand, PageOfFiveHundredComputersIsBelowFiveMegabytes) {
  const Path master = dir() / "large.db";
  std::string load = text_of(sample("report_load.sql"));
  for (auto at = load.find(":runs"); at != std::string::npos; at = load.find(":runs"))
    load.replace(at, 5, "30000");
  Database db = Database::open(master, OpenMode::kCreate);
  db.exec(sql::k_local_journal);
  db.exec(load);
  const Path page = dir() / "page.html";
  EXPECT_EQ(report(master, {"--html", page.string()}).exit_code, 0);
  EXPECT_NE(text_of(page).find(">node-499<"), std::string::npos);
  EXPECT_LT(fs::file_size(page), 5u << 20);
}

// Whoever uses the files with a tool of their own gets what the report has.
TEST_F(ReportCommand, FilesOfSqlGiveTheSameInTheSqliteShell) {
  if (std::system("sqlite3 --version >/dev/null 2>&1") != 0)
    GTEST_SKIP() << "there is no sqlite3 here";
  const Path master = make_sample();
  const auto json = report(master, {"--json"}).json();
  for (const auto& [name, rows] : json.items()) {
    const Path file = Path(TIDESYNC_REPORT_SQL) / (name + ".sql");
    if (!fs::exists(file)) continue;
    const Path out = dir() / "shell.json";
    const std::string shell = "sqlite3 -readonly -json " + master.string() +
                              R"( ".param set :limit 10" ".param set :since \"'2026-10-23'\"")" +
                              R"( ".param set :until \"'2026-11-21T10:00:00.000Z'\"" ".read )" +
                              file.string() + "\" > " + out.string();
    ASSERT_EQ(std::system(shell.c_str()), 0) << shell;
    const std::string printed = text_of(out);
    const auto told = nlohmann::json::parse(printed.empty() ? "[]" : printed);
    EXPECT_EQ(told.size(), rows.is_array() ? rows.size() : 1u) << name;
    const auto& first = rows.is_array() ? rows.front() : rows;
    for (const auto& [key, value] : first.items()) {
      if (!value.is_number() || !told[0].contains(key)) continue;
      std::int64_t mine = 0, theirs = 0;
      for (const auto& row : rows.is_array() ? rows : nlohmann::json::array({rows}))
        if (row[key].is_number()) mine += row[key].get<std::int64_t>();
      for (const auto& row : told)
        if (row[key].is_number()) theirs += row[key].get<std::int64_t>();
      EXPECT_EQ(mine, theirs) << name << "." << key;
    }
  }
}

// Runs that only take something in are published with the next batch.
TEST_F(ReportCommand, AComputerThatOnlyTakesInIsNotSilent) {
  start_fleet_sql({"anna", "ben"}, "CREATE TABLE t (id INTEGER PRIMARY KEY, x)");
  sql(db("anna"), "INSERT INTO t VALUES (1, 'x')");
  now_ok("anna");
  now_ok("ben");
  const auto json = command("anna", "report", {"--json"}).json();
  ASSERT_EQ(json["nodes"].size(), 2u) << json.dump();
  for (const auto& node : json["nodes"]) {
    EXPECT_EQ(node["state"], "ok") << node.dump();
    EXPECT_TRUE(node["last_success"].is_string()) << node.dump();
  }
}

}  // namespace
}  // namespace tidesync::test
