// Tells people of a sync: the commands on_error, on_conflict and on_success of config.toml, each
// with the run as JSON on its standard input and a time limit. What they do or fail to do changes
// nothing about the sync; a failure goes to the log file.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "sync/result.h"

namespace tidesync {

// Which of them a run calls, in this order: "error", "conflict", "success".
std::vector<std::string> events_of(const SyncResult& result);

void tell_people(Session& session, const Path& database, const SyncResult& result);

}  // namespace tidesync
