// Manual pages in roff: tidesync(1), and one for each command with the commands below it.
#pragma once

#include <string>

#include "cli/command_tree.h"

namespace tidesync {

// tidesync.1
std::string program_page(const CommandInfo& root, const std::string& version);
// tidesync-now.1: of a command of the first level.
std::string command_page(const CommandInfo& command, const std::string& version);
std::string page_name(const CommandInfo& command);  // "tidesync-now"

}  // namespace tidesync
