// master.db as a file that somebody hands us: on the share, in a backup, in a mail. No database of
// ours is needed to read it, and it may have been written by anybody.
//
// It is read as it stands: no lock is waited for, nothing is written into it or beside it, and
// nothing in it can run. A share that is read-only will do.
#pragma once

#include <functional>

#include "base/ids.h"
#include "sqlite/database.h"

namespace tidesync {

// Opens it and checks that it is what a node wrote: it has sync_log, sync_conflicts and
// tidesync_state with the columns that history and report read. Throws Error kNotFound,
// kNoPermission, kNotADatabase (another program's file, an encrypted one), kTooNew, kDamaged, kBusy
// (somebody is changing it by hand); each says what to do next.
Database open_master_file(const Path& file);

// Opens it for `read`. Damage that shows only then is told as open_master_file() tells it.
void read_master_file(const Path& file, const std::function<void(Database& master)>& read);

// The batch whose state it holds.
Seq seq_of_master(Database& master);

}  // namespace tidesync
