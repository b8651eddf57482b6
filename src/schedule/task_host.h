// What a task needs to know of the computer and the account, as a seam: tests give their own.
#pragma once

#include <cstdint>
#include <ctime>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"

namespace tidesync {

enum class TaskKind { kSystemd, kSystemdSystem, kCron, kLaunchd, kWindows };
std::string_view to_string(TaskKind kind);  // "systemd", "systemd --system", "cron", ...

struct ProgramResult {
  bool started = false;  // there is such a program
  int exit_code = 0;     // 124: it did not end in time
  std::string output;    // both of its streams
};
// Runs a program found in PATH, with this standard input.
using RunProgram =
    std::function<ProgramResult(const std::vector<std::string>& words, const std::string& input)>;

struct TaskHost {
  FileSystem& files;
  RunProgram run;
  Path home;
  Path config_home;     // $XDG_CONFIG_HOME or ~/.config
  Path system_units;    // /etc/systemd/system
  std::string account;  // as this system writes it: "anna", "OFFICE\anna"
  std::string user_id;  // a number; "" on Windows
  bool is_admin = false;
  std::vector<TaskKind> kinds;  // of this system, best first
  std::int64_t now_s = 0;       // UTC, seconds since 1970
  std::tm now{};                // the same on the computer's clock
};

// This computer's, now. Throws nothing: what is unknown stays empty.
TaskHost task_host(FileSystem& files);

}  // namespace tidesync
