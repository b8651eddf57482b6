#include <CLI/CLI.hpp>
#include <memory>

#include "base/text.h"
#include "cli/command.h"
#include "cli/conflict_words.h"
#include "cli/interrupt.h"
#include "cli/summary.h"
#include "share/probe.h"

namespace tidesync {
namespace {

struct Options {
  std::string share, user, node;
};

void print_adoption(Session& session, const SetupResult& result) {
  const std::string db = db_argument(session.db);
  session.printer.facts(
      {{"equal rows", with_thousands(result.equal_rows)},
       {"rows only here", with_thousands(result.rows_only_here) + ", sent to the share"},
       {"rows only there", with_thousands(result.rows_only_there) + ", brought in"},
       {"different rows",
        with_thousands(result.differing_rows) +
            (result.differing_rows > 0 ? ", each a conflict: tidesync conflicts" + db : "")}});
}

ExitCode run(const Options& options, Session& session) {
  JoinOptions join;
  join.database = session.named_database();
  join.share = absolute_path(options.share);
  join.user = options.user;
  join.node = options.node;
  join.raced_names = kRacedNames;
  if (join.share.empty()) {
    throw Error(ErrorCode::kUsage, "join", "", "--share is empty",
                "name the folder on the NAS: --share /mnt/nas/quotes");
  }
  watch_for_interrupts();
  const SetupResult result = join_dataset(session.env, join, &session.progress);
  session.progress.clear();
  list_database(session, join.database);
  if (!session.json) {
    session.printer.paragraph(
        "Joined the dataset on " + to_utf8(join.share) + " as node " + result.node.value +
            " (user " + result.user + "). " +
            (result.created_database ? "The database was made from the share."
             : result.reattached     ? "The database was a node already; the folder beside it "
                                       "was made anew."
                                     : "The database here was adopted."),
        "", Style::kBold);
    session.printer.line();
    if (!result.created_database && !result.reattached) {
      print_adoption(session, result);
      session.printer.line();
    }
    print_tables(session.printer, result.tables);
    session.printer.line();
  }
  return finish_setup(session, result);
}

}  // namespace

void setup_join(CLI::App& app, Session& session) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(app, session,
                  {"join",
                   "Makes this database a further node; a missing file is created",
                   {ExitCode::kDone, ExitCode::kFailed, ExitCode::kUsage, ExitCode::kNewConflicts,
                    ExitCode::kShareUnreachable, ExitCode::kAlreadyRunning, ExitCode::kTooOld,
                    ExitCode::kInterrupted},
                   "tidesync join --db quotes.db --share /mnt/nas/quotes"},
                  [options, &session] { return run(*options, session); });
  command->add_option("--share", options->share, "The folder on the NAS that holds the dataset")
      ->required()
      ->type_name("DIR");
  command->add_option("--user", options->user, "Whose edits these are; default: your login")
      ->type_name("NAME");
  command->add_option("--node", options->node, "Name of this node; default: from user and host")
      ->type_name("NAME");
}

}  // namespace tidesync
