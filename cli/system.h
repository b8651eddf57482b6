// What only the operating system knows: who and where we are, what the terminal can do, the
// arguments as UTF-8 and the local time. One source file per system.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <vector>

#include "base/file_system.h"

namespace tidesync {

// What one of the two output streams leads to.
struct Terminal {
  bool interactive = false;  // a person looks at it
  bool colour = false;       // and it shows colours (NO_COLOR and TERM=dumb are respected)
  std::size_t columns = 0;   // 0: any width
};
enum class Stream { kOut, kError };
Terminal describe_terminal(Stream stream);
// Makes the console accept UTF-8 and colours, where that must be asked for.
void prepare_console();

// A variable of the environment as UTF-8; "" when it is not set.
std::string environment_text(const char* name);
// Where this user's settings of tidesync are, whether it exists or not: $TIDESYNC_CONFIG_HOME, or
// the place that the system has for it; empty when the user has no home.
Path user_config_folder();

std::string host_name();  // "localhost" when it has none
std::string user_name();  // of the login; "" when unknown

// The arguments without the program's name, as UTF-8.
std::vector<std::string> utf8_arguments(int argc, char** argv);
// The path seen from the root; "" stays empty. A separator at its end is dropped.
Path absolute_path(const std::string& utf8);

std::tm local_calendar(std::time_t utc_s);

}  // namespace tidesync
