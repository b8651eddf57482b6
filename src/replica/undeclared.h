// Columns that look like references the schema does not declare: quotes.customer_id beside a table
// customers. Merging does not follow them until somebody names them in config.toml: a guess must
// not move anybody's rows.
#pragma once

#include <string>
#include <vector>

#include "merge/policy.h"
#include "merge/table_shape.h"
#include "sqlite/database.h"

namespace tidesync {

// A whole-number column without a declared foreign key, named <x>_id or <x>Id where a table x (or
// its plural) has an INTEGER PRIMARY KEY, or named as that key itself, and whose values all occur
// there. At least one value must. Reads at most 10,000 different values per column. In the order of
// the tables; references that `shapes` know from config.toml already are not named again.
std::vector<ConfiguredReference> find_undeclared_references(Database& db,
                                                            const std::vector<TableShape>& shapes);

// references = ["quotes.customer_id -> customers"]: what to put into config.toml.
std::string references_line(const std::vector<ConfiguredReference>& references);

}  // namespace tidesync
