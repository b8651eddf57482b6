#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/summary.h"
#include "share/probe.h"
#include "sync/rebuild_share.h"

namespace tidesync {
namespace {

struct Options {
  std::string share, user, node, policies;
  std::vector<std::string> tables, exclude;
  bool add_columns = false;
  bool from_base = false;
};

void print_undeclared(Printer& printer, const SetupResult& result) {
  if (result.undeclared_references.empty()) return;
  printer.paragraph(
      "Some columns look like references that the tables do not declare. When a record gets a new "
      "number, they are not changed with it. If they are references, put this line at the top of "
      "config.toml in the folder beside the database, before any line in brackets:",
      "", Style::kWarning);
  printer.line("  " + result.undeclared_references);
  printer.line();
}

// The share was lost: this node puts what it knows on an empty folder.
ExitCode run_from_base(const Options& options, Session& session) {
  RebuildOptions rebuild;
  rebuild.database = session.named_database();
  rebuild.share = absolute_path(options.share);
  rebuild.raced_names = kRacedNames;
  watch_for_interrupts();
  const SetupResult result = rebuild_share(session.env, rebuild, &session.progress);
  session.progress.clear();
  list_database(session, rebuild.database);
  if (!session.json) {
    session.printer.paragraph(
        "The dataset is on " + to_utf8(rebuild.share) + " again, as node " + result.node.value +
            " knew it. On the other computers: if the folder has another path, write it as share "
            "into config.toml; then run tidesync now. Edits that are not here yet come from there.",
        "", Style::kBold);
    session.printer.line();
  }
  return finish_setup(session, result);
}

ExitCode run(const Options& options, Session& session) {
  if (options.from_base) return run_from_base(options, session);
  InitOptions init;
  init.database = session.named_database();
  init.share = absolute_path(options.share);
  init.tables = options.tables;
  init.exclude = options.exclude;
  init.add_columns = options.add_columns;
  if (!options.policies.empty()) init.policies = absolute_path(options.policies);
  init.user = options.user;
  init.node = options.node;
  init.raced_names = kRacedNames;
  if (init.share.empty()) {
    throw Error(ErrorCode::kUsage, "init", "", "--share is empty",
                "name the folder on the NAS: --share /mnt/nas/quotes");
  }
  watch_for_interrupts();
  const SetupResult result = init_dataset(session.env, init, &session.progress);
  session.progress.clear();
  list_database(session, init.database);
  if (!session.json) {
    session.printer.paragraph("Created the dataset on " + to_utf8(init.share) +
                                  ". This database is its node " + result.node.value + " (user " +
                                  result.user + ").",
                              "", Style::kBold);
    session.printer.line();
    print_tables(session.printer, result.tables);
    session.printer.line();
    print_undeclared(session.printer, result);
  }
  return finish_setup(session, result);
}

}  // namespace

void setup_init(CLI::App& app, Session& session) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(
      app, session,
      {"init",
       "Creates the dataset on the share from this first database",
       {ExitCode::kDone, ExitCode::kFailed, ExitCode::kUsage, ExitCode::kShareUnreachable,
        ExitCode::kAlreadyRunning, ExitCode::kTooOld, ExitCode::kInterrupted},
       "tidesync init --db quotes.db --share /mnt/nas/quotes"},
      [options, &session] { return run(*options, session); });
  command->add_option("--share", options->share, "The folder on the NAS; must exist and be empty")
      ->required()
      ->type_name("DIR");
  CLI::Option* tables =
      command
          ->add_option("--tables", options->tables, "Only these tables; default: all that can be")
          ->delimiter(',')
          ->allow_extra_args(false)
          ->type_name("A,B");
  command->add_option("--exclude", options->exclude, "All tables but these")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("A,B")
      ->excludes(tables);
  command
      ->add_option("--policies", options->policies,
                   "File with [tables.NAME] sections: how single tables are merged")
      ->type_name("FILE");
  command->add_flag("--add-columns", options->add_columns,
                    "Add updated_at, updated_by, synced_at and triggers that maintain them");
  command
      ->add_flag("--from-base", options->from_base,
                 "The share was lost: make it again in an empty folder from what this node knows")
      ->excludes(tables);
  command->add_option("--user", options->user, "Whose edits these are; default: your login")
      ->type_name("NAME");
  command->add_option("--node", options->node, "Name of this node; default: from user and host")
      ->type_name("NAME");
}

}  // namespace tidesync
