#include "cli/command.h"

#include <CLI/CLI.hpp>
#include <utility>

namespace tidesync {

Path Session::database() const {
  if (!db.empty()) return absolute_path(db);
  throw Error(ErrorCode::kUsage, "find the database", "", "--db is missing",
              "name the application's database file: --db quotes.db");
}

CLI::App* add_command(CLI::App& app, Session& session, const CommandText& text,
                      std::function<ExitCode()> run) {
  CLI::App* command = app.add_subcommand(text.name, text.description);
  command->group("Commands");
  command->add_option("--db", session.db, "The application's database")->type_name("FILE");
  command->add_flag("--json", session.json, "Print one JSON object for programs");
  command->footer(describe(text.exit_codes) + "Example:\n  " + text.example);
  command->callback([&session, run = std::move(run)] { session.exit_code = run(); });
  return command;
}

}  // namespace tidesync
