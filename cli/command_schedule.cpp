#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/child_process.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/conflict_words.h"
#include "cli/json.h"
#include "cli/schedule_view.h"
#include "cli/short_lock.h"
#include "cli/times.h"
#include "inspect/status.h"
#include "share/share_check.h"

namespace tidesync {
namespace {

struct InstallOptions {
  std::string every, kind, account;
  bool at_logon = false;
  bool on_idle = false;
  bool always = false;
  bool for_system = false;
  bool print = false;
  bool force = false;
};

const std::map<std::string, TaskKind> kKinds{{"systemd", TaskKind::kSystemd},
                                             {"cron", TaskKind::kCron},
                                             {"launchd", TaskKind::kLaunchd},
                                             {"windows", TaskKind::kWindows}};

Error usage(const std::string& detail, const std::string& hint) {
  return {ErrorCode::kUsage, "schedule install", "", detail, hint};
}

Path database_of(const Session& session) {
  return session.database().lexically_normal();
}

// install ----------------------------------------------------------------------------------------

TaskKind chosen_kind(const InstallOptions& options, const TaskHost& host) {
  if (options.for_system) {
    if (!options.kind.empty() && options.kind != "systemd")
      throw usage("--system is for systemd", "Leave --system or --kind out.");
    if (!host.is_admin && !options.print)
      throw usage("--system needs the rights of root", "Run it by sudo.");
    return TaskKind::kSystemdSystem;
  }
  if (options.kind.empty()) return choose_kind(host);
  const TaskKind kind = kKinds.at(options.kind);
  const bool is_here = std::find(host.kinds.begin(), host.kinds.end(), kind) != host.kinds.end();
  if (!is_here && !options.print)
    throw usage("this system has no " + options.kind, "Add --print to see what it would be there.");
  return kind;
}

Task wanted_task(const InstallOptions& options, const Path& database, const Config& config) {
  Task task;
  task.database = database;
  task.program = own_program();
  task.node = config.node.value;
  task.account = options.account;
  task.every_minutes =
      options.every.empty() ? config.interval_minutes : parse_interval_minutes(options.every);
  task.at_logon = options.at_logon;
  task.on_idle = options.on_idle;
  task.always = options.always;
  return task;
}

// A drive letter belongs to one login: whoever runs without it does not have it.
TaskNotes check_share(Session& session, const Config& config, const Task& task) {
  if (!session.env.mount_of) return {};
  TaskNotes notes;
  const MountFacts mount = session.env.mount_of(config.share);
  for (const ShareFinding& finding : check_drive_letter(to_utf8(config.share), mount)) {
    if (task.always || !task.account.empty()) throw usage(finding.what, finding.what_to_do);
    notes.push_back("The share: " + finding.what + ". " + finding.what_to_do);
  }
  return notes;
}

ExitCode print_files(Session& session, const std::vector<TaskFile>& files) {
  if (session.json) {
    Json list = Json::array();
    for (const TaskFile& file : files) list.push_back({{"name", file.name}, {"text", file.text}});
    session.printer.json({{"files", list}});
    return ExitCode::kDone;
  }
  for (const TaskFile& file : files) {
    if (files.size() > 1) session.printer.raw("# " + printable(file.name) + "\n");
    session.printer.raw(file.text);
  }
  return ExitCode::kDone;
}

// Says which schedule stands now, where, and what else to know.
void tell(Session& session, const InstalledTask& installed, const TaskNotes& notes,
          const char* done) {
  const ScheduleFacts facts{installed, "", "", {}};
  const auto next = next_run_ms(facts);
  if (session.json) {
    session.printer.json({{"installed", true},
                          {"kind", to_string(installed.kind)},
                          {"every_minutes", installed.task.every_minutes},
                          {"next_sync", next ? Json(iso_utc(*next)) : Json()},
                          {"places", Json(installed.places)},
                          {"notes", Json(notes)}});
    return;
  }
  session.printer.paragraph(std::string(done) + ": " + to_utf8(installed.task.database) +
                                " is synced " + schedule_sentence(installed) + ".",
                            "", Style::kGood);
  session.printer.paragraph("The next run: " + next_run_text(facts) + ".");
  for (const std::string& note : notes) session.printer.paragraph(note);
}

void put(Session& session, const TaskHost& host, TaskKind kind, const Task& task,
         const TaskNotes& first_notes, const char* done) {
  TaskNotes notes = first_notes;
  const auto tasks = os_tasks(kind, host);
  for (const std::string& note : tasks->install(task)) notes.push_back(note);
  auto installed = tasks->find(task.database);
  // Registered by a person later (Windows, with a password): what will be.
  if (!installed) installed = InstalledTask{kind, task, {}, true, {}};
  tell(session, *installed, notes, done);
}

ExitCode run_install(const InstallOptions& options, Session& session) {
  const Path database = database_of(session);
  const LocalPaths paths(database);
  const Config config = read_config(session.env.local, paths.config);
  const Task task = wanted_task(options, database, config);
  const TaskHost host = task_host(session.env.local);
  const TaskKind kind = chosen_kind(options, host);
  const auto tasks = os_tasks(kind, host);
  tasks->check(task);
  if (options.print) return print_files(session, tasks->fill(task));
  const TaskNotes notes = check_share(session, config, task);
  const auto before = find_task(host, database);
  if (before && !options.force) {
    throw Error(ErrorCode::kAlreadyExists, "schedule install", to_utf8(database),
                "it has a schedule already: " + schedule_sentence(*before),
                "tidesync schedule set 15m changes how often; --force installs anew.");
  }
  if (before && before->kind != kind) os_tasks(before->kind, host)->remove(*before);
  put(session, host, kind, task, notes, "Installed");
  if (!options.every.empty())
    change_setting(session.env, paths, "interval", interval_text(task.every_minutes));
  return ExitCode::kDone;
}

// show -------------------------------------------------------------------------------------------

std::optional<RunRecord> last_run(Session& session, const Path& database) {
  try {
    HistoryFilter filter;
    filter.limit = 1;
    const auto runs = read_history(session.env, database, filter);
    return runs.empty() ? std::nullopt : std::optional(runs[0]);
  } catch (const Error&) {
    return std::nullopt;  // the database is away, which the schedule itself is not
  }
}

std::string last_run_text(const std::optional<RunRecord>& run) {
  if (!run) return "none yet";
  std::string text = local_time(run->timestamp) + ", " + run->status;
  return run->error_message.empty() ? text : text + ": " + run->error_message;
}

std::string command_text(const Task& task) {
  return to_utf8(task.program) + " now --unattended" + db_argument(to_utf8(task.database));
}

Json to_json(const ScheduleFacts& facts, const std::optional<RunRecord>& run) {
  if (!facts.installed) return {{"installed", false}};
  const InstalledTask& found = *facts.installed;
  const auto next = next_run_ms(facts);
  return {{"installed", true},
          {"kind", to_string(found.kind)},
          {"active", found.active},
          {"every_minutes", found.task.every_minutes},
          {"at_logon", found.task.at_logon},
          {"on_idle", found.task.on_idle},
          {"always", found.task.always},
          {"account", found.task.account},
          {"program", to_utf8(found.task.program)},
          {"database", to_utf8(found.task.database)},
          {"places", Json(found.places)},
          {"next_sync", next ? Json(iso_utc(*next)) : Json()},
          {"last_run", run ? to_json(*run) : Json()}};
}

ExitCode run_show(Session& session) {
  const Path database = database_of(session);
  const TaskHost host = task_host(session.env.local);
  const ScheduleFacts facts{find_task(host, database), "", "", {}};
  const auto run = last_run(session, database);
  if (session.json) {
    session.printer.json(to_json(facts, run));
    return ExitCode::kDone;
  }
  if (!facts.installed) {
    session.printer.paragraph("No schedule is installed for " + to_utf8(database) + ".", "",
                              Style::kWarning);
    session.printer.paragraph("tidesync schedule install --every 15m" + db_argument(session.db) +
                              " installs one.");
    return ExitCode::kDone;
  }
  const InstalledTask& found = *facts.installed;
  const Check check = check_schedule(session.env.local, facts, database, nullptr);
  session.printer.facts(
      {{"schedule", Cell(schedule_sentence(found))},
       {"runs", Cell(command_text(found.task))},
       {"next run", Cell(next_run_text(facts), found.active ? Style::kPlain : Style::kBad)},
       {"last run", Cell(last_run_text(run))},
       {"to be seen in", Cell(join(found.places, ", "))}});
  if (check.verdict == CheckVerdict::kProblem) {
    session.printer.line();
    session.printer.paragraph(check.text + ". " + check.what_to_do, "", Style::kBad);
  }
  return ExitCode::kDone;
}

// set, remove ------------------------------------------------------------------------------------

InstalledTask require_task(const TaskHost& host, const Path& database, const char* operation) {
  if (auto found = find_task(host, database)) return std::move(*found);
  throw Error(ErrorCode::kNotFound, operation, to_utf8(database), "it has no schedule",
              "tidesync schedule install --every 15m installs one.");
}

ExitCode run_set(const std::string& every, Session& session) {
  const Path database = database_of(session);
  const LocalPaths paths(database);
  const std::int64_t minutes = parse_interval_minutes(every);
  const Config config = read_config(session.env.local, paths.config);
  const TaskHost host = task_host(session.env.local);
  InstalledTask found = require_task(host, database, "schedule set");
  found.task.every_minutes = minutes;
  found.task.node = config.node.value;
  os_tasks(found.kind, host)->check(found.task);
  put(session, host, found.kind, found.task, {}, "Changed");
  change_setting(session.env, paths, "interval", interval_text(minutes));
  return ExitCode::kDone;
}

ExitCode run_remove(Session& session) {
  const Path database = database_of(session);
  const TaskHost host = task_host(session.env.local);
  const InstalledTask found = require_task(host, database, "schedule remove");
  os_tasks(found.kind, host)->remove(found);
  if (session.json) {
    session.printer.json({{"removed", true}, {"kind", to_string(found.kind)}});
  } else {
    session.printer.paragraph("Removed: " + to_utf8(database) + " was synced " +
                                  schedule_sentence(found) + ". Now it is synced by hand.",
                              "", Style::kGood);
  }
  return ExitCode::kDone;
}

// ------------------------------------------------------------------------------------------------

void add_options(CLI::App& command, InstallOptions& options) {
  command
      .add_option("--every", options.every,
                  "How often, from 1m to 31d; without it: interval in config.toml")
      ->type_name("TIME");
  command.add_flag("--at-logon", options.at_logon,
                   "Also when you log on (cron, --system: when the computer starts)");
  command.add_flag("--on-idle", options.on_idle,
                   "Only while nobody works at the computer (Windows)");
  command.add_flag("--always", options.always,
                   "Also while nobody is logged on; cron and --system do so anyhow");
  command.add_flag("--system", options.for_system,
                   "As a unit of the whole system, run as --account (systemd, root)");
  command.add_option("--account", options.account, "Who it runs as")->type_name("NAME");
  std::vector<std::string> kinds;
  for (const auto& [name, kind] : kKinds) kinds.push_back(name);
  command.add_option("--kind", options.kind, "Which scheduler; without it: what the system has")
      ->type_name("NAME")
      ->check(CLI::IsMember(kinds));
  command.add_flag("--print", options.print, "Print what would be installed; change nothing");
  command.add_flag("--force", options.force, "In place of a schedule that is there");
}

}  // namespace

void setup_schedule(CLI::App& app, Session& session) {
  const std::initializer_list<ExitCode> codes{ExitCode::kDone, ExitCode::kFailed, ExitCode::kUsage};
  const auto chosen = std::make_shared<CLI::App*>(nullptr);
  CLI::App* schedule =
      add_command(app, session,
                  {"schedule", "Lets the system's own scheduler sync every so many minutes", codes,
                   "tidesync schedule --db quotes.db"},
                  [&session, chosen] {
                    const bool is_show = (*chosen)->get_subcommands().empty();
                    return is_show ? run_show(session) : session.exit_code;
                  });
  *chosen = schedule;
  schedule->require_subcommand(0, 1);
  const auto options = std::make_shared<InstallOptions>();
  add_options(*add_command(*schedule, session,
                           {"install", "Installs a schedule for this database", codes,
                            "tidesync schedule install --every 15m --db quotes.db"},
                           [options, &session] { return run_install(*options, session); }),
              *options);
  add_command(*schedule, session,
              {"show", "Shows the schedule, the next run and the last one", codes,
               "tidesync schedule show --db quotes.db"},
              [&session] { return run_show(session); });
  const auto every = std::make_shared<std::string>();
  add_command(
      *schedule, session,
      {"set", "Changes how often it syncs", codes, "tidesync schedule set 60m --db quotes.db"},
      [every, &session] { return run_set(*every, session); })
      ->add_option("every", *every, "From 1m to 31d")
      ->type_name("TIME")
      ->required();
  add_command(*schedule, session,
              {"remove", "Removes the schedule; everything else stays", codes,
               "tidesync schedule remove --db quotes.db"},
              [&session] { return run_remove(session); });
}

}  // namespace tidesync
