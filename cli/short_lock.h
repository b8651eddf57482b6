// A lock for the moment in which a small file is read, changed and replaced, and the change of a
// setting under it.
#pragma once

#include <memory>

#include "base/process_lock.h"
#include "sync/config.h"
#include "sync/environment.h"

namespace tidesync {

// Waits up to two seconds for whoever holds it; nullptr then. Throws Error when the lock file
// cannot be made.
std::unique_ptr<ProcessLock> lock_shortly(Environment& env, const Path& file);

// As set_config_value(), by one process at a time. Throws Error kAlreadyRunning too.
void change_setting(Environment& env, const LocalPaths& paths, const std::string& key,
                    const std::string& value);

}  // namespace tidesync
