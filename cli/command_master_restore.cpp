// master restore: shows what a backup would change here, and does it when told to.
#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/command.h"
#include "cli/conflict_words.h"
#include "cli/json.h"
#include "cli/times.h"
#include "sync/master.h"

namespace tidesync {
namespace {

Json to_json(const RestoreResult& result) {
  Json tables = Json::object();
  for (const auto& [name, counts] : result.tables) {
    tables[name] = {{"updated", counts.updated},
                    {"brought_back", counts.brought_back},
                    {"deleted", counts.deleted}};
  }
  return {{"backup", result.name},
          {"made_at", result.made_at},
          {"seq", result.seq.value},
          {"done", result.done},
          {"rows", result.rows()},
          {"tables", tables},
          {"left", Json(result.left)},
          {"guarded", Json(result.guarded)},
          {"local_backup", to_utf8(result.backup)}};
}

void print_tables(Printer& printer, const RestoreResult& result) {
  Table table{{{"table", Fit::kText},
               {"old values", Fit::kNumber},
               {"brought back", Fit::kNumber},
               {"deleted", Fit::kNumber}},
              {},
              {}};
  for (const auto& [name, counts] : result.tables) {
    table.rows.push_back({Cell(name), Cell(with_thousands(counts.updated)),
                          Cell(with_thousands(counts.brought_back)),
                          Cell(with_thousands(counts.deleted))});
  }
  printer.line();
  printer.table(table);
  printer.line();
}

void print_edits(Printer& printer, const RestoreResult& result) {
  for (const UndoneRow& row : result.edits) {
    std::vector<std::string> changes;
    for (const ColumnEdit& edit : row.columns) {
      const bool changed = !edit.before.empty() && !edit.after.empty();
      changes.push_back(edit.column + " " + edit.before + (changed ? " -> " : "") + edit.after);
    }
    printer.paragraph(row.table + ", " + row.key + ": " + join(changes, ", "), "  ");
  }
  if (result.rows() > result.edits.size()) {
    printer.line("  and " + count_of(result.rows() - result.edits.size(), "row", "rows") + " more");
  }
  printer.line();
}

void print_restored(Session& session, const RestoreResult& result) {
  Printer& printer = session.printer;
  const std::string db = db_argument(session.db);
  printer.paragraph(result.name + ", " + local_time(result.made_at) +
                        (result.hand_edited ? ", changed by hand on top of batch " : ", batch ") +
                        std::to_string(result.seq.value),
                    "", Style::kBold);
  for (const std::string& table : result.left)
    printer.paragraph("Left as it is: " + table, "", Style::kWarning);
  const std::string rows = count_of(result.rows(), "row", "rows");
  if (result.rows() == 0) {
    printer.paragraph("Nothing to restore: all rows are as in the backup.");
    return;
  }
  print_tables(printer, result);
  if (!result.done) {
    print_edits(printer, result);
    printer.paragraph(rows + " would be changed, for everybody. Nothing was changed.");
    printer.paragraph("To do it, run the same again with --yes.");
  } else {
    printer.paragraph(rows + " changed here. The next sync tells the others: tidesync now" + db);
    printer.paragraph("The database as it was before: " + to_utf8(result.backup));
  }
  for (const std::string& table : result.guarded) {
    printer.paragraph("Most of " + table +
                          " is deleted by this. The next sync holds these deletions back until you "
                          "run: tidesync now --allow-mass-delete" +
                          db,
                      "", Style::kWarning);
  }
}

ExitCode run_restore(const RestoreOptions& options, Session& session) {
  const RestoreResult result = restore_master(session.env, session.database(), options);
  if (session.json) {
    session.printer.json(to_json(result));
  } else {
    print_restored(session, result);
  }
  return ExitCode::kDone;
}

}  // namespace

void setup_master_restore(CLI::App& master, Session& session) {
  const auto options = std::make_shared<RestoreOptions>();
  CLI::App* command =
      add_command(master, session,
                  {"restore",
                   "Brings the state of a backup back, as new edits; shows them first",
                   {ExitCode::kDone, ExitCode::kFailed, ExitCode::kUsage,
                    ExitCode::kShareUnreachable, ExitCode::kAlreadyRunning, ExitCode::kTooOld},
                   "tidesync master restore --db quotes.db 2026-11-21 --table customers"},
                  [options, &session] { return run_restore(*options, session); });
  command
      ->add_option("BACKUP", options->from,
                   "A backup's name, the beginning of its date in UTC, or a file")
      ->required()
      ->type_name("");
  command->add_option("--table", options->tables, "Only this table; may be repeated")
      ->type_name("TABLE")
      ->allow_extra_args(false);
  command->add_flag("--yes", options->confirmed, "Do it");
}

}  // namespace tidesync
