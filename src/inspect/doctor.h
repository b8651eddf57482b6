// Looks for what keeps a node from syncing well, or will one day: here, on the share and on the way
// between. One line per check, with what to do.
//
// Nothing is changed but for the probe's own files, which are removed again. Every check goes as
// far as it gets: without a configuration, without the share, on a database that is no node.
#pragma once

#include <string>
#include <vector>

#include "sync/environment.h"

namespace tidesync {

enum class CheckVerdict { kOk, kWarning, kProblem };
std::string_view to_string(CheckVerdict verdict);  // "ok", "warning", "problem"

struct Check {
  std::string name;  // "share", "clock": the same in every version
  CheckVerdict verdict = CheckVerdict::kOk;
  std::string text;
  std::string what_to_do;  // empty when there is nothing to do
};

struct DoctorOptions {
  bool race = false;  // threads race for names on the share
};

struct DoctorReport {
  std::vector<Check> checks;
  std::uint64_t count(CheckVerdict verdict) const;
};

// Throws Error kUsage only when `database` is empty.
DoctorReport examine(Environment& env, const Path& database, const DoctorOptions& options = {});

// What the first 100 bytes of a database file say; pure.
struct DatabaseHeader {
  bool is_database = false;
  bool write_ahead_log = false;
  std::uint32_t written_by = 0;  // version of SQLite that wrote it last: 3040001
};
DatabaseHeader parse_database_header(std::string_view bytes);
// Whether that version has the WAL-reset bug (SQLite 3.7.0 to 3.51.2).
bool has_wal_reset_bug(std::uint32_t version);

}  // namespace tidesync
