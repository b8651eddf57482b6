#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/command.h"
#include "cli/json.h"
#include "cli/times.h"

namespace tidesync {
namespace {

struct Options {
  std::string since;
  HistoryFilter filter;
};

Style style_of(const std::string& status) {
  if (status == "success") return Style::kPlain;
  return status == "error" ? Style::kBad : Style::kWarning;
}

void print_runs(Printer& printer, const std::vector<RunRecord>& runs) {
  constexpr std::size_t kShortId = 8;
  Table table{{{"run", Fit::kWhole},
               {"time", Fit::kWhole},
               {"node", Fit::kText},
               {"status", Fit::kWhole},
               {"in", Fit::kNumber},
               {"out", Fit::kNumber},
               {"conflicts", Fit::kNumber},
               {"took", Fit::kNumber}},
              {},
              {}};
  for (const RunRecord& run : runs) {
    table.rows.push_back(
        {Cell(run.run_id.substr(0, kShortId)), Cell(local_time(run.timestamp)), Cell(run.node),
         Cell(run.status, style_of(run.status)), Cell(with_thousands(run.pulled)),
         Cell(with_thousands(run.pushed)),
         Cell(with_thousands(run.conflicts), run.conflicts > 0 ? Style::kWarning : Style::kPlain),
         Cell(display_duration(run.duration_ms))});
    if (!run.error_message.empty()) table.notes[table.rows.size() - 1] = run.error_message;
  }
  printer.table(table);
}

std::string empty_text(const HistoryFilter& filter) {
  const bool everything =
      filter.since.empty() && !filter.failed && filter.node.empty() && !filter.all;
  if (everything) return "No sync has been recorded yet.";
  return filter.failed ? "No failed sync was found." : "No sync was found.";
}

ExitCode run(const Options& options, Session& session) {
  HistoryFilter filter = options.filter;
  if (!options.since.empty()) {
    filter.since = iso_utc(parse_since(options.since, session.env.clock.now_ms()));
  }
  const std::vector<RunRecord> runs = read_history(session.env, session.database(), filter);
  if (session.json) {
    Json list = Json::array();
    for (const RunRecord& record : runs) list.push_back(to_json(record));
    session.printer.json({{"runs", list}});
  } else if (runs.empty()) {
    session.printer.line(empty_text(filter));
  } else {
    print_runs(session.printer, runs);
    if (runs.size() == filter.limit) {
      session.printer.line("  The newest " + std::to_string(filter.limit) + "; --limit 0 for all.",
                           Style::kDim);
    }
  }
  return ExitCode::kDone;
}

}  // namespace

void setup_history(CLI::App& app, Session& session) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(app, session,
                                  {"history",
                                   "Lists the syncs of this node or of all, newest first",
                                   {ExitCode::kDone, ExitCode::kFailed, ExitCode::kUsage},
                                   "tidesync history --db quotes.db --since 7d --failed"},
                                  [options, &session] { return run(*options, session); });
  command->add_option("--since", options->since, "A day (2026-11-01), a time, or a span (7d, 24h)")
      ->type_name("WHEN");
  command->add_option("--limit", options->filter.limit, "How many at most; 0 for all")
      ->capture_default_str()
      ->type_name("N");
  CLI::Option* node =
      command->add_option("--node", options->filter.node, "Only this node")->type_name("NAME");
  command->add_flag("--all", options->filter.all, "Every node")->excludes(node);
  command->add_flag("--failed", options->filter.failed, "Only those that did not fully succeed");
}

}  // namespace tidesync
