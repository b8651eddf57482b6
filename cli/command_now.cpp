#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

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
};

ExitCode run(const Options& options, Session& session) {
  const Path database = session.database();
  SyncOptions sync;
  sync.dry_run = options.dry_run;
  sync.allow_mass_delete = options.allow_mass_delete;
  sync.unattended = options.unattended;
  sync.accept_dropped = options.accept_dropped;
  sync.accept_hole = options.accept_hole;
  sync.check_log = options.check_log;
  sync.compare_all = options.compare_all;
  sync.steps = &session.progress;
  watch_for_interrupts();
  const SyncResult result = sync_now(session.env, database, sync);
  session.progress.clear();
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
}

}  // namespace tidesync
