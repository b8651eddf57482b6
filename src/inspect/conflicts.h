// What people ask about conflicts: which there are, and one of them beside the row as it is now.
// Reads only this database; the share is not asked.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "replica/conflict_row.h"

namespace tidesync {

struct ListedConflict {
  ConflictRow conflict;
  std::string short_id;  // enough for `show` and `resolve`
};

struct ConflictList {
  std::string node;  // this one
  std::vector<ListedConflict> conflicts;
  std::uint64_t matching = 0;  // also those beyond the limit
};
// Throws Error kNotFound when the database is no node.
ConflictList read_conflict_list(const Path& database, const ConflictFilter& filter);

struct ConflictView {
  std::string node, short_id;
  ConflictRow conflict;
  bool has_table = false;       // false: the table is not here (any more)
  std::optional<NamedRow> now;  // nullopt: no such row here
};
// `id`: its beginning is enough. Throws as find_conflict() does.
ConflictView read_conflict_view(const Path& database, const std::string& id);

}  // namespace tidesync
