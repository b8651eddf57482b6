#include "cli/command_tree.h"

#include <CLI/CLI.hpp>
#include <sstream>

#include "base/text.h"
#include "sync/config.h"

namespace tidesync {
namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

std::vector<std::string> setting_names() {
  std::vector<std::string> names;
  for (const auto& [key, value] : config_values(Config())) names.push_back(key);
  return names;
}

// By the house's words for values: FILE, DIR, one|other, and KEY of a setting.
void take_kind(const std::string& type, bool is_setting, OptionInfo& info) {
  info.placeholder = type;
  info.kind = ValueKind::kAny;
  if (type == "FILE") info.kind = ValueKind::kFile;
  if (type == "DIR") info.kind = ValueKind::kFolder;
  if (is_setting) info.words = setting_names();
  if (type.find('|') != std::string::npos) info.words = split(type, '|');
  if (!info.words.empty()) info.kind = ValueKind::kWord;
}

OptionInfo read_option(const CLI::Option& option, const std::vector<std::string>& path) {
  OptionInfo info;
  info.description = option.get_description();
  info.is_required = option.get_required();
  for (const std::string& name : option.get_snames()) info.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) info.names.push_back("--" + name);
  const bool is_argument = info.names.empty();
  if (is_argument) info.names.push_back(option.get_name(true));
  if (!option.get_default_str().empty())
    info.description += " (default: " + option.get_default_str() + ")";
  if (option.get_items_expected_max() == 0) return info;  // a flag
  // Behind a colon stands what a value is checked for.
  const std::string type = option.get_type_name();
  const bool is_setting = is_argument && info.names[0] == "KEY" && path.front() == "config";
  take_kind(type.substr(0, type.find(':')), is_setting, info);
  return info;
}

// "Exit codes:", a line for each, "Example:" and a line: as add_command writes it.
void read_footer(const std::string& footer, CommandInfo& info) {
  bool is_example = false;
  for (const std::string& line : split(footer, '\n')) {
    const std::size_t begin = line.find_first_not_of(' ');
    if (begin == 0) is_example = line == "Example:";
    if (begin == std::string::npos || begin == 0) continue;
    const std::string text = line.substr(begin);
    if (is_example) {
      info.example = text;
      continue;
    }
    const std::size_t end = text.find(' ');
    info.exit_codes.emplace_back(text.substr(0, end),
                                 text.substr(text.find_first_not_of(' ', end)));
  }
}

CommandInfo read_command(const CLI::App& app, const std::vector<std::string>& path) {
  CommandInfo info;
  info.path = path;
  info.description = app.get_description();
  read_footer(app.get_footer(), info);
  for (const CLI::Option* option : app.get_options()) {
    OptionInfo read = read_option(*option, path);
    (option->get_positional() ? info.arguments : info.options).push_back(std::move(read));
  }
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_group().empty()) continue;
    std::vector<std::string> below = path;
    below.push_back(command->get_name());
    info.commands.push_back(read_command(*command, below));
  }
  return info;
}

void collect(const CommandInfo& command, std::vector<const CommandInfo*>& all) {
  all.push_back(&command);
  for (const CommandInfo& below : command.commands) collect(below, all);
}

}  // namespace

std::string CommandInfo::key() const {
  return join(path, " ");
}

std::string CommandInfo::full_name() const {
  return path.empty() ? "tidesync" : "tidesync " + key();
}

CommandInfo read_command_tree(const CLI::App& app) {
  return read_command(app, {});
}

std::vector<const CommandInfo*> all_commands(const CommandInfo& root) {
  std::vector<const CommandInfo*> all;
  collect(root, all);
  return all;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

}  // namespace tidesync
