// The program: builds the environment of production, reads the arguments, runs one command and
// turns whatever happens into an exit code and words.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace tidesync {

// On the real disk, clock and terminal. Never throws.
int run_app(const std::vector<std::string>& arguments);

// One call with everything given. Prints errors; never throws Error.
ExitCode run_command_line(const std::vector<std::string>& arguments, Session& session);

}  // namespace tidesync
