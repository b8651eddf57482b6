#include <windows.h>

#include <array>
#include <ctime>

#include "base/child_process.h"
#include "base/error.h"
#include "schedule/task_host.h"

namespace tidesync {
namespace {

constexpr std::int64_t kLimit_ms = 60'000;

std::string variable(const wchar_t* name) {
  std::array<wchar_t, 1024> value{};
  const DWORD size = GetEnvironmentVariableW(name, value.data(), static_cast<DWORD>(value.size()));
  return size == 0 || size >= value.size() ? "" : to_utf8(Path(value.data()));
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
  localtime_s(&local, &utc_s);
  return local;
}

}  // namespace

TaskHost task_host(FileSystem& files) {
  const std::time_t now_s = std::time(nullptr);
  TaskHost host{
      files, run, {}, {}, {}, {}, {}, false, {TaskKind::kWindows}, now_s, local_time_of(now_s)};
  host.home = from_utf8(variable(L"USERPROFILE"));
  const std::string domain = variable(L"USERDOMAIN");
  host.account = (domain.empty() ? "" : domain + "\\") + variable(L"USERNAME");
  return host;
}

}  // namespace tidesync
