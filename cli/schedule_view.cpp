#include "cli/schedule_view.h"

#include <algorithm>

#include "base/process_lock.h"
#include "base/text.h"
#include "cli/times.h"

namespace tidesync {
namespace {

constexpr const char* kName = "schedule";
constexpr const char* kInstallAgain = "tidesync schedule install --force puts it right.";

bool exists(FileSystem& fs, const Path& file) {
  try {
    return fs.stat(file).has_value();
  } catch (const Error&) {
    return true;  // not to be seen is not gone
  }
}

// The note stays when the process was killed; then nobody holds the lock.
std::optional<SchedulerNote> read_running(FileSystem& fs, const LocalPaths& paths) {
  auto note = read_scheduler_note(fs, paths);
  if (note && ProcessLock::try_acquire(paths.folder / "scheduler.lock", "")) return std::nullopt;
  return note;
}

Check check_installed(FileSystem& fs, const InstalledTask& installed, const Config* config) {
  const Task& task = installed.task;
  if (!exists(fs, task.program))
    return {kName, CheckVerdict::kProblem,
            "it starts " + to_utf8(task.program) + ", which is not there", kInstallAgain};
  if (!exists(fs, task.database))
    return {kName, CheckVerdict::kProblem,
            "it syncs " + to_utf8(task.database) + ", which is not there",
            "Put the database back, or run tidesync schedule remove."};
  if (!installed.active)
    return {kName, CheckVerdict::kProblem,
            schedule_sentence(installed) + ", but it is switched off there", kInstallAgain};
  if (config != nullptr && config->interval_minutes != task.every_minutes) {
    const std::string wanted = interval_text(config->interval_minutes);
    return {kName, CheckVerdict::kWarning,
            schedule_sentence(installed) + ", config.toml says " + wanted,
            "tidesync schedule set " + wanted + " makes them agree."};
  }
  return {kName, CheckVerdict::kOk, schedule_sentence(installed), ""};
}

}  // namespace

ScheduleFacts read_schedule(const TaskHost& host, const Path& database) {
  ScheduleFacts facts;
  try {
    facts.running = read_running(host.files, LocalPaths(database));
    facts.installed = find_task(host, database);
  } catch (const Error& error) {
    facts.problem = error.what();
    facts.hint = error.hint();
  }
  return facts;
}

std::string schedule_sentence(const InstalledTask& installed) {
  const Task& task = installed.task;
  std::string text = "every " + interval_text(task.every_minutes) + " by " +
                     std::string(to_string(installed.kind));
  if (installed.kind == TaskKind::kSystemdSystem) text += " as " + task.account;
  if (task.at_logon) text += ", also at logon";
  if (task.on_idle) text += ", only when idle";
  if (task.always) text += ", also while nobody is logged on";
  return text;
}

std::optional<std::int64_t> next_run_ms(const ScheduleFacts& facts) {
  if (!facts.installed && facts.running) return facts.running->next_ms;
  if (!facts.installed || !facts.installed->next_s) return std::nullopt;
  return *facts.installed->next_s * 1000;
}

std::string next_run_text(const ScheduleFacts& facts) {
  if (!facts.installed && facts.running) return local_time(facts.running->next_ms);
  if (!facts.problem.empty()) return "unknown: " + facts.problem;
  if (!facts.installed) return "none is scheduled";
  if (!facts.installed->active) return "none: the schedule is switched off";
  if (const auto next = next_run_ms(facts)) return local_time(*next);
  return "within " + interval_text(facts.installed->task.every_minutes);
}

Check check_schedule(FileSystem& fs, const ScheduleFacts& facts, const Path& database,
                     const Config* config) {
  if (!facts.problem.empty()) return {kName, CheckVerdict::kProblem, facts.problem, facts.hint};
  if (facts.installed) return check_installed(fs, *facts.installed, config);
  if (facts.running) {
    const std::string every =
        interval_text(std::max<std::int64_t>(facts.running->interval_minutes, 1));
    return {kName, CheckVerdict::kOk, "tidesync run is running, every " + every, ""};
  }
  return {kName, CheckVerdict::kWarning,
          "none is installed for " + to_utf8(database.filename()) +
              ": it is synced by hand, or by tidesync run",
          "tidesync schedule install --every 15m installs one."};
}

}  // namespace tidesync
