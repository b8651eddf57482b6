// The shape of a synced table: what merging has to know of a table without asking a database.
//
// A row image (base/value.h) holds the columns of `columns` in that order. Columns that are not
// synced are not in a shape at all: generated columns, `synced_at`, and sync_log's local `id`.
// Thread rule: plain values, shared read-only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/value.h"
#include "merge/policy.h"

namespace tidesync {

enum class KeyKind : std::uint8_t {
  kSurrogate,  // a single INTEGER PRIMARY KEY: SQLite hands out max+1, so two offline inserts of
               // different things usually get the same number
  kNatural,    // TEXT, composite, or any other key: the same key means the same thing
};

// What a column makes of values when it stores them: SQLite's rule for a declared type.
enum class Affinity : std::uint8_t { kNone, kText, kNumeric, kInteger, kReal };
Affinity affinity_of(std::string_view decl_type);
// False only when a column of that affinity certainly stores the encoded value as it is.
bool may_convert(Affinity affinity, std::string_view encoded_value);

struct ColumnShape {
  std::string name;
  std::string decl_type;
  bool not_null = false;
  bool text_affinity = false;   // a plain text may be stored and stays text
  bool in_foreign_key = false;  // child side of a declared or configured reference
  bool referenced = false;      // parent side of one
  // SQL literal: what rows have in this column that were there before it was added.
  std::string default_value = "NULL";
  // The database at hand has no such column, other computers have: an older version of the
  // application. Its values stay as they are on the share.
  bool absent = false;
  std::uint16_t group = 0;  // columns of one group move together; 0: by itself
  bool additive = false;    // numbers whose changes on both sides add up
  Affinity affinity = Affinity::kNone;
  // The column of the database at hand may store a value of the share otherwise: it has another
  // type, or the database another encoding. Set where a table is seen through the share's form.
  bool translated = false;
  // Encoded; "" for none. What the share has where the table here has NULL: its column is NOT NULL.
  std::string instead_of_null = {};
};

// A UNIQUE index or constraint other than the key itself.
struct UniqueShape {
  std::string name;
  std::vector<std::size_t> columns;  // positions in TableShape::columns; of plain columns only
  bool plain = true;                 // false: partial, or has an expression or a generated column
  std::string where;                 // condition of a partial index in parentheses, else empty
  std::vector<std::string> terms;    // SQL of each indexed term, with its collation
  // The number of the row itself (INTEGER PRIMARY KEY) where the shared key is another: each
  // computer counts for itself, and a row that has none is given one.
  bool is_row_number = false;
};

struct ForeignKeyShape {
  std::vector<std::size_t> child_columns;
  std::string parent_table;
  std::vector<std::string> parent_columns;  // names in the parent
  bool configured = false;                  // in config.toml, not declared in the schema
  // By which values are compared, whatever that of the child's columns is; a name for each column.
  std::vector<std::string> parent_collations = {};
};

struct TableShape {
  std::uint32_t id = 0;  // the table's number in triggers and hints; the same on every node
  std::string name;
  std::vector<ColumnShape> columns;
  std::vector<std::size_t> key;  // positions of the key columns, in key order
  KeyKind key_kind = KeyKind::kNatural;
  bool without_rowid = false;
  bool autoincrement = false;
  bool system = false;  // sync_log and sync_conflicts: synced, but no work of the user's
  std::vector<UniqueShape> uniques;
  std::vector<ForeignKeyShape> foreign_keys;
  std::optional<std::size_t> updated_at;
  std::optional<std::size_t> updated_by;
  TablePolicy policy;  // what was chosen for this table; apply_policies() sets it

  std::optional<std::size_t> find_column(std::string_view column_name) const;
  // The column of UniqueShape::is_row_number.
  std::optional<std::size_t> row_number() const;
  bool is_meta(std::size_t column) const { return column == updated_at || column == updated_by; }
};

// The key columns of a row image, as a key image.
KeyImage key_of(const TableShape& shape, std::string_view row_image);

// Versions of a row that differ in nothing but updated_at and updated_by.
bool same_but_for_stamps(const TableShape& shape, std::string_view a, std::string_view b);

// "id = 17", "(a, b) = (1, 'x')": a key for people.
std::string display_key(const TableShape& shape, std::string_view key_image);

}  // namespace tidesync
