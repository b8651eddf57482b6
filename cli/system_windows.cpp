// clang-format off
#include <windows.h>
#include <shellapi.h>
// clang-format on

#include <array>
#include <boost/filesystem/operations.hpp>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "cli/system.h"

namespace tidesync {
namespace {

std::string narrow(const wchar_t* text) {
  return to_utf8(Path(text));
}

HANDLE handle_of(Stream stream) {
  return ::GetStdHandle(stream == Stream::kOut ? STD_OUTPUT_HANDLE : STD_ERROR_HANDLE);
}

}  // namespace

Terminal describe_terminal(Stream stream) {
  const HANDLE handle = handle_of(stream);
  Terminal terminal;
  DWORD mode = 0;
  terminal.interactive = ::GetConsoleMode(handle, &mode) != 0;
  if (!terminal.interactive) return terminal;
  const char* no_colour = std::getenv("NO_COLOR");
  terminal.colour = (mode & ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0 &&
                    (no_colour == nullptr || *no_colour == '\0');
  CONSOLE_SCREEN_BUFFER_INFO info{};
  terminal.columns = 80;
  if (::GetConsoleScreenBufferInfo(handle, &info) != 0) {
    // The last column is left free: filling it breaks the line.
    terminal.columns = static_cast<std::size_t>(info.srWindow.Right - info.srWindow.Left);
  }
  return terminal;
}

void prepare_console() {
  ::SetConsoleOutputCP(CP_UTF8);
  for (const Stream stream : {Stream::kOut, Stream::kError}) {
    DWORD mode = 0;
    if (::GetConsoleMode(handle_of(stream), &mode) != 0) {
      ::SetConsoleMode(handle_of(stream), mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
    }
  }
}

std::string environment_text(const char* name) {
  const wchar_t* value = ::_wgetenv(Path(name).c_str());
  return value == nullptr ? "" : narrow(value);
}

Path user_config_folder() {
  if (const std::string folder = environment_text("TIDESYNC_CONFIG_HOME"); !folder.empty())
    return absolute_path(folder);
  const Path folder = from_utf8(environment_text("APPDATA"));
  return folder.is_absolute() ? folder / "tidesync" : Path();
}

std::string host_name() {
  std::array<wchar_t, 256> name{};
  DWORD size = static_cast<DWORD>(name.size());
  const bool known = ::GetComputerNameExW(ComputerNameDnsHostname, name.data(), &size) != 0;
  return known && name[0] != L'\0' ? narrow(name.data()) : "localhost";
}

std::string user_name() {
  std::array<wchar_t, 257> name{};
  DWORD size = static_cast<DWORD>(name.size());
  return ::GetUserNameW(name.data(), &size) != 0 ? narrow(name.data()) : "";
}

std::vector<std::string> utf8_arguments(int, char**) {
  int count = 0;
  const std::unique_ptr<LPWSTR, decltype(&::LocalFree)> wide(
      ::CommandLineToArgvW(::GetCommandLineW(), &count), &::LocalFree);
  std::vector<std::string> arguments;
  for (int i = 1; wide != nullptr && i < count; ++i) arguments.push_back(narrow(wide.get()[i]));
  return arguments;
}

Path absolute_path(const std::string& utf8) {
  std::string text = utf8;
  while (text.size() > 3 && (text.back() == '/' || text.back() == '\\')) text.pop_back();
  return text.empty() ? Path() : boost::filesystem::absolute(from_utf8(text)).make_preferred();
}

std::tm local_calendar(std::time_t utc_s) {
  std::tm calendar{};
  ::localtime_s(&calendar, &utc_s);
  return calendar;
}

}  // namespace tidesync
