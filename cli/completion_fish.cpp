#include "base/text.h"
#include "cli/completion.h"

namespace tidesync {
namespace {

std::string quoted_word(const std::string& text) {
  return "'" + replaced(replaced(text, "\\", "\\\\"), "'", "\\'") + "'";
}

std::string line(const CommandInfo& at, const std::string& rest) {
  const std::string condition = at.path.empty() ? "__tidesync_at" : "__tidesync_at " + at.key();
  return "complete -c tidesync -n " + quoted_word(condition) + rest + "\n";
}

std::string value(const OptionInfo& option) {
  switch (option.kind) {
    case ValueKind::kNone:
      return "";
    case ValueKind::kFile:
      return " -r -F";
    case ValueKind::kFolder:
      return " -x -a '(__fish_complete_directories)'";
    case ValueKind::kWord:
      return " -x -a " + quoted_word(join(option.words, " "));
    case ValueKind::kAny:
      break;
  }
  return " -x";
}

std::string option_line(const CommandInfo& command, const OptionInfo& option) {
  std::string names;
  for (const std::string& name : option.names)
    names += name.rfind("--", 0) == 0 ? " -l " + name.substr(2) : " -s " + name.substr(1);
  return line(command, names + value(option) + " -d " + quoted_word(option.description));
}

// Which commands stand on the line; values of options that read like a command of that place would
// be taken for one, which costs no more than a completion.
std::string place_function(const CommandInfo& root) {
  std::string cases;
  for (const CommandInfo* command : all_commands(root)) {
    if (command->path.empty()) continue;
    cases += " " + quoted_word((command->path.size() == 1 ? " " : "") + command->key());
  }
  return "function __tidesync_at\n"
         "    set -l words (commandline -opc)\n"
         "    set -e words[1]\n"
         "    set -l path ''\n"
         "    for word in $words\n"
         "        switch \"$path $word\"\n"
         "            case" +
         cases +
         "\n"
         "                set path (string trim -- \"$path $word\")\n"
         "        end\n"
         "    end\n"
         "    test \"$path\" = \"$argv\"\n"
         "end\n\n";
}

}  // namespace

std::string fish_completion(const CommandInfo& root) {
  std::string out = "# fish completion of tidesync, written by tidesync generate.\n" +
                    place_function(root) + "complete -c tidesync -f\n";
  for (const CommandInfo* command : all_commands(root)) {
    for (const CommandInfo& below : command->commands) {
      out += line(*command, " -a " + below.path.back() + " -d " + quoted_word(below.description));
    }
    for (const OptionInfo& option : command->options) out += option_line(*command, option);
    for (const OptionInfo& argument : command->arguments) {
      if (argument.kind == ValueKind::kWord) out += line(*command, value(argument));
    }
  }
  return out;
}

}  // namespace tidesync
