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

// Lines at or above `level` go to the file (created with its folder, appended to) until the next
// call. Before the first call nothing is written. A log that cannot be opened is not an error.
void to_file(const Path& file, Level level);
// Lines at or above `level` go to the standard error stream as well.
void to_stderr(Level level);

}  // namespace tidesync::log
