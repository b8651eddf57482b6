// What the system's scheduler, or tidesync run, will do for a database, for the commands that show
// it.
#pragma once

#include <optional>
#include <string>

#include "cli/command.h"
#include "inspect/doctor.h"
#include "schedule/os_task.h"
#include "sync/config.h"
#include "sync/scheduler_note.h"

namespace tidesync {

// What was found, or why nothing could be (a crontab edited by hand).
struct ScheduleFacts {
  std::optional<InstalledTask> installed;
  std::string problem, hint;
  std::optional<SchedulerNote> running;  // tidesync run
};
ScheduleFacts read_schedule(const TaskHost& host, const Path& database);

// "every 15m by systemd, also at logon"
std::string schedule_sentence(const InstalledTask& installed);
// UTC; nullopt when it is not known.
std::optional<std::int64_t> next_run_ms(const ScheduleFacts& facts);
// "2026-11-21 14:03:27", "none is scheduled", ...
std::string next_run_text(const ScheduleFacts& facts);
// The line of doctor. `config`: nullptr when it cannot be read.
Check check_schedule(FileSystem& fs, const ScheduleFacts& facts, const Path& database,
                     const Config* config);

}  // namespace tidesync
