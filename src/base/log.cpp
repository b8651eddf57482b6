#include "base/log.h"

#include <spdlog/sinks/daily_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <boost/filesystem/directory.hpp>
#include <boost/filesystem/operations.hpp>
#include <chrono>
#include <cstdlib>
#include <memory>

#include "base/text.h"

namespace tidesync::log {
namespace {

// spdlog puts the day before the extension: tidesync_2026-11-21.log.
constexpr const char* kFileName = "tidesync.log";
constexpr std::string_view kPrefix = "tidesync_";
constexpr std::string_view kExtension = ".log";
constexpr std::size_t kDayLength = 10;

struct Sinks {
  spdlog::sink_ptr file;
  spdlog::sink_ptr console;
  bool json = false;
  bool journal = false;
  std::string database;
};

Sinks& sinks() {
  static Sinks instance;
  return instance;
}

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string_view name_of(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::debug:
      return "debug";
    case spdlog::level::info:
      return "info";
    case spdlog::level::warn:
      return "warning";
    default:
      return "error";
  }
}

std::string json_line(spdlog::level::level_enum level, std::string_view message) {
  return "{\"time\":" + quoted(iso_utc(now_ms())) +
         ",\"level\":" + quoted(std::string(name_of(level))) +
         ",\"database\":" + quoted(sinks().database) +
         ",\"message\":" + quoted(printable(message)) + "}";
}

// As sd-daemon(3) has it: the journal files the line under this priority.
std::string journal_line(spdlog::level::level_enum level, std::string_view message) {
  const char* priority = level == spdlog::level::debug  ? "<7>"
                         : level == spdlog::level::info ? "<6>"
                         : level == spdlog::level::warn ? "<4>"
                                                        : "<3>";
  return priority + printable(message);
}

void write_to(const spdlog::sink_ptr& sink, spdlog::level::level_enum level,
              const std::string& text) {
  try {
    sink->log(spdlog::details::log_msg("tidesync", level,
                                       spdlog::string_view_t(text.data(), text.size())));
    sink->flush();
  } catch (const std::exception&) {
    // A full disk must not stop a sync because of its log.
  }
}

void write(spdlog::level::level_enum level, std::string_view message) {
  const Sinks& to = sinks();
  if (to.file && to.file->should_log(level))
    write_to(to.file, level, to.json ? json_line(level, message) : std::string(message));
  if (to.console && to.console->should_log(level))
    write_to(to.console, level, to.journal ? journal_line(level, message) : std::string(message));
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

// The day in the name of one of our files, "" for any other name.
std::string day_of(const std::string& name) {
  if (name.size() != kPrefix.size() + kDayLength + kExtension.size()) return {};
  if (name.rfind(kPrefix, 0) != 0 || name.substr(kPrefix.size() + kDayLength) != kExtension)
    return {};
  return name.substr(kPrefix.size(), kDayLength);
}

// Days are compared as text. A day more or less where local time and UTC differ does not matter.
void remove_old_files(const Path& folder, int keep_days) {
  constexpr std::int64_t kDayMs = 24LL * 60 * 60 * 1000;
  const std::string oldest = iso_utc(now_ms() - keep_days * kDayMs).substr(0, kDayLength);
  boost::system::error_code ignored;
  std::vector<Path> old;
  for (boost::filesystem::directory_iterator it(folder, ignored), end; it != end;
       it.increment(ignored)) {
    const std::string day = day_of(to_utf8(it->path().filename()));
    if (!day.empty() && day < oldest) old.push_back(it->path());
  }
  for (const Path& file : old) boost::filesystem::remove(file, ignored);
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

void to_files(const FileSettings& settings) {
  sinks().file.reset();
  if (settings.level == Level::kOff) return;
  try {
    boost::system::error_code ignored;
    boost::filesystem::create_directories(settings.folder, ignored);
    remove_old_files(settings.folder, settings.keep_days);
    auto sink = std::make_shared<spdlog::sinks::daily_file_sink_mt>(
        (settings.folder / kFileName).string(), 0, 0);
    sink->set_pattern(settings.json ? "%v" : "%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    sink->set_level(to_spdlog(settings.level));
    sinks().json = settings.json;
    sinks().database = settings.database;
    sinks().file = sink;
  } catch (const std::exception&) {
    // No log is better than no sync.
  }
}

void to_stderr(Level level) {
  sinks().console.reset();
  if (level == Level::kOff) return;
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  sinks().journal = std::getenv("JOURNAL_STREAM") != nullptr;
  sink->set_pattern(sinks().journal ? "%v" : "tidesync: %l: %v");
  sink->set_level(to_spdlog(level));
  sinks().console = sink;
}

}  // namespace tidesync::log
