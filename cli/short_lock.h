// A lock for the moment in which a small file is read, changed and replaced.
#pragma once

#include <memory>

#include "base/process_lock.h"
#include "sync/environment.h"

namespace tidesync {

// Waits up to two seconds for whoever holds it; nullptr then. Throws Error when the lock file
// cannot be made.
std::unique_ptr<ProcessLock> lock_shortly(Environment& env, const Path& file);

}  // namespace tidesync
