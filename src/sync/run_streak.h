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

}  // namespace tidesync
