#include "cli/man_page.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace tidesync {
namespace {

// Text as roff prints it: hyphens that can be copied, and no line that reads as a request.
std::string escaped(const std::string& text) {
  std::string out = replaced(replaced(text, "\\", "\\e"), "-", "\\-");
  return !out.empty() && (out[0] == '.' || out[0] == '\'') ? "\\&" + out : out;
}
std::string bold(const std::string& text) {
  return "\\fB" + escaped(text) + "\\fR";
}
std::string italic(const std::string& text) {
  return "\\fI" + escaped(text) + "\\fR";
}

std::string title(const std::string& page, const std::string& version) {
  std::string upper = page;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return ".TH " + escaped(upper) + " 1 \"\" \"tidesync " + version + "\" \"tidesync\"\n";
}

std::string value_of(const OptionInfo& option) {
  if (option.kind == ValueKind::kNone) return "";
  return " " +
         (option.kind == ValueKind::kWord ? bold(option.placeholder) : italic(option.placeholder));
}

std::string option_entry(const OptionInfo& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.names) names.push_back(bold(name));
  return ".TP\n" + join(names, ", ") + value_of(option) + "\n" + escaped(option.description) +
         (option.is_required ? " (required)" : "") + "\n";
}

std::string argument_entry(const OptionInfo& argument) {
  std::string text =
      ".TP\n" + italic(argument.names.front()) + "\n" + escaped(argument.description) + "\n";
  if (!argument.words.empty()) text += ".br\nOne of " + escaped(join(argument.words, ", ")) + ".\n";
  return text;
}

std::string synopsis(const CommandInfo& command) {
  std::string text = ".B " + escaped(command.full_name()) + "\n";
  if (!command.commands.empty()) text += "[" + italic("COMMAND") + "]\n";
  for (const OptionInfo& argument : command.arguments) {
    const std::string name = italic(argument.names.front());
    text += (argument.is_required ? name : "[" + name + "]") + "\n";
  }
  for (const OptionInfo& option : command.options) {
    if (option.is_required) text += bold(option.names.back()) + value_of(option) + "\n";
  }
  return text + "[" + italic("OPTIONS") + "]\n";
}

std::string exit_section(const CommandInfo& command) {
  std::string text;
  for (const auto& [code, meaning] : command.exit_codes)
    text += ".TP\n.B " + code + "\n" + escaped(meaning) + "\n";
  return text.empty() ? "" : ".SH EXIT STATUS\n" + text;
}

// What every command has is described once a page.
bool is_common(const OptionInfo& option) {
  constexpr std::array kCommon{"--help", "--db", "--json", "--log-level", "--verbose", "--quiet"};
  return std::find(kCommon.begin(), kCommon.end(), option.names.back()) != kCommon.end();
}

std::string below_section(const CommandInfo& command) {
  std::string text = ".SS " + escaped(command.full_name()) + "\n.PP\n" + synopsis(command) +
                     ".PP\n" + escaped(command.description) + ".\n";
  for (const OptionInfo& argument : command.arguments) text += argument_entry(argument);
  for (const OptionInfo& option : command.options) {
    if (!is_common(option)) text += option_entry(option);
  }
  if (!command.example.empty())
    text += ".PP\nExample:\n.RS\n.nf\n" + escaped(command.example) + "\n.fi\n.RE\n";
  return text;
}

constexpr const char* kSurroundings = R"(.SH ENVIRONMENT
.TP
.B TIDESYNC_DB
The application's database where \-\-db is not given.
.TP
.B TIDESYNC_CONFIG_HOME
The folder with the list of your databases, instead of the system's place for settings
(~/.config/tidesync).
.TP
.B NO_COLOR
Prints without colours.
.SH FILES
.TP
.I DATABASE.tidesync/config.toml
The settings of a database; tidesync config shows and changes them.
.TP
.I DATABASE.tidesync/log/
Log files, one a day.
.TP
.I ~/.config/tidesync/databases
The databases that you have, one a line.
)";

}  // namespace

std::string page_name(const CommandInfo& command) {
  return command.path.empty() ? "tidesync" : "tidesync-" + join(command.path, "-");
}

std::string program_page(const CommandInfo& root, const std::string& version) {
  std::string text = title("tidesync", version);
  text += ".SH NAME\ntidesync \\- merges SQLite databases through a folder on a NAS\n";
  text += ".SH SYNOPSIS\n.B tidesync\n" + italic("COMMAND") + "\n[" + italic("OPTIONS") + "]\n";
  text += ".SH DESCRIPTION\n" + escaped(root.description) + "\n.SH COMMANDS\n";
  for (const CommandInfo& command : root.commands) {
    text +=
        ".TP\n.BR " + escaped(page_name(command)) + " (1)\n" + escaped(command.description) + ".\n";
  }
  text += ".SH OPTIONS\n";
  for (const OptionInfo& option : root.options) text += option_entry(option);
  return text + kSurroundings;
}

std::string command_page(const CommandInfo& command, const std::string& version) {
  const std::string name = page_name(command);
  std::string text = title(name, version);
  text += ".SH NAME\n" + escaped(name) + " \\- " + escaped(command.description) + "\n";
  text += ".SH SYNOPSIS\n" + synopsis(command);
  text += ".SH DESCRIPTION\n" + escaped(command.description) + ".\n.SH OPTIONS\n";
  for (const OptionInfo& argument : command.arguments) text += argument_entry(argument);
  for (const OptionInfo& option : command.options) text += option_entry(option);
  if (!command.commands.empty())
    text +=
        ".SH COMMANDS\nEach takes \\-\\-db, \\-\\-json, \\-\\-log\\-level, \\-\\-verbose and "
        "\\-\\-quiet as well.\n";
  for (const CommandInfo& below : command.commands) text += below_section(below);
  text += exit_section(command);
  if (!command.example.empty())
    text += ".SH EXAMPLES\n.nf\n" + escaped(command.example) + "\n.fi\n";
  return text + ".SH SEE ALSO\n.BR tidesync (1)\n";
}

}  // namespace tidesync
