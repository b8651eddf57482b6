// The configuration of a database that is a node. Private to sync and inspect.
#pragma once

#include "sync/config.h"
#include "sync/environment.h"

namespace tidesync {

// As read_config(), and its limit counts from here on. A database that is synced and has lost its
// folder says so, and which command brings it back.
Config read_node_config(const Environment& env, const LocalPaths& paths);
// Log lines of this process go to the database's log files from here on.
void open_log(const LocalPaths& paths, const Config& config);
// "tidesync join --db FILE --share FOLDER", with the folder as it was last known, or FOLDER.
std::string join_command(const Path& database, const std::string& share);

}  // namespace tidesync
