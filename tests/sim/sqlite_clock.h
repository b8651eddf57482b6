// Lets SQLite take the time from a Clock: triggers stamp hints with 'now', and a connection that
// waits for a lock sleeps. Installed for the whole process, before the first connection is opened.
#pragma once

#include "base/clock.h"

namespace tidesync::sim {

// The clock that connections see from now on; nullptr: the system's. Only whoever holds the baton
// may call it.
void set_sqlite_clock(Clock* clock);

}  // namespace tidesync::sim
