// Reading and writing the rows of one table as images. The same class serves the application's
// database and the base copy: both have the table, with the columns of one shape.
//
// An older application may lack columns (ColumnShape::absent). They are read as what the share says
// of the row, else as their default, and never written: to everything above, such a row looks
// unchanged in them. A column of another type than the share's (ColumnShape::translated) reads as
// the share's value where the table has just what it makes of that. In a base copy a row is what
// the log says, whatever its table makes of it (replica/exact_rows.h).
#pragma once

#include <functional>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "merge/table_shape.h"
#include "replica/exact_rows.h"
#include "replica/stored_form.h"
#include "sqlite/database.h"

namespace tidesync {

// The columns of a shape for a SELECT on the database it was read from, in its order.
std::string select_list(const TableShape& shape);

// What the share says of a row; false when it knows nothing of it.
using RowLookup =
    std::function<bool(const TableShape& shape, std::string_view key, RowImage& image)>;

// Whether the share has rows of the table that its own table stores otherwise
// (replica/exact_rows.h).
using ExactLookup = std::function<bool(const TableShape& shape)>;

class TableAccess {
 public:
  // `shape` gives the columns and their order; the table in `db` may have them in another order and
  // may have more. Both must outlive this object.
  TableAccess(Database& db, const TableShape& shape, RowLookup absent_values = {},
              ExactLookup has_exact = {});
  // Of a base copy, or of a file that has its tables.
  static TableAccess of_share(Database& db, const TableShape& shape);

  const TableShape& shape() const { return shape_; }
  // Whether the share's rows are looked at to read a row here.
  bool sees_through() const { return sees_through_ || (has_exact_ && has_exact_(shape_)); }
  // In a base copy: whether a row of it stands in exact_rows.
  bool has_exact_rows() const { return exact_ && exact_->any(); }

  // False when no row has exactly this key. SQL may find another one ('a' = 'A' under NOCASE, 1
  // = 1.0 in an untyped column): such a row does not count.
  bool read(std::string_view key, RowImage& image);
  // The same, seen through another row than the share's present one: what this database is known to
  // have had.
  bool read_through(std::string_view key, const RowImage& known, RowImage& image);

  // Conflict clauses of the schema (UNIQUE ON CONFLICT REPLACE) do not apply: nothing is ever
  // evicted.
  WriteOutcome insert(std::string_view image);
  // How many rows insert_all() takes.
  std::size_t rows_at_once() const;
  // Inserts all of them or, unless the outcome is kDone, none: half the work of one by one. Gives
  // nothing back that erase() kept.
  WriteOutcome insert_all(const std::vector<std::string_view>& images);
  // Writes the columns in which the two images differ; `key` is that of the old one.
  WriteOutcome update(std::string_view key, std::string_view old_image, std::string_view new_image);
  // The row must exist. What it has in columns that are not shared (yet) comes back when a row is
  // inserted under the same key, until forget_erased().
  void erase(std::string_view key);
  void forget_erased() { erased_.clear(); }
  // Whether the row has anything but the default in a column that is not shared yet. `given_up`:
  // "table.column" in lower case, of columns that never will be.
  bool has_unshared_values(std::string_view key, const std::set<std::string>& given_up);

  // Called with each row that was inserted or changed from here on; {} ends it.
  void watch(std::function<void(const RowImage&)> watcher) { watcher_ = std::move(watcher); }

  // Rows that have a usable key (no NULL in it).
  std::uint64_t count();
  // All rows, as images in the statement's columns; see image_of().
  Statement scan();
  RowImage image_of(const Statement& row) const;
  void append_image(const Statement& row, std::string& out) const;
  // The same in the order of the numbers, for a key that is one (KeyKind::kSurrogate).
  Statement scan_by_number();

 private:
  std::string key_condition(int first_parameter) const;
  std::string not_null_condition() const;
  int bind_present(Statement& statement, int parameter, std::string_view image) const;
  bool read_raw(std::string_view key, RowImage& image);
  RowImage see_through_share(const RowImage& image) const;
  enum class Absent { kTaken, kLeft };
  RowImage see_through(const RowImage& image, const RowImage& known, Absent absent) const;
  bool stands_for(std::size_t column, std::string_view here, std::string_view known) const;
  WriteOutcome keep_exactly(std::string_view key, std::string_view image, WriteOutcome outcome);
  bool may_be_converted(std::string_view image) const;
  struct UnsharedColumn {
    std::string plain_name;
    std::string name;         // quoted
    std::string default_sql;  // NULL where it has none
  };
  const std::vector<UnsharedColumn>& unshared_columns();
  std::string unshared_list() const;
  void keep_unshared(std::string_view key);
  void give_unshared_back(std::string_view key);

  Database& db_;
  const TableShape& shape_;
  RowLookup absent_values_;
  ExactLookup has_exact_;
  std::unique_ptr<ExactRows> exact_;
  std::function<void(const RowImage&)> watcher_;
  bool has_absent_ = false;
  bool sees_through_ = false;  // absent or translated columns, and a share to look at
  mutable std::map<std::size_t, StoredForm> forms_;  // by column
  std::string select_list_;
  std::string insert_sql_;  // up to VALUES
  std::string row_marks_;   // "(?,?,?)"
  std::size_t parameters_per_row_ = 0;
  Statement read_, insert_, erase_;
  std::optional<Statement> insert_all_;
  std::map<std::string, Statement> updates_;  // by the set of columns they write
  std::optional<std::vector<UnsharedColumn>> unshared_;
  std::map<std::string, RowImage, std::less<>> erased_;  // values of unshared columns, by key
};

}  // namespace tidesync
