#include "inspect/conflicts.h"

#include "base/error.h"
#include "base/text.h"

namespace tidesync {
namespace {

Database open_node(const Path& database) {
  Database db = Database::open(database, OpenMode::kReadOnly);
  if (db.has_table("sync_conflicts") && db.has_table("tidesync_meta")) return db;
  throw Error(ErrorCode::kNotFound, "read conflicts", to_utf8(database),
              "this database is not synced", "Run tidesync init or tidesync join first.");
}

std::string own_node(Database& db) {
  return db.get_text("SELECT v FROM tidesync_meta WHERE k = 'node'");
}

// The columns that the record knows and the table has, in the order of the record.
std::vector<std::string> known_columns(Database& db, const ConflictRow& conflict) {
  NamedRow here;
  Statement rows = db.prepare("SELECT name FROM pragma_table_xinfo(?1)");
  rows.bind_text(1, conflict.table);
  while (rows.step()) here.push_back({rows.get_text(0), {}});
  std::vector<std::string> columns;
  const NamedRow& record = conflict.winner  ? *conflict.winner
                           : conflict.loser ? *conflict.loser
                                            : conflict.key;
  for (const NamedValue& named : record) {
    if (find_value(here, named.column)) columns.push_back(named.column);
  }
  return columns;
}

std::optional<NamedRow> read_row(Database& db, const ConflictRow& conflict) {
  const std::vector<std::string> columns = known_columns(db, conflict);
  if (columns.empty()) return std::nullopt;
  std::vector<std::string> names, terms;
  for (const std::string& column : columns) names.push_back(quote_name(column));
  for (const NamedValue& named : conflict.key)
    terms.push_back(quote_name(named.column) + " = ?" + std::to_string(terms.size() + 1));
  Statement find = db.prepare("SELECT " + join(names, ", ") + " FROM " +
                              quote_name(conflict.table) + " WHERE " + join(terms, " AND "));
  int parameter = 1;
  for (const NamedValue& named : conflict.key) find.bind(parameter++, named.value.view());
  if (!find.step()) return std::nullopt;
  NamedRow row;
  for (std::size_t i = 0; i < columns.size(); ++i)
    row.push_back({columns[i], Value(find.column(static_cast<int>(i)))});
  return row;
}

}  // namespace

ConflictList read_conflict_list(const Path& database, const ConflictFilter& filter) {
  Database db = open_node(database);
  ConflictList list;
  list.node = own_node(db);
  list.matching = count_conflicts(db, filter);
  for (ConflictRow& conflict : list_conflicts(db, filter)) {
    std::string id = short_conflict_id(db, conflict.id);
    list.conflicts.push_back({std::move(conflict), std::move(id)});
  }
  return list;
}

ConflictView read_conflict_view(const Path& database, const std::string& id) {
  Database db = open_node(database);
  ConflictView view;
  view.node = own_node(db);
  view.conflict = find_conflict(db, id);
  view.short_id = short_conflict_id(db, view.conflict.id);
  view.has_table = db.has_table(view.conflict.table);
  if (view.has_table) view.now = read_row(db, view.conflict);
  return view;
}

}  // namespace tidesync
