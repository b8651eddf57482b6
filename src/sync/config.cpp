#include "sync/config.h"

#include <boost/filesystem/operations.hpp>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "sync/config_keys.h"
#include "sync/config_parse.h"
#include "sync/config_units.h"

namespace tidesync {
namespace {

std::vector<std::string_view> key_names() {
  std::vector<std::string_view> names{kReferencesKey, kTablesKey};
  for (const ConfigKey& key : config_keys()) names.push_back(key.name);
  return names;
}

std::string take_value(const ConfigKey& key, const toml::node& node, Config& config) {
  const auto wrong_type = [&](std::string_view expected) {
    return std::string(key.name) + " must be " + std::string(expected) + ", not " +
           std::string(toml_type_name(node)) + ": " + std::string(key.name) + " = " +
           std::string(key.example);
  };
  switch (key.form) {
    case ConfigKey::Form::kNumber:
      if (!node.is_integer()) return wrong_type("a number");
      return key.take(std::to_string(node.as_integer()->get()), config);
    case ConfigKey::Form::kFlag:
      if (!node.is_boolean()) return wrong_type("true or false");
      return key.take(node.as_boolean()->get() ? "true" : "false", config);
    case ConfigKey::Form::kText:
      break;
  }
  if (!node.is_string()) return wrong_type("text in quotes");
  return key.take(node.as_string()->get(), config);
}

void take_entry(const std::string& name, std::uint32_t line, const toml::node& node, Config& config,
                std::vector<ConfigProblem>& problems) {
  if (name == kReferencesKey || name == kTablesKey) return;
  const ConfigKey* key = find_config_key(name);
  const std::string problem =
      key != nullptr ? take_value(*key, node, config)
                     : (node.is_table() ? "unknown section " : "unknown key ") +
                           quote_name(printable(name)) + did_you_mean(name, key_names());
  if (!problem.empty()) problems.push_back({line, problem});
}

std::string print_config(const Config& config) {
  std::string out = "# tidesync: how this database is synced. Changes count from the next run.\n";
  for (const ConfigKey& key : config_keys()) {
    std::string comment(key.comment);
    if (!comment.empty()) {
      for (std::size_t at = comment.find('\n'); at != std::string::npos;
           at = comment.find('\n', at + 1))
        comment.insert(at + 1, "# ");
      out += "\n# " + comment + "\n";
    }
    out += std::string(key.name) + " = " + toml_value(key, key.print(config)) + "\n";
  }
  return out + print_policies(config.policies);
}

}  // namespace

namespace {

std::vector<ConfigProblem> take_all(const toml::table& root, Config& config) {
  std::vector<ConfigProblem> problems;
  for (const auto& [name, node] : root) {
    take_entry(std::string(name.str()), name.source().begin.line, node, config, problems);
  }
  take_policies(root, config, problems);
  for (const ConfigKey& key : config_keys()) {
    if (key.required && !root.contains(key.name)) {
      problems.push_back({0, "the key " + quote_name(key.name) + " is missing: " +
                                 std::string(key.name) + " = " + std::string(key.example)});
    }
  }
  std::stable_sort(problems.begin(), problems.end(),
                   [](const auto& a, const auto& b) { return a.line < b.line; });
  return problems;
}

std::string read_text(FileSystem& fs, const Path& file) {
  auto text = read_file(fs, file, kMaxConfigBytes);
  if (text) return std::move(*text);
  throw Error(ErrorCode::kNotFound, "read configuration", to_utf8(file),
              "this is not a tidesync database: it has no configuration",
              "run tidesync init for the first database, tidesync join for a further one");
}

}  // namespace

Config parse_config(const Path& file, const std::string& text) {
  Config config;
  std::vector<ConfigProblem> problems = take_all(parse_toml(file, text), config);
  if (!problems.empty()) refuse_config(file, std::move(problems));
  return config;
}

std::vector<ConfigProblem> find_config_problems(FileSystem& fs, const Path& file, Config& config) {
  const std::string text = read_text(fs, file);
  try {
    return take_all(toml::parse(text), config);
  } catch (const toml::parse_error& error) {
    return {{error.source().begin.line, printable(error.description())}};
  }
}

// The folder lies beside the file itself: through a symbolic link it is the same database.
LocalPaths::LocalPaths(const Path& database_file) : database(database_file) {
  boost::system::error_code ec;
  if (boost::filesystem::is_symlink(database, ec)) {
    const Path target = boost::filesystem::canonical(database, ec);
    if (!ec) database = target;
  }
  folder = database;
  folder += ".tidesync";
  config = folder / "config.toml";
  base = folder / "base.db";
  spool = folder / "spool";
  staging = folder / "tmp";
  backups = folder / "backups";
  lock = folder / "lock";
  logs = folder / "log";
}

Config read_config(FileSystem& fs, const Path& file) {
  return parse_config(file, read_text(fs, file));
}

void write_config(FileSystem& fs, const Path& file, const Config& config) {
  const std::string text = print_config(config);
  if (!is_valid_utf8(text)) {
    throw Error(ErrorCode::kUsage, "write configuration", to_utf8(file),
                "the share's path or the user's name is not valid UTF-8",
                "use a path and a name of valid UTF-8");
  }
  Path temporary = file;
  temporary += ".new";
  replace_file(fs, temporary, file, text);
}

std::vector<std::pair<std::string, std::string>> config_values(const Config& config) {
  std::vector<std::pair<std::string, std::string>> values;
  for (const ConfigKey& key : config_keys())
    values.emplace_back(std::string(key.name), key.print(config));
  return values;
}

const ConfigKey& known_config_key(const std::string& name) {
  if (const ConfigKey* key = find_config_key(name)) return *key;
  throw Error(ErrorCode::kUsage, "find setting", "",
              "unknown key " + quote_name(printable(name)) + did_you_mean(name, key_names()),
              name == kTablesKey || name == kReferencesKey
                  ? "merge rules of tables are written in the file itself"
                  : "tidesync config get lists all");
}

std::string config_value(const Config& config, const std::string& key) {
  return known_config_key(key).print(config);
}

std::int64_t parse_interval_minutes(const std::string& text) {
  const auto minutes = interval_minutes(text);
  if (!minutes) throw Error(ErrorCode::kUsage, "read interval", "", interval_problem(text));
  return *minutes;
}

std::string print_interval(std::int64_t minutes) {
  return print_duration(minutes, kMinuteUnits);
}

}  // namespace tidesync
