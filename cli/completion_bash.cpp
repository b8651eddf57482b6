#include "base/text.h"
#include "cli/completion.h"

namespace tidesync {
namespace {

// Written for bash 3.2, which macOS has. $values holds " --db:file --keep:winner|loser " for the
// options that take a value.
constexpr const char* kLogic = R"(
_tidesync_offer() {
  local line
  while IFS= read -r line; do COMPREPLY+=("$line"); done
}

_tidesync() {
  local cur=${COMP_WORDS[COMP_CWORD]} command="" kind="" word i
  local commands options values words
  COMPREPLY=()
  _tidesync_look ""
  for ((i = 1; i < COMP_CWORD; ++i)); do
    word=${COMP_WORDS[i]}
    if [[ $word == "=" ]]; then
      continue
    elif [[ -n $kind ]]; then
      kind=""
    elif [[ $word == -* ]]; then
      [[ $values == *" $word:"* ]] && kind=${values#*" $word:"} && kind=${kind%% *}
    elif [[ " $commands " == *" $word "* ]]; then
      command="${command:+$command }$word"
      _tidesync_look "$command"
    fi
  done
  [[ $cur == "=" ]] && cur=""
  case $kind in
    file)
      compopt -o filenames 2>/dev/null
      _tidesync_offer < <(compgen -f -- "$cur")
      ;;
    folder)
      compopt -o filenames 2>/dev/null
      _tidesync_offer < <(compgen -d -- "$cur")
      ;;
    any) ;;
    ?*) _tidesync_offer < <(compgen -W "${kind//|/ }" -- "$cur") ;;
    *)
      [[ $cur == -* ]] && commands="" words=$options
      _tidesync_offer < <(compgen -W "$commands $words" -- "$cur")
      ;;
  esac
}

complete -F _tidesync tidesync
)";

std::string kind_word(const OptionInfo& option) {
  switch (option.kind) {
    case ValueKind::kFile:
      return "file";
    case ValueKind::kFolder:
      return "folder";
    case ValueKind::kWord:
      return join(option.words, "|");
    default:
      return "any";
  }
}

std::string command_case(const CommandInfo& command) {
  std::vector<std::string> commands, options, values, words;
  for (const CommandInfo& below : command.commands) commands.push_back(below.path.back());
  for (const OptionInfo& option : command.options) {
    for (const std::string& name : option.names) {
      options.push_back(name);
      if (option.kind != ValueKind::kNone) values.push_back(name + ":" + kind_word(option));
    }
  }
  for (const OptionInfo& argument : command.arguments)
    words.insert(words.end(), argument.words.begin(), argument.words.end());
  return "    \"" + command.key() + "\")\n      commands=\"" + join(commands, " ") +
         "\"\n      options=\"" + join(options, " ") + "\"\n      values=\" " + join(values, " ") +
         " \"\n      words=\"" + join(words, " ") + "\"\n      ;;\n";
}

}  // namespace

std::string bash_completion(const CommandInfo& root) {
  std::string out =
      "# bash completion of tidesync, written by tidesync generate.\n\n"
      "_tidesync_look() {\n  case $1 in\n";
  for (const CommandInfo* command : all_commands(root)) out += command_case(*command);
  return out + "  esac\n}\n" + kLogic;
}

}  // namespace tidesync
