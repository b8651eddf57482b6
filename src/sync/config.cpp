#include "sync/config.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "share/backups.h"
#include "sync/config_parse.h"

namespace tidesync {
namespace {

constexpr std::int64_t kMaxIntervalMinutes = 31 * 24 * 60;
constexpr std::int64_t kMaxKeptMinutes = 3650LL * 24 * 60;
constexpr std::int64_t kMaxKeptEntries = 10'000'000;
constexpr std::int64_t kMaxPatienceMs = 10 * 60 * 1000;

// Durations --------------------------------------------------------------------------------------

struct Unit {
  std::string_view name;
  std::int64_t size;
};
constexpr std::array<Unit, 3> kMinuteUnits{{{"d", 24 * 60}, {"h", 60}, {"m", 1}}};
constexpr std::array<Unit, 3> kMsUnits{{{"m", 60'000}, {"s", 1000}, {"ms", 1}}};

// "90m" in the smallest unit; nullopt for anything else, and above `max`.
std::optional<std::int64_t> parse_duration(std::string_view text, const std::array<Unit, 3>& units,
                                           std::int64_t max) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0 || digits > 9) return std::nullopt;
  const std::int64_t number = std::stoll(std::string(text.substr(0, digits)));
  for (const Unit& unit : units) {
    if (text.substr(digits) != unit.name) continue;
    return number > max / unit.size ? std::nullopt : std::optional(number * unit.size);
  }
  return std::nullopt;
}

std::string print_duration(std::int64_t duration, const std::array<Unit, 3>& units) {
  for (const Unit& unit : units) {
    if (duration != 0 && duration % unit.size == 0) {
      return std::to_string(duration / unit.size) + std::string(unit.name);
    }
  }
  return std::to_string(duration) + std::string(units.back().name);
}

std::string interval_problem(const std::string& text) {
  return quote_name(text) +
         " is no interval: write minutes, hours or days from 1m to 31d, such as 15m, 2h or 1d";
}

std::optional<std::int64_t> interval_minutes(const std::string& text) {
  const auto minutes = parse_duration(text, kMinuteUnits, kMaxIntervalMinutes);
  return minutes && *minutes >= 1 ? minutes : std::nullopt;
}

// Keys -------------------------------------------------------------------------------------------

// Each takes a value into the configuration and says what is wrong with it, "" if nothing.
std::string take_share(const std::string& text, Config& config) {
  if (text.empty()) return "share is empty: write the path of the folder on the NAS";
  config.share = from_utf8(text);
  return {};
}
std::string take_node(const std::string& text, Config& config) {
  if (!is_node_id(text)) {
    return quote_name(text) + " is no node name: use 1 to 40 characters of a-z 0-9 - _";
  }
  config.node = NodeId{text};
  return {};
}
std::string take_user(const std::string& text, Config& config) {
  config.user = text;
  return {};
}
std::string take_interval(const std::string& text, Config& config) {
  const auto minutes = interval_minutes(text);
  if (!minutes) return interval_problem(text);
  config.interval_minutes = *minutes;
  return {};
}
std::string take_patience(const std::string& text, Config& config) {
  const auto ms = parse_duration(text, kMsUnits, kMaxPatienceMs);
  if (!ms) return quote_name(text) + " is no patience: write 0s to 10m, such as 500ms, 5s or 1m";
  config.patience_ms = *ms;
  return {};
}
std::string take_backups(const std::string& text, Config& config) {
  if (text != "daily" && text != "off")
    return quote_name(text) + " is no choice for backups: use daily or off";
  config.daily_backups = text == "daily";
  return {};
}
std::string take_keep_backups(const std::string& text, Config& config) {
  if (!parse_keep_rule(text)) {
    return quote_name(text) +
           " is no rule: write days, weeks and months, such as 7d 8w 12m, or a number of copies, "
           "such as 20";
  }
  config.keep_backups = text;
  return {};
}
std::string take_log(const std::string& text, Config& config) {
  static constexpr std::array<std::string_view, 5> kLevels{"debug", "info", "warning", "error",
                                                           "off"};
  if (std::find(kLevels.begin(), kLevels.end(), text) == kLevels.end()) {
    return quote_name(text) + " is no log level: use debug, info, warning, error or off";
  }
  config.log_level = text;
  return {};
}

std::string take_minutes(const std::string& text, std::int64_t& minutes) {
  const auto taken = parse_duration(text, kMinuteUnits, kMaxKeptMinutes);
  if (!taken) return quote_name(text) + " is no time to keep something: write 0d to 3650d";
  minutes = *taken;
  return {};
}
std::string take_keep_log(const std::string& text, Config& config) {
  return take_minutes(text, config.retention.log_minutes);
}
std::string take_snapshot_every(const std::string& text, Config& config) {
  return take_minutes(text, config.retention.snapshot_minutes);
}
std::string take_maintenance(const std::string& text, Config& config) {
  return take_minutes(text, config.retention.maintenance_minutes);
}

struct Key {
  std::string_view name;
  std::string (*take)(const std::string& text, Config& config);  // of a text
  bool Config::*flag;                                            // of a boolean
  std::uint64_t Retention::*number;                              // of a number
  bool required;
  std::string_view example;
};
constexpr std::array<Key, 14> kKeys{{
    {"share", take_share, nullptr, nullptr, true, "\"/mnt/nas/quotes\""},
    {"node", take_node, nullptr, nullptr, true, "\"alice\""},
    {"user", take_user, nullptr, nullptr, false, "\"Alice\""},
    {"interval", take_interval, nullptr, nullptr, false, "\"120m\""},
    {"patience", take_patience, nullptr, nullptr, false, "\"5s\""},
    {"master", nullptr, &Config::refresh_master, nullptr, false, "true"},
    {"backups", take_backups, nullptr, nullptr, false, "\"daily\""},
    {"keep_backups", take_keep_backups, nullptr, nullptr, false, "\"7d 8w 12m\""},
    {"log", take_log, nullptr, nullptr, false, "\"info\""},
    {"keep_log", take_keep_log, nullptr, nullptr, false, "\"30d\""},
    {"keep_entries", nullptr, nullptr, &Retention::log_entries, false, "5000"},
    {"snapshot_every", take_snapshot_every, nullptr, nullptr, false, "\"7d\""},
    {"snapshot_entries", nullptr, nullptr, &Retention::snapshot_entries, false, "500"},
    {"maintenance", take_maintenance, nullptr, nullptr, false, "\"1d\""},
}};

std::vector<std::string_view> key_names() {
  std::vector<std::string_view> names{kReferencesKey, kTablesKey};
  for (const Key& key : kKeys) names.push_back(key.name);
  return names;
}

std::string take_value(const Key& key, const toml::node& node, Config& config) {
  const auto wrong_type = [&](std::string_view expected) {
    return std::string(key.name) + " must be " + std::string(expected) + ", not " +
           std::string(toml_type_name(node)) + ": " + std::string(key.name) + " = " +
           std::string(key.example);
  };
  if (key.number != nullptr) {
    const auto* number = node.as_integer();
    if (number == nullptr) return wrong_type("a number");
    if (number->get() < 0 || number->get() > kMaxKeptEntries)
      return std::string(key.name) + " must be 0 to " + std::to_string(kMaxKeptEntries);
    config.retention.*key.number = static_cast<std::uint64_t>(number->get());
    return {};
  }
  if (key.take == nullptr) {
    const auto* flag = node.as_boolean();
    if (flag == nullptr) return wrong_type("true or false");
    config.*key.flag = flag->get();
    return {};
  }
  const auto* text = node.as_string();
  if (text == nullptr) return wrong_type("text in quotes");
  return key.take(text->get(), config);
}

// Problems ---------------------------------------------------------------------------------------

void take_entry(const std::string& name, std::uint32_t line, const toml::node& node, Config& config,
                std::vector<ConfigProblem>& problems) {
  if (name == kReferencesKey || name == kTablesKey) return;
  const auto key =
      std::find_if(kKeys.begin(), kKeys.end(), [&](const Key& k) { return k.name == name; });
  std::string problem;
  if (key != kKeys.end()) {
    problem = take_value(*key, node, config);
  } else {
    problem = (node.is_table() ? "unknown section " : "unknown key ") +
              quote_name(printable(name)) + did_you_mean(name, key_names());
  }
  if (!problem.empty()) problems.push_back({line, problem});
}

Config parse_config(const Path& file, const std::string& text) {
  const toml::table root = parse_toml(file, text);
  Config config;
  std::vector<ConfigProblem> problems;
  for (const auto& [name, node] : root) {
    take_entry(std::string(name.str()), name.source().begin.line, node, config, problems);
  }
  take_policies(root, config, problems);
  for (const Key& key : kKeys) {
    if (key.required && !root.contains(key.name)) {
      problems.push_back({0, "the key " + quote_name(key.name) + " is missing: " +
                                 std::string(key.name) + " = " + std::string(key.example)});
    }
  }
  if (!problems.empty()) refuse_config(file, std::move(problems));
  return config;
}

// Writing ----------------------------------------------------------------------------------------

// A TOML string: 'as it stands' for Windows paths, "escaped" for all else.
std::string toml_text(const std::string& text) {
  const bool has_control = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  if (text.find('\\') != std::string::npos && text.find('\'') == std::string::npos &&
      !has_control) {
    return "'" + text + "'";
  }
  return quoted(text);
}

std::string print_retention(const Retention& retention) {
  const auto minutes = [](std::int64_t value) {
    return toml_text(print_duration(value, kMinuteUnits)) + "\n";
  };
  return "\n"
         "# How long batches stay on the share, and how many at least: whichever keeps more.\n"
         "keep_log = " +
         minutes(retention.log_minutes) +
         "keep_entries = " + std::to_string(retention.log_entries) +
         "\n\n"
         "# A snapshot of the whole state is put on the share after this time or as many batches.\n"
         "snapshot_every = " +
         minutes(retention.snapshot_minutes) +
         "snapshot_entries = " + std::to_string(retention.snapshot_entries) +
         "\n\n"
         "# How often this computer looks after the share: snapshots, old batches, leftovers.\n"
         "maintenance = " +
         minutes(retention.maintenance_minutes);
}

std::string print_config(const Config& config) {
  std::string out =
      "# tidesync: how this database is synced. Changes count from the next run.\n"
      "\n"
      "# The folder on the NAS that all nodes share.\n"
      "share = " +
      toml_text(to_utf8(config.share)) +
      "\n\n"
      "# The name of this database in the fleet. Unique, and best left as it is.\n"
      "node = " +
      toml_text(config.node.value) +
      "\n\n"
      "# The person whose edits these are, as others read it in conflicts and history.\n"
      "user = " +
      toml_text(config.user) +
      "\n\n"
      "# How often the scheduler syncs: minutes, hours or days from 1m to 31d.\n"
      "interval = " +
      toml_text(print_duration(config.interval_minutes, kMinuteUnits)) +
      "\n\n"
      "# How long to wait while the application holds the database locked: 0s to 10m.\n"
      "patience = " +
      toml_text(print_duration(config.patience_ms, kMsUnits)) +
      "\n\n"
      "# Whether this node refreshes master.db on the share after it published.\n"
      "master = " +
      (config.refresh_master ? "true" : "false") +
      "\n\n"
      "# Dated copies of master.db in backups/ on the share: \"daily\" or \"off\".\n"
      "backups = " +
      toml_text(config.daily_backups ? "daily" : "off") +
      "\n\n"
      "# Which of them stay: all of the last days, then one a week, then one a month; or a number\n"
      "# of copies.\n"
      "keep_backups = " +
      toml_text(config.keep_backups) +
      "\n\n"
      "# What goes to the log file: \"debug\", \"info\", \"warning\", \"error\" or \"off\".\n"
      "log = " +
      toml_text(config.log_level) + "\n";
  return out + print_retention(config.retention) + print_policies(config.policies);
}

}  // namespace

LocalPaths::LocalPaths(const Path& database_file) : database(database_file) {
  folder = database;
  folder += ".tidesync";
  config = folder / "config.toml";
  base = folder / "base.db";
  spool = folder / "spool";
  staging = folder / "tmp";
  backups = folder / "backups";
  lock = folder / "lock";
  log = folder / "log" / "tidesync.log";
}

Config read_config(FileSystem& fs, const Path& file) {
  const auto text = read_file(fs, file, kMaxConfigBytes);
  if (!text) {
    throw Error(ErrorCode::kNotFound, "read configuration", to_utf8(file),
                "this is not a tidesync database: it has no configuration",
                "run tidesync init for the first database, tidesync join for a further one");
  }
  return parse_config(file, *text);
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

std::int64_t parse_interval_minutes(const std::string& text) {
  const auto minutes = interval_minutes(text);
  if (!minutes) throw Error(ErrorCode::kUsage, "read interval", "", interval_problem(text));
  return *minutes;
}

}  // namespace tidesync
