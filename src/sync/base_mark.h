// Whether base.db is as the last run left it. Somebody who edits it, a restored folder and a copy
// that was cut off change its size or its time; what a bad disk changes without either is found by
// the daily look at all rows. Private to this room.
#pragma once

#include "sync/config.h"
#include "sync/environment.h"

namespace tidesync {

// Before the file is opened. False also when no run has left a mark, or a run did not end.
bool base_is_as_left(FileSystem& fs, const LocalPaths& paths);
// When the file is closed and its rows are known to be right. Errors are logged: without a mark the
// rows are added up again.
void mark_base(FileSystem& fs, const LocalPaths& paths);

}  // namespace tidesync
