// Rows of sync_log that stand for several runs, written and read back.
#include "sync/run_streak.h"

#include <gtest/gtest.h>

#include "schema.h"

namespace tidesync {
namespace {

constexpr std::int64_t kSinceMs = 1'795'255'200'000;  // 2026-11-21T10:00:00.000Z

TEST(StreakMessageTest, ComesBackAsWritten) {
  const std::string message = print_streak_message("open share /nas (x): gone", 1200, kSinceMs);
  EXPECT_EQ(message, "open share /nas (x): gone (1,200 runs since 2026-11-21T10:00:00.000Z)");
  const StreakMessage parsed = parse_streak_message(message);
  EXPECT_EQ(parsed.text, "open share /nas (x): gone");
  EXPECT_EQ(parsed.runs, 1200U);
  EXPECT_EQ(parsed.since, "2026-11-21T10:00:00.000Z");
}

TEST(StreakMessageTest, OtherTextsAreOneRun) {
  for (const std::string text :
       {"", "gone", "(2 runs since yesterday)", "x (2 runs since 2026-11-21T10:00:00.000Z",
        "x ( runs since 2026-11-21T10:00:00.000Z)", "x (two runs since 2026-11-21T10:00:00.000Z)",
        "x (-2 runs since 2026-11-21T10:00:00.000Z)", " runs since ", ")",
        "x (99999999999999999999 runs since 2026-11-21T10:00:00.000Z)"}) {
    const StreakMessage parsed = parse_streak_message(text);
    EXPECT_EQ(parsed.text, text);
    EXPECT_EQ(parsed.runs, 1U) << text;
  }
}

class RunTailTest : public ::testing::Test {
 protected:
  RunTailTest() : db_(Database::in_memory()) { db_.exec(sql::k_local_journal); }
  void add(const std::string& at, const std::string& status, const std::string& node = "ann",
           const std::string& message = {}) {
    db_.prepare(
           "INSERT INTO sync_log (timestamp, direction, status, records_pulled, records_pushed, "
           "conflicts, error_message, duration_ms, run_id, node) VALUES (?1, 'pull', ?2, 0, 0, 0, "
           "?3, 5, hex(randomblob(8)), ?4)")
        .bind_text(1, at)
        .bind_text(2, status)
        .bind_text(3, message)
        .bind_text(4, node)
        .run();
  }
  Database db_;
};

TEST_F(RunTailTest, NobodyEverRan) {
  const RunTail tail = read_run_tail(db_, "ann");
  EXPECT_FALSE(tail.last_success_ms);
  EXPECT_EQ(tail.failed_runs, 0U);
}

TEST_F(RunTailTest, FailedRunsSinceTheLastThatGotThroughAreAddedUp) {
  add("2026-11-21T08:00:00.000Z", "error");
  add("2026-11-21T10:00:00.000Z", "partial");
  add("2026-11-21T11:00:00.000Z", "error", "ann", print_streak_message("gone", 12, kSinceMs));
  add("2026-11-21T12:00:00.000Z", "error", "ann", "locked");
  add("2026-11-21T13:00:00.000Z", "success", "ben");
  const RunTail tail = read_run_tail(db_, "ann");
  EXPECT_EQ(tail.last_success_ms, kSinceMs);
  EXPECT_EQ(tail.failed_runs, 13U);
}

}  // namespace
}  // namespace tidesync
