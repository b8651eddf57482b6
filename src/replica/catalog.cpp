#include "replica/catalog.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "replica/foreign_keys.h"
#include "replica/index_sql.h"
#include "replica/schema_reader.h"

namespace tidesync {
namespace {

constexpr std::size_t kMaxKeyColumns = 4;  // tidesync_dirty has k1 .. k4

bool starts_with_ascii_nocase(const std::string& text, std::string_view prefix) {
  return to_lower_ascii(text.substr(0, prefix.size())) == prefix;
}

bool is_ours_or_internal(const std::string& name) {
  const std::string lower = to_lower_ascii(name);
  return starts_with_ascii_nocase(name, "sqlite_") || starts_with_ascii_nocase(name, "tidesync_") ||
         lower == "sync_log" || lower == "sync_conflicts";
}

bool is_text_type(const std::string& type) {
  const std::string lower = to_lower_ascii(type);
  const auto has = [&](const char* part) { return lower.find(part) != std::string::npos; };
  return !has("int") && (has("char") || has("clob") || has("text"));
}

struct KeyChoice {
  std::vector<std::string> columns;
  std::string reason;
  bool integer_primary_key = false;
};

// Empty columns: no usable key; the reason says why.
KeyChoice choose_key(const std::vector<ListedColumn>& columns,
                     const std::vector<ListedIndex>& indexes, bool without_rowid) {
  KeyChoice choice;
  std::map<int, const ListedColumn*> primary;
  for (const ListedColumn& column : columns) {
    if (column.pk > 0) primary[column.pk] = &column;
  }
  for (const auto& [position, column] : primary) choice.columns.push_back(column->name);
  if (!choice.columns.empty()) {
    // INTEGER PRIMARY KEY DESC is no rowid, and may be NULL: SQLite gives it an index of its own.
    const bool has_index =
        std::any_of(indexes.begin(), indexes.end(),
                    [](const ListedIndex& index) { return index.origin == "pk"; });
    choice.integer_primary_key = choice.columns.size() == 1 && !without_rowid && !has_index &&
                                 to_lower_ascii(primary.at(1)->type) == "integer";
    choice.reason = "key " + join(choice.columns, ", ") +
                    (choice.integer_primary_key ? " (INTEGER PRIMARY KEY)" : " (PRIMARY KEY)");
  } else {
    for (const ListedIndex& index : indexes) {
      if (!index.unique || index.partial || index.has_expression) continue;
      const bool all_not_null =
          std::all_of(index.columns.begin(), index.columns.end(), [&](const auto& name) {
            const ListedColumn* column = find_listed(columns, name);
            return column && column->not_null && !column->generated &&
                   to_lower_ascii(name) != "synced_at";
          });
      if (!all_not_null) continue;
      choice.columns = index.columns;
      choice.reason = "key " + join(index.columns, ", ") + " (UNIQUE NOT NULL)";
      break;
    }
  }
  if (choice.columns.empty()) {
    choice.reason =
        "no primary key and no UNIQUE index of NOT NULL columns: rows cannot be told apart";
  } else if (choice.columns.size() > kMaxKeyColumns) {
    choice.columns.clear();
    choice.reason = "its key has more than " + std::to_string(kMaxKeyColumns) + " columns";
  }
  return choice;
}

bool is_local_column(const std::string& table, const ListedColumn& column) {
  const std::string name = to_lower_ascii(column.name);
  if (to_lower_ascii(table) == "sync_log") return name == "id";
  return name == "synced_at" && column.pk == 0 && (!column.not_null || column.has_default);
}

void mark_referenced_columns(const References& references, TableShape& shape) {
  const auto [first, last] = references.equal_range(to_lower_ascii(shape.name));
  for (auto reference = first; reference != last; ++reference) {
    if (!reference->second) {
      for (const std::size_t column : shape.key) shape.columns[column].referenced = true;
    } else if (const auto column = shape.find_column(*reference->second)) {
      shape.columns[*column].referenced = true;
    }
  }
}

void add_uniques(TableShape& shape, const std::vector<ListedIndex>& indexes) {
  const bool has_primary =
      std::any_of(indexes.begin(), indexes.end(),
                  [](const ListedIndex& index) { return index.origin == "pk"; });
  for (const ListedIndex& index : indexes) {
    if (!index.unique) continue;
    UniqueShape unique;
    unique.name = index.name;
    unique.plain = !index.partial && !index.has_expression;
    const IndexSql written = parse_index_sql(index.sql);
    if (!written.where.empty()) unique.where = "(" + written.where + "\n)";
    for (std::size_t i = 0; i < index.columns.size(); ++i) {
      const bool is_expression = index.columns[i].empty();
      // The line break ends a comment that the term may end with.
      const std::string term = !is_expression             ? quote_name(index.columns[i])
                               : i < written.terms.size() ? "(" + written.terms[i] + "\n)"
                                                          : "NULL";
      unique.terms.push_back(term + " COLLATE " + quote_name(index.collations[i]));
      const auto column = is_expression ? std::nullopt : shape.find_column(index.columns[i]);
      // An expression, or a generated column.
      if (!column) {
        unique.plain = false;
        continue;
      }
      unique.columns.push_back(*column);
    }
    // The key itself is no further constraint; another index on its columns is, if its collation
    // lets fewer values through (PRIMARY KEY (name), UNIQUE (name COLLATE NOCASE)).
    const bool is_binary = std::all_of(
        index.collations.begin(), index.collations.end(),
        [](const std::string& collation) { return to_lower_ascii(collation) == "binary"; });
    const bool is_key = index.origin == "pk" || (!has_primary && is_binary);
    if (unique.plain && unique.columns == shape.key && is_key) continue;
    shape.uniques.push_back(std::move(unique));
  }
}

// INTEGER PRIMARY KEY DESC is no rowid: SQLite gives it an index of its own.
bool is_rowid(const ListedColumn& column, const std::vector<ListedColumn>& columns,
              const std::vector<ListedIndex>& indexes, bool without_rowid) {
  const auto in_key =
      std::count_if(columns.begin(), columns.end(), [](const ListedColumn& c) { return c.pk > 0; });
  return column.pk == 1 && in_key == 1 && !without_rowid &&
         to_lower_ascii(column.type) == "integer" &&
         std::none_of(indexes.begin(), indexes.end(),
                      [](const ListedIndex& index) { return index.origin == "pk"; });
}

void add_row_number(TableShape& shape, const std::vector<ListedColumn>& columns,
                    const std::vector<ListedIndex>& indexes) {
  for (const ListedColumn& column : columns) {
    const auto at = shape.find_column(column.name);
    if (!at || !is_rowid(column, columns, indexes, shape.without_rowid)) continue;
    if (shape.key.size() == 1 && shape.key[0] == *at) continue;
    UniqueShape unique;
    unique.name = column.name;
    unique.columns = {*at};
    unique.terms = {quote_name(column.name) + " COLLATE BINARY"};
    unique.is_row_number = true;
    shape.uniques.push_back(std::move(unique));
  }
}

TableShape build_shape(Database& db, const ListedTable& table, const std::string& sql,
                       const std::vector<ListedColumn>& columns,
                       const std::vector<ListedIndex>& indexes, const KeyChoice& key,
                       const References& references) {
  TableShape shape;
  shape.name = table.name;
  shape.without_rowid = table.without_rowid;
  shape.autoincrement = to_lower_ascii(sql).find("autoincrement") != std::string::npos;
  for (const ListedColumn& column : columns) {
    if (column.generated || is_local_column(table.name, column)) continue;
    const std::string lower = to_lower_ascii(column.name);
    if (lower == "updated_at") shape.updated_at = shape.columns.size();
    if (lower == "updated_by") shape.updated_by = shape.columns.size();
    shape.columns.push_back({column.name, column.type, column.not_null, is_text_type(column.type),
                             false, false, default_literal(column), false});
    // ANY of a STRICT table stores everything as it is.
    const bool is_any = table.strict && to_lower_ascii(column.type) == "any";
    shape.columns.back().affinity = is_any ? Affinity::kNone : affinity_of(column.type);
  }
  for (const std::string& name : key.columns) {
    const auto column = shape.find_column(name);
    if (!column) {
      throw Error(ErrorCode::kSchema, "read table", table.name,
                  "key column " + name + " is missing");
    }
    shape.key.push_back(*column);
  }
  add_foreign_keys(db, shape);
  mark_referenced_columns(references, shape);
  add_uniques(shape, indexes);
  add_row_number(shape, columns, indexes);
  // A number that is also a reference (1:1 extension of a parent row) names the same thing
  // everywhere.
  shape.key_kind = key.integer_primary_key && !shape.columns[shape.key[0]].in_foreign_key
                       ? KeyKind::kSurrogate
                       : KeyKind::kNatural;
  const std::string lower = to_lower_ascii(shape.name);
  shape.system = lower == "sync_log" || lower == "sync_conflicts";
  return shape;
}

// A table whose constraints call functions or collations only the application has cannot be
// written.
std::string why_not_writable(Database& db, const TableShape& shape) {
  const std::string table = quote_name(shape.name);
  std::vector<std::string> names, marks;
  for (const ColumnShape& column : shape.columns) {
    names.push_back(quote_name(column.name));
    marks.push_back("NULL");
  }
  try {
    db.prepare("INSERT INTO " + table + " (" + join(names, ",") + ") VALUES (" + join(marks, ",") +
               ")");
    db.prepare("UPDATE " + table + " SET " + names[0] + " = NULL");
    db.prepare("DELETE FROM " + table);
  } catch (const Error& error) {
    return error.detail();
  }
  return {};
}

std::string table_sql(Database& db, const std::string& name) {
  Statement& find =
      db.cached("SELECT sql FROM sqlite_schema WHERE name = ?1 AND type IN ('table','view')");
  const std::string sql = find.bind_text(1, name).step() ? find.get_text(0) : std::string();
  find.reset();
  return sql;
}

TableChoice choose_table(Database& db, const ListedTable& table, const References& references) {
  TableChoice choice;
  choice.name = table.name;
  choice.sql = table_sql(db, table.name);
  if (table.type == "view") {
    choice.reason = "a view: its tables are synced instead";
    return choice;
  }
  if (table.type == "virtual") {
    choice.reason = "a virtual table: it can hold no triggers";
    return choice;
  }
  if (table.type == "shadow") {
    choice.reason = "belongs to a virtual table";
    return choice;
  }
  const auto columns = read_columns(db, table.name);
  const auto indexes = read_indexes(db, table.name);
  const KeyChoice key = choose_key(columns, indexes, table.without_rowid);
  choice.reason = key.reason;
  if (key.columns.empty()) return choice;
  for (const std::string& name : key.columns) {
    const ListedColumn* column = find_listed(columns, name);
    if (column && column->generated) {
      choice.reason = "its key column " + name + " is generated";
      return choice;
    }
  }
  choice.shape = build_shape(db, table, choice.sql, columns, indexes, key, references);
  const std::string problem = why_not_writable(db, choice.shape);
  if (!problem.empty()) {
    choice.reason = "cannot be written by other programs: " + problem;
    return choice;
  }
  choice.can_sync = true;
  return choice;
}

}  // namespace

std::vector<TableChoice> read_catalog(Database& db) {
  std::vector<TableChoice> choices;
  const References references = read_references(db);
  for (const ListedTable& table : list_tables(db)) {
    if (is_ours_or_internal(table.name)) continue;
    choices.push_back(choose_table(db, table, references));
  }
  return choices;
}

TableShape read_shape(Database& db, const std::string& table, const std::vector<std::string>& key,
                      const References& references) {
  const auto listed = find_table(db, table);
  if (!listed || listed->type != "table") {
    throw Error(ErrorCode::kSchema, "read table", table,
                "there is no such table in " + to_utf8(db.file()),
                "The application may have dropped or renamed it. Nothing was published.");
  }
  const auto columns = read_columns(db, listed->name);
  const auto indexes = read_indexes(db, listed->name);
  KeyChoice choice = choose_key(columns, indexes, listed->without_rowid);
  if (!key.empty() && key != choice.columns) {
    choice.columns = key;
    choice.integer_primary_key = false;
  }
  if (choice.columns.empty()) throw Error(ErrorCode::kSchema, "read table", table, choice.reason);
  return build_shape(db, *listed, table_sql(db, listed->name), columns, indexes, choice,
                     references);
}

TableShape read_shape(Database& db, const std::string& table, const std::vector<std::string>& key) {
  return read_shape(db, table, key, read_references(db));
}

std::vector<std::size_t> parents_first(const std::vector<TableShape>& shapes) {
  std::map<std::string, std::size_t> position;
  for (std::size_t i = 0; i < shapes.size(); ++i) position[to_lower_ascii(shapes[i].name)] = i;
  std::vector<std::size_t> order;
  std::set<std::size_t> seen;
  const std::function<void(std::size_t)> visit = [&](std::size_t i) {
    if (!seen.insert(i).second) return;
    for (const ForeignKeyShape& key : shapes[i].foreign_keys) {
      const auto parent = position.find(to_lower_ascii(key.parent_table));
      if (parent != position.end()) visit(parent->second);
    }
    order.push_back(i);
  };
  for (std::size_t i = 0; i < shapes.size(); ++i) visit(i);
  return order;
}

}  // namespace tidesync
