// What a person does with the nodes of a dataset: gives this one another name, gives one up.
#pragma once

#include <string>
#include <vector>

#include "share/notes.h"
#include "sync/environment.h"

namespace tidesync {

// This node's name from now on, in its configuration, its database and on the share. Throws Error:
// kUsage for a name that is none, or when `old_name` is another node; kAlreadyExists for a name
// that is taken, by a node of now or of the log.
void rename_node(Environment& env, const Path& database, const std::string& old_name,
                 const std::string& new_name);

// Nobody waits for the node any more. Should it come back, it syncs as ever and counts again.
// Throws Error: kNotFound, naming the nodes; kUsage for this node itself; kGuard when it was seen
// within a week and not `confirmed`.
NodeNote retire_node(Environment& env, const Path& database, const std::string& name,
                     bool confirmed);

}  // namespace tidesync
