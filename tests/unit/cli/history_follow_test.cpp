// What history --follow takes for new, and how it looks.
#include "cli/history_follow.h"

#include <gtest/gtest.h>

#include "schema.h"
#include "support/manual_clock.h"
#include "support/memory_file_system.h"
#include "support/temp_dir.h"

namespace tidesync {
namespace {

RunRecord run(const std::string& id, std::uint64_t runs = 1) {
  RunRecord record;
  record.run_id = id;
  record.runs = runs;
  return record;
}

std::string ids(const std::vector<RunRecord>& runs) {
  std::string text;
  for (const RunRecord& one : runs) text += one.run_id + std::to_string(one.runs) + " ";
  return text;
}

TEST(NewRunsTest, OldestComesFirstAndEachOnce) {
  NewRuns unseen;
  EXPECT_EQ(ids(unseen.take({run("b"), run("a")})), "a1 b1 ");
  EXPECT_EQ(ids(unseen.take({run("c"), run("b"), run("a")})), "c1 ");
  EXPECT_EQ(ids(unseen.take({run("c"), run("b"), run("late"), run("a")})), "late1 ");
}

TEST(NewRunsTest, RowThatStandsForOneMoreRunIsNew) {
  NewRuns unseen;
  unseen.take({run("b", 2), run("a")});
  EXPECT_EQ(ids(unseen.take({run("b", 3), run("a")})), "b3 ");
}

// Its sleep is when others write.
class WritingClock : public test::ManualClock {
 public:
  std::function<void()> write;
  void sleep_ms(std::int64_t duration_ms) override {
    ManualClock::sleep_ms(duration_ms);
    write();
  }
};

TEST(FollowHistoryTest, ShowsTheNewestThenWhatComesWithEachChange) {
  test::TempDir dir(test::TempDir::Where::kMemory);
  const Path file = dir / "data.db";
  Database db = Database::open(file, OpenMode::kCreate);
  db.exec(sql::k_local_tables);
  db.exec(sql::k_local_journal);
  db.exec("INSERT INTO tidesync_meta VALUES ('node', 'ann')");
  int number = 0;
  const auto add = [&](const std::string& node) {
    const std::string id = std::string(1, static_cast<char>('a' + number++));
    db.exec(
        "INSERT INTO sync_log (timestamp, direction, status, records_pulled, records_pushed, "
        "conflicts, duration_ms, run_id, node) VALUES ('2026-11-21T10:00:0" +
        std::to_string(number) + ".000Z', 'pull', 'success', 0, 0, 0, 5, '" + id + "', '" + node +
        "')");
  };
  for (int i = 0; i < 4; ++i) add("ann");
  int sleeps = 0;
  WritingClock clock;
  clock.write = [&] {
    if (++sleeps == 2) add("ann");
    if (sleeps == 3) add("ben");
    if (sleeps == 5) add("ann");
  };
  test::MemoryFileSystem fs;
  Random random(1);
  Environment env{fs, fs, clock, random, "host", "user", "tidesync test"};
  HistoryFilter filter;
  filter.limit = 2;
  std::vector<std::string> printed;
  follow_history(env, file, filter, [&](const std::vector<RunRecord>& runs) {
    printed.push_back(ids(runs));
    return printed.size() < 3;
  });
  EXPECT_EQ(printed, (std::vector<std::string>{"c1 d1 ", "e1 ", "g1 "}));
  EXPECT_EQ(sleeps, 5);
}

}  // namespace
}  // namespace tidesync
