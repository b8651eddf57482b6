// Two versions of a row, beside each other for people. Private to this room.
#pragma once

#include "inspect/status.h"
#include "merge/table_shape.h"

namespace tidesync {

// nullptr: there is no such row in that version.
RowDiff describe_row(const TableShape& shape, const KeyImage& key, const RowImage* old_row,
                     const RowImage* new_row);

}  // namespace tidesync
