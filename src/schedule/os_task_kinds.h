// The kinds of schedulers, and what they share. Private to this room and its tests.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "schedule/os_task.h"

namespace tidesync {

// `for_system`: units in /etc/systemd/system, run as Task::account.
std::unique_ptr<OsTasks> systemd_tasks(const TaskHost& host, bool for_system);
std::unique_ptr<OsTasks> cron_tasks(const TaskHost& host);
std::unique_ptr<OsTasks> launchd_tasks(const TaskHost& host);
std::unique_ptr<OsTasks> windows_tasks(const TaskHost& host);

// A crontab with our lines for that database taken out, and `block` (lines, or "") put at its end
// or where they were. All else stays byte for byte. Throws Error kDamaged when one of our two marks
// is missing.
std::string edit_crontab(const std::string& crontab, const std::string& name,
                         const std::string& block);

// UTC; nullopt when it is counted from the last run.
std::optional<std::int64_t> next_start_s(const TaskHost& host, const StartTimes& times);

// Throws Error kUsage when the task wants it.
void refuse_idle(const Task& task, const std::string& who);
// Throws Error with what the program said when it fails.
ProgramResult run_or_throw(const TaskHost& host, const std::vector<std::string>& words,
                           const std::string& input = {});
bool runs_well(const TaskHost& host, const std::vector<std::string>& words);
// Makes its folder and puts it there in one step.
void put_file(FileSystem& files, const TaskFile& file);

inline constexpr std::uint64_t kMaxTaskFileBytes = 1u << 20;

}  // namespace tidesync
