#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/command.h"
#include "cli/conflict_words.h"
#include "cli/json.h"
#include "cli/times.h"
#include "sync/undo.h"

namespace tidesync {
namespace {

std::string rows(std::uint64_t number) {
  return count_of(number, "row", "rows");
}

void print_names(Printer& printer, const std::vector<std::string>& names, std::uint64_t count) {
  for (const std::string& name : names) printer.paragraph(name, "  - ");
  if (count > names.size())
    printer.paragraph("and " + with_thousands(count - names.size()) + " more", "  - ");
}

void print_run(Printer& printer, const UndoResult& result) {
  std::vector<std::string> batches;
  for (const std::uint64_t seq : result.batches) batches.push_back(std::to_string(seq));
  printer.paragraph("Run " + result.run_id.substr(0, 8) + " of " + local_time(result.timestamp) +
                        " on " + result.node + (batches.empty() ? ", no batch" : ", batch ") +
                        join(batches, ", "),
                    "", Style::kBold);
}

void print_tables(Printer& printer, const UndoResult& result) {
  if (result.tables.empty()) return;
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

const char* change_of(const UndoneRow& row) {
  const bool came = !row.columns.empty() && row.columns.front().before.empty();
  const bool went = !row.columns.empty() && row.columns.front().after.empty();
  return came ? "brought back" : went ? "deleted" : "old values";
}

void print_edits(Printer& printer, const UndoResult& result) {
  printer.line();
  for (const UndoneRow& row : result.edits) {
    printer.line(row.table + ", " + row.key + ": " + change_of(row), Style::kBold);
    std::vector<std::pair<std::string, Cell>> facts;
    for (const ColumnEdit& edit : row.columns) {
      const bool changed = !edit.before.empty() && !edit.after.empty();
      facts.emplace_back(edit.column, Cell(edit.before + (changed ? "  ->  " : "") + edit.after));
    }
    printer.facts(facts);
  }
  if (result.rows() > result.edits.size())
    printer.line("and " + rows(result.rows() - result.edits.size()) + " more");
}

void print_refused(Printer& printer, const UndoResult& result) {
  printer.paragraph("Nothing was changed: " + rows(result.changed_count) +
                        (result.changed_count == 1 ? " was" : " were") + " changed since.",
                    "", Style::kBad);
  print_names(printer, result.changed, result.changed_count);
  printer.paragraph(
      "--force brings back the values from before the run all the same, and keeps the newer ones "
      "as "
      "conflicts.");
}

void print_done(Session& session, const UndoResult& result) {
  Printer& printer = session.printer;
  const std::string db = db_argument(session.db);
  if (result.rows() == 0) {
    printer.paragraph(result.already > 0 ? "Nothing to undo: everything is as it was before it."
                                         : "Nothing to undo: it changed no rows.");
  } else {
    if (result.dry_run) print_edits(printer, result);
    print_tables(printer, result);
    printer.paragraph(result.dry_run
                          ? rows(result.rows()) + " would be changed. Nothing was changed."
                          : rows(result.rows()) +
                                " changed here. The next sync tells the others: tidesync now" + db);
  }
  if (result.rows() > 0 && result.already > 0)
    printer.paragraph(rows(result.already) + " already as before the run.");
  if (result.conflicts > 0) {
    printer.paragraph(rows(result.conflicts) + " changed since: the newer values are kept. See: " +
                          "tidesync conflicts" + db,
                      "", Style::kWarning);
  }
  if (result.left_count > 0) {
    printer.paragraph("Left as they are:", "", Style::kWarning);
    print_names(printer, result.left, result.left_count);
  }
  for (const std::string& table : result.guarded) {
    printer.paragraph("Most of " + table +
                          " is deleted by this. The next sync holds these deletions "
                          "back until you run: tidesync now --allow-mass-delete" +
                          db,
                      "", Style::kWarning);
  }
}

Json to_json(const UndoResult& result) {
  Json tables = Json::object();
  for (const auto& [name, counts] : result.tables) {
    tables[name] = {{"updated", counts.updated},
                    {"brought_back", counts.brought_back},
                    {"deleted", counts.deleted}};
  }
  Json edits = Json::array();
  for (const UndoneRow& row : result.edits) {
    Json columns = Json::array();
    for (const ColumnEdit& edit : row.columns)
      columns.push_back({{"column", edit.column}, {"old", edit.before}, {"new", edit.after}});
    edits.push_back(
        {{"table", row.table}, {"key", row.key}, {"change", change_of(row)}, {"columns", columns}});
  }
  return {{"run", result.run_id},
          {"node", result.node},
          {"batches", Json(result.batches)},
          {"refused", result.refused},
          {"tables", tables},
          {"edits", edits},
          {"already", result.already},
          {"changed", Json(result.changed)},
          {"changed_count", result.changed_count},
          {"conflicts", result.conflicts},
          {"left", Json(result.left)},
          {"left_count", result.left_count},
          {"guarded", Json(result.guarded)},
          {"dry_run", result.dry_run}};
}

ExitCode run(const UndoOptions& options, Session& session) {
  const UndoResult result = undo_run(session.env, session.database(), options);
  if (session.json) {
    session.printer.json(to_json(result));
  } else {
    print_run(session.printer, result);
    if (result.refused) {
      print_refused(session.printer, result);
    } else {
      print_done(session, result);
    }
  }
  if (result.refused) return ExitCode::kFailed;
  return result.conflicts > 0 && !result.dry_run ? ExitCode::kNewConflicts : ExitCode::kDone;
}

}  // namespace

void setup_undo(CLI::App& app, Session& session) {
  const auto options = std::make_shared<UndoOptions>();
  CLI::App* command =
      add_command(app, session,
                  {"undo",
                   "Takes back what one sync did, as new edits; history shows the runs",
                   {ExitCode::kDone, ExitCode::kFailed, ExitCode::kUsage, ExitCode::kNewConflicts,
                    ExitCode::kShareUnreachable, ExitCode::kAlreadyRunning, ExitCode::kTooOld},
                   "tidesync undo --db quotes.db 7c1e55aa --dry-run"},
                  [options, &session] { return run(*options, session); });
  command->add_option("RUN", options->run, "The id of the run, or its beginning")
      ->required()
      ->type_name("");
  command->add_flag("--dry-run", options->dry_run, "Show what would change; change nothing");
  command->add_flag("--force", options->force,
                    "Also rows that were changed since; their newer values are kept as conflicts");
}

}  // namespace tidesync
