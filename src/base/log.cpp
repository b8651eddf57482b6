#include "base/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <boost/filesystem/operations.hpp>
#include <memory>

namespace tidesync::log {
namespace {

struct Sinks {
  spdlog::sink_ptr file;
  spdlog::sink_ptr console;
};

Sinks& sinks() {
  static Sinks instance;
  return instance;
}

void write(spdlog::level::level_enum level, std::string_view message) {
  const spdlog::details::log_msg line("tidesync", level,
                                      spdlog::string_view_t(message.data(), message.size()));
  for (const auto& sink : {sinks().file, sinks().console}) {
    if (!sink || !sink->should_log(level)) continue;
    try {
      sink->log(line);
      sink->flush();
    } catch (const std::exception&) {
      // A full disk must not stop a sync because of its log.
    }
  }
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
    case Level::kOff:
      return spdlog::level::off;
  }
  return spdlog::level::off;
}

}  // namespace

Level level_of(std::string_view name) {
  if (name == "debug") return Level::kDebug;
  if (name == "info") return Level::kInfo;
  if (name == "warning") return Level::kWarning;
  if (name == "error") return Level::kError;
  return Level::kOff;
}

void debug(std::string_view message) {
  write(spdlog::level::debug, message);
}
void info(std::string_view message) {
  write(spdlog::level::info, message);
}
void warning(std::string_view message) {
  write(spdlog::level::warn, message);
}
void error(std::string_view message) {
  write(spdlog::level::err, message);
}

void to_file(const Path& file, Level level) {
  sinks().file.reset();
  if (level == Level::kOff) return;
  try {
    boost::system::error_code ignored;
    boost::filesystem::create_directories(file.parent_path(), ignored);
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file.string());
    sink->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    sink->set_level(to_spdlog(level));
    sinks().file = sink;
  } catch (const std::exception&) {
    // No log is better than no sync.
  }
}

void to_stderr(Level level) {
  sinks().console.reset();
  if (level == Level::kOff) return;
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  sink->set_pattern("tidesync: %l: %v");
  sink->set_level(to_spdlog(level));
  sinks().console = sink;
}

}  // namespace tidesync::log
