#include "inspect/row_diff.h"

namespace tidesync {

RowDiff describe_row(const TableShape& shape, const KeyImage& key, const RowImage* old_row,
                     const RowImage* new_row) {
  RowDiff row;
  row.table = shape.name;
  row.key = display_key(shape, key);
  row.kind = !old_row ? "insert" : !new_row ? "delete" : "update";
  const auto before = old_row ? decode_image(*old_row) : std::vector<ValueView>();
  const auto after = new_row ? decode_image(*new_row) : std::vector<ValueView>();
  for (std::size_t i = 0; i < shape.columns.size(); ++i) {
    if (old_row && new_row && before[i] == after[i]) continue;
    row.columns.push_back({shape.columns[i].name, old_row ? display(before[i]) : "",
                           new_row ? display(after[i]) : ""});
  }
  return row;
}

}  // namespace tidesync
