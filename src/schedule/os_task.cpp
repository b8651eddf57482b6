#include "schedule/os_task.h"

#include "base/digest.h"
#include "base/error.h"
#include "base/text.h"
#include "schedule/os_task_kinds.h"

namespace tidesync {
namespace {

constexpr std::size_t kStemCharacters = 20;
constexpr std::size_t kDigestDigits = 10;

// The letters and digits of a file's name: "Été & quotes.db" -> "t-quotes".
std::string safe_stem(const Path& database) {
  std::string stem;
  for (const char c : to_lower_ascii(to_utf8(database.stem()))) {
    const bool safe = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (safe) {
      stem += c;
    } else if (!stem.empty() && stem.back() != '-') {
      stem += '-';
    }
    if (stem.size() == kStemCharacters) break;
  }
  while (!stem.empty() && stem.back() == '-') stem.pop_back();
  return stem.empty() ? "database" : stem;
}

}  // namespace

std::string_view to_string(TaskKind kind) {
  switch (kind) {
    case TaskKind::kSystemd:
      return "systemd";
    case TaskKind::kSystemdSystem:
      return "systemd --system";
    case TaskKind::kCron:
      return "cron";
    case TaskKind::kLaunchd:
      return "launchd";
    case TaskKind::kWindows:
      return "windows";
  }
  return "";
}

std::string task_name(const Path& database) {
  return safe_stem(database) + "-" + digest_of(to_utf8(database)).hex().substr(0, kDigestDigits);
}

std::unique_ptr<OsTasks> os_tasks(TaskKind kind, const TaskHost& host) {
  switch (kind) {
    case TaskKind::kSystemd:
      return systemd_tasks(host, false);
    case TaskKind::kSystemdSystem:
      return systemd_tasks(host, true);
    case TaskKind::kCron:
      return cron_tasks(host);
    case TaskKind::kLaunchd:
      return launchd_tasks(host);
    case TaskKind::kWindows:
      return windows_tasks(host);
  }
  throw Error(ErrorCode::kInternal, "find the scheduler", "", "unknown kind");
}

std::optional<InstalledTask> find_task(const TaskHost& host, const Path& database) {
  for (const TaskKind kind : host.kinds) {
    if (auto found = os_tasks(kind, host)->find(database)) return found;
  }
  return std::nullopt;
}

TaskKind choose_kind(const TaskHost& host) {
  for (const TaskKind kind : host.kinds) {
    // Units of the whole system only when they are asked for.
    if (kind != TaskKind::kSystemdSystem && os_tasks(kind, host)->available()) return kind;
  }
  throw Error(ErrorCode::kNotFound, "schedule install", "",
              "this account has neither systemd nor cron",
              "Install cron, let an administrator use --system, or keep tidesync run running.");
}

std::optional<std::int64_t> next_start_s(const TaskHost& host, const StartTimes& times) {
  if (!times.is_regular()) return std::nullopt;
  return host.now_s + seconds_to_next(times, host.now);
}

void refuse_idle(const Task& task, const std::string& who) {
  if (!task.on_idle) return;
  throw Error(ErrorCode::kUsage, "schedule install", "",
              who + " cannot wait until nobody works at the computer",
              "Leave --on-idle out: a sync runs beside the work and takes little of the computer.");
}

ProgramResult run_or_throw(const TaskHost& host, const std::vector<std::string>& words,
                           const std::string& input) {
  ProgramResult result = host.run(words, input);
  if (!result.started)
    throw Error(ErrorCode::kNotFound, "run", words[0], "there is no such program here");
  if (result.exit_code == 0) return result;
  std::string said = result.output;
  while (!said.empty() && (said.back() == '\n' || said.back() == '\r')) said.pop_back();
  said = printable(said);
  throw Error(ErrorCode::kIo, "run", join(words, " "),
              said.empty() ? "it failed with exit code " + std::to_string(result.exit_code)
                           : "it failed and says: " + said);
}

bool runs_well(const TaskHost& host, const std::vector<std::string>& words) {
  const ProgramResult result = host.run(words, "");
  return result.started && result.exit_code == 0;
}

void put_file(FileSystem& files, const TaskFile& file) {
  const Path path = from_utf8(file.name);
  create_directories(files, path.parent_path());
  Path temporary = path;
  temporary += ".new";
  replace_file(files, temporary, path, file.text);
}

}  // namespace tidesync
