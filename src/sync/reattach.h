// A database that is a node, and whose folder beside it is gone. Private to this room.
#pragma once

#include "sync/setup.h"

namespace tidesync {

// Makes the folder and its configuration again, from what the database knows of itself, and syncs:
// the base copy is folded from the log as far as the database has taken it in, so nothing is taken
// for new or for deleted. Throws Error kWrongShare when another dataset stands there.
SetupResult reattach_dataset(Environment& env, const JoinOptions& options, Steps* steps);

}  // namespace tidesync
