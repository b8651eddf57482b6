// What history, nodes and status print on terminals of 80 and 160 columns, as files in
// tests/golden/output. To see a change: run with TIDESYNC_WRITE_GOLDEN=1, look at the files, and
// commit what is right.
#include <gtest/gtest.h>

#include <boost/filesystem/operations.hpp>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "cli/app.h"
#include "cli/command.h"
#include "cli/display_width.h"
#include "share/layout.h"
#include "share/notes.h"
#include "sqlite/database.h"
#include "support/manual_clock.h"
#include "support/memory_file_system.h"
#include "support/temp_dir.h"
#include "sync/run_streak.h"
#include "sync/setup.h"

namespace tidesync::test {
namespace {

namespace fs = boost::filesystem;

constexpr std::int64_t kNowMs = 1'795'424'400'000;  // Monday 2026-11-23T09:00:00.000Z
constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;
constexpr std::int64_t kDayMs = 24 * kHourMs;

void use_berlin_time() {
#ifdef _WIN32
  _putenv_s("TZ", "CET-1CEST");
  _tzset();
#else
  setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
  tzset();
#endif
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file.string(), std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The line depends on the scheduler of the computer that runs this.
std::string without_next_run(std::string text) {
  const std::size_t begin = text.find("\n  next run");
  if (begin != std::string::npos) text.erase(begin, text.find('\n', begin + 1) - begin);
  return text;
}

// A node "anna" whose folder is the working folder, so that no path of this computer is printed.
class GoldenOutput : public ::testing::Test {
 protected:
  GoldenOutput() : before_(fs::current_path()) {
    use_berlin_time();
    clock_.set_wall(kNowMs - 10 * kDayMs);
    fs::current_path(dir_.path());
    share_.create_directory("/nas");
    Database::open("quotes.db", OpenMode::kCreate)
        .exec("CREATE TABLE quote (id INTEGER PRIMARY KEY, text); CREATE TABLE scrap (a)");
    InitOptions options;
    options.database = dir_.path() / "quotes.db";
    options.share = "/nas";
    options.user = "Anna";
    options.node = "anna";
    init_dataset(env_, options);
    clock_.set_wall(kNowMs);
    sql("DELETE FROM sync_log");
  }
  ~GoldenOutput() override {
    boost::system::error_code ignored;
    fs::current_path(before_, ignored);
  }

  void sql(const std::string& statements) {
    Database::open(dir_.path() / "quotes.db", OpenMode::kReadWrite).exec(statements);
  }
  struct Run {
    std::int64_t ago_ms;
    std::string node, user, status;
    int in = 0, out = 0, conflicts = 0;
    std::int64_t took_ms = 40;
    std::string message = {};
  };
  void add(const Run& run) {
    Database db = Database::open(dir_.path() / "quotes.db", OpenMode::kReadWrite);
    Statement row = db.prepare(
        "INSERT INTO sync_log (timestamp, direction, status, records_pulled, records_pushed, "
        "conflicts, error_message, duration_ms, run_id, node, user, seq_before, seq_after) VALUES "
        "(?1, 'bidirectional', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)");
    const int number = ++runs_;
    row.bind_text(1, iso_utc(kNowMs - run.ago_ms)).bind_text(2, run.status);
    row.bind(3, std::int64_t{run.in}).bind(4, std::int64_t{run.out});
    row.bind(5, std::int64_t{run.conflicts});
    if (!run.message.empty()) row.bind_text(6, run.message);
    row.bind(7, run.took_ms)
        .bind_text(8, std::to_string(10'000'000 + number * 1234) + std::string(24, '0'));
    row.bind_text(9, run.node).bind_text(10, run.user);
    row.bind(11, std::int64_t{400} + number).bind(12, std::int64_t{401} + number);
    row.run();
  }
  // A fleet's Monday morning, the oldest first.
  void add_runs() {
    add({6 * kDayMs, "anna", "Anna", "success", 0, 1'204'331, 0, 95'000});
    add({5 * kDayMs, "ben", "Benjamin Öztürk", "success", 1'204'331, 12, 3, 61'400});
    add({3 * kDayMs - kHourMs, "laptop-of-the-sales-team-in-lisbon", "Zoë", "error", 0, 0, 0, 5'020,
         print_streak_message("open share /nas: the folder is not there, or the share is not "
                              "mounted; everything is kept here and goes out with the next sync",
                              118, kNowMs - 3 * kDayMs + kHourMs)});
    add({2 * kHourMs, "anna", "Anna", "partial", 17, 0, 0, 640,
         "Held back: 812 rows of table quote were deleted here, more than half of it. If that is "
         "right: tidesync now --allow-mass-delete"});
    add({kHourMs, "ben", "Benjamin Öztürk", "error", 0, 0, 0, 5'003,
         "open database C:\\Users\\ben\\quotes.db: database is locked"});
    add({10 * kMinuteMs, "anna", "Anna", "success", 4, 2, 1, 212});
  }
  void add_note(NodeNote note, const std::string& node) {
    note.node = NodeId{node};
    put_note(node, to_json(note));
  }
  void put_note(const std::string& node, const std::string& text) {
    const Path file = Path("/nas") / layout::node_note(NodeId{node});
    share_.remove(file);
    const auto handle = share_.create_new(file);
    handle->write(text);
    handle->close();
  }

  std::string call(std::vector<std::string> words, std::size_t columns, bool colour = false) {
    words.insert(words.end(), {"--db", "quotes.db"});
    std::ostringstream out, err;
    Printer printer(out, Terminal{true, colour, columns}, err, Terminal{});
    Progress progress(err, Terminal{}, clock_, [] { return false; });
    Session session{env_, printer, progress, {}, false, ExitCode::kDone};
    run_command_line(words, session);
    EXPECT_EQ(err.str(), "");
    return out.str();
  }
  // At both widths: as the file says, and no line wider than the terminal.
  void expect_golden(const std::string& name, const std::vector<std::string>& words) {
    for (const std::size_t columns : {std::size_t{80}, std::size_t{160}}) {
      const std::string text = without_next_run(call(words, columns));
      const fs::path file =
          fs::path(TIDESYNC_GOLDEN) / (name + "-" + std::to_string(columns) + ".txt");
      std::istringstream lines(text);
      for (std::string line; std::getline(lines, line);)
        EXPECT_LE(display_width(line), columns) << line;
      if (std::getenv("TIDESYNC_WRITE_GOLDEN") != nullptr)
        std::ofstream(file.string(), std::ios::binary) << text;
      EXPECT_EQ(text, text_of(file)) << file.string();
    }
  }

  TempDir dir_{TempDir::Where::kMemory};
  fs::path before_;
  ManualClock clock_;
  MemoryFileSystem share_{clock_};
  DiskFileSystem disk_;
  Random random_{1};
  Environment env_{share_, disk_, clock_, random_, "pc-7", "anna", "tidesync 0.9.0"};
  int runs_ = 0;
};

TEST_F(GoldenOutput, HistoryOfAllNodes) {
  add_runs();
  expect_golden("history-all", {"history", "--all"});
}

TEST_F(GoldenOutput, HistoryOfThisNodeInUtcCutToTheNewest) {
  add_runs();
  expect_golden("history-utc", {"history", "--utc", "--limit", "2"});
}

TEST_F(GoldenOutput, HistoryWithNothingInIt) {
  expect_golden("history-empty", {"history"});
}

TEST_F(GoldenOutput, HistoryWithNothingInThePeriod) {
  add_runs();
  expect_golden("history-nothing-found", {"history", "--all", "--since", "1m", "--failed"});
}

TEST_F(GoldenOutput, HistoryOfANodeThatNobodyKnows) {
  add_runs();
  expect_golden("history-unknown-node", {"history", "--node", "bob"});
}

TEST_F(GoldenOutput, ColoursOnlyWhereTheTerminalShowsThem) {
  add_runs();
  EXPECT_EQ(call({"history", "--all"}, 80).find('\x1b'), std::string::npos);
  const std::string coloured = call({"history", "--all"}, 80, true);
  EXPECT_NE(coloured.find("\x1b[31merror\x1b[0m"), std::string::npos) << coloured;
}

TEST_F(GoldenOutput, NodesInEveryState) {
  NodeNote note;
  note.incarnation = Uuid(32, 'a');
  note.user = "Benjamin Öztürk";
  note.host = "WORKSTATION-0042";
  note.tool = "tidesync 0.9.0";
  note.seq = Seq{1};
  note.at_ms = kNowMs - 25 * kMinuteMs;
  note.last_success_ms = note.at_ms;
  note.clock_offset_ms = 40;
  note.pending = 12'345;
  note.conflicts = 2;
  note.last_run = {Uuid(32, 'b'), "success", note.at_ms};
  add_note(note, "ben");
  note.clock_offset_ms = -3 * kHourMs;
  add_note(note, "clock-of-1999");
  note.clock_offset_ms = 40;
  note.failed_runs = 1;
  note.last_run->status = "error";
  add_note(note, "failed-once");
  note.failed_runs = 118;
  note.last_success_ms = kNowMs - 5 * kDayMs;
  add_note(note, "laptop-of-the-sales-team-in-lisbon");
  note.last_run->status = "success";
  note.at_ms = kNowMs - 30 * kDayMs;
  note.last_success_ms = note.at_ms;
  note.seq = Seq{0};
  add_note(note, "left-in-a-drawer");
  note.last_success_ms.reset();
  note.last_run.reset();
  add_note(note, "never-ran");
  note.retired = true;
  add_note(note, "old-pc");
  put_note("torn-note", "[");
  expect_golden("nodes", {"nodes"});
}

TEST_F(GoldenOutput, StatusOfANodeThatFails) {
  add({4 * kDayMs, "anna", "Anna", "success", 4, 2, 0, 212});
  add({3 * kHourMs, "anna", "Anna", "error", 0, 0, 0, 5'003,
       print_streak_message("open database quotes.db: database is locked", 12,
                            kNowMs - 3 * kHourMs)});
  sql("INSERT INTO quote (text) VALUES ('a'), ('b')");
  expect_golden("status-failing", {"status"});
}

TEST_F(GoldenOutput, StatusOfANodeInSync) {
  add({10 * kMinuteMs, "anna", "Anna", "success", 4, 2, 0, 212});
  expect_golden("status", {"status"});
}

}  // namespace
}  // namespace tidesync::test
