#include "sync/config_keys.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"
#include "share/backups.h"
#include "sync/config_units.h"

namespace tidesync {
namespace {

constexpr std::int64_t kMaxIntervalMinutes = 31 * 24 * 60;
constexpr std::int64_t kMaxKeptMinutes = 3650LL * 24 * 60;
constexpr std::int64_t kMinHoleMinutes = 7LL * 24 * 60;
constexpr std::int64_t kMaxKeptEntries = 10'000'000;
constexpr std::int64_t kMaxPatienceMs = 10 * 60 * 1000;
constexpr std::int64_t kMaxHookMs = 60 * 60 * 1000;
constexpr std::int64_t kMaxOffsetMs = 24 * 60 * 60 * 1000;

std::string take_share(const std::string& text, Config& config) {
  if (text.empty()) return "share is empty: write the path of the folder on the NAS";
  config.share = from_utf8(text);
  return {};
}
std::string take_node(const std::string& text, Config& config) {
  if (!is_node_id(text))
    return quote_name(text) + " is no node name: use 1 to 40 characters of a-z 0-9 - _";
  config.node = NodeId{text};
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
std::string take_keep_backups(const std::string& text, Config& config) {
  if (!parse_keep_rule(text)) {
    return quote_name(text) +
           " is no rule: write days, weeks and months, such as 7d 8w 12m, or a number of copies, "
           "such as 20";
  }
  config.keep_backups = text;
  return {};
}
std::string take_accept_hole(const std::string& text, Config& config) {
  const auto minutes = text == "never" || text == "0"
                           ? std::optional<std::int64_t>(0)
                           : parse_duration(text, kMinuteUnits, kMaxKeptMinutes);
  if (!minutes || (*minutes != 0 && *minutes < kMinHoleMinutes))
    return quote_name(text) +
           " is no time to wait for a missing batch: write never, or 7d to 3650d";
  config.hole_minutes = *minutes;
  return {};
}
std::string take_limit(const std::string& text, Config& config) {
  const auto rate = parse_rate(text);
  if (!rate) {
    return quote_name(text) +
           " is no limit: write 1 kB/s to 10 GB/s, such as 500 kB/s or 2 MB/s, or off";
  }
  config.limit_bytes_per_s = *rate;
  return {};
}
std::string take_hook_limit(const std::string& text, Config& config) {
  const auto ms = parse_duration(text, kMsUnits, kMaxHookMs);
  if (!ms || *ms < 1000)
    return quote_name(text) + " is no time limit: write 1s to 60m, such as 30s";
  config.hooks.limit_ms = *ms;
  return {};
}

// One of a few words.
template <std::size_t kCount>
std::string take_word(const std::string& text, const std::array<std::string_view, kCount>& words,
                      const std::string& what, std::string& value) {
  if (std::find(words.begin(), words.end(), text) == words.end()) {
    std::string accepted;
    for (std::size_t i = 0; i < kCount; ++i)
      accepted += (i == 0 ? "" : i + 1 == kCount ? " or " : ", ") + std::string(words[i]);
    return quote_name(text) + " is no " + what + ": use " + accepted;
  }
  value = text;
  return {};
}

std::string take_minutes(const std::string& text, std::int64_t& minutes) {
  const auto taken = parse_duration(text, kMinuteUnits, kMaxKeptMinutes);
  if (!taken) return quote_name(text) + " is no time to keep something: write 0d to 3650d";
  minutes = *taken;
  return {};
}
std::string print_minutes(std::int64_t minutes) {
  return print_duration(minutes, kMinuteUnits);
}

std::string take_number(const std::string& text, std::string_view name, std::uint64_t& number) {
  const bool fits = !text.empty() && text.size() <= 8 &&
                    text.find_first_not_of("0123456789") == std::string::npos &&
                    std::stoll(text) <= kMaxKeptEntries;
  if (!fits) return std::string(name) + " must be 0 to " + std::to_string(kMaxKeptEntries);
  number = static_cast<std::uint64_t>(std::stoll(text));
  return {};
}

std::string take_flag(const std::string& text, std::string_view name, bool& flag) {
  if (text != "true" && text != "false") return std::string(name) + " must be true or false";
  flag = text == "true";
  return {};
}

using Form = ConfigKey::Form;
using Text = const std::string&;

std::vector<ConfigKey> identity_keys() {
  return {{"share", Form::kText, true, "\"/mnt/nas/quotes\"",
           "The folder on the NAS that all nodes share.", take_share,
           [](const Config& c) { return to_utf8(c.share); }},
          {"node", Form::kText, true, "\"alice\"",
           "The name of this database in the fleet. Unique, and best left as it is.", take_node,
           [](const Config& c) { return c.node.value; }},
          {"user", Form::kText, false, "\"Alice\"",
           "The person whose edits these are, as others read it in conflicts and history.",
           [](Text text, Config& c) {
             c.user = text;
             return std::string();
           },
           [](const Config& c) { return c.user; }}};
}

std::vector<ConfigKey> run_keys() {
  return {{"interval", Form::kText, false, "\"120m\"",
           "How often the scheduler syncs: minutes, hours or days from 1m to 31d.", take_interval,
           [](const Config& c) { return print_minutes(c.interval_minutes); }},
          {"patience", Form::kText, false, "\"5s\"",
           "How long to wait while the application holds the database locked: 0s to 10m.",
           take_patience, [](const Config& c) { return print_duration(c.patience_ms, kMsUnits); }},
          {"limit", Form::kText, false, "\"2 MB/s\"",
           "How fast files are read from and written to the share at most, such as 2 MB/s; or off.",
           take_limit, [](const Config& c) { return print_rate(c.limit_bytes_per_s); }},
          {"accept_hole", Form::kText, false, "\"7d\"",
           "When to go on without a batch that the share has lost and nobody puts back: 7d at\n"
           "least, or never. An admin can do it at once: tidesync now --accept-hole",
           take_accept_hole, [](const Config& c) {
             return c.hole_minutes == 0 ? "never" : print_minutes(c.hole_minutes);
           }}};
}

std::vector<ConfigKey> master_keys() {
  return {{"master", Form::kFlag, false, "true",
           "Whether this node refreshes master.db on the share after it published.",
           [](Text text, Config& c) { return take_flag(text, "master", c.refresh_master); },
           [](const Config& c) { return std::string(c.refresh_master ? "true" : "false"); }},
          {"backups", Form::kText, false, "\"daily\"",
           "Dated copies of master.db in backups/ on the share: \"daily\" or \"off\".",
           [](Text text, Config& c) {
             std::string word = c.daily_backups ? "daily" : "off";
             auto problem = take_word<2>(text, {"daily", "off"}, "choice for backups", word);
             c.daily_backups = word == "daily";
             return problem;
           },
           [](const Config& c) { return std::string(c.daily_backups ? "daily" : "off"); }},
          {"keep_backups", Form::kText, false, "\"7d 8w 12m\"",
           "Which of them stay: all of the last days, then one a week, then one a month; or a "
           "number\nof copies.",
           take_keep_backups, [](const Config& c) { return c.keep_backups; }}};
}

std::vector<ConfigKey> log_keys() {
  return {{"log", Form::kText, false, "\"info\"",
           "What goes to the log file: \"debug\", \"info\", \"warning\", \"error\" or \"off\".",
           [](Text text, Config& c) {
             return take_word<5>(text, {"debug", "info", "warning", "error", "off"}, "log level",
                                 c.log.level);
           },
           [](const Config& c) { return c.log.level; }},
          {"log_format", Form::kText, false, "\"text\"",
           "How its lines are written: \"text\", or \"json\" for programs that collect logs.",
           [](Text text, Config& c) {
             return take_word<2>(text, {"text", "json"}, "log format", c.log.format);
           },
           [](const Config& c) { return c.log.format; }},
          {"keep_log_files", Form::kText, false, "\"14d\"",
           "There is one log file a day; how long they stay.",
           [](Text text, Config& c) { return take_minutes(text, c.log.keep_minutes); },
           [](const Config& c) { return print_minutes(c.log.keep_minutes); }}};
}

std::vector<ConfigKey> retention_keys() {
  return {
      {"keep_log", Form::kText, false, "\"30d\"",
       "How long batches stay on the share, and how many at least: whichever keeps more.",
       [](Text text, Config& c) { return take_minutes(text, c.retention.log_minutes); },
       [](const Config& c) { return print_minutes(c.retention.log_minutes); }},
      {"keep_entries", Form::kNumber, false, "5000", "",
       [](Text t, Config& c) { return take_number(t, "keep_entries", c.retention.log_entries); },
       [](const Config& c) { return std::to_string(c.retention.log_entries); }},
      {"snapshot_every", Form::kText, false, "\"7d\"",
       "A snapshot of the whole state is put on the share after this time or as many batches.",
       [](Text text, Config& c) { return take_minutes(text, c.retention.snapshot_minutes); },
       [](const Config& c) { return print_minutes(c.retention.snapshot_minutes); }},
      {"snapshot_entries", Form::kNumber, false, "500", "",
       [](Text text, Config& c) {
         return take_number(text, "snapshot_entries", c.retention.snapshot_entries);
       },
       [](const Config& c) { return std::to_string(c.retention.snapshot_entries); }},
      {"maintenance", Form::kText, false, "\"1d\"",
       "How often this computer looks after the share: snapshots, old batches, leftovers.",
       [](Text text, Config& c) { return take_minutes(text, c.retention.maintenance_minutes); },
       [](const Config& c) { return print_minutes(c.retention.maintenance_minutes); }}};
}

// Any text is a command or a path.
template <std::string Hooks::*kHook>
std::string take_hook(const std::string& text, Config& config) {
  config.hooks.*kHook = text;
  return {};
}
template <std::string Hooks::*kHook>
std::string print_hook(const Config& config) {
  return config.hooks.*kHook;
}

std::vector<ConfigKey> telling_keys() {
  return {
      {"on_error", Form::kText, false, "\"\"",
       "Commands that are run after a sync, with its result as JSON on standard input: when it\n"
       "failed in a way that a person must see to, when new conflicts were kept, when it went\n"
       "well and moved rows.",
       take_hook<&Hooks::on_error>, print_hook<&Hooks::on_error>},
      {"on_conflict", Form::kText, false, "\"\"", "", take_hook<&Hooks::on_conflict>,
       print_hook<&Hooks::on_conflict>},
      {"on_success", Form::kText, false, "\"\"", "", take_hook<&Hooks::on_success>,
       print_hook<&Hooks::on_success>},
      {"hook_limit", Form::kText, false, "\"30s\"",
       "How long such a command may take before it is stopped: 1s to 60m.", take_hook_limit,
       [](const Config& c) { return print_duration(c.hooks.limit_ms, kMsUnits); }},
      {"offline_after", Form::kText, false, "\"1d\"",
       "After this time without the share, on_error is told once.",
       [](Text text, Config& c) { return take_minutes(text, c.hooks.offline_minutes); },
       [](const Config& c) { return print_minutes(c.hooks.offline_minutes); }},
      {"metrics", Form::kText, false, "\"\"",
       "A text file for monitoring (the format of Prometheus) that is written after each sync;\n"
       "\"\" for none.",
       [](Text text, Config& c) {
         c.metrics = text.empty() ? Path() : from_utf8(text);
         return std::string();
       },
       [](const Config& c) { return to_utf8(c.metrics); }}};
}

std::string take_behind_after(const std::string& text, Config& config) {
  const auto minutes = parse_duration(text, kMinuteUnits, kMaxKeptMinutes);
  if (!minutes || *minutes < 1)
    return quote_name(text) + " is no time to be behind: write 1m to 3650d, such as 12h or 3d";
  config.health.behind_minutes = *minutes;
  return {};
}
std::string take_failing_after(const std::string& text, Config& config) {
  std::uint64_t runs = 0;
  if (!take_number(text, "failing_after", runs).empty() || runs < 1)
    return "failing_after must be a number of runs from 1, such as 3";
  config.health.failing_runs = runs;
  return {};
}
std::string take_clock_offset_max(const std::string& text, Config& config) {
  const auto ms = parse_duration(text, kMsUnits, kMaxOffsetMs);
  if (!ms || *ms < 1000)
    return quote_name(text) + " is no difference of clocks: write 1s to 1440m, such as 30s or 2m";
  config.health.clock_offset_ms = *ms;
  return {};
}

std::vector<ConfigKey> health_keys() {
  return {
      {"behind_after", Form::kText, false, "\"3d\"",
       "When nodes, status, doctor and report speak of trouble: a computer is behind after this\n"
       "time without a sync that got through (3d lets laptops rest over a weekend), failing\n"
       "after so many failed runs in a row; and how far its clock may be off.",
       take_behind_after, [](const Config& c) { return print_minutes(c.health.behind_minutes); }},
      {"failing_after", Form::kNumber, false, "3", "", take_failing_after,
       [](const Config& c) { return std::to_string(c.health.failing_runs); }},
      {"clock_offset_max", Form::kText, false, "\"2m\"", "", take_clock_offset_max,
       [](const Config& c) { return print_duration(c.health.clock_offset_ms, kMsUnits); }}};
}

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

}  // namespace

std::optional<std::int64_t> interval_minutes(const std::string& text) {
  const auto minutes = parse_duration(text, kMinuteUnits, kMaxIntervalMinutes);
  return minutes && *minutes >= 1 ? minutes : std::nullopt;
}

std::string interval_problem(const std::string& text) {
  return quote_name(text) +
         " is no interval: write minutes, hours or days from 1m to 31d, such as 15m, 2h or 1d";
}

const std::vector<ConfigKey>& config_keys() {
  static const std::vector<ConfigKey> keys = [] {
    std::vector<ConfigKey> all;
    for (const auto& part : {identity_keys(), run_keys(), master_keys(), log_keys(), telling_keys(),
                             health_keys(), retention_keys()})
      all.insert(all.end(), part.begin(), part.end());
    return all;
  }();
  return keys;
}

const ConfigKey* find_config_key(std::string_view name) {
  const auto& keys = config_keys();
  const auto key =
      std::find_if(keys.begin(), keys.end(), [&](const ConfigKey& k) { return k.name == name; });
  return key == keys.end() ? nullptr : &*key;
}

std::string toml_value(const ConfigKey& key, const std::string& text) {
  return key.form == Form::kText ? toml_text(text) : text;
}

}  // namespace tidesync
