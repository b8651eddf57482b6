// What the fleet shares of the application's schema: the synced tables with their numbers and keys,
// and all other objects, so that a node that joins without a database gets a whole one. Travels as
// JSON in the `schema` section of a batch.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "replica/catalog.h"
#include "sqlite/database.h"

namespace tidesync {

struct SharedTable {
  std::uint32_t id = 0;
  std::string name;
  std::string sql;
  std::vector<std::string> key;
};

struct SharedObject {
  std::string type;  // table (not synced), index, view, trigger
  std::string name;
  std::string sql;
};

struct ShareSchema {
  std::vector<SharedTable> tables;
  std::vector<SharedObject> objects;            // in order of creation
  std::map<std::string, std::int64_t> pragmas;  // user_version, application_id, page_size
  // Tables and columns ("table.column") that are not synced though a database has them: left out at
  // init, or given up later. In lower case; "*" leaves out every table not named.
  std::set<std::string> left_out;
  std::string policies;  // replica/policies.h; "" when nothing was chosen
};

// Numbers of our own tables; the application's start at kFirstTableId.
inline constexpr std::uint32_t kLogTableId = 1;
inline constexpr std::uint32_t kConflictsTableId = 2;
inline constexpr std::uint32_t kFirstTableId = 11;

ShareSchema read_share_schema(Database& application, const std::vector<TableChoice>& chosen);
std::string to_json(const ShareSchema& schema);
// Throws Error kDamaged for anything that is not such JSON; SQL is checked to be one CREATE
// statement.
ShareSchema parse_share_schema(std::string_view json);

// In the base copy: the synced tables with their UNIQUE indexes (other indexes would only cost time
// there), our own two, and a note of everything else.
void create_base_tables(Database& base, const ShareSchema& schema);
// Parts of it, for a schema that changes (replica/schema_change.h).
void create_base_table(Database& base, const SharedTable& table);
void create_base_indexes(Database& base, const ShareSchema& schema);
void drop_base_indexes(Database& base, const ShareSchema& schema);
void note_base_objects(Database& base, const ShareSchema& schema);
// The schema as the base copy has it noted.
ShareSchema load_share_schema(Database& base);
// In a new database for the application (replica/application_draft.h), which has the synced tables
// with their rows: application_id and user_version, and the other objects that are not there yet.
// Returns the names of those that cannot be made here: indexes on rows that need a function or
// collation of the application's own, say. The application makes them when it is started.
std::vector<std::string> create_application_objects(Database& application,
                                                    const ShareSchema& schema);

}  // namespace tidesync
