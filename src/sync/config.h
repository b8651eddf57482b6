// config.toml in the folder beside the database: written by init and join with comments, edited by
// people, checked whenever it is read.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/file_system.h"
#include "base/ids.h"
#include "merge/policy.h"
#include "merge/table_shape.h"

namespace tidesync {

// How much of the log stays on the share. Whichever keeps more counts, and whatever a node that was
// seen within the last 90 days has not taken in stays as well.
struct Retention {
  std::int64_t log_minutes = 30 * 24 * 60;      // keep_log = "30d"
  std::uint64_t log_entries = 5000;             // keep_entries = 5000
  std::int64_t snapshot_minutes = 7 * 24 * 60;  // snapshot_every = "7d"
  std::uint64_t snapshot_entries = 500;         // snapshot_entries = 500
  std::int64_t maintenance_minutes = 24 * 60;   // maintenance = "1d"
};

// The log files of this computer, one a day.
struct LogSettings {
  std::string level = "info";                // log = "debug" | "info" | "warning" | "error" | "off"
  std::string format = "text";               // log_format = "text" | "json"
  std::int64_t keep_minutes = 14 * 24 * 60;  // keep_log_files = "14d"
};

// Commands that tell people of a run; "" for none.
struct Hooks {
  std::string on_error, on_conflict, on_success;
  std::int64_t limit_ms = 30'000;          // hook_limit = "30s"
  std::int64_t offline_minutes = 24 * 60;  // offline_after = "1d"
};

// From when on a computer of the fleet is in trouble, to whoever looks from here
// (inspect/node_health.h).
struct HealthThresholds {
  std::int64_t behind_minutes = 3 * 24 * 60;     // behind_after = "3d"
  std::uint64_t failing_runs = 3;                // failing_after = 3
  std::int64_t clock_offset_ms = 2 * 60 * 1000;  // clock_offset_max = "2m"
};

struct Config {
  Path share;        // share = "/mnt/nas/quotes"
  NodeId node;       // node = "alice"
  std::string user;  // user = "Alice"
  std::int64_t interval_minutes =
      120;                             // interval = "120m"; also "2h", "90s" is refused (1m .. 31d)
  std::int64_t patience_ms = 5000;     // patience = "5s": how long to wait for a locked database
  std::int64_t limit_bytes_per_s = 0;  // limit = "2 MB/s"; 0: "off"
  // accept_hole = "7d": when to go on without a batch that the share has lost; 0: "never"
  std::int64_t hole_minutes = 7 * 24 * 60;
  bool refresh_master = true;              // master = true
  bool daily_backups = true;               // backups = "daily" | "off": dated copies of master.db
  std::string keep_backups = "7d 8w 12m";  // keep_backups: days, weeks, months, or a number
  LogSettings log;
  Hooks hooks;
  Path metrics;  // metrics = "/var/lib/node_exporter/tidesync.prom"; empty: none
  HealthThresholds health;
  Retention retention;
  PolicySet policies;  // references = [...], [tables.quotes]
  // Where each of them is written, by PolicyProblem::place.
  std::map<std::string, std::uint32_t> policy_lines;
};
inline constexpr std::uint64_t kMaxConfigBytes = 1u << 20;

// Everything of ours that belongs to the database `file`: "<file>.tidesync/...".
struct LocalPaths {
  explicit LocalPaths(const Path& database);
  Path database;
  Path folder;   // quotes.db.tidesync
  Path config;   // .../config.toml
  Path base;     // .../base.db
  Path spool;    // .../spool        entries as they are on the share
  Path staging;  // .../tmp
  Path backups;  // .../backups
  Path lock;     // .../lock
  Path logs;     // .../log          log files, one a day
};

struct ConfigProblem {
  std::uint32_t line = 0;  // 0: of the file as a whole
  std::string text;
};

// Throws Error kNotFound when there is none ("not a tidesync database: run init or join"), kUsage
// naming file and line for a syntax error, an unknown key ("did you mean"), a wrong type or value.
Config read_config(FileSystem& fs, const Path& file);
// The same problems one by one instead of an error, by line; `config` is what could be read.
std::vector<ConfigProblem> find_config_problems(FileSystem& fs, const Path& file, Config& config);
// Only the policies of such a file, whatever else it says; for init, which writes the rest itself.
void read_policies(FileSystem& fs, const Path& file, Config& config);
// Whether the tables can be merged by these policies. Throws Error kUsage that names file and line.
void check_config_policies(const Path& file, const Config& config,
                           const std::vector<TableShape>& shapes);
// The same one by one.
std::vector<ConfigProblem> find_policy_problems(const Config& config,
                                                const std::vector<TableShape>& shapes);
// Writes the file with a comment for every key. Replaced in one step.
void write_config(FileSystem& fs, const Path& file, const Config& config);
// Replaces the text value of a key that is there; the rest of the file stays as it is, comments and
// all. Throws Error kUsage when it stands there in a way that cannot be replaced.
void set_config_text(FileSystem& fs, const Path& file, std::string_view key,
                     const std::string& value);
// The same for any key of the configuration, in the file or not yet, with the value as people write
// it ("15m", "true"). One caller at a time. Throws Error kUsage for an unknown key, a value that is
// not accepted, and a file that has other problems.
void set_config_value(FileSystem& fs, const Path& file, const std::string& key,
                      const std::string& value);
// Every setting with its value as people write it, in the order of the file.
std::vector<std::pair<std::string, std::string>> config_values(const Config& config);
// The value of one. Throws Error kUsage ("did you mean") when there is no such key.
std::string config_value(const Config& config, const std::string& key);
// "90m", "2h", "1d" -> minutes. Throws Error kUsage saying what is accepted.
std::int64_t parse_interval_minutes(const std::string& text);
// 90 -> "90m", 120 -> "2h".
std::string print_interval(std::int64_t minutes);

}  // namespace tidesync
