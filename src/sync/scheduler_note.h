// scheduler.json in the folder beside the database: what `tidesync run` is about, for `status`.
// Only for people; nothing is decided by it.
#pragma once

#include <cstdint>
#include <optional>

#include "sync/config.h"

namespace tidesync {

struct SchedulerNote {
  std::int64_t process = 0;
  std::int64_t interval_minutes = 0;
  bool watch = false;
  std::int64_t next_ms = 0;          // UTC: the next sync, if nothing else leads to one
  std::int64_t silent_since_ms = 0;  // UTC: the share does not answer since; 0: it does
};

// nullopt when there is none, or none that can be read.
std::optional<SchedulerNote> read_scheduler_note(FileSystem& fs, const LocalPaths& paths);
// A note that cannot be written is no failure.
void write_scheduler_note(FileSystem& fs, const LocalPaths& paths, const SchedulerNote& note);
void remove_scheduler_note(FileSystem& fs, const LocalPaths& paths);

}  // namespace tidesync
