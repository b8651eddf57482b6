#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/after_sync.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/summary.h"
#include "sync/session.h"

namespace tidesync {
namespace {

struct Options {
  bool dry_run = false;
  bool allow_mass_delete = false;
  bool accept_dropped = false;
  bool unattended = false;
  bool accept_hole = false;
  bool check_log = false;
  bool compare_all = false;
  bool all = false;
  std::int64_t delay_s = 0;
};

// Nothing is held meanwhile: another sync may run, and ends before this one begins.
void wait_before(std::int64_t delay_s) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(delay_s);
  while (!interrupted() && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
}

SyncResult sync_database(const Options& options, Session& session, const Path& database) {
  SyncOptions sync;
  sync.dry_run = options.dry_run;
  sync.allow_mass_delete = options.allow_mass_delete;
  sync.unattended = options.unattended;
  sync.accept_dropped = options.accept_dropped;
  sync.accept_hole = options.accept_hole;
  sync.check_log = options.check_log;
  sync.compare_all = options.compare_all;
  sync.steps = &session.progress;
  SyncResult result = sync_now(session.env, database, sync);
  session.progress.clear();
  return result;
}

// Of several exit codes the one that most needs somebody to act.
ExitCode worse(ExitCode a, ExitCode b) {
  constexpr std::array kFromWorst{
      ExitCode::kInterrupted,    ExitCode::kFailed,        ExitCode::kUsage,
      ExitCode::kTooOld,         ExitCode::kProblemsFound, ExitCode::kShareUnreachable,
      ExitCode::kAlreadyRunning, ExitCode::kNewConflicts,  ExitCode::kDone};
  return *std::find_if(kFromWorst.begin(), kFromWorst.end(),
                       [&](ExitCode code) { return code == a || code == b; });
}

// One of all: its failure is printed and stops nothing.
ExitCode run_one_of_all(const Options& options, Session& session, const Path& database,
                        Json& objects) {
  Json object{{"database", to_utf8(database)}};
  ExitCode code = ExitCode::kFailed;
  try {
    const SyncResult result = sync_database(options, session, database);
    object.update(to_json(result));
    code = exit_code(result);
    if (!session.json) print_sync(session, result);
    session.printer.out().flush();
    tell_people(session, database, result);
  } catch (const Error& error) {
    session.progress.clear();
    object.update(error_object(error));
    code = exit_code(error.code());
    if (!session.json) session.printer.error(error);
  }
  objects.push_back(std::move(object));
  return code;
}

ExitCode run_all(const Options& options, Session& session) {
  const Registry registry = session.registry();
  const std::vector<Path> databases = registry.databases();
  if (databases.empty()) {
    throw Error(ErrorCode::kUsage, "now --all", to_utf8(registry.file()), "it lists no database",
                "tidesync init and tidesync join add to this list; or name a database with --db");
  }
  ExitCode worst = ExitCode::kDone;
  Json objects = Json::array();
  for (const Path& database : databases) {
    if (interrupted()) break;
    if (!session.json && &database != &databases.front()) session.printer.line();
    session.db = to_utf8(database);
    if (!session.json) session.printer.line(session.db, Style::kBold);
    worst = worse(worst, run_one_of_all(options, session, database, objects));
  }
  if (session.json) session.printer.json(objects);
  return interrupted() ? ExitCode::kInterrupted : worst;
}

ExitCode run(const Options& options, Session& session) {
  watch_for_interrupts();
  wait_before(options.delay_s);
  if (interrupted()) return ExitCode::kInterrupted;
  if (options.all) return run_all(options, session);
  const Path database = session.database();
  const SyncResult result = sync_database(options, session, database);
  if (session.json) {
    session.printer.json(to_json(result));
  } else {
    print_sync(session, result);
  }
  session.printer.out().flush();
  tell_people(session, database, result);
  return exit_code(result);
}

}  // namespace

void setup_now(CLI::App& app, Session& session) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(app, session,
                  {"now",
                   "Syncs once: brings in what others did, sends what was done here",
                   {ExitCode::kDone, ExitCode::kFailed, ExitCode::kUsage, ExitCode::kNewConflicts,
                    ExitCode::kShareUnreachable, ExitCode::kAlreadyRunning, ExitCode::kTooOld,
                    ExitCode::kInterrupted},
                   "tidesync now --db quotes.db"},
                  [options, &session] { return run(*options, session); });
  command->add_flag("--all", options->all, "Sync all databases that you have, one after another")
      ->excludes(command->get_option("--db"));
  CLI::Option* dry_run =
      command->add_flag("--dry-run", options->dry_run,
                        "Show what would come in, go out and be in conflict; change nothing");
  command->add_flag("--allow-mass-delete", options->allow_mass_delete,
                    "Confirm that most rows of a table are meant to be deleted");
  command->add_flag("--accept-dropped", options->accept_dropped,
                    "Confirm for all computers that tables or columns that are gone here are no "
                    "longer synced");
  command
      ->add_flag(
          "--accept-hole", options->accept_hole,
          "Go on without a batch that is missing on the share and that no computer puts back")
      ->excludes(dry_run);
  command->add_flag(
      "--check-log", options->check_log,
      "Read the newest 512 batches on the share whole and repair damaged ones; once a day the "
      "newest 64 are read without being asked");
  command->add_flag("--compare-all", options->compare_all,
                    "Compare every row with what the share has, also where no change was noticed");
  command->add_flag("--unattended", options->unattended,
                    "As the scheduler runs it: numbers of new records change only when nobody has "
                    "worked in the application for 30 seconds");
  command
      ->add_option("--delay", options->delay_s,
                   "Wait so long first (27s, 2m): for schedulers that know no seconds")
      ->type_name("TIME")
      ->transform(CLI::AsNumberWithUnit(std::map<std::string, std::int64_t>{{"s", 1}, {"m", 60}}))
      ->check(CLI::Range(0, 3600));
}

}  // namespace tidesync
