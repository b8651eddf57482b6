#include "base/text.h"
#include "cli/completion.h"

namespace tidesync {
namespace {

// $words is a table: command -> list of @(word, description, what follows it).
constexpr const char* kLogic = R"(
    $place = ''
    $kind = ''
    foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {
        if ($element.Extent.EndOffset -ge $cursorPosition -and $wordToComplete -ne '') { break }
        $text = $element.ToString()
        if ($kind -ne '') { $kind = ''; continue }
        $known = $words[$place] | Where-Object { $_[0] -eq $text } | Select-Object -First 1
        if ($null -eq $known) { continue }
        if ($known[2] -eq 'command') { $place = ($place + ' ' + $text).Trim() }
        elseif ($known[2] -ne 'flag' -and $known[2] -ne 'word') { $kind = $known[2] }
    }
    if ($kind -eq 'file' -or $kind -eq 'folder') {
        # Nothing of ours: the shell completes names of files.
        return
    }
    $offers = $words[$place]
    if ($kind -eq 'any') { return }
    if ($kind -ne '') { $offers = $kind.Split('|') | ForEach-Object { , @($_, $_, 'word') } }
    foreach ($offer in $offers) {
        if (-not $offer[0].StartsWith($wordToComplete)) { continue }
        if ($offer[0].StartsWith('-') -and -not $wordToComplete.StartsWith('-')) { continue }
        [System.Management.Automation.CompletionResult]::new(
            $offer[0], $offer[0], 'ParameterValue', $offer[1])
    }
}
)";

std::string quoted_word(const std::string& text) {
  return "'" + replaced(text, "'", "''") + "'";
}

std::string entry(const std::string& word, const std::string& description,
                  const std::string& follows) {
  return "            , @(" + quoted_word(word) + ", " + quoted_word(description) + ", " +
         quoted_word(follows) + ")\n";
}

std::string follows(const OptionInfo& option) {
  switch (option.kind) {
    case ValueKind::kNone:
      return "flag";
    case ValueKind::kFile:
      return "file";
    case ValueKind::kFolder:
      return "folder";
    case ValueKind::kWord:
      return join(option.words, "|");
    case ValueKind::kAny:
      break;
  }
  return "any";
}

std::string command_entries(const CommandInfo& command) {
  std::string out = "        " + quoted_word(command.key()) + " = @(\n";
  for (const CommandInfo& below : command.commands)
    out += entry(below.path.back(), below.description, "command");
  for (const OptionInfo& argument : command.arguments) {
    for (const std::string& word : argument.words) out += entry(word, word, "word");
  }
  for (const OptionInfo& option : command.options) {
    for (const std::string& name : option.names)
      out += entry(name, option.description, follows(option));
  }
  return out + "        )\n";
}

}  // namespace

std::string powershell_completion(const CommandInfo& root) {
  std::string out =
      "# PowerShell completion of tidesync, written by tidesync generate.\n"
      "# Put this line into the file that $PROFILE names:  . PATH\\tidesync.ps1\n"
      "Register-ArgumentCompleter -Native -CommandName tidesync -ScriptBlock {\n"
      "    param($wordToComplete, $commandAst, $cursorPosition)\n"
      "    $words = @{\n";
  for (const CommandInfo* command : all_commands(root)) out += command_entries(*command);
  return out + "    }\n" + std::string(kLogic).substr(1);
}

}  // namespace tidesync
