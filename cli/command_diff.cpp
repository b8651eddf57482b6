#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/json.h"

namespace tidesync {
namespace {

struct Options {
  std::string table, key;
};

void print_row(Printer& printer, const RowDiff& row) {
  printer.line(row.table + ", " + row.key + ": " + row.kind, Style::kBold);
  std::vector<std::pair<std::string, Cell>> facts;
  for (const ColumnDiff& column : row.columns) {
    const std::string text = row.kind == "insert" ? column.new_value
                             : row.kind == "delete"
                                 ? column.old_value
                                 : column.old_value + "  ->  " + column.new_value;
    facts.emplace_back(column.column, Cell(text));
  }
  printer.facts(facts);
}

// Rows are printed as they come, for there may be many. An error in the middle closes the object,
// which then holds the rows so far and the error.
ExitCode run_json(const Options& options, Session& session) {
  const Path database = session.database();
  Printer& printer = session.printer;
  std::string separator;
  std::string end = "]}\n";
  ExitCode code = ExitCode::kDone;
  printer.raw("{\"rows\":[");
  try {
    read_diff(session.env, database, options.table, options.key, [&](const RowDiff& row) {
      printer.raw(separator);
      printer.json(to_json(row));
      separator = ",";
    });
  } catch (const Error& error) {
    code = exit_code(error.code());
    end = "],\"error\":" + to_json(error).dump(-1, ' ', false, Json::error_handler_t::replace) +
          "}\n";
  }
  printer.raw(end);
  return code;
}

ExitCode run(const Options& options, Session& session) {
  if (session.json) return run_json(options, session);
  std::uint64_t rows = 0;
  read_diff(session.env, session.database(), options.table, options.key, [&](const RowDiff& row) {
    print_row(session.printer, row);
    ++rows;
  });
  if (rows == 0) {
    session.printer.line("Nothing to send: no edits here since the last sync.");
  } else {
    session.printer.line();
    session.printer.line(count_of(rows, "row", "rows") + " would be sent by the next sync.");
  }
  return ExitCode::kDone;
}

}  // namespace

void setup_diff(CLI::App& app, Session& session) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(app, session,
                                  {"diff",
                                   "Shows what the next sync would send: old and new values",
                                   {ExitCode::kDone, ExitCode::kFailed, ExitCode::kUsage},
                                   "tidesync diff --db quotes.db quotes 17"},
                                  [options, &session] { return run(*options, session); });
  command->add_option("TABLE", options->table, "Only this table")->type_name("");
  command
      ->add_option("KEY", options->key, "Only the row with this key; a key of several columns: A,B")
      ->type_name("");
}

}  // namespace tidesync
