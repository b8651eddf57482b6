#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/command.h"
#include "cli/conflict_view.h"
#include "cli/conflict_words.h"
#include "cli/json.h"
#include "cli/times.h"
#include "sync/resolve.h"

namespace tidesync {
namespace {

struct ListOptions {
  ConflictFilter filter;
  bool open = false, resolved = false, all = false;
};
struct ShowOptions {
  std::string id;
  bool full = false;
};
struct ResolveArguments {
  ResolveOptions options;
  std::string keep;
  std::vector<std::string> set, set_null;
};

void print_list(Session& session, const ConflictList& list) {
  const Reader reader{list.node, session.env.clock.now_ms()};
  Table table{{{"id", Fit::kWhole},
               {"decided", Fit::kWhole},
               {"table", Fit::kText},
               {"key", Fit::kText},
               {"what", Fit::kText},
               {"won", Fit::kText},
               {"lost", Fit::kText}},
              {},
              {}};
  constexpr std::size_t kMinute = 16;  // "2026-11-21 10:00"
  for (const ListedConflict& listed : list.conflicts) {
    const ConflictRow& conflict = listed.conflict;
    table.rows.push_back(
        {Cell(listed.short_id), Cell(local_time(conflict.created_at).substr(0, kMinute)),
         Cell(conflict.table), Cell(typed_key(conflict.key)), Cell(kind_in_words(conflict.kind)),
         Cell(person(conflict.winner_user, conflict.winner_node, reader)),
         Cell(person(conflict.loser_user, conflict.loser_node, reader))});
    std::string note = conflict.rule;
    if (!conflict.is_open())
      note += ". Resolved by " + conflict.resolved_by + ": " + conflict.resolution;
    table.notes[table.rows.size() - 1] = note;
  }
  session.printer.table(table);
}

std::string empty_text(const ConflictFilter& filter) {
  const bool narrowed = !filter.table.empty() || !filter.node.empty();
  switch (filter.which) {
    case ConflictFilter::Which::kOpen:
      return narrowed ? "No such conflict waits for a look." : "No conflict waits for a look.";
    case ConflictFilter::Which::kResolved:
      return "No conflict was resolved yet.";
    case ConflictFilter::Which::kAll:
      return narrowed ? "No such conflict was found." : "There was no conflict yet.";
  }
  return "";
}

ExitCode run_list(const ListOptions& options, Session& session) {
  ConflictFilter filter = options.filter;
  if (options.resolved) filter.which = ConflictFilter::Which::kResolved;
  if (options.all) filter.which = ConflictFilter::Which::kAll;
  const ConflictList list = read_conflict_list(session.database(), filter);
  Printer& printer = session.printer;
  if (session.json) {
    Json conflicts = Json::array();
    for (const ListedConflict& listed : list.conflicts)
      conflicts.push_back(to_json(listed.conflict));
    printer.json({{"conflicts", conflicts}, {"matching", list.matching}});
    return ExitCode::kDone;
  }
  if (list.conflicts.empty()) {
    printer.line(empty_text(filter));
    return ExitCode::kDone;
  }
  print_list(session, list);
  printer.line();
  if (list.matching > list.conflicts.size()) {
    printer.line("The newest " + with_thousands(list.conflicts.size()) + " of " +
                 with_thousands(list.matching) + "; --limit 0 for all.");
  }
  printer.line("Look at one: tidesync conflicts show " + list.conflicts.front().short_id +
               db_argument(session.db));
  return ExitCode::kDone;
}

ExitCode run_show(const ShowOptions& options, Session& session) {
  const ConflictView view = read_conflict_view(session.database(), options.id);
  if (session.json) {
    session.printer.json(to_json(view));
  } else {
    print_conflict(session, view, options.full);
  }
  return ExitCode::kDone;
}

ResolveOptions resolve_options(const ResolveArguments& arguments) {
  ResolveOptions options = arguments.options;
  using Keep = ResolveOptions::Keep;
  const bool sets = !arguments.set.empty() || !arguments.set_null.empty();
  if (sets == !arguments.keep.empty()) {
    throw Error(ErrorCode::kUsage, "conflicts resolve", options.id,
                sets ? "--keep and --set exclude each other" : "nothing says how",
                "Give --keep winner, --keep loser, or --set COLUMN=VALUE.");
  }
  if (!sets && arguments.keep != "winner" && arguments.keep != "loser") {
    throw Error(ErrorCode::kUsage, "conflicts resolve", arguments.keep,
                "this cannot be kept: it is neither winner nor loser",
                "Give --keep winner or --keep loser.");
  }
  options.keep = sets ? Keep::kValues : arguments.keep == "loser" ? Keep::kLoser : Keep::kWinner;
  for (const std::string& text : arguments.set) {
    const auto sign = text.find('=');
    if (sign == std::string::npos || sign == 0) {
      throw Error(ErrorCode::kUsage, "conflicts resolve", text,
                  "it is not of the form COLUMN=VALUE", "For example: --set phone=123");
    }
    options.set.emplace_back(text.substr(0, sign), text.substr(sign + 1));
  }
  for (const std::string& column : arguments.set_null)
    options.set.emplace_back(column, std::nullopt);
  return options;
}

const char* change_name(ResolveResult::Change change) {
  switch (change) {
    case ResolveResult::Change::kNone:
      return "none";
    case ResolveResult::Change::kUpdated:
      return "update";
    case ResolveResult::Change::kDeleted:
      return "delete";
    case ResolveResult::Change::kBroughtBack:
      return "insert";
  }
  return "";
}

void print_edit(Printer& printer, const ResolveResult& result) {
  std::vector<std::pair<std::string, Cell>> facts;
  for (const ColumnEdit& edit : result.columns) {
    const std::string text = result.change == ResolveResult::Change::kUpdated
                                 ? edit.before + "  ->  " + edit.after
                                 : edit.before + edit.after;
    facts.emplace_back(edit.column, Cell(text));
  }
  printer.facts(facts);
}

void print_resolved(Printer& printer, const ResolveResult& result) {
  const std::string name = record_name(result.conflict);
  const bool would = result.dry_run;
  std::string headline;
  switch (result.change) {
    case ResolveResult::Change::kNone:
      headline = name + (would ? " would stay as it is." : " stays as it is.");
      break;
    case ResolveResult::Change::kUpdated:
      headline = name + (would ? " would be changed:" : " is changed:");
      break;
    case ResolveResult::Change::kDeleted:
      headline = name + (would ? " would be deleted:" : " is deleted:");
      break;
    case ResolveResult::Change::kBroughtBack:
      headline = name + (would ? " would be brought back:" : " is back:");
      break;
  }
  printer.paragraph(headline, "", Style::kBold);
  print_edit(printer, result);
  for (const std::string& note : result.notes) printer.paragraph(note);
  printer.paragraph(would ? "Nothing was changed."
                          : "The conflict is settled. The next sync tells the others.");
}

ExitCode run_resolve(const ResolveArguments& arguments, Session& session) {
  const ResolveResult result =
      resolve_conflict(session.env, session.database(), resolve_options(arguments));
  if (!session.json) {
    print_resolved(session.printer, result);
    return ExitCode::kDone;
  }
  Json columns = Json::array();
  for (const ColumnEdit& edit : result.columns)
    columns.push_back({{"column", edit.column}, {"old", edit.before}, {"new", edit.after}});
  session.printer.json({{"conflict", to_json(result.conflict)},
                        {"change", change_name(result.change)},
                        {"columns", columns},
                        {"notes", Json(result.notes)},
                        {"dry_run", result.dry_run}});
  return ExitCode::kDone;
}

void add_list_options(CLI::App& command, ListOptions& options) {
  command.add_option("--table", options.filter.table, "Only this table")->type_name("TABLE");
  command.add_option("--node", options.filter.node, "Only conflicts that this node won or lost")
      ->type_name("NAME");
  CLI::Option* open =
      command.add_flag("--open", options.open, "Only those nobody has settled (default)");
  CLI::Option* resolved = command.add_flag("--resolved", options.resolved, "Only settled ones");
  command.add_flag("--all", options.all, "Open and settled ones")
      ->excludes(open)
      ->excludes(resolved);
  resolved->excludes(open);
  command.add_option("--limit", options.filter.limit, "How many at most; 0 for all")
      ->capture_default_str()
      ->type_name("K");
}

void setup_show(CLI::App& conflicts, Session& session) {
  const auto options = std::make_shared<ShowOptions>();
  CLI::App* command = add_command(conflicts, session,
                                  {"show",
                                   "Shows one conflict: before, winner and loser side by side",
                                   {ExitCode::kDone, ExitCode::kFailed, ExitCode::kUsage},
                                   "tidesync conflicts show 3f2a9c1b --db quotes.db"},
                                  [options, &session] { return run_show(*options, session); });
  command->add_option("ID", options->id, "The id, or its beginning")->required()->type_name("");
  command->add_flag("--full", options->full, "Also the columns that are the same everywhere");
}

void setup_resolve(CLI::App& conflicts, Session& session) {
  const auto arguments = std::make_shared<ResolveArguments>();
  CLI::App* command = add_command(
      conflicts, session,
      {"resolve",
       "Settles a conflict: keeps the winner, takes the loser back, or sets other values",
       {ExitCode::kDone, ExitCode::kFailed, ExitCode::kUsage, ExitCode::kAlreadyRunning,
        ExitCode::kTooOld},
       "tidesync conflicts resolve 3f2a9c1b --keep loser --db quotes.db"},
      [arguments, &session] { return run_resolve(*arguments, session); });
  ResolveOptions& options = arguments->options;
  command->add_option("ID", options.id, "The id, or its beginning")->required()->type_name("");
  command->add_option("--keep", arguments->keep, "Leave the decision, or take the loser back")
      ->type_name("winner|loser");
  command->add_option("--set", arguments->set, "Give a column this value; may be repeated")
      ->type_name("COLUMN=VALUE")
      ->allow_extra_args(false);
  command->add_option("--set-null", arguments->set_null, "Make a column NULL; may be repeated")
      ->type_name("COLUMN")
      ->allow_extra_args(false);
  command->add_flag("--dry-run", options.dry_run, "Show what would change; change nothing");
  command->add_flag("--force", options.force,
                    "Also when it is settled already or the row was changed since");
}

}  // namespace

void setup_conflicts(CLI::App& app, Session& session) {
  const auto options = std::make_shared<ListOptions>();
  options->filter.limit = 20;
  const std::initializer_list<ExitCode> codes{ExitCode::kDone, ExitCode::kFailed, ExitCode::kUsage};
  const auto chosen = std::make_shared<CLI::App*>(nullptr);
  CLI::App* command =
      add_command(app, session,
                  {"conflicts", "Lists conflicts, shows one, settles one", codes,
                   "tidesync conflicts --db quotes.db --all"},
                  [options, &session, chosen] {
                    const bool is_list = (*chosen)->get_subcommands().empty();
                    return is_list ? run_list(*options, session) : session.exit_code;
                  });
  *chosen = command;
  command->require_subcommand(0, 1);
  add_list_options(*command, *options);
  CLI::App* list = add_command(*command, session,
                               {"list", "Lists conflicts, newest first", codes,
                                "tidesync conflicts list --db quotes.db --table customers"},
                               [options, &session] { return run_list(*options, session); });
  add_list_options(*list, *options);
  setup_show(*command, session);
  setup_resolve(*command, session);
}

}  // namespace tidesync
