#include "replica/foreign_keys.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/text.h"
#include "replica/schema_reader.h"

namespace tidesync {
namespace {

// Not one of which only the application can compare the values.
bool can_be_searched(Database& db, const ForeignKeyShape& key) {
  std::vector<std::string> terms;
  for (const std::string& column : key.parent_columns) terms.push_back(quote_name(column) + " = ?");
  try {
    db.prepare("SELECT 1 FROM " + quote_name(key.parent_table) + " WHERE " + join(terms, " AND "));
    return true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kSql) throw;
    return false;
  }
}

bool has_columns(Database& db, const std::string& table, const std::vector<std::string>& names) {
  if (!db.has_table(table)) return false;
  const auto columns = read_columns(db, table);
  return std::all_of(names.begin(), names.end(),
                     [&](const std::string& name) { return find_listed(columns, name); });
}

}  // namespace

void add_foreign_keys(Database& db, TableShape& shape) {
  struct Row {
    std::int64_t id;
    std::string parent, from, to;
    bool to_is_null;
  };
  std::vector<Row> rows;
  {
    Statement& list = db.cached(
        "SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?1) ORDER BY id, seq");
    list.bind_text(1, shape.name);
    while (list.step()) {
      rows.push_back({list.get_int(0), list.get_text(1), list.get_text(2), list.get_text(3),
                      list.column(3).is_null()});
    }
  }
  std::map<std::int64_t, ForeignKeyShape> keys;
  for (const Row& row : rows) {
    ForeignKeyShape& key = keys[row.id];
    key.parent_table = row.parent;
    const auto child = shape.find_column(row.from);
    if (!child) {  // a generated column as child: nothing to repair through
      key.parent_columns.clear();
      key.child_columns.clear();
      continue;
    }
    key.child_columns.push_back(*child);
    shape.columns[*child].in_foreign_key = true;
    if (!row.to_is_null) key.parent_columns.push_back(row.to);
  }
  for (auto& [id, key] : keys) {
    // A parent that was dropped or never made, or has other columns: nothing can be missing there.
    if (!has_columns(db, key.parent_table, key.parent_columns)) continue;
    if (key.parent_columns.empty()) {
      // No columns named: the parent's primary key.
      std::map<int, std::string> primary;
      for (const ListedColumn& column : read_columns(db, key.parent_table)) {
        if (column.pk > 0) primary[column.pk] = column.name;
      }
      for (const auto& [position, name] : primary) key.parent_columns.push_back(name);
    }
    if (key.child_columns.empty() || key.parent_columns.size() != key.child_columns.size())
      continue;
    if (!can_be_searched(db, key)) continue;
    key.parent_collations = read_key_collations(db, key.parent_table, key.parent_columns);
    shape.foreign_keys.push_back(std::move(key));
  }
}

}  // namespace tidesync
