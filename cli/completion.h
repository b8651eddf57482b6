// Completions for shells, as the text of the file that each shell reads: commands, their options,
// the words an option accepts, and files or folders where one is wanted.
#pragma once

#include <string>

#include "cli/command_tree.h"

namespace tidesync {

std::string bash_completion(const CommandInfo& root);        // tidesync
std::string zsh_completion(const CommandInfo& root);         // _tidesync
std::string fish_completion(const CommandInfo& root);        // tidesync.fish
std::string powershell_completion(const CommandInfo& root);  // tidesync.ps1

}  // namespace tidesync
