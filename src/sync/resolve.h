// Settles a conflict: an ordinary edit of the row where one is needed, and a note in the conflict
// that it is settled, in one transaction. Both travel to everybody with the next sync. Local: the
// share is not asked.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "replica/conflict_row.h"
#include "sync/column_edit.h"
#include "sync/environment.h"

namespace tidesync {

struct ResolveOptions {
  enum class Keep {
    kWinner,  // as it was decided
    kLoser,   // what lost, in the columns that are in dispute; a row that lost comes back whole
    kValues,  // those of `set`
  };
  std::string id;  // its beginning is enough
  Keep keep = Keep::kWinner;
  // Column and value. The text takes the type of its column where it can; nullopt is NULL.
  std::vector<std::pair<std::string, std::optional<std::string>>> set;
  bool dry_run = false;  // the same work, rolled back
  bool force = false;    // also when it is settled already, or the row was changed since
};

struct ResolveResult {
  enum class Change { kNone, kUpdated, kDeleted, kBroughtBack };
  ConflictRow conflict;  // as it is now
  Change change = Change::kNone;
  std::vector<ColumnEdit> columns;
  std::vector<std::string> notes;  // a sentence each
  bool dry_run = false;
};

// Throws Error: kUsage and kNotFound for the id or the values; kAlreadyExists when it is settled or
// a UNIQUE value is taken; kGuard when the row was changed since, or children or parents are in the
// way; kAlreadyRunning. Nothing was changed then.
ResolveResult resolve_conflict(Environment& env, const Path& database,
                               const ResolveOptions& options);

}  // namespace tidesync
