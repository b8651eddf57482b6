#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/command.h"
#include "cli/conflict_words.h"
#include "cli/json.h"
#include "cli/times.h"
#include "inspect/master.h"
#include "sync/master.h"

namespace tidesync {
namespace {

constexpr std::size_t kShownBackups = 10;

// info -------------------------------------------------------------------------------------------

Cell state_cell(const MasterReport& report, const std::string& db) {
  using Age = MasterReport::Age;
  switch (report.state) {
    case MasterState::kAbsent:
      return {"there is none: tidesync master rebuild" + db, Style::kWarning};
    case MasterState::kForeign:
      return {
          "not as it was built: somebody changed it. The next sync keeps that file in backups/ "
          "and makes master.db anew; so does tidesync master rebuild" +
              db,
          Style::kWarning};
    case MasterState::kOurs:
      break;
  }
  switch (report.age) {
    case Age::kEqual:
      return {"has what this computer has", Style::kGood};
    case Age::kOlder:
      return {"older than what this computer has"};
    case Age::kLater:
      return {"later than what this computer has: tidesync now" + db};
    case Age::kOther:
      return {"has other rows than this computer: tidesync master rebuild" + db, Style::kWarning};
    case Age::kUnknown:
      break;
  }
  return {"nothing is noted about it: tidesync master rebuild" + db, Style::kWarning};
}

const char* state_word(const MasterReport& report) {
  if (report.state == MasterState::kAbsent) return "absent";
  return report.state == MasterState::kForeign ? "changed_by_hand" : "as_built";
}

const char* age_word(MasterReport::Age age) {
  using Age = MasterReport::Age;
  switch (age) {
    case Age::kEqual:
      return "equal";
    case Age::kOlder:
      return "older";
    case Age::kLater:
      return "later";
    case Age::kOther:
      return "other";
    case Age::kUnknown:
      break;
  }
  return "unknown";
}

std::uint64_t total_size(const std::vector<ListedBackup>& backups) {
  std::uint64_t size = 0;
  for (const ListedBackup& backup : backups) size += backup.size;
  return size;
}

void print_backups(Printer& printer, const MasterReport& report) {
  if (report.backups.empty()) return;
  printer.line();
  Table table{{{"backup", Fit::kWhole}, {"made", Fit::kText}, {"size", Fit::kNumber}}, {}, {}};
  for (const ListedBackup& backup : report.backups) {
    if (table.rows.size() == kShownBackups) break;
    const std::string made = local_time(backup.name.at_ms);
    table.rows.push_back({Cell(backup.name.name),
                          Cell(made + (backup.has_note ? "" : " (not complete)")),
                          Cell(display_size(backup.size))});
  }
  printer.table(table);
  if (report.backups.size() > kShownBackups)
    printer.line("and " + with_thousands(report.backups.size() - kShownBackups) + " older");
}

void print_info(Session& session, const MasterReport& report) {
  std::vector<std::pair<std::string, Cell>> facts;
  facts.emplace_back("master.db", state_cell(report, db_argument(session.db)));
  if (report.state != MasterState::kAbsent) facts.emplace_back("size", display_size(report.size));
  if (report.note) {
    facts.emplace_back("holds", "batch " + std::to_string(report.note->seq.value));
    std::string built = report.note->built_by;
    if (report.note->built_at_ms > 0) built += ", " + local_time(report.note->built_at_ms);
    facts.emplace_back("built by", Cell(built));
  } else if (!report.note_problem.empty()) {
    facts.emplace_back("master.json", Cell(report.note_problem, Style::kWarning));
  }
  facts.emplace_back("here", Cell("batch " + std::to_string(report.seq_here.value)));
  facts.emplace_back(
      "backups",
      Cell(report.backups.empty() ? "none yet"
                                  : with_thousands(report.backups.size()) + ", " +
                                        display_size(total_size(report.backups)) + " together"));
  facts.emplace_back(
      "made",
      Cell(report.daily_backups
               ? "daily, by the first sync that refreshes master.db; kept: " + report.keep_rule
               : "only by hand (backups = \"off\")"));
  session.printer.facts(facts);
  print_backups(session.printer, report);
}

Json to_json(const MasterReport& report) {
  Json backups = Json::array();
  for (const ListedBackup& backup : report.backups) {
    backups.push_back({{"name", backup.name.name},
                       {"at", iso_utc(backup.name.at_ms)},
                       {"hand_edited", backup.name.kind == BackupKind::kHandEdited},
                       {"size", backup.size},
                       {"complete", backup.has_note}});
  }
  Json json{{"state", state_word(report)}, {"size", report.size}, {"age", age_word(report.age)}};
  json["seq"] = report.note ? report.note->seq.value : 0;
  json["built_by"] = report.note ? report.note->built_by : "";
  const bool dated = report.note && report.note->built_at_ms > 0;
  json["built_at"] = dated ? Json(iso_utc(report.note->built_at_ms)) : Json(nullptr);
  json["seq_here"] = report.seq_here.value;
  json["backups"] = backups;
  json["daily_backups"] = report.daily_backups;
  json["keep"] = report.keep_rule;
  return json;
}

ExitCode run_info(Session& session) {
  const MasterReport report = read_master(session.env, session.database());
  if (session.json) {
    session.printer.json(to_json(report));
  } else {
    print_info(session, report);
  }
  return ExitCode::kDone;
}

// backup, rebuild --------------------------------------------------------------------------------

ExitCode run_backup(const std::optional<std::uint64_t>& keep, Session& session) {
  const MasterBackup made = back_up_master(session.env, session.database(), keep);
  if (session.json) {
    session.printer.json({{"name", made.name},
                          {"seq", made.seq.value},
                          {"size", made.size},
                          {"removed", Json(made.removed)}});
    return ExitCode::kDone;
  }
  session.printer.paragraph("backups/" + made.name + ".db is on the share: batch " +
                                std::to_string(made.seq.value) + ", " + display_size(made.size) +
                                ".",
                            "", Style::kGood);
  if (!made.removed.empty()) {
    session.printer.paragraph(
        count_of(made.removed.size(), "older backup was", "older backups were") +
        " removed by the rule of what is kept.");
  }
  return ExitCode::kDone;
}

ExitCode run_rebuild(bool force, Session& session) {
  const MasterRebuild result = rebuild_master(session.env, session.database(), force);
  if (session.json) {
    session.printer.json({{"rebuilt", !result.refused},
                          {"seq", result.seq.value},
                          {"seq_there", result.seq_there.value},
                          {"notes", Json(result.notes)}});
  } else if (result.refused) {
    session.printer.paragraph(
        "Nothing was changed: master.db holds batch " + std::to_string(result.seq_there.value) +
            ", this computer only batch " + std::to_string(result.seq.value) + ".",
        "", Style::kBad);
    session.printer.paragraph("Run tidesync now" + db_argument(session.db) +
                              " first. --force puts the older state there all the same.");
  } else {
    session.printer.paragraph(
        "master.db on the share was made anew: batch " + std::to_string(result.seq.value) + ".", "",
        Style::kGood);
    for (const std::string& note : result.notes)
      session.printer.paragraph(note, "", Style::kWarning);
  }
  return result.refused ? ExitCode::kFailed : ExitCode::kDone;
}

// ------------------------------------------------------------------------------------------------

void setup_backup(CLI::App& master, Session& session) {
  const auto keep = std::make_shared<std::optional<std::uint64_t>>();
  CLI::App* command =
      add_command(master, session,
                  {"backup",
                   "Puts a dated copy of the state into backups/ on the share",
                   {ExitCode::kDone, ExitCode::kFailed, ExitCode::kUsage,
                    ExitCode::kShareUnreachable, ExitCode::kAlreadyRunning, ExitCode::kTooOld},
                   "tidesync master backup --db quotes.db"},
                  [keep, &session] { return run_backup(*keep, session); });
  command->add_option("--keep", *keep, "Keep only the newest N dated copies")
      ->type_name("N")
      ->check(CLI::Range(1, 10000));
}

void setup_rebuild(CLI::App& master, Session& session) {
  const auto force = std::make_shared<bool>(false);
  CLI::App* command =
      add_command(master, session,
                  {"rebuild",
                   "Makes master.db on the share anew, at once",
                   {ExitCode::kDone, ExitCode::kFailed, ExitCode::kUsage,
                    ExitCode::kShareUnreachable, ExitCode::kAlreadyRunning, ExitCode::kTooOld},
                   "tidesync master rebuild --db quotes.db"},
                  [force, &session] { return run_rebuild(*force, session); });
  command->add_flag("--force", *force, "Also in place of a later state");
}

}  // namespace

void setup_master(CLI::App& app, Session& session) {
  const auto chosen = std::make_shared<CLI::App*>(nullptr);
  const std::initializer_list<ExitCode> codes{ExitCode::kDone, ExitCode::kFailed, ExitCode::kUsage,
                                              ExitCode::kShareUnreachable};
  CLI::App* command =
      add_command(app, session,
                  {"master", "Shows the master file; makes, keeps and restores copies of it", codes,
                   "tidesync master --db quotes.db"},
                  [&session, chosen] {
                    const bool is_info = (*chosen)->get_subcommands().empty();
                    return is_info ? run_info(session) : session.exit_code;
                  });
  *chosen = command;
  command->require_subcommand(0, 1);
  add_command(*command, session,
              {"info", "What master.db holds, who built it, and its backups", codes,
               "tidesync master info --db quotes.db"},
              [&session] { return run_info(session); });
  setup_backup(*command, session);
  setup_rebuild(*command, session);
  setup_master_restore(*command, session);
}

}  // namespace tidesync
