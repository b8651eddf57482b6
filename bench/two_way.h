// The main suite: two people edit, and sync.
#pragma once

#include "options.h"

namespace tidesync::bench {

// Prints a table per size, number of edits and kind of picks. False when a result of ours was
// wrong.
bool run_two_way(const Options& options);

}  // namespace tidesync::bench
