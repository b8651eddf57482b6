#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "inspect/verify.h"

namespace tidesync {
namespace {

Json finding_json(const Finding& finding) {
  return {{"kind", finding.is_difference ? "difference" : "remark"},
          {"what", finding.what},
          {"what_to_do", finding.what_to_do},
          {"row", finding.row ? to_json(*finding.row) : Json()}};
}

Json verify_json(const VerifyReport& report) {
  Json tables = Json::array();
  for (const TableVerdict& table : report.tables) {
    tables.push_back({{"name", table.table},
                      {"rows", table.rows},
                      {"not_sent", table.not_sent},
                      {"digest_here", table.is_here ? Json(table.here.hex()) : Json()},
                      {"digest_base", table.base.hex()},
                      {"digest_master", table.master ? Json(table.master->hex()) : Json()}});
  }
  Json findings = Json::array();
  for (const Finding& finding : report.findings) findings.push_back(finding_json(finding));
  const auto seq = [](const std::optional<Seq>& s) { return s ? Json(s->value) : Json(); };
  return {{"differences", report.differences()},
          {"findings", findings},
          {"tables", tables},
          {"seq_here", report.seq_here.value},
          {"seq_on_share", seq(report.seq_on_share)},
          {"seq_in_master", seq(report.seq_in_master)},
          {"share_problem", report.share_problem.empty() ? Json() : Json(report.share_problem)},
          {"deep", report.deep},
          {"entries_read", report.entries_read}};
}

Cell agreement(const TableVerdict& table) {
  if (!table.is_here) return {"not synced here at the moment", Style::kDim};
  if (table.here != table.base) return {"differs here", Style::kBad};
  if (table.master && *table.master != table.base) return {"differs in master.db", Style::kBad};
  return {table.master ? "agrees" : "agrees here", Style::kGood};
}

void print_tables(Printer& printer, const VerifyReport& report) {
  Table table{{{"table", Fit::kText},
               {"rows", Fit::kNumber},
               {"not sent yet", Fit::kNumber},
               {"", Fit::kText}},
              {},
              {}};
  for (const TableVerdict& verdict : report.tables) {
    table.rows.push_back({Cell(verdict.table), Cell(with_thousands(verdict.rows)),
                          Cell(with_thousands(verdict.not_sent)), agreement(verdict)});
  }
  printer.table(table);
  printer.line();
}

void print_finding(Printer& printer, const Finding& finding) {
  printer.paragraph(finding.what, finding.is_difference ? "different: " : "note: ",
                    finding.is_difference ? Style::kBad : Style::kWarning);
  if (finding.row) {
    std::vector<std::pair<std::string, Cell>> facts;
    for (const ColumnDiff& column : finding.row->columns) {
      const auto shown = [](const std::string& v) { return v.empty() ? "(no row)" : v; };
      facts.emplace_back(column.column,
                         Cell(shown(column.old_value) + "  ->  " + shown(column.new_value)));
    }
    printer.facts(facts);
  }
  printer.paragraph(finding.what_to_do, "  what to do: ");
}

void print_report(Printer& printer, const VerifyReport& report) {
  print_tables(printer, report);
  for (const Finding& finding : report.findings) print_finding(printer, finding);
  if (!report.share_problem.empty())
    printer.paragraph("The share could not be read: " + report.share_problem +
                          ". Only this computer was looked at.",
                      "", Style::kWarning);
  const std::uint64_t differences = report.differences();
  if (differences > 0) {
    printer.line(count_of(differences, "difference was found", "differences were found") + ".",
                 Style::kBad);
  } else if (report.share_problem.empty()) {
    printer.line("Database, base copy, log and master.db agree at batch " +
                     std::to_string(report.seq_here.value) + ".",
                 Style::kGood);
  }
  if (report.deep && report.share_problem.empty())
    printer.line(count_of(report.entries_read, "batch was read whole", "batches were read whole") +
                 ".");
}

ExitCode run(const VerifyOptions& given, Session& session) {
  VerifyOptions options = given;
  options.steps = &session.progress;
  const Path database = session.database();
  watch_for_interrupts();
  const VerifyReport report = verify(session.env, database, options);
  session.progress.clear();
  if (session.json) {
    session.printer.json(verify_json(report));
  } else {
    print_report(session.printer, report);
  }
  if (report.differences() > 0) return ExitCode::kProblemsFound;
  return report.share_problem.empty() ? ExitCode::kDone : ExitCode::kShareUnreachable;
}

}  // namespace

void setup_verify(CLI::App& app, Session& session) {
  const auto options = std::make_shared<VerifyOptions>();
  CLI::App* command =
      add_command(app, session,
                  {"verify",
                   "Proves that this database, the log and master.db agree, or names the first row "
                   "that differs",
                   {ExitCode::kDone, ExitCode::kFailed, ExitCode::kUsage,
                    ExitCode::kShareUnreachable, ExitCode::kAlreadyRunning, ExitCode::kTooOld,
                    ExitCode::kProblemsFound, ExitCode::kInterrupted},
                   "tidesync verify --db quotes.db"},
                  [options, &session] { return run(*options, session); });
  command->add_flag("--deep", options->deep,
                    "Read every batch on the share whole and add them all up anew");
}

}  // namespace tidesync
