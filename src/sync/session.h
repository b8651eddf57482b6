// One sync of one database: the only place where replica and share meet.
#pragma once

#include "sync/config.h"
#include "sync/environment.h"
#include "sync/result.h"

namespace tidesync {

struct SyncOptions {
  bool dry_run = false;  // the same engine; every transaction is rolled back, nothing published
  bool allow_mass_delete = false;  // confirm deletions that the guard held back
  bool accept_dropped = false;     // give up tables and columns that are gone here, for everybody
  bool accept_hole = false;        // go on without a batch that the share has lost
  bool check_log = false;          // read the newest 512 entries on the share whole; 64 once a day
  bool compare_all = false;        // compare every row with the base copy, whatever the hints say
  // Nobody waits for it: record numbers change only in a quiet moment of the application.
  bool unattended = false;
  Steps* steps = nullptr;
};

// Runs one sync and records it in sync_log. Never throws for what a run can meet (it is in the
// result); throws Error kAlreadyRunning, kNotFound and kUsage (configuration) before it starts.
SyncResult sync_now(Environment& env, const Path& database, const SyncOptions& options);

}  // namespace tidesync
