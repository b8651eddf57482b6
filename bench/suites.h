// The suites of cases. Each prints its tables and returns false when a result was wrong.
#pragma once

#include "options.h"

namespace tidesync::bench {

// Two people edit, and sync: ours beside the others.
bool run_two_way(const Options& options);
// A sync with nothing to do.
bool run_idle(const Options& options);
// What the application's own reads and writes cost.
bool run_capture(const Options& options);
// Every row against the base copy; a further node from the share.
bool run_whole(const Options& options);
// Many nodes around one share.
bool run_fleet(const Options& options);

}  // namespace tidesync::bench
