// The declared references of a table, as far as something can be repaired through them.
#pragma once

#include "merge/table_shape.h"
#include "sqlite/database.h"

namespace tidesync {

// Fills in shape.foreign_keys. A reference to a table or column that is not there, or through a
// generated column, is none.
void add_foreign_keys(Database& db, TableShape& shape);

}  // namespace tidesync
