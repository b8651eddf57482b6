// Finds the rows that refer to a value where the application has no index for it: once all rows are
// read and put down by the value, instead of reading all of them for each parent. The work of the
// merge transaction, in which the application waits.
//
// What it gives are candidates: a row may have changed since, or its value only look alike. Rows
// written after it was made have to be added. Thread rule: one transaction, one thread.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "merge/table_shape.h"
#include "replica/table_access.h"
#include "sqlite/database.h"

namespace tidesync {

class ChildIndex {
 public:
  // `columns` of the child's shape, in the order of the reference. Reads the whole table.
  ChildIndex(Database& db, TableAccess& child, std::vector<std::size_t> columns);

  void add(const RowImage& row);
  // Keys of rows that may have these encoded values.
  std::vector<KeyImage> find(const std::vector<std::string_view>& values);

 private:
  const TableShape& shape_;
  std::vector<std::size_t> columns_;
  Database found_;
  Statement insert_, find_;
};

}  // namespace tidesync
