#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/json.h"
#include "cli/schedule_view.h"
#include "inspect/doctor.h"

namespace tidesync {
namespace {

Json doctor_json(const DoctorReport& report) {
  Json checks = Json::array();
  for (const Check& check : report.checks) {
    checks.push_back({{"name", check.name},
                      {"verdict", to_string(check.verdict)},
                      {"text", check.text},
                      {"what_to_do", check.what_to_do.empty() ? Json() : Json(check.what_to_do)}});
  }
  return {{"checks", checks},
          {"ok", report.count(CheckVerdict::kOk)},
          {"warnings", report.count(CheckVerdict::kWarning)},
          {"problems", report.count(CheckVerdict::kProblem)}};
}

Style style_of(CheckVerdict verdict) {
  switch (verdict) {
    case CheckVerdict::kOk:
      return Style::kGood;
    case CheckVerdict::kWarning:
      return Style::kWarning;
    case CheckVerdict::kProblem:
      return Style::kBad;
  }
  return Style::kPlain;
}

// "database_place" -> "database place".
std::string spoken(std::string name) {
  for (char& c : name) {
    if (c == '_') c = ' ';
  }
  return name;
}

void print_report(Printer& printer, const DoctorReport& report) {
  Table table{{{"", Fit::kWhole}, {"check", Fit::kWhole}, {"found", Fit::kText}}, {}, {}};
  for (const Check& check : report.checks) {
    if (!check.what_to_do.empty())
      table.notes[table.rows.size()] = "what to do: " + check.what_to_do;
    table.rows.push_back({Cell(std::string(to_string(check.verdict)), style_of(check.verdict)),
                          Cell(spoken(check.name)), Cell(check.text)});
  }
  printer.table(table);
  printer.line();
  const std::uint64_t problems = report.count(CheckVerdict::kProblem);
  const std::uint64_t warnings = report.count(CheckVerdict::kWarning);
  if (problems + warnings == 0) {
    printer.line("Nothing is wrong.", Style::kGood);
    return;
  }
  printer.line(count_of(problems, "problem", "problems") + ", " +
                   count_of(warnings, "warning", "warnings") + ".",
               problems > 0 ? Style::kBad : Style::kWarning);
}

std::optional<Config> config_of(Session& session, const Path& database) {
  try {
    return read_config(session.env.local, LocalPaths(database).config);
  } catch (const Error&) {
    return std::nullopt;  // another check tells
  }
}

// The system's scheduler is nothing the checks of inspect/ can see.
Check examine_schedule(Session& session) {
  const Path database = session.database().lexically_normal();
  const auto config = config_of(session, database);
  return check_schedule(session.env.local, read_schedule(task_host(session.env.local), database),
                        database, config ? &*config : nullptr);
}

ExitCode run(const DoctorOptions& options, Session& session) {
  DoctorReport report = examine(session.env, session.database(), options);
  report.checks.push_back(examine_schedule(session));
  if (session.json) {
    session.printer.json(doctor_json(report));
  } else {
    print_report(session.printer, report);
  }
  return report.count(CheckVerdict::kProblem) > 0 ? ExitCode::kProblemsFound : ExitCode::kDone;
}

}  // namespace

void setup_doctor(CLI::App& app, Session& session) {
  const auto options = std::make_shared<DoctorOptions>();
  CLI::App* command =
      add_command(app, session,
                  {"doctor",
                   "Checks database, share, clock, disk and log, and says what to do",
                   {ExitCode::kDone, ExitCode::kFailed, ExitCode::kUsage, ExitCode::kProblemsFound},
                   "tidesync doctor --db quotes.db"},
                  [options, &session] { return run(*options, session); });
  command->add_flag("--probe", options->race,
                    "Try the share out thoroughly: several threads want one name at the same time");
}

}  // namespace tidesync
