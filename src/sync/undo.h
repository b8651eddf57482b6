// Takes back what a run did, as ordinary new edits of this database, which the next sync publishes.
//
// Of a run of this node: all batches it took in and the one it published. Of a run of another node:
// the batch it published. Rows of sync_log and sync_conflicts, and changes of the schema, stay.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sync/column_edit.h"
#include "sync/environment.h"

namespace tidesync {

struct UndoOptions {
  std::string run;       // the beginning of its id
  bool dry_run = false;  // the same work, rolled back
  // Also rows that were changed since: their newer values are kept in sync_conflicts.
  bool force = false;
};

struct UndoneTable {
  std::uint64_t updated = 0, deleted = 0, brought_back = 0;
};

// One row that is edited: it came back (no old values), went (no new ones), or was changed.
struct UndoneRow {
  std::string table, key;
  std::vector<ColumnEdit> columns;
};

struct UndoResult {
  std::string run_id, node, user, timestamp;
  std::vector<std::uint64_t> batches;  // that were taken back
  std::map<std::string, UndoneTable> tables;
  std::vector<UndoneRow> edits;  // the first 20
  std::uint64_t already = 0;     // rows that are as before the run
  // Rows that were changed since the run, a sentence each; the first 20.
  std::vector<std::string> changed;
  std::uint64_t changed_count = 0;
  // Without `force`: any changed row. Nothing was done then.
  bool refused = false;
  std::uint64_t conflicts = 0;    // kept for changed rows
  std::vector<std::string> left;  // rows that could not be taken back; the first 20
  std::uint64_t left_count = 0;
  std::vector<std::string> guarded;  // tables whose deletions the next sync will hold back
  bool dry_run = false;

  std::uint64_t rows() const;  // edited
};

// Throws Error: kNotFound and kUsage for the run; kGuard when it set the share up, or when rows
// that refer to each other would be torn apart; kAlreadyExists for a UNIQUE value;
// kShareUnreachable when a batch can be read nowhere; kAlreadyRunning. Nothing was changed then.
UndoResult undo_run(Environment& env, const Path& database, const UndoOptions& options);

}  // namespace tidesync
