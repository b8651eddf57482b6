// Diagnostic log lines, by spdlog. Only log.cpp includes it. Never row contents above debug level.
#pragma once

#include <string>
#include <string_view>

#include "base/file_system.h"

namespace tidesync::log {

enum class Level { kDebug, kInfo, kWarning, kError, kOff };

// "debug", "info", "warning", "error"; anything else is off.
Level level_of(std::string_view name);

void debug(std::string_view message);
void info(std::string_view message);
void warning(std::string_view message);
void error(std::string_view message);

// Where the lines of this process go besides the standard error stream.
struct FileSettings {
  Path folder;  // tidesync_2026-11-21.log in it; a new file each day, by local time
  Level level = Level::kInfo;
  bool json = false;       // one JSON object a line: time (UTC), level, database, message
  int keep_days = 14;      // older files of ours are removed
  std::string database{};  // named in JSON lines
};

// Lines go there until the next call; the folder is created, an existing file appended to. Before
// the first call nothing is written. A log that cannot be opened or written is not an error.
void to_files(const FileSettings& settings);
// Lines at or above `level` go to the standard error stream as well; below systemd's journal with
// its mark of the level.
void to_stderr(Level level);

}  // namespace tidesync::log
