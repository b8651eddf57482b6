#include "sync/column_edit.h"

namespace tidesync {

std::vector<ColumnEdit> column_edits(const TableShape& shape, const RowImage* before,
                                     const RowImage* after) {
  std::vector<ColumnEdit> edits;
  const auto old_values = before ? decode_image(*before) : std::vector<ValueView>();
  const auto new_values = after ? decode_image(*after) : std::vector<ValueView>();
  for (std::size_t i = 0; i < shape.columns.size(); ++i) {
    if (before && after && old_values.at(i) == new_values.at(i)) continue;
    edits.push_back({shape.columns[i].name, before ? display(old_values.at(i)) : "",
                     after ? display(new_values.at(i)) : ""});
  }
  return edits;
}

}  // namespace tidesync
