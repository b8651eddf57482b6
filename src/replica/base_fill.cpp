// The first rows of a base copy: those of the first entry of a log. The tables are empty, so no row
// is looked up before it is written, and the state is that of the rows as they then stand in the
// tables: what a table stores otherwise than the batch says is found here, not when it is
// published.
#include <optional>

#include "base/text.h"
#include "replica/base.h"
#include "replica/row_filler.h"

namespace tidesync {

bool Base::is_empty() {
  if (cursor_.seq.value != 0) return false;
  for (const TableShape& shape : shapes_) {
    if (db_.get_int("SELECT EXISTS (SELECT 1 FROM " + quote_name(shape.name) + ")") != 0)
      return false;
  }
  return true;
}

void Base::fill(const std::vector<const TableShape*>& tables, ChangeSource& changes) {
  const auto write_one = [this](const TableShape& shape, const RowImage& row) {
    const KeyImage key = key_of(shape, row);
    Change change;
    change.key = key;
    change.new_image = row;
    fold_one(shape, change, FoldDirection::kForward, nullptr, 0, kUnknownDeletion);
  };
  std::optional<RowFiller> filler;
  const TableShape* filled = nullptr;
  Change change;
  while (changes.next(change)) {
    const TableShape& shape = *tables.at(change.table);
    const bool is_new_row = change.kind == ChangeKind::kInsert;
    if (filler && (&shape != filled || !is_new_row)) filler->finish();
    if (!filler || &shape != filled) filler.emplace(table(shape.id), write_one);
    filled = &shape;
    if (is_new_row) {
      filler->add(change.new_image);
    } else {
      fold_one(shape, change, FoldDirection::kForward, nullptr, 0, kUnknownDeletion);
    }
  }
  if (filler) filler->finish();
}

StateDigest Base::sum_of_rows() {
  StateDigest sum;
  for (const TableShape& shape : shapes_) {
    for_each_row(shape.id, [&](const TableShape& table, const RowImage& row) {
      sum.add_row(table.name, row);
    });
  }
  return sum;
}

bool Base::adds_up() {
  return sum_of_rows().value() == state_.value();
}

}  // namespace tidesync
