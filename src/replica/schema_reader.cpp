#include "replica/schema_reader.h"

#include <algorithm>

#include "base/text.h"

namespace tidesync {
namespace {

bool is_number(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return !text.empty() && text[0] >= '0' && text[0] <= '9' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || c == '.' || c == 'e' || c == 'E' || c == '-' ||
                  c == '+';
         });
}

// Whether the text is one quoted string and nothing behind it.
bool is_quoted(std::string_view text, char quote) {
  if (text.size() < 2 || text.front() != quote || text.back() != quote) return false;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == quote && (i + 2 >= text.size() || text[++i] != quote)) return false;
  }
  return true;
}

std::string without_parentheses(std::string text) {
  while (text.size() > 2 && text.front() == '(' && text.back() == ')')
    text = text.substr(1, text.size() - 2);
  return text;
}

}  // namespace

std::string default_literal(const ListedColumn& column) {
  const std::string text = without_parentheses(column.default_sql);
  const std::string lower = to_lower_ascii(text);
  const bool is_blob =
      lower.rfind("x'", 0) == 0 && is_quoted(std::string_view(text).substr(1), '\'');
  if (is_number(text) || is_quoted(text, '\'') || is_blob || lower == "true" || lower == "false")
    return text;
  // An old habit that SQLite tolerates: a string in double quotes.
  if (is_quoted(text, '"')) return quote_text(text.substr(1, text.size() - 2));
  if (!column.not_null) return "NULL";
  const std::string type = to_lower_ascii(column.type);
  if (type.find("char") != std::string::npos || type.find("text") != std::string::npos ||
      type.find("clob") != std::string::npos)
    return "''";
  return type == "blob" ? "X''" : "0";
}

// "" in quotes would be a type, and not the lack of one.
std::string quote_type(const std::string& type) {
  return type.empty() ? std::string() : quote_name(type);
}

std::vector<ListedTable> list_tables(Database& db) {
  std::vector<ListedTable> tables;
  Statement& rows = db.cached(
      "SELECT l.name, l.type, l.wr, l.strict FROM pragma_table_list AS l"
      " LEFT JOIN sqlite_schema AS s ON s.name = l.name AND s.type IN ('table','view')"
      " WHERE l.schema = 'main' ORDER BY s.rowid");
  while (rows.step()) {
    tables.push_back(
        {rows.get_text(0), rows.get_text(1), rows.get_int(2) != 0, rows.get_int(3) != 0});
  }
  return tables;
}

std::optional<ListedTable> find_table(Database& db, const std::string& name) {
  Statement& rows =
      db.cached("SELECT name, type, wr, strict FROM pragma_table_list(?1) WHERE schema = 'main'");
  rows.bind_text(1, name);
  std::optional<ListedTable> table;
  if (rows.step())
    table = {rows.get_text(0), rows.get_text(1), rows.get_int(2) != 0, rows.get_int(3) != 0};
  rows.reset();
  return table;
}

References read_references(Database& db) {
  References references;
  Statement& rows = db.cached(
      "SELECT f.\"table\", f.\"to\" FROM pragma_table_list AS t, pragma_foreign_key_list(t.name) "
      "AS f"
      " WHERE t.schema = 'main' AND t.type = 'table'");
  while (rows.step()) {
    std::optional<std::string> column;
    if (!rows.column(1).is_null()) column = rows.get_text(1);
    references.emplace(to_lower_ascii(rows.get_text(0)), column);
  }
  return references;
}

std::vector<ListedColumn> read_columns(Database& db, const std::string& table) {
  std::vector<ListedColumn> columns;
  Statement& rows = db.cached(
      "SELECT name, type, \"notnull\", pk, hidden, dflt_value FROM pragma_table_xinfo(?1)");
  rows.bind_text(1, table);
  while (rows.step()) {
    columns.push_back({rows.get_text(0), rows.get_text(1), rows.get_int(2) != 0,
                       static_cast<int>(rows.get_int(3)), rows.get_int(4) != 0,
                       !rows.column(5).is_null(), rows.get_text(5)});
  }
  return columns;
}

std::vector<ListedIndex> read_indexes(Database& db, const std::string& table) {
  std::vector<ListedIndex> indexes;
  {
    Statement& rows = db.cached(
        "SELECT l.name, l.\"unique\", l.partial, l.origin, ifnull(s.sql, '') FROM "
        "pragma_index_list(?1) AS l"
        " LEFT JOIN sqlite_schema AS s ON s.type = 'index' AND s.name = l.name ORDER BY l.seq");
    rows.bind_text(1, table);
    while (rows.step()) {
      ListedIndex index;
      index.name = rows.get_text(0);
      index.unique = rows.get_int(1) != 0;
      index.partial = rows.get_int(2) != 0;
      index.origin = rows.get_text(3);
      index.sql = rows.get_text(4);
      indexes.push_back(std::move(index));
    }
  }
  for (ListedIndex& index : indexes) {
    Statement& rows = db.cached("SELECT cid, name, coll FROM pragma_index_xinfo(?1) WHERE key = 1");
    rows.bind_text(1, index.name);
    while (rows.step()) {
      if (rows.get_int(0) < 0) index.has_expression = true;
      index.columns.push_back(rows.get_text(1));
      index.collations.push_back(rows.get_text(2));
    }
  }
  return indexes;
}

std::vector<std::string> read_key_collations(Database& db, const std::string& table,
                                             const std::vector<std::string>& columns) {
  std::vector<std::string> collations(columns.size(), "BINARY");
  for (const ListedIndex& index : read_indexes(db, table)) {
    if (!index.unique || index.partial || index.columns.size() != columns.size()) continue;
    std::vector<std::string> found(columns.size());
    std::size_t matched = 0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      for (std::size_t k = 0; k < index.columns.size(); ++k) {
        if (to_lower_ascii(index.columns[k]) != to_lower_ascii(columns[i])) continue;
        found[i] = index.collations[k];
        ++matched;
      }
    }
    if (matched == columns.size()) return found;
  }
  return collations;
}

const ListedColumn* find_listed(const std::vector<ListedColumn>& columns, const std::string& name) {
  for (const ListedColumn& column : columns) {
    if (to_lower_ascii(column.name) == to_lower_ascii(name)) return &column;
  }
  return nullptr;
}

}  // namespace tidesync
