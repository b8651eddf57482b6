// Runs that fail in the same way, one after another: an outage of the share over days is one row of
// sync_log with a count, and people are told once. Kept in the application's database, so that a
// restored one tells of its own past. Private to this room and inspect.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "replica/local.h"

namespace tidesync {

inline constexpr const char* kOfflineCause = "offline";

struct RunStreak {
  std::string cause;   // what fails; compared, not shown
  std::string run_id;  // of the first run, whose row in sync_log stands for all
  std::int64_t since_ms = 0;
  std::uint64_t runs = 1;
  bool told = false;  // on_error was called
};

// nullopt when the last run did not fail.
std::optional<RunStreak> read_streak(Local& local);
// nullopt ends it. Within the caller's transaction.
void write_streak(Local& local, const std::optional<RunStreak>& streak);

// The message of a row of sync_log that stands for several runs, and back: what it said of one, how
// many there were, and since when (ISO UTC, "" for a single one).
struct StreakMessage {
  std::string text;
  std::uint64_t runs = 1;
  std::string since;
};
std::string print_streak_message(const std::string& text, std::uint64_t runs,
                                 std::int64_t since_ms);
StreakMessage parse_streak_message(const std::string& message);

// What sync_log says of a node's last runs.
struct RunTail {
  std::optional<std::int64_t> last_success_ms;  // when the last one that got through began
  std::uint64_t failed_runs = 0;                // since then
};
RunTail read_run_tail(Database& db, const std::string& node);

}  // namespace tidesync
