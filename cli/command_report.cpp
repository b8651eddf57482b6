#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/command.h"
#include "cli/conflict_words.h"
#include "cli/json.h"
#include "cli/report_files.h"
#include "cli/report_html.h"
#include "cli/report_parts.h"
#include "cli/times.h"

namespace tidesync {
namespace {

constexpr std::int64_t kDayMs = 24LL * 60 * 60 * 1000;
constexpr std::int64_t kUsualDays = 30;  // today and those before it, whole ones
constexpr std::size_t kShownCauses = 5;

struct Options {
  std::string since, until, node, master, html, csv;
  bool utc = false, force = false;
};

// The midnight before that moment.
std::int64_t midnight_before(std::int64_t at_ms, bool utc) {
  constexpr std::size_t kDate = 10;
  const std::string iso = iso_utc(at_ms);
  const std::string day = (utc ? iso : local_time(at_ms)).substr(0, kDate);
  return parse_since(utc ? day + "T00:00:00.000Z" : day, at_ms);
}

ReportOptions period_of(const Options& options, std::int64_t now_ms) {
  ReportOptions period;
  period.now_ms = now_ms;
  period.utc = options.utc;
  period.node = options.node;
  period.until_ms = options.until.empty() ? now_ms : parse_until(options.until, now_ms);
  period.since_ms =
      options.since.empty()
          ? midnight_before(period.until_ms - 1 - (kUsualDays - 1) * kDayMs, options.utc)
          : parse_since(options.since, now_ms);
  if (period.since_ms >= period.until_ms)
    throw Error(ErrorCode::kUsage, "report", "", "the period ends before it begins",
                "Give --until a later time than --since.");
  return period;
}

Report read(const Options& options, Session& session) {
  const ReportOptions period = period_of(options, session.env.clock.now_ms());
  if (options.master.empty()) return read_report(session.env, session.database(), period);
  if (!session.db.empty())
    throw Error(ErrorCode::kUsage, "report", "", "--db and --master contradict each other",
                "Leave one of them out.");
  return read_report_of_master(absolute_path(options.master), period);
}

void print_causes(Printer& printer, const Report& report) {
  if (report.causes.empty()) return;
  printer.line();
  printer.line("What failed and why:", Style::kBold);
  for (std::size_t i = 0; i < report.causes.size() && i < kShownCauses; ++i) {
    const ReportCause& cause = report.causes[i];
    printer.paragraph(cause.cause + ": " + count_of(cause.runs, "run", "runs") + " of " +
                          count_of(cause.nodes, "computer", "computers") +
                          (cause.hint.empty() ? "" : ". " + cause.hint),
                      "  ");
  }
}

void print_nodes(Printer& printer, const Report& report, const ReportTimes& times) {
  Table table{{{"computer", Fit::kText},
               {"state", Fit::kText},
               {"last got through", Fit::kWhole},
               {"runs", Fit::kNumber},
               {"failed", Fit::kNumber},
               {"behind", Fit::kNumber}},
              {},
              {}};
  for (const ReportNode* node : by_urgency(report)) {
    const NodeState state = node->health.state;
    const Style style = state == NodeState::kOk        ? Style::kGood
                        : state == NodeState::kFailing ? Style::kBad
                        : state == NodeState::kRetired ? Style::kDim
                                                       : Style::kWarning;
    if (!node->health.reason.empty()) table.notes[table.rows.size()] = node->health.reason;
    table.rows.push_back({Cell(node->node), Cell(std::string(to_string(state)), style),
                          Cell(times.time(node->last_success)), Cell(with_thousands(node->runs)),
                          Cell(with_thousands(node->failed)), Cell(with_thousands(node->behind))});
  }
  printer.table(table);
}

void print_summary(Session& session, const Report& report) {
  Printer& printer = session.printer;
  const ReportTimes times{report.options.utc};
  const ReportTotals& totals = report.totals;
  printer.paragraph(report_headline(report), "", Style::kBold);
  printer.line();
  printer.facts({{"period", times.time(iso_utc(report.options.since_ms)) + " to " +
                                times.time(iso_utc(report.options.until_ms)) + " " +
                                times.zone(report.options.until_ms)},
                 {"runs", with_thousands(totals.runs) + ": " + with_thousands(totals.success) +
                              " succeeded, " + with_thousands(totals.partial) + " in part, " +
                              with_thousands(totals.error) + " failed"},
                 {"took", totals.median_ms ? "half within " + display_duration(*totals.median_ms) +
                                                 ", 95 of 100 within " +
                                                 display_duration(totals.p95_ms.value_or(0))
                                           : std::string("no run got through")},
                 {"rows", with_thousands(totals.rows_in) + " in, " +
                              with_thousands(totals.rows_out) + " out"},
                 {"conflicts", count_of(report.open_conflicts_matching, "is open", "are open")}});
  if (!report.share_problem.empty())
    printer.paragraph("The share could not be reached: " + report.share_problem + ".", "",
                      Style::kWarning);
  if (!report.nodes.empty()) {
    printer.line();
    print_nodes(printer, report, times);
  }
  print_causes(printer, report);
}

std::string page_command(const Options& options, const Session& session) {
  std::string command = "tidesync report --html report.html";
  if (!options.master.empty()) command += " --master " + quoted_argument(options.master);
  return command + db_argument(session.db);
}

ExitCode run(const Options& options, Session& session) {
  const ReportFiles files{options.html, options.csv, options.force};
  check_report_files(session.env.local, files);
  const Report report = read(options, session);
  const std::vector<std::string> written = write_report_files(session.env.local, files, report);
  if (session.json) {
    Json json = report_json(report);
    json["written"] = written;
    session.printer.json(json);
    return ExitCode::kDone;
  }
  if (written.empty()) {
    print_summary(session, report);
    session.printer.line();
    session.printer.line("The same as a page with charts: " + page_command(options, session),
                         Style::kDim);
    return ExitCode::kDone;
  }
  session.printer.paragraph(report_headline(report));
  for (const std::string& file : written) session.printer.line("Written: " + file);
  return ExitCode::kDone;
}

}  // namespace

void setup_report(CLI::App& app, Session& session) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(
      app, session,
      {"report",
       "Shows who syncs, what failed and why, and which conflicts are open; also as a page",
       {ExitCode::kDone, ExitCode::kFailed, ExitCode::kUsage, ExitCode::kTooOld},
       "tidesync report --db quotes.db --since 7d --html report.html"},
      [options, &session] { return run(*options, session); });
  command->add_option("--html", options->html, "Write it as one page with charts")
      ->type_name("FILE");
  command
      ->add_option("--csv", options->csv,
                   "Write its tables: one file (NAME.csv), or a folder with a file for each")
      ->type_name("FILE|FOLDER");
  command
      ->add_option("--since", options->since,
                   "A day (2026-11-01), a time, or a span (7d, 24h); default: 30 days")
      ->type_name("WHEN");
  command->add_option("--until", options->until, "The end, a day is included; default: now")
      ->type_name("WHEN");
  command->add_option("--node", options->node, "Only this computer")->type_name("NAME");
  command
      ->add_option("--master", options->master,
                   "Read this master.db; no database of yours is needed")
      ->type_name("FILE");
  command->add_flag("--utc", options->utc, "Days and times in UTC, not of this computer's clock");
  command->add_flag("--force", options->force, "Replace files that exist");
}

}  // namespace tidesync
