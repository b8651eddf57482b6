#include <CLI/CLI.hpp>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/command.h"
#include "cli/conflict_words.h"
#include "cli/json.h"
#include "cli/times.h"
#include "inspect/nodes.h"
#include "sync/fleet.h"

namespace tidesync {
namespace {

std::vector<Column> columns() {
  return {{"node", Fit::kText},
          {"state", Fit::kWhole},
          {"last sync", Fit::kWhole},
          {"backlog", Fit::kNumber},
          {"to send", Fit::kNumber},
          {"conflicts", Fit::kNumber},
          {"clock", Fit::kText, Room::kIfItFits},
          {"user", Fit::kText, Room::kIfItFits},
          {"computer", Fit::kText, Room::kIfItFits},
          {"version", Fit::kText, Room::kIfItFits},
          {"last seen", Fit::kText, Room::kIfItFits}};
}

std::string number_or_blank(const std::optional<std::uint64_t>& number) {
  return number ? with_thousands(*number) : std::string();
}

Style style_of(NodeState state) {
  switch (state) {
    case NodeState::kOk:
      return Style::kGood;
    case NodeState::kBehind:
    case NodeState::kClockOff:
    case NodeState::kNever:
    case NodeState::kUnknown:
      return Style::kWarning;
    case NodeState::kFailing:
      return Style::kBad;
    case NodeState::kRetired:
      break;
  }
  return Style::kDim;
}

Cell clock_cell(const NodeNote& note, const HealthThresholds& thresholds) {
  if (!note.clock_offset_ms) return {""};
  const std::int64_t offset_ms = *note.clock_offset_ms;
  if (std::abs(offset_ms) < 1000) return {"agrees"};
  return {display_duration(std::abs(offset_ms)) + (offset_ms > 0 ? " behind" : " ahead"),
          is_clock_off(offset_ms, thresholds) ? Style::kWarning : Style::kPlain};
}

Cell last_sync_cell(const FleetNode& node, std::int64_t now_ms) {
  if (!node.last_success_ms) return {"never"};
  return {time_ago(iso_utc(*node.last_success_ms), now_ms)};
}

std::vector<Cell> row_of(const FleetNode& node, const FleetReport& report, std::int64_t now_ms) {
  const NodeState state = node.health.state;
  std::vector<Cell> row{Cell(node.node.value + (node.is_here ? " *" : "")),
                        Cell(std::string(to_string(state)), style_of(state))};
  if (!node.note) {
    row.resize(columns().size(), Cell(""));
    return row;
  }
  const NodeNote& note = *node.note;
  for (const Cell& cell :
       {last_sync_cell(node, now_ms), Cell(with_thousands(node.backlog)),
        Cell(number_or_blank(note.pending)), Cell(number_or_blank(note.conflicts)),
        clock_cell(note, report.thresholds), Cell(note.user), Cell(note.host), Cell(note.tool),
        Cell(time_ago(iso_utc(note.at_ms), now_ms))})
    row.push_back(cell);
  return row;
}

void print_fleet(Session& session, const FleetReport& report) {
  Table table{columns(), {}, {}};
  for (const FleetNode& node : report.nodes) {
    if (!node.problem.empty())
      table.notes[table.rows.size()] = "its note on the share cannot be read: " + node.problem;
    if (!node.health.reason.empty()) table.notes[table.rows.size()] = node.health.reason;
    table.rows.push_back(row_of(node, report, session.env.clock.now_ms()));
  }
  session.printer.table(table);
  session.printer.line();
  session.printer.paragraph("* this computer. The newest batch on the share is " +
                            std::to_string(report.head.value) +
                            "; the backlog is how many a computer has not taken in.");
}

Json to_json(const FleetNode& node) {
  Json json{{"node", node.node.value},
            {"state", std::string(to_string(node.health.state))},
            {"reason", node.health.reason},
            {"here", node.is_here}};
  if (!node.note) {
    json["problem"] = node.problem;
    return json;
  }
  const auto number = [](const auto& value) { return value ? Json(*value) : Json(nullptr); };
  const NodeNote& note = *node.note;
  json["user"] = note.user;
  json["host"] = note.host;
  json["tool"] = note.tool;
  json["at"] = iso_utc(note.at_ms);
  json["seq"] = note.seq.value;
  json["backlog"] = node.backlog;
  json["pending"] = number(note.pending);
  json["conflicts"] = number(note.conflicts);
  json["clock_offset_ms"] = number(note.clock_offset_ms);
  json["retired"] = note.retired;
  json["last_success"] = node.last_success_ms ? Json(iso_utc(*node.last_success_ms)) : Json();
  json["failed_runs"] = node.failed_runs;
  json["last_run"] = nullptr;
  if (note.last_run) {
    json["last_run"] = {{"run", note.last_run->id},
                        {"status", note.last_run->status},
                        {"at", iso_utc(note.last_run->at_ms)}};
  }
  return json;
}

ExitCode run_list(Session& session) {
  const FleetReport report = read_fleet(session.env, session.database());
  if (session.json) {
    Json nodes = Json::array();
    for (const FleetNode& node : report.nodes) nodes.push_back(to_json(node));
    session.printer.json({{"nodes", nodes}, {"seq_on_share", report.head.value}});
  } else {
    print_fleet(session, report);
  }
  return ExitCode::kDone;
}

struct RenameArguments {
  std::string old_name, new_name;
};

ExitCode run_rename(const RenameArguments& names, Session& session) {
  rename_node(session.env, session.database(), names.old_name, names.new_name);
  if (session.json) {
    session.printer.json({{"node", names.new_name}, {"was", names.old_name}});
  } else {
    session.printer.paragraph("This computer is " + names.new_name +
                              " from now on. What it did before stays under " + names.old_name +
                              ".");
  }
  return ExitCode::kDone;
}

struct RetireArguments {
  std::string name;
  bool confirmed = false;
};

ExitCode run_retire(const RetireArguments& arguments, Session& session) {
  const NodeNote note =
      retire_node(session.env, session.database(), arguments.name, arguments.confirmed);
  if (session.json) {
    session.printer.json({{"node", note.node.value}, {"retired", true}});
  } else {
    session.printer.paragraph(note.node.value +
                              " is retired: nobody waits for it any more. No data was deleted. "
                              "Should it sync again, it counts again.");
  }
  return ExitCode::kDone;
}

constexpr std::initializer_list<ExitCode> kChangeCodes{
    ExitCode::kDone,           ExitCode::kFailed, ExitCode::kUsage, ExitCode::kShareUnreachable,
    ExitCode::kAlreadyRunning, ExitCode::kTooOld};

void setup_rename(CLI::App& nodes, Session& session) {
  const auto names = std::make_shared<RenameArguments>();
  CLI::App* command = add_command(nodes, session,
                                  {"rename", "Gives this computer another name", kChangeCodes,
                                   "tidesync nodes rename host-7 anna --db quotes.db"},
                                  [names, &session] { return run_rename(*names, session); });
  command->add_option("OLD", names->old_name, "The name it has")->required()->type_name("");
  command->add_option("NEW", names->new_name, "a-z 0-9 - _, at most 40")->required()->type_name("");
}

void setup_retire(CLI::App& nodes, Session& session) {
  const auto arguments = std::make_shared<RetireArguments>();
  CLI::App* command =
      add_command(nodes, session,
                  {"retire", "Gives a computer up: nobody waits for it any more", kChangeCodes,
                   "tidesync nodes retire old-laptop --db quotes.db"},
                  [arguments, &session] { return run_retire(*arguments, session); });
  command->add_option("NODE", arguments->name, "Its name")->required()->type_name("");
  command->add_flag("--yes", arguments->confirmed, "Also one that was seen within 7 days");
}

}  // namespace

void setup_nodes(CLI::App& app, Session& session) {
  const auto chosen = std::make_shared<CLI::App*>(nullptr);
  const std::initializer_list<ExitCode> codes{ExitCode::kDone, ExitCode::kFailed, ExitCode::kUsage,
                                              ExitCode::kShareUnreachable};
  CLI::App* command = add_command(app, session,
                                  {"nodes", "Lists the computers; renames this one; gives one up",
                                   codes, "tidesync nodes --db quotes.db"},
                                  [&session, chosen] {
                                    const bool is_list = (*chosen)->get_subcommands().empty();
                                    return is_list ? run_list(session) : session.exit_code;
                                  });
  *chosen = command;
  command->require_subcommand(0, 1);
  add_command(*command, session,
              {"list", "Lists the computers: when each was seen, what it waits for", codes,
               "tidesync nodes list --db quotes.db"},
              [&session] { return run_list(session); });
  setup_rename(*command, session);
  setup_retire(*command, session);
}

}  // namespace tidesync
