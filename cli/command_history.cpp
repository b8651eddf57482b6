#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/text.h"
#include "cli/command.h"
#include "cli/conflict_words.h"
#include "cli/history_follow.h"
#include "cli/history_view.h"
#include "cli/json.h"
#include "cli/times.h"
#include "inspect/master_file.h"

namespace tidesync {
namespace {

constexpr std::uint64_t kDefaultLimit = 20;

struct Options {
  HistoryFilter filter;
  std::string since, until, master;
  std::optional<std::uint64_t> limit;
  bool follow = false, csv = false, utc = false;
};

// What was read, and from where.
struct History {
  std::vector<RunRecord> runs;
  bool has_more = false;
  std::vector<std::string> nodes;  // that have runs there
  std::optional<Seq> master_seq;   // read from a master.db that holds this batch
};

HistoryFilter filter_of(const Options& options, std::int64_t now_ms) {
  HistoryFilter filter = options.filter;
  if (!options.since.empty()) filter.since = iso_utc(parse_since(options.since, now_ms));
  if (!options.until.empty()) filter.until = iso_utc(parse_until(options.until, now_ms));
  if (!filter.since.empty() && !filter.until.empty() && filter.since >= filter.until)
    throw Error(ErrorCode::kUsage, "history", "", "--until is before --since",
                "leave one of them out, or give the earlier time with --since");
  // A table for spreadsheets is whole unless somebody says otherwise.
  filter.limit = options.limit.value_or(options.csv && !options.follow ? 0 : kDefaultLimit);
  return filter;
}

// The node's database, or the master file that was given.
void with_source(Session& session, const Options& options, HistoryFilter filter,
                 const std::function<void(Database&, const HistoryFilter&)>& read) {
  if (!options.master.empty()) {
    read_master_file(absolute_path(options.master), [&](Database& db) { read(db, filter); });
    return;
  }
  Database db = open_history(session.database(), filter);
  read(db, filter);
}

History read_all(Session& session, const Options& options, HistoryFilter filter) {
  const std::uint64_t limit = filter.limit;
  if (limit > 0) ++filter.limit;  // one more tells whether there are more
  History history;
  with_source(session, options, filter, [&](Database& db, const HistoryFilter& chosen) {
    for_each_run(db, chosen, [&](const RunRecord& run) { history.runs.push_back(run); });
    if (history.runs.empty()) history.nodes = nodes_with_runs(db);
    if (!options.master.empty()) history.master_seq = seq_of_master(db);
  });
  history.has_more = limit > 0 && history.runs.size() > limit;
  if (history.has_more) history.runs.pop_back();
  return history;
}

bool names_a_time(const HistoryFilter& filter) {
  return !filter.since.empty() || !filter.until.empty();
}

// What there is instead, and how to see it.
std::string empty_text(const Session& session, const Options& options, const HistoryFilter& filter,
                       const History& history) {
  const auto& nodes = history.nodes;
  if (nodes.empty()) {
    if (!options.master.empty()) return "No sync is recorded in this file.";
    return "No sync has been recorded yet. The first one: tidesync now" + db_argument(session.db);
  }
  const bool known = std::find(nodes.begin(), nodes.end(), filter.node) != nodes.end();
  if (!filter.node.empty() && !known)
    return "No sync of a node " + quote_name(printable(filter.node)) +
           " is recorded here. There are: " + join(nodes, ", ") + ".";
  std::string text = filter.failed ? "No failed sync was found" : "No such sync was found";
  text += names_a_time(filter) ? " in that time; there are syncs at other times." : ".";
  const bool this_node_only = options.master.empty() && filter.node.empty() && !filter.all;
  return text + (this_node_only ? " Only this node was looked at; --all looks at every node." : "");
}

void print_below(Session& session, const Options& options, const History& history) {
  std::vector<std::string> parts;
  if (history.has_more)
    parts.push_back("The newest " + with_thousands(history.runs.size()) + "; --limit 0 shows all.");
  const std::string zone = options.utc ? "UTC" : time_zone(session.env.clock.now_ms());
  parts.push_back("Times are in " + zone +
                  (zone == "UTC" ? "." : ", the zone of this computer; --utc shows UTC."));
  if (history.master_seq)
    parts.push_back("As of batch " + std::to_string(history.master_seq->value) + " of the share.");
  session.printer.line();
  session.printer.paragraph(join(parts, " "), "  ", Style::kDim);
}

void print_table(Session& session, const Options& options, const HistoryFilter& filter) {
  const History history = read_all(session, options, filter);
  if (history.runs.empty()) {
    session.printer.paragraph(empty_text(session, options, filter, history));
    return;
  }
  HistoryTable table;
  table.utc = options.utc;
  print_runs(session.printer, history.runs, table);
  print_below(session, options, history);
}

void print_json(Session& session, const Options& options, const HistoryFilter& filter) {
  const History history = read_all(session, options, filter);
  Json list = Json::array();
  for (const RunRecord& record : history.runs) list.push_back(to_json(record));
  Json object{{"runs", list}, {"more", history.has_more}};
  if (history.master_seq) object["master_seq"] = history.master_seq->value;
  session.printer.json(object);
}

// One by one: there may be a million.
void print_csv(Session& session, const Options& options, const HistoryFilter& filter) {
  with_source(session, options, filter, [&](Database& db, const HistoryFilter& chosen) {
    session.printer.raw(csv_titles_of_runs());
    for_each_run(db, chosen, [&](const RunRecord& run) { session.printer.raw(csv_line_of(run)); });
  });
}

// Until Ctrl-C, or until nobody reads what is printed.
void follow(Session& session, const Options& options, const HistoryFilter& filter) {
  HistoryTable table{options.utc, true, true};
  if (options.csv) session.printer.raw(csv_titles_of_runs());
  if (!options.csv && !session.json)
    session.printer.line("Goes on as syncs come in; Ctrl-C ends it.", Style::kDim);
  session.printer.out().flush();
  follow_history(session.env, session.database(), filter, [&](const std::vector<RunRecord>& runs) {
    for (const RunRecord& run : runs) {
      if (session.json) session.printer.json(to_json(run));
      if (options.csv && !session.json) session.printer.raw(csv_line_of(run));
    }
    if (!session.json && !options.csv) print_runs(session.printer, runs, table);
    table.has_titles = false;
    return static_cast<bool>(session.printer.out().flush());
  });
}

ExitCode run(const Options& options, Session& session) {
  const HistoryFilter filter = filter_of(options, session.env.clock.now_ms());
  if (options.follow) {
    follow(session, options, filter);
  } else if (options.csv) {
    print_csv(session, options, filter);
  } else if (session.json) {
    print_json(session, options, filter);
  } else {
    print_table(session, options, filter);
  }
  return ExitCode::kDone;
}

void add_choice(CLI::App* command, Options& options) {
  command->add_option("--since", options.since, "A day (2026-11-01), a time, or a span (7d, 24h)")
      ->type_name("WHEN");
  command->add_option("--until", options.until, "The same; a day is included")->type_name("WHEN");
  command
      ->add_option("--limit", options.limit, "How many at most, 0 for all (default 20; --csv all)")
      ->type_name("N");
  CLI::Option* node =
      command->add_option("--node", options.filter.node, "Only this node")->type_name("NAME");
  command->add_flag("--all", options.filter.all, "Every node")->excludes(node);
  command->add_option("--user", options.filter.user, "Only this user")->type_name("NAME");
  CLI::Option* status =
      command->add_option("--status", options.filter.statuses, "Only these, with commas between")
          ->delimiter(',')
          ->type_name("success|partial|error")
          ->check(CLI::IsMember({"success", "partial", "error"}).description(""));
  command->add_flag("--failed", options.filter.failed, "Only those that did not fully succeed")
      ->excludes(status);
}

void add_form(CLI::App* command, Options& options) {
  CLI::Option* csv =
      command->add_flag("--csv", options.csv, "Print a table for spreadsheets, times in UTC")
          ->excludes(command->get_option("--json"));
  CLI::Option* follow = command->add_flag("--follow", options.follow,
                                          "Go on with syncs as they come; Ctrl-C ends it");
  command->add_flag("--utc", options.utc, "Times in UTC; default: the zone of this computer")
      ->excludes(csv);
  command
      ->add_option("--master", options.master,
                   "Read this master.db, of every node; no database is needed here")
      ->type_name("FILE")
      ->excludes(follow)
      ->excludes(command->get_option("--db"));
}

}  // namespace

void setup_history(CLI::App& app, Session& session) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(
      app, session,
      {"history",
       "Lists the syncs of this node or of all, newest first",
       {ExitCode::kDone, ExitCode::kFailed, ExitCode::kUsage, ExitCode::kTooOld},
       "tidesync history --db quotes.db --since 7d --failed\n  tidesync history --master "
       "/mnt/nas/quotes/master.db --since 30d --csv > runs.csv"},
      [options, &session] { return run(*options, session); });
  add_choice(command, *options);
  add_form(command, *options);
}

}  // namespace tidesync
