// Writes a set of rows whose final state is valid, one by one in any order.
//
// Two rows that swap a UNIQUE value cannot be written one after the other. A row that meets a taken
// value is therefore removed and set aside, and inserted again when all others have been written.
// Thread rule: one transaction, one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "replica/table_access.h"

namespace tidesync {

class RowWriter {
 public:
  explicit RowWriter(TableAccess& table) : table_(table) {}

  // Brings the row from `before` (nullptr: absent) to `after` (nullptr: to be absent).
  // kUnique never comes back: the row is set aside. kConstraint: CHECK or NOT NULL refused it, the
  // row is as it was.
  WriteOutcome put(std::string_view key, const RowImage* before, const RowImage* after);

  // Inserts what was set aside, until nothing more fits. Returns the images that still meet a taken
  // value: true collisions. They are absent from the table now.
  std::vector<RowImage> finish();

 private:
  TableAccess& table_;
  std::vector<RowImage> aside_;
};

}  // namespace tidesync
