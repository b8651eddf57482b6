// Reads the shapes of tables from a database, and says which of them can be synced and why.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "merge/table_shape.h"
#include "replica/schema_reader.h"
#include "sqlite/database.h"

namespace tidesync {

struct TableChoice {
  std::string name;
  std::string sql;  // CREATE TABLE text
  bool can_sync = false;
  std::string reason;  // "key id (INTEGER PRIMARY KEY)"; or why not, "no primary key and no ..."
  TableShape shape;    // filled when it can; `id` is 0
};

// One entry per table, virtual table and view of the application, in schema order. Shadow tables of
// virtual tables are reported with them; SQLite's and our own tables are not listed.
std::vector<TableChoice> read_catalog(Database& db);

// Shape of one existing table. `key` names the key columns when they are decided already (share
// schema); empty: chosen as in read_catalog. Throws Error kSchema when there is no such table,
// column or usable key.
TableShape read_shape(Database& db, const std::string& table,
                      const std::vector<std::string>& key = {});
// The same for one of many tables.
TableShape read_shape(Database& db, const std::string& table, const std::vector<std::string>& key,
                      const References& references);

// Names of tables referenced by declared foreign keys come first, their children later; cycles are
// broken at the first table by order of `shapes`. Positions into `shapes`.
std::vector<std::size_t> parents_first(const std::vector<TableShape>& shapes);

}  // namespace tidesync
