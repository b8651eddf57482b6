#include <pwd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <boost/filesystem/operations.hpp>
#include <cstdlib>
#include <string_view>

#include "cli/system.h"

namespace tidesync {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string home_folder() {
  if (const auto home = environment("HOME"); !home.empty()) return std::string(home);
  const passwd* entry = ::getpwuid(::getuid());
  return entry == nullptr || entry->pw_dir == nullptr ? "" : entry->pw_dir;
}

}  // namespace

Terminal describe_terminal(Stream stream) {
  const int fd = stream == Stream::kOut ? STDOUT_FILENO : STDERR_FILENO;
  Terminal terminal;
  terminal.interactive = ::isatty(fd) == 1;
  if (!terminal.interactive) return terminal;
  terminal.colour = environment("NO_COLOR").empty() && environment("TERM") != "dumb";
  winsize size{};
  terminal.columns = ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
  return terminal;
}

void prepare_console() {}

std::string environment_text(const char* name) {
  return std::string(environment(name));
}

Path user_config_folder() {
  if (const auto folder = environment("TIDESYNC_CONFIG_HOME"); !folder.empty())
    return absolute_path(std::string(folder));
#ifndef __APPLE__
  // As the XDG base directory specification has it: a relative path is to be ignored.
  if (const auto folder = environment("XDG_CONFIG_HOME"); !folder.empty() && folder[0] == '/')
    return absolute_path(std::string(folder)) / "tidesync";
#endif
  const std::string home = home_folder();
  if (home.empty() || home[0] != '/') return {};
#ifdef __APPLE__
  return absolute_path(home) / "Library" / "Application Support" / "tidesync";
#else
  return absolute_path(home) / ".config" / "tidesync";
#endif
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
  return name.data();
}

std::string user_name() {
  for (const char* variable : {"USER", "LOGNAME", "USERNAME"}) {
    if (const auto name = environment(variable); !name.empty()) return std::string(name);
  }
  const passwd* entry = ::getpwuid(::getuid());  // a service has no login
  return entry == nullptr || entry->pw_name == nullptr ? "" : entry->pw_name;
}

std::vector<std::string> utf8_arguments(int argc, char** argv) {
  return argc > 0 ? std::vector<std::string>(argv + 1, argv + argc) : std::vector<std::string>();
}

Path absolute_path(const std::string& utf8) {
  std::string text = utf8;
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  return text.empty() ? Path() : boost::filesystem::absolute(from_utf8(text));
}

std::tm local_calendar(std::time_t utc_s) {
  std::tm calendar{};
  ::localtime_r(&utc_s, &calendar);
  return calendar;
}

}  // namespace tidesync
