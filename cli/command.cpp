#include "cli/command.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "base/log.h"
#include "base/text.h"

namespace tidesync {
namespace {

constexpr const char* kLevels = "debug|info|warning|error|off";

[[noreturn]] void refuse_choice(const Registry& registry, const std::vector<Path>& listed) {
  if (listed.empty()) {
    throw Error(ErrorCode::kUsage, "find the database", "", "--db is missing",
                "name the application's database file: --db quotes.db");
  }
  std::vector<std::string> names;
  for (const Path& database : listed) names.push_back(to_utf8(database));
  throw Error(ErrorCode::kUsage, "find the database", "",
              "--db is missing, and there are " + std::to_string(listed.size()) +
                  " databases: " + join(names, ", "),
              "name one with --db, or all with tidesync now --all; the list is " +
                  to_utf8(registry.file()));
}

std::string level_problem(const std::string& level) {
  const std::string all = std::string(kLevels) + "|";
  const bool known = level.find('|') == std::string::npos && !level.empty() &&
                     ("|" + all).find("|" + level + "|") != std::string::npos;
  return known ? "" : quote_name(printable(level)) + " is no log level: use " + kLevels;
}

// --log-level, --verbose and --quiet.
void apply_output_options(const CLI::App& command, Session& session) {
  const auto refuse = [&](const char* detail, const char* hint) {
    throw Error(ErrorCode::kUsage, command.get_name(), "", detail, hint);
  };
  if (session.quiet && session.verbose)
    refuse("--quiet and --verbose contradict each other", "leave one of them out");
  if (session.verbose && !session.log_level.empty())
    refuse("--verbose and --log-level contradict each other", "--verbose is --log-level info");
  if (session.quiet) session.printer.silence();
  const std::string level = session.verbose ? "info" : session.log_level;
  const log::Level lines = log::level_of(level);
  if (lines != log::Level::kOff) log::to_stderr(lines);
  if (session.quiet || lines != log::Level::kOff) session.progress.silence();
}

void add_output_options(CLI::App& command, Session& session) {
  command
      .add_option("--log-level", session.log_level,
                  "Print log lines of this level and above on standard error")
      ->type_name(kLevels)
      ->check(CLI::Validator([](std::string& level) { return level_problem(level); }, ""));
  command.add_flag("-v,--verbose", session.verbose, "As --log-level info");
  command.add_flag("--quiet", session.quiet, "Print errors only; with --json, only the object");
}

void warn_of_list(Session& session, const std::string& what, const std::string& problem) {
  if (problem.empty()) return;
  log::warning("the list of databases: " + problem);
  if (session.json) return;
  session.printer.paragraph(what + " your list of databases: " + problem + ". Name it with --db.",
                            "Warning: ", Style::kWarning);
}

}  // namespace

Path Session::named_database() const {
  if (!db.empty()) return absolute_path(db);
  if (!environment_db.empty()) return absolute_path(environment_db);
  throw Error(ErrorCode::kUsage, "find the database", "", "--db is missing",
              "name the application's database file: --db quotes.db");
}

Path Session::database() const {
  if (!db.empty() || !environment_db.empty()) return named_database();
  const Registry known = registry();
  const std::vector<Path> listed = known.databases();
  if (listed.size() != 1) refuse_choice(known, listed);
  return listed.front();
}

void list_database(Session& session, const Path& database) {
  warn_of_list(session, "This database could not be added to", session.registry().add(database));
}

void unlist_database(Session& session, const Path& database) {
  warn_of_list(session, "This database could not be taken off",
               session.registry().remove(database));
}

CLI::App* add_command(CLI::App& app, Session& session, const CommandText& text,
                      std::function<ExitCode()> run) {
  CLI::App* command = app.add_subcommand(text.name, text.description);
  command->group("Commands");
  command
      ->add_option("--db", session.db,
                   "The application's database; default: TIDESYNC_DB, else the only one you have")
      ->type_name("FILE");
  command->add_flag("--json", session.json, "Print one JSON object for programs");
  add_output_options(*command, session);
  command->footer(describe(text.exit_codes) + "Example:\n  " + text.example);
  command->callback([command, &session, run = std::move(run)] {
    apply_output_options(*command, session);
    session.exit_code = run();
  });
  return command;
}

}  // namespace tidesync
