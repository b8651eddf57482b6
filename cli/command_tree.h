// The command line as data, read from what --help is printed from: completions of shells and manual
// pages are written from it, so none of them can name an option that is not there, or forget one.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace tidesync {

enum class ValueKind { kNone, kAny, kFile, kFolder, kWord };

struct OptionInfo {
  std::vector<std::string> names;  // "-v", "--verbose"; of an argument: "KEY"
  std::string description;
  bool is_required = false;
  ValueKind kind = ValueKind::kNone;  // kNone: a flag
  std::string placeholder;            // "FILE", "winner|loser"
  std::vector<std::string> words;     // of kWord: what can stand there
};

struct CommandInfo {
  std::vector<std::string> path;  // {"conflicts", "show"}; empty: the program itself
  std::string description;
  std::vector<OptionInfo> options;
  std::vector<OptionInfo> arguments;
  std::vector<std::pair<std::string, std::string>> exit_codes;  // "3", what it means
  std::string example;                                          // "" when there is none
  std::vector<CommandInfo> commands;

  std::string key() const;        // "conflicts show"
  std::string full_name() const;  // "tidesync conflicts show"
};

// Commands that --help does not list are left out.
CommandInfo read_command_tree(const CLI::App& app);
// This command and all below it.
std::vector<const CommandInfo*> all_commands(const CommandInfo& root);

// Text with every `what` replaced.
std::string replaced(std::string text, const std::string& what, const std::string& with);

}  // namespace tidesync
