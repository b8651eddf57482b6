#include <CLI/CLI.hpp>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/command.h"
#include "cli/conflict_words.h"
#include "cli/json.h"
#include "cli/schedule_view.h"
#include "cli/summary.h"
#include "cli/times.h"

namespace tidesync {
namespace {

std::uint64_t pending_rows(const StatusReport& report) {
  std::uint64_t sum = 0;
  for (const auto& [table, rows] : report.pending) sum += rows;
  return sum;
}

// "since 2026-11-21 10:00:05 (12 runs)"
std::string since(const StatusReport& report) {
  return "since " + local_time(report.failing_since) + " (" +
         count_of(report.failing_runs, "run", "runs") + ")";
}

std::string edits_to_send(const StatusReport& report) {
  const std::uint64_t pending = pending_rows(report);
  return pending == 0 ? "" : count_of(pending, "edit", "edits") + " to send";
}

// "failing: the last 4 runs failed", as nodes says it; "the last run failed" where that is all.
std::vector<std::string> trouble(const NodeHealth& health) {
  if (health.reason.empty()) return {};
  if (health.state == NodeState::kOk) return {health.reason};
  return {std::string(to_string(health.state)) + ": " + health.reason};
}

Cell state(const StatusReport& report) {
  if (!report.share_reachable) {
    const std::string text = "the share cannot be reached";
    return {report.offline ? text + ", " + since(report) : text, Style::kBad};
  }
  std::vector<std::string> waiting = trouble(report.health);
  if (const std::string edits = edits_to_send(report); !edits.empty()) waiting.push_back(edits);
  if (report.seq_on_share > report.seq_here) {
    const std::uint64_t batches = report.seq_on_share.value - report.seq_here.value;
    waiting.push_back(count_of(batches, "batch", "batches") + " of others to bring in");
  }
  if (report.hole) waiting.push_back(hole_text(*report.hole));
  for (const TableReport& table : report.tables) {
    if (table.reason.rfind("stands still", 0) == 0)
      waiting.push_back("table " + table.name + " stands still");
  }
  if (waiting.empty()) return {"in sync", Style::kGood};
  const bool failing = report.health.state == NodeState::kFailing;
  return {join(waiting, ", "), failing ? Style::kBad : Style::kWarning};
}

std::string pending_text(const StatusReport& report) {
  std::vector<std::string> parts;
  for (const auto& [table, rows] : report.pending) {
    if (rows > 0) parts.push_back(table + " " + with_thousands(rows));
  }
  return parts.empty() ? "none" : join(parts, ", ");
}

Cell last_sync(const StatusReport& report, std::int64_t now_ms) {
  if (!report.last_run) return {"never"};
  const RunRecord& run = *report.last_run;
  std::string text = local_time(run.timestamp);
  const std::string ago = time_ago(run.timestamp, now_ms);
  if (!ago.empty()) text += " (" + ago + ")";
  text += ", " + run.status + ", " + with_thousands(run.pulled) + " in, " +
          with_thousands(run.pushed) + " out";
  if (run.runs > 1) text += ", " + with_thousands(run.runs) + " runs in a row ended like this";
  if (!run.message.empty()) text += ": " + run.message;
  return {text, run.status == "success" ? Style::kPlain : Style::kWarning};
}

Cell clock_text(const StatusReport& report) {
  if (!report.clock_offset_ms) return {"not measured yet"};
  const bool off = is_clock_off(*report.clock_offset_ms, report.config.health);
  return {clock_offset_text(*report.clock_offset_ms), off ? Style::kWarning : Style::kPlain};
}

void print_left_out(Printer& printer, const StatusReport& report) {
  Table table{{{"left out", Fit::kText}, {"why", Fit::kText}}, {}, {}};
  for (const TableReport& entry : report.tables) {
    if (!entry.synced) table.rows.push_back({Cell(entry.name), Cell(why(entry))});
  }
  if (table.rows.empty()) return;
  printer.line();
  printer.table(table);
}

void print_policies(Printer& printer, const StatusReport& report) {
  Table table{{{"table", Fit::kText}, {"merged by", Fit::kText}}, {}, {}};
  for (const auto& [name, lines] : report.policies)
    table.rows.push_back({Cell(name), Cell(join(lines, ", "))});
  if (!report.references.empty())
    table.rows.push_back({Cell("(references)"), Cell(join(report.references, ", "))});
  if (table.rows.empty()) return;
  printer.line();
  printer.table(table);
}

Cell conflicts_text(const Session& session, const StatusReport& report) {
  if (report.open_conflicts == 0) return {"none open"};
  std::string text =
      count_of(report.open_conflicts, "conflict waits", "conflicts wait") + " for a look";
  const std::string ago = time_ago(report.oldest_conflict, session.env.clock.now_ms());
  const bool several = report.open_conflicts > 1;
  if (!ago.empty()) text += several ? " (the oldest from " + ago + ")" : " (from " + ago + ")";
  return {text + ": tidesync conflicts" + db_argument(session.db), Style::kWarning};
}

Cell next_run(const StatusReport& report, const ScheduleFacts& schedule) {
  if (!report.scheduler) return {next_run_text(schedule)};
  const SchedulerNote& note = *report.scheduler;
  if (note.silent_since_ms != 0) {
    return {"waits: the share has not answered since " + local_time(note.silent_since_ms),
            Style::kWarning};
  }
  const std::string text = local_time(note.next_ms);
  return {text + " by tidesync run" + (note.watch ? ", or when something changes" : "")};
}

void print_status(Session& session, const StatusReport& report, const ScheduleFacts& schedule) {
  const auto batch = [](Seq seq) { return "batch " + std::to_string(seq.value); };
  session.printer.facts(
      {{"state", state(report)},
       {"node", report.config.node.value + " (user " + report.config.user + ")"},
       {"share", Cell(to_utf8(report.config.share))},
       {"here", batch(report.seq_here)},
       {"on the share", report.share_reachable ? batch(report.seq_on_share) : "unknown"},
       {"in master.db", report.seq_in_master.value > 0 ? batch(report.seq_in_master) : "unknown"},
       {"edits to send", pending_text(report)},
       {"conflicts", conflicts_text(session, report)},
       {"last sync", last_sync(report, session.env.clock.now_ms())},
       {"next run", next_run(report, schedule)},
       {"clock", clock_text(report)}});
  if (!report.share_reachable) {
    session.printer.line();
    session.printer.paragraph(report.share_problem, "", Style::kBad);
  }
  if (report.hole) {
    session.printer.line();
    session.printer.paragraph(hole_advice(*report.hole), "", Style::kWarning);
  }
  print_policies(session.printer, report);
  print_left_out(session.printer, report);
}

// For prompts and trays: one line, at once, whatever the share does.
ExitCode run_short(Session& session) {
  const StatusReport report = read_short_status(session.env, session.database());
  if (session.json) {
    session.printer.json(to_json(report));
  } else {
    std::vector<std::string> parts;
    if (report.failing_runs > 0)
      parts.push_back((report.offline ? "offline " : "failing ") + since(report));
    if (const std::string edits = edits_to_send(report); !edits.empty()) parts.push_back(edits);
    if (report.open_conflicts > 0)
      parts.push_back(count_of(report.open_conflicts, "conflict", "conflicts"));
    session.printer.line(parts.empty() ? "in sync" : join(parts, ", "),
                         report.failing_runs > 0 ? Style::kBad
                         : parts.empty()         ? Style::kGood
                                                 : Style::kWarning);
  }
  return report.offline ? ExitCode::kShareUnreachable : ExitCode::kDone;
}

ExitCode run(Session& session, bool only_short) {
  if (only_short) return run_short(session);
  const StatusReport report = read_status(session.env, session.database());
  const ScheduleFacts schedule =
      read_schedule(task_host(session.env.local), session.database().lexically_normal());
  if (session.json) {
    Json json = to_json(report);
    const auto next = next_run_ms(schedule);
    if (!report.scheduler && next) json["next_sync"] = iso_utc(*next);
    session.printer.json(json);
  } else {
    print_status(session, report, schedule);
  }
  return report.share_reachable ? ExitCode::kDone : ExitCode::kShareUnreachable;
}

}  // namespace

void setup_status(CLI::App& app, Session& session) {
  const auto only_short = std::make_shared<bool>(false);
  CLI::App* command = add_command(app, session,
                                  {"status",
                                   "Shows how things stand: what waits, the last sync, the share",
                                   {ExitCode::kDone, ExitCode::kFailed, ExitCode::kUsage,
                                    ExitCode::kShareUnreachable, ExitCode::kTooOld},
                                   "tidesync status --db quotes.db"},
                                  [&session, only_short] { return run(session, *only_short); });
  command->add_flag("--short", *only_short,
                    "One line from what is known here, without asking the share: for prompts");
}

}  // namespace tidesync
