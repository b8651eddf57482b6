// Writes many new rows into one table, fifty with each statement, which takes half the time of one
// by one. The rows of a statement that a rule of the table refuses are handed back one by one.
// Thread rule: one transaction, one thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "replica/table_access.h"

namespace tidesync {

class RowFiller {
 public:
  // `one` writes one row, or throws.
  using WriteOne = std::function<void(const TableShape& shape, const RowImage& row)>;
  RowFiller(TableAccess& table, WriteOne write_one)
      : table_(table), write_one_(std::move(write_one)) {}

  // The row is written now or later.
  void add(std::string_view row);
  // Writes what is not written yet.
  void finish();

 private:
  TableAccess& table_;
  WriteOne write_one_;
  std::string bytes_;              // the rows one after the other
  std::vector<std::size_t> ends_;  // where each of them ends
};

}  // namespace tidesync
