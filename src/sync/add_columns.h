// --add-columns: gives tables the columns updated_at, updated_by and synced_at, and triggers that
// maintain the first two.
#pragma once

#include <string>
#include <vector>

#include "replica/catalog.h"
#include "sqlite/database.h"

namespace tidesync {

// In a transaction of the caller. Columns that exist are left as they are. Works on tables with
// rows: they get NULL until they are changed. Breaks statements of the application that rely on the
// number of columns (INSERT INTO t VALUES (...), SELECT *).
void add_columns(Database& db, const std::vector<TableChoice>& tables, const std::string& user);

}  // namespace tidesync
