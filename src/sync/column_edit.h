// An edit of a row in words: its columns with old and new value.
#pragma once

#include <string>
#include <vector>

#include "merge/table_shape.h"

namespace tidesync {

struct ColumnEdit {
  std::string column, before, after;  // for people; "" where there is no row
};

// The columns that differ; all of them when the row came (before = nullptr) or went.
std::vector<ColumnEdit> column_edits(const TableShape& shape, const RowImage* before,
                                     const RowImage* after);

}  // namespace tidesync
