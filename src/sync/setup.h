// init, join and leave: how a database becomes a node of a dataset, and stops being one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/ids.h"
#include "sync/config.h"
#include "sync/environment.h"
#include "sync/result.h"

namespace tidesync {

struct InitOptions {
  Path database;
  Path share;
  std::vector<std::string> tables;   // only these; empty: all that can be synced
  std::vector<std::string> exclude;  // all but these
  Path policies;                     // file with [tables.*]; "": a config.toml that is there
  bool add_columns = false;          // add updated_at, updated_by, synced_at and their triggers
  std::string user;                  // "" takes the system's
  std::string node;                  // "" is made from user and host
  unsigned raced_names = 0;          // names that threads race for when the share is tried out
  std::uint64_t entries_per_folder = 1000;  // of the log; smaller in tests only
};

// What was decided for one table or view, and why.
struct TableReport {
  std::string name;
  bool synced = false;
  std::string reason;  // "key id (INTEGER PRIMARY KEY)", "left out: no primary key"
  std::uint64_t rows = 0;
};

struct SetupResult {
  Uuid share_id;
  NodeId node;
  std::string user;
  std::vector<TableReport> tables;
  // What looks like a reference but is not declared, as the line to put into config.toml; "" if
  // nothing does.
  std::string undeclared_references;
  Seq seq;
  bool created_database = false;  // join into a missing file
  bool reattached = false;        // join of a node that had lost its folder
  std::uint64_t equal_rows = 0;   // join into an existing one
  std::uint64_t rows_only_here = 0;
  std::uint64_t rows_only_there = 0;
  std::uint64_t differing_rows = 0;
  // What is allowed and had better be otherwise: where the share or the database lies.
  std::vector<std::string> warnings;
  Path backup;      // copy of the database made before it was changed
  SyncResult sync;  // the first sync
};

// First node. Throws Error and leaves database and share untouched for: kAlreadyExists (the share
// holds a dataset, or the database is a node already), kUsage (unknown table), kSchema (nothing to
// sync) ...
SetupResult init_dataset(Environment& env, const InitOptions& options, Steps* steps = nullptr);

struct JoinOptions {
  Path database;
  Path share;
  std::string user;
  std::string node;
  unsigned raced_names = 0;
};
// A node whose folder beside the database was lost gets it back, and goes on as itself. Else a
// further node: the database is made from the share when the file is missing, else adopted: equal
// rows are recognised, rows that differ become conflicts, rows only here become inserts.
SetupResult join_dataset(Environment& env, const JoinOptions& options, Steps* steps = nullptr);

struct LeaveResult {
  std::uint64_t pending_rows = 0;  // edits that were never published; they stay in the database
};
// Removes triggers and sync tables from the database and our folder beside it; keeps the data. The
// share is not touched. `force`: also with unpublished edits (else Error kGuard).
LeaveResult leave_dataset(Environment& env, const Path& database, bool force);

}  // namespace tidesync
