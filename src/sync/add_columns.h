// --add-columns: gives tables the columns updated_at, updated_by and synced_at, and triggers that
// maintain the first two. The triggers take the user from tidesync_meta, so they are the same text
// on every computer; `leave` removes them (Local::drop_triggers) and keeps the columns.
#pragma once

#include <string>
#include <vector>

#include "replica/catalog.h"
#include "replica/share_schema.h"
#include "sqlite/database.h"

namespace tidesync {

// In a transaction of the caller. Columns that exist are left as they are, and a table that has an
// updated_at of its own gets no triggers. Works on tables with rows: they get NULL until they are
// changed. Breaks statements of the application that rely on the number of columns (INSERT INTO t
// VALUES (...)). Returns the tables that now have our triggers.
std::vector<std::string> add_columns(Database& db, const std::vector<TableChoice>& tables);

// The fleet's note of these tables in the shared schema, and the same columns and triggers in the
// database of a node that joins.
void note_added_columns(ShareSchema& schema, const std::vector<std::string>& tables);
// Tables of the schema in which they were added, and are missing: an update of the application made
// the table anew without them.
std::vector<std::string> lost_columns(Database& db, const ShareSchema& schema);
void add_noted_columns(Database& db, const ShareSchema& schema);

}  // namespace tidesync
