// The parts of a CREATE INDEX statement that no pragma tells: its expressions and its condition.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tidesync {

struct IndexSql {
  std::vector<std::string> terms;  // as written, without ASC and DESC
  std::string where;               // condition of a partial index, else empty
};

// `sql` as SQLite keeps it in sqlite_schema, that is: known to be a CREATE INDEX statement.
IndexSql parse_index_sql(std::string_view sql);

}  // namespace tidesync
