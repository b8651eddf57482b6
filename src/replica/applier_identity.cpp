// Identity: two nodes that insert offline into a table with INTEGER PRIMARY KEY are handed the same
// number for different records. The record published first keeps it; ours moves to a free number,
// and what refers to ours moves along. Parents come before children, so that a child that has to
// move itself already carries its parent's new number.
#include <algorithm>
#include <limits>
#include <set>

#include "base/text.h"
#include "replica/applier.h"

namespace tidesync {
namespace {

KeyImage integer_key(std::int64_t number) {
  KeyImage key;
  append_value(key, ValueView::of(number));
  return key;
}

RowImage with_value(const RowImage& image, std::size_t column, std::string_view encoded) {
  const auto parts = split_image(image);
  RowImage out;
  for (std::size_t i = 0; i < parts.size(); ++i) out.append(i == column ? encoded : parts[i]);
  return out;
}

// Versions that differ in nothing but their stamps are one record.
bool same_work(const TableShape& shape, const RowImage& a, const RowImage& b) {
  const auto left = split_image(a);
  const auto right = split_image(b);
  for (std::size_t i = 0; i < shape.columns.size(); ++i) {
    if (!shape.is_meta(i) && left.at(i) != right.at(i)) return false;
  }
  return true;
}

}  // namespace

void Applier::renumber_table(const TableShape& shape) {
  if (shape.key_kind != KeyKind::kSurrogate) return;
  scratch_.for_each_touched(shape.id, [&](const Touched& touched) {
    if (touched.base) return;
    RowImage mine;
    RowImage theirs;
    if (!local_.table(shape.id).read(touched.key, mine)) return;
    if (!base_.table(shape.id).read(touched.key, theirs)) return;
    if (mine == theirs || same_work(shape, mine, theirs)) return;
    // Both brought back what a third node had deleted (an edit that won, a parent still needed).
    const auto hint = scratch_.find_hint(shape.id, touched.key);
    if (touched.comes_back && hint && !hint->inserted) return;
    renumber(shape, touched.key, mine);
  });
}

std::int64_t Applier::free_number(const TableShape& shape) {
  const std::string column = quote_name(shape.columns[shape.key[0]].name);
  const std::string highest = "SELECT max(" + column + ") FROM " + quote_name(shape.name);
  std::int64_t number = std::max(local_.db().get_int(highest), base_.db().get_int(highest));
  // The word may stand in a comment of the statement, and then there is no such table.
  if (shape.autoincrement && local_.db().has_table("sqlite_sequence")) {
    Statement sequence = local_.db().prepare("SELECT seq FROM sqlite_sequence WHERE name = ?1");
    sequence.bind_text(1, shape.name);
    if (sequence.step()) number = std::max(number, sequence.get_int(0));
  }
  if (number < std::numeric_limits<std::int64_t>::max()) return number + 1;
  // The largest number is taken: the first free one below it.
  RowImage row;
  while (local_.table(shape.id).read(integer_key(number), row) ||
         base_.table(shape.id).read(integer_key(number), row)) {
    --number;
  }
  return number;
}

void Applier::renumber(const TableShape& shape, const KeyImage& key, const RowImage& mine) {
  const KeyImage new_key = integer_key(free_number(shape));
  const RowImage moved = with_value(mine, shape.key[0], new_key);
  const std::int64_t at_ms = time_of_hint(shape.id, key);
  // Only the number changes, so no UNIQUE value can be in the way.
  local_.table(shape.id).erase(key);
  if (local_.table(shape.id).insert(moved) != WriteOutcome::kDone) {
    // A CHECK that restricts numbers, say. As one record the row is merged by the ordinary rules.
    local_.table(shape.id).insert(mine);
    return;
  }
  local_.add_hint(shape.id, new_key, HintKind::kInserted, at_ms);
  scratch_.add_hint(shape.id, new_key, at_ms, static_cast<int>(HintKind::kInserted));
  ++result_.renumbered;
  move_references(shape, mine, moved);
}

void Applier::move_references(const TableShape& parent, const RowImage& from, const RowImage& to) {
  const auto old_parts = split_image(from);
  const auto new_parts = split_image(to);
  for (const TableShape& child : local_.shapes()) {
    for (const ForeignKeyShape& foreign : child.foreign_keys) {
      if (to_lower_ascii(foreign.parent_table) != to_lower_ascii(parent.name)) continue;
      std::vector<std::string_view> old_values;
      std::vector<std::string_view> new_values;
      for (const std::string& name : foreign.parent_columns) {
        const auto column = parent.find_column(name);
        if (!column) break;
        old_values.push_back(old_parts.at(*column));
        new_values.push_back(new_parts.at(*column));
      }
      if (old_values.size() != foreign.child_columns.size() || old_values == new_values) continue;
      for (const RowImage& row : find_children(child, foreign, old_values)) {
        const KeyImage child_key = key_of(child, row);
        RowImage base_row;
        // A row that the base copy has like this refers to the record that keeps the number.
        const auto touched = scratch_.find_touched(child.id, child_key);
        const bool in_base =
            touched ? touched->base.has_value() : base_.table(child.id).read(child_key, base_row);
        if (in_base && row == (touched ? *touched->base : base_row)) continue;
        RowImage moved = row;
        for (std::size_t i = 0; i < foreign.child_columns.size(); ++i) {
          moved = with_value(moved, foreign.child_columns[i], new_values[i]);
        }
        const KeyImage moved_key = key_of(child, moved);
        const std::int64_t at_ms = time_of_hint(child.id, child_key);
        local_.table(child.id).erase(child_key);
        if (local_.table(child.id).insert(moved) != WriteOutcome::kDone) {
          local_.table(child.id).insert(row);
          continue;
        }
        for (const KeyImage& hinted : {child_key, moved_key}) {
          const HintKind kind = hinted == child_key ? HintKind::kUpdated : HintKind::kInserted;
          local_.add_hint(child.id, hinted, kind, at_ms);
          scratch_.add_hint(child.id, hinted, at_ms, static_cast<int>(kind));
          if (child_key == moved_key) break;
        }
        // A composite key moved: what refers to the child follows it.
        if (child_key != moved_key) move_references(child, row, moved);
      }
    }
  }
}

}  // namespace tidesync
