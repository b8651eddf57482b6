// What must hold when the fleet has come to rest. Each throws Violation.
//
//   every database equals its base copy, and all are equal, sync_conflicts included
//   no database is damaged, no foreign key is broken
//   the log is an unbroken chain, every prefix of it keeps the rules of the tables, and its fold
//   is what the nodes have
//   master.db holds the same
//   nothing an application wrote is missing without a trace, nothing stands twice
//   no two records became one, children are with their parents
#pragma once

#include <string>

#include "sqlite/database.h"

namespace tidesync::sim {

class World;

void check_everything(World& world);

// The synced tables and sync_conflicts as text, for comparing and for reports.
std::string dump(Database& db);

// The lines of a dump in which a token stands.
std::string lines_with(const std::string& text, const std::string& token);

}  // namespace tidesync::sim
