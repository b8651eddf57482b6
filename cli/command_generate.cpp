// Completions and manual pages: for the build, which installs them. --help does not list it.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command.h"
#include "cli/completion.h"
#include "cli/man_page.h"

namespace tidesync {
namespace {

class Writer {
 public:
  Writer(FileSystem& fs, const Path& folder) : fs_(fs), folder_(folder) {}

  void write(const std::string& folder, const std::string& name, const std::string& text) {
    const Path path = folder_ / folder / name;
    create_directories(fs_, path.parent_path());
    Path temporary = path;
    temporary += ".new";
    replace_file(fs_, temporary, path, text, false);
  }

 private:
  FileSystem& fs_;
  Path folder_;
};

void generate(const CLI::App& app, FileSystem& fs, const Path& folder) {
  const CommandInfo root = read_command_tree(app);
  Writer writer(fs, folder);
  writer.write("bash", "tidesync", bash_completion(root));
  writer.write("zsh", "_tidesync", zsh_completion(root));
  writer.write("fish", "tidesync.fish", fish_completion(root));
  writer.write("powershell", "tidesync.ps1", powershell_completion(root));
  writer.write("man", "tidesync.1", program_page(root, TIDESYNC_VERSION));
  for (const CommandInfo& command : root.commands)
    writer.write("man", page_name(command) + ".1", command_page(command, TIDESYNC_VERSION));
}

}  // namespace

void setup_generate(CLI::App& app, Session& session) {
  const auto folder = std::make_shared<std::string>();
  CLI::App* command =
      app.add_subcommand("generate", "Writes completions for shells and manual pages");
  command->group("");
  command->add_option("FOLDER", *folder, "Where to; made when it is missing")
      ->required()
      ->type_name("");
  command->callback([&app, &session, folder] {
    generate(app, session.env.local, absolute_path(*folder));
    session.exit_code = ExitCode::kDone;
  });
}

}  // namespace tidesync
