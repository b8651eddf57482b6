// What SQLite's schema tables say of tables, columns and indexes, as plain values. Private to this
// room: replica/catalog decides what it means.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sqlite/database.h"

namespace tidesync {

struct ListedColumn {
  std::string name;
  std::string type;
  bool not_null = false;
  int pk = 0;  // 1-based position in the primary key
  bool generated = false;
  bool has_default = false;
  std::string default_sql;  // as written
};

struct ListedTable {
  std::string name;
  std::string type;  // table, view, virtual, shadow
  bool without_rowid = false;
  bool strict = false;
};

struct ListedIndex {
  std::string name;
  bool unique = false;
  bool partial = false;
  std::string origin;  // c, u, pk
  bool has_expression = false;
  std::vector<std::string> columns;
  std::vector<std::string> collations;
  std::string sql;
};

// In schema order; with virtual tables, their shadow tables, and views.
std::vector<ListedTable> list_tables(Database& db);
std::optional<ListedTable> find_table(Database& db, const std::string& name);
std::vector<ListedColumn> read_columns(Database& db, const std::string& table);
std::vector<ListedIndex> read_indexes(Database& db, const std::string& table);
// The default of a column as a literal that is the same on every computer: an expression such as
// CURRENT_TIMESTAMP counts as none. Without a default: NULL, or where that is forbidden an empty
// value.
std::string default_literal(const ListedColumn& column);
// A declared type as it may stand in a CREATE TABLE: it can be any words, SQL among them, and
// counts the same in quotes.
std::string quote_type(const std::string& type);
// Collations of the UNIQUE index over these columns, in their order; BINARY where there is none.
std::vector<std::string> read_key_collations(Database& db, const std::string& table,
                                             const std::vector<std::string>& columns);
// By name without regard to case; nullptr when there is none.
const ListedColumn* find_listed(const std::vector<ListedColumn>& columns, const std::string& name);

// What foreign keys of the database refer to: the table in lower case, and its column; none: its
// key. Every table is asked, so it is read once for many.
using References = std::multimap<std::string, std::optional<std::string>>;
References read_references(Database& db);

}  // namespace tidesync
