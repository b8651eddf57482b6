#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/json.h"
#include "cli/short_lock.h"
#include "inspect/config_check.h"

namespace tidesync {
namespace {

struct Options {
  std::string key, value;
};

ExitCode run_get(const Options& options, Session& session) {
  const LocalPaths paths(session.database());
  const Config config = read_config(session.env.local, paths.config);
  if (!options.key.empty()) {
    const std::string value = config_value(config, options.key);
    if (session.json) {
      session.printer.json({{options.key, value}});
    } else {
      session.printer.line(value);
    }
    return ExitCode::kDone;
  }
  Json object = Json::object();
  Table table{{{"setting", Fit::kWhole}, {"value", Fit::kText}}, {}, {}};
  for (const auto& [key, value] : config_values(config)) {
    object[key] = value;
    table.rows.push_back({Cell(key), value.empty() ? Cell("(none)", Style::kDim) : Cell(value)});
  }
  if (session.json) {
    session.printer.json(object);
  } else {
    session.printer.table(table);
  }
  return ExitCode::kDone;
}

// The node's name is in the database and on the share as well.
void refuse_node(const std::string& old_name, const std::string& new_name) {
  throw Error(ErrorCode::kUsage, "set node", "", "the name of a node is more than this setting",
              "Run: tidesync nodes rename " + old_name + " " + new_name);
}

// Paths are kept as seen from the root: a later run stands in another folder.
std::string kept_value(const Options& options) {
  const bool is_path = options.key == "share" || options.key == "metrics";
  return is_path ? to_utf8(absolute_path(options.value)) : options.value;
}

void print_change(Session& session, const Options& options, const std::string& old_value,
                  const std::string& new_value) {
  const auto shown = [](const std::string& value) { return value.empty() ? "(none)" : value; };
  session.printer.line(options.key + ": " + shown(old_value) + " -> " + shown(new_value),
                       Style::kBold);
  session.printer.paragraph(
      options.key == "interval"
          ? "It counts when tidesync run is started again, or told by SIGHUP "
            "to read it. A schedule that is installed keeps its own until tidesync "
            "schedule set."
          : "It counts from the next sync.");
}

void print_warnings(Session& session, const ConfigReport& report) {
  for (const std::string& warning : report.warnings)
    session.printer.paragraph(warning, "Warning: ", Style::kWarning);
}

ExitCode run_set(const Options& options, Session& session) {
  Environment& env = session.env;
  const LocalPaths paths(session.database());
  // Of a file with a mistake the rest is shown as it was; whether it may be changed is decided by
  // the writing.
  Config before;
  find_config_problems(env.local, paths.config, before);
  const std::string old_value = config_value(before, options.key);
  if (options.key == "node" && options.value != old_value) refuse_node(old_value, options.value);
  change_setting(env, paths, options.key, kept_value(options));
  const ConfigReport report = check_config(env, paths.database);
  const std::string new_value = config_value(read_config(env.local, paths.config), options.key);
  if (session.json) {
    session.printer.json({{"key", options.key},
                          {"old", old_value},
                          {"new", new_value},
                          {"warnings", Json(report.warnings)}});
  } else {
    print_change(session, options, old_value, new_value);
    print_warnings(session, report);
  }
  return ExitCode::kDone;
}

std::string place(const ConfigProblem& problem) {
  return problem.line == 0 ? "" : "line " + std::to_string(problem.line) + ": ";
}

Json problems_to_json(const ConfigReport& report) {
  Json problems = Json::array();
  for (const ConfigProblem& problem : report.problems) {
    problems.push_back(
        {{"line", problem.line == 0 ? Json() : Json(problem.line)}, {"problem", problem.text}});
  }
  return problems;
}

ExitCode run_check(Session& session) {
  const ConfigReport report = check_config(session.env, session.database());
  const bool good = report.problems.empty();
  if (session.json) {
    session.printer.json({{"file", to_utf8(report.file)},
                          {"ok", good},
                          {"problems", problems_to_json(report)},
                          {"warnings", Json(report.warnings)}});
  } else {
    session.printer.line(to_utf8(report.file) + (good ? " is all right." : ""), Style::kBold);
    for (const ConfigProblem& problem : report.problems)
      session.printer.paragraph(problem.text, "  " + place(problem), Style::kBad);
    print_warnings(session, report);
  }
  if (!good && !session.json) {
    throw Error(ErrorCode::kUsage, "check configuration", to_utf8(report.file),
                count_of(report.problems.size(), "problem", "problems") + ": nothing is synced",
                "correct the lines named above, then run tidesync config check again");
  }
  return good ? ExitCode::kDone : ExitCode::kUsage;
}

constexpr std::initializer_list<ExitCode> kReadCodes{ExitCode::kDone, ExitCode::kFailed,
                                                     ExitCode::kUsage};

void add_key(CLI::App& command, Options& options, const char* description, bool required) {
  command.add_option("KEY", options.key, description)->required(required)->type_name("");
}

}  // namespace

void setup_config(CLI::App& app, Session& session) {
  const auto options = std::make_shared<Options>();
  const auto chosen = std::make_shared<CLI::App*>(nullptr);
  CLI::App* command = add_command(app, session,
                                  {"config", "Shows, changes and checks the settings", kReadCodes,
                                   "tidesync config --db quotes.db"},
                                  [options, chosen, &session] {
                                    const bool is_get = (*chosen)->get_subcommands().empty();
                                    return is_get ? run_get(*options, session) : session.exit_code;
                                  });
  *chosen = command;
  command->require_subcommand(0, 1);
  CLI::App* get = add_command(*command, session,
                              {"get", "Prints a setting, or all", kReadCodes,
                               "tidesync config get interval --db quotes.db"},
                              [options, &session] { return run_get(*options, session); });
  add_key(*get, *options, "Only the value of this one", false);
  CLI::App* set = add_command(
      *command, session,
      {"set",
       "Changes a setting and leaves the rest of the file as it is",
       {ExitCode::kDone, ExitCode::kFailed, ExitCode::kUsage, ExitCode::kAlreadyRunning},
       "tidesync config set interval 15m --db quotes.db"},
      [options, &session] { return run_set(*options, session); });
  add_key(*set, *options, "Which; tidesync config get lists all", true);
  set->add_option("VALUE", options->value, "As it stands in config.toml, without quotes")
      ->required()
      ->type_name("");
  add_command(*command, session,
              {"check", "Names every problem of config.toml, with its line", kReadCodes,
               "tidesync config check --db quotes.db"},
              [&session] { return run_check(session); });
}

}  // namespace tidesync
