#include "base/text.h"
#include "cli/completion.h"

namespace tidesync {
namespace {

// Inside '...' of a specification of _arguments, where [ ] and : have a meaning.
std::string escaped(const std::string& text) {
  std::string out = replaced(text, "\\", "\\\\");
  for (const char* special : {"[", "]", ":"})
    out = replaced(out, special, std::string("\\") + special);
  return replaced(out, "'", "'\\''");
}

std::string action(const OptionInfo& option) {
  switch (option.kind) {
    case ValueKind::kNone:
      return "";
    case ValueKind::kFile:
      return ":" + option.placeholder + ":_files";
    case ValueKind::kFolder:
      return ":" + option.placeholder + ":_files -/";
    case ValueKind::kWord:
      return ":value:(" + join(option.words, " ") + ")";
    case ValueKind::kAny:
      break;
  }
  return ":" + escaped(option.placeholder) + ": ";
}

std::string option_line(const OptionInfo& option, const std::string& name) {
  return " \\\n    '" + name + (option.kind == ValueKind::kNone || name.size() == 2 ? "" : "=") +
         "[" + escaped(option.description) + "]" + action(option) + "'";
}

std::string function_name(const CommandInfo& command) {
  return command.path.empty() ? "_tidesync" : "_tidesync_" + join(command.path, "_");
}

std::string leaf_function(const CommandInfo& command, const std::string& options) {
  std::string arguments;
  for (const OptionInfo& argument : command.arguments) {
    const std::string what = action(argument);
    arguments += " \\\n    '" + std::string(argument.is_required ? ":" : "::") +
                 escaped(argument.names.front()) +
                 (argument.kind == ValueKind::kWord ? what.substr(what.rfind(":(")) : ": ") + "'";
  }
  return function_name(command) + "() {\n  _arguments -S" + options + arguments + "\n}\n";
}

std::string group_function(const CommandInfo& command, const std::string& options) {
  std::string names, cases;
  for (const CommandInfo& below : command.commands) {
    names += "        '" + below.path.back() + ":" + escaped(below.description) + "'\n";
    cases += "        " + below.path.back() + ") " + function_name(below) + " ;;\n";
  }
  return function_name(command) +
         "() {\n  local curcontext=$curcontext context state state_descr line\n"
         "  typeset -A opt_args\n  _arguments -C -S" +
         options +
         " \\\n    '1:command:->command' \\\n    '*::argument:->argument'\n  case $state in\n"
         "    command)\n      local -a commands=(\n" +
         names +
         "      )\n      _describe -t commands command commands\n      ;;\n"
         "    argument)\n      case $words[1] in\n" +
         cases + "      esac\n      ;;\n  esac\n}\n";
}

}  // namespace

std::string zsh_completion(const CommandInfo& root) {
  std::string out =
      "#compdef tidesync\n# zsh completion of tidesync, written by tidesync generate.\n";
  for (const CommandInfo* command : all_commands(root)) {
    std::string options;
    for (const OptionInfo& option : command->options) {
      for (const std::string& name : option.names) options += option_line(option, name);
    }
    out += "\n" + (command->commands.empty() ? leaf_function(*command, options)
                                             : group_function(*command, options));
  }
  return out +
         "\n# Loaded by the completion system, or read by hand.\n"
         "if [[ $funcstack[1] == _tidesync ]]; then\n  _tidesync \"$@\"\nelse\n"
         "  compdef _tidesync tidesync\nfi\n";
}

}  // namespace tidesync
