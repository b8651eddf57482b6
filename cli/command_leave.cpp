#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/json.h"
#include "cli/schedule_view.h"

namespace tidesync {
namespace {

struct Options {
  bool force = false;
};

// A schedule would only fail from now on. "": there was none.
std::string remove_schedule(Session& session, const Path& database) {
  const TaskHost host = task_host(session.env.local);
  const auto found = read_schedule(host, database.lexically_normal()).installed;
  if (!found) return {};
  try {
    os_tasks(found->kind, host)->remove(*found);
    return "Its schedule, " + schedule_sentence(*found) + ", was removed.";
  } catch (const Error& error) {
    return "Its schedule, " + schedule_sentence(*found) +
           ", could not be removed: " + error.what() + ". Run tidesync schedule remove.";
  }
}

// A database that is gone is still on the user's list.
bool only_take_off_list(Session& session, const Path& database) {
  if (session.env.local.stat(database) || !session.registry().contains(database)) return false;
  unlist_database(session, database);
  const std::string schedule = remove_schedule(session, database);
  if (session.json) {
    session.printer.json({{"left", true}, {"pending_rows", 0}});
  } else {
    session.printer.paragraph(to_utf8(database) +
                              " is gone, and was taken off your list of databases. On another "
                              "computer, tidesync nodes retire says that nobody waits for it.");
    if (!schedule.empty()) session.printer.paragraph(schedule);
  }
  return true;
}

ExitCode run(const Options& options, Session& session) {
  const Path database = session.database();
  if (only_take_off_list(session, database)) return ExitCode::kDone;
  const LeaveResult result = leave_dataset(session.env, database, options.force);
  const std::string schedule = remove_schedule(session, database);
  unlist_database(session, database);
  if (session.json) {
    session.printer.json({{"left", true},
                          {"pending_rows", result.pending_rows},
                          {"notes", schedule.empty() ? Json::array() : Json::array({schedule})}});
    return ExitCode::kDone;
  }
  session.printer.paragraph(to_utf8(database) +
                            " is an ordinary database again. Its data is untouched, and so is the "
                            "share.");
  if (!schedule.empty()) session.printer.paragraph(schedule);
  if (result.pending_rows > 0) {
    session.printer.paragraph(count_of(result.pending_rows, "edit was", "edits were") +
                                  " never sent. They stay in this database only.",
                              "", Style::kWarning);
  }
  return ExitCode::kDone;
}

}  // namespace

void setup_leave(CLI::App& app, Session& session) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(
      app, session,
      {"leave",
       "Takes all of tidesync out of this database and keeps the data",
       {ExitCode::kDone, ExitCode::kFailed, ExitCode::kUsage, ExitCode::kAlreadyRunning},
       "tidesync leave --db quotes.db"},
      [options, &session] { return run(*options, session); });
  command->add_flag("--force", options->force, "Also with edits that were never sent");
}

}  // namespace tidesync
