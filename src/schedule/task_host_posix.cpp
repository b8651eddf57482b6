#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>

#include "base/child_process.h"
#include "base/error.h"
#include "schedule/task_host.h"

namespace tidesync {
namespace {

constexpr std::int64_t kLimit_ms = 20'000;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

ProgramResult run(const std::vector<std::string>& words, const std::string& input) {
  try {
    const ChildResult result = run_child({words, input}, kLimit_ms);
    return {true, result.exit_code.value_or(124), result.output};
  } catch (const Error& error) {
    return {false, 0, error.what()};
  }
}

std::tm local_time_of(std::time_t utc_s) {
  std::tm local{};
  ::localtime_r(&utc_s, &local);
  return local;
}

}  // namespace

TaskHost task_host(FileSystem& files) {
  const std::time_t now_s = std::time(nullptr);
  TaskHost host{files, run,   {}, {},    "/etc/systemd/system", {},
                {},    false, {}, now_s, local_time_of(now_s)};
  const passwd* entry = ::getpwuid(::getuid());
  std::string home = variable("HOME");
  if (home.empty() && entry != nullptr && entry->pw_dir != nullptr) home = entry->pw_dir;
  host.home = from_utf8(home);
  const std::string config = variable("XDG_CONFIG_HOME");
  host.config_home = config.empty() ? host.home / ".config" : from_utf8(config);
  if (entry != nullptr && entry->pw_name != nullptr) host.account = entry->pw_name;
  host.user_id = std::to_string(::getuid());
  host.is_admin = ::geteuid() == 0;
#ifdef __APPLE__
  host.kinds = {TaskKind::kLaunchd, TaskKind::kCron};
#else
  host.kinds = {TaskKind::kSystemd, TaskKind::kSystemdSystem, TaskKind::kCron};
#endif
  return host;
}

}  // namespace tidesync
