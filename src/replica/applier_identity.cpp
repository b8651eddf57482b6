// Identity: two nodes that insert offline into a table with INTEGER PRIMARY KEY are handed the same
// number for different records. The record published first keeps it; ours moves to a free number,
// and what refers to ours moves along. Parents come before children, so that a child that has to
// move itself already carries its parent's new number.
//
// Numbers are used again, too: SQLite gives the number of a deleted last row to the next one. Then
// the old and the new record must not be taken for one another, neither by a merge nor by children
// that were added to one of them elsewhere.
#include <algorithm>
#include <limits>
#include <set>

#include "base/error.h"
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

}  // namespace

void Applier::renumber_table(const TableShape& shape) {
  if (shape.key_kind != KeyKind::kSurrogate) return;
  const auto look = [&](const Touched& touched) {
    if (touched.base) {
      part_records(shape, touched);
      return;
    }
    RowImage mine;
    RowImage theirs;
    if (!local_.table(shape.id).read(touched.key, mine)) return;
    if (!base_.table(shape.id).read(touched.key, theirs)) return;
    if (mine == theirs || same_but_for_stamps(shape, mine, theirs)) return;
    // Both brought back what a third node had deleted (an edit that won, a parent still needed).
    const auto hint = scratch_.find_hint(shape.id, touched.key);
    if (hint && !hint->inserted && owner_of(shape.id, touched).is_known) return;
    renumber(shape, touched.key, mine);
  };
  // Where no number was used again here, a row that was only updated there is the same record.
  if (scratch_.has_reinserted(shape.id)) {
    scratch_.for_each_touched(shape.id, look);
  } else {
    scratch_.for_each_new_touched(shape.id, look);
  }
}

// What the batches did to the record that this database knows under the key.
KeyOwner Applier::owner_of(std::uint32_t table, const Touched& touched) {
  const auto hint = scratch_.find_hint(table, touched.key);
  return follow_notes(touched.notes, touched.base.has_value(),
                      hint ? hint->gone_by : kUnknownDeletion);
}

// Which deletion took the record that stays here: for its return.
DeletionId Applier::deletion_of(std::uint32_t table, const KeyImage& key) {
  if (const auto touched = scratch_.find_touched(table, key))
    return owner_of(table, *touched).gone_by;
  const auto hint = scratch_.find_hint(table, key);
  return hint ? hint->gone_by : kUnknownDeletion;
}

// A record that stays here was brought back by another node as well, and deleted once more.
void Applier::note_deletion_again(const TableShape& shape, const Touched& touched) {
  const auto hint = scratch_.find_hint(shape.id, touched.key);
  if (!hint || hint->inserted) return;
  const DeletionId gone_by = owner_of(shape.id, touched).gone_by;
  if (gone_by == hint->gone_by) return;
  local_.add_hint(shape.id, touched.key, HintKind::kUpdated, hint->at_ms, gone_by);
}

bool Applier::is_new_there(const TableShape& shape, const Touched& touched) {
  return touched.base && touched.replaced && !owner_of(shape.id, touched).is_known;
}

bool Applier::is_new_here(std::uint32_t table, const KeyImage& key) {
  const auto hint = scratch_.find_hint(table, key);
  return hint && hint->reinserted;
}

// Of the record before the batches; others may have had its number since.
Author Applier::deleter_of(const Touched& touched) const {
  for (const ColumnStamp& stamp : touched.stamps) {
    if (stamp.column == kAllColumns) return author_of(stamp);
  }
  return theirs_author(touched);
}

// A number that one side gave to another record while the other side still works on the old one:
// ours moves to a new number. What is only deleted or unchanged here is left to merge_touched().
void Applier::part_records(const TableShape& shape, const Touched& touched) {
  const bool new_there = is_new_there(shape, touched);
  const bool new_here = is_new_here(shape.id, touched.key);
  RowImage mine;
  RowImage theirs;
  if ((!new_there && !new_here) || !read_touched(local_, shape, touched, mine)) return;
  if (!base_.table(shape.id).read(touched.key, theirs)) return;
  if (same_but_for_stamps(shape, mine, theirs) || (!new_there && theirs == *touched.base)) return;
  if (!new_here) {
    const bool edited = mine != *touched.base;
    if (!edited && !has_unpublished_children(shape, mine)) return;
    ConflictRecord record;
    record.table = shape.id;
    record.key = touched.key;
    record.kind = edited ? "edit_delete" : "parent_restored";
    record.base = touched.base;
    record.winner = mine;
    record.winner_author = mine_author(shape, touched.key, &*touched.base, &mine);
    record.loser_author = deleter_of(touched);
    record.rule = "deleted, and its number given to another record: kept under a new number";
    record.mine_won = true;
    keep_conflict(std::move(record));
  }
  const std::size_t moved = result_.moved.size();
  all_marked_ = false;
  renumber(shape, touched.key, mine);
  if (!new_here && result_.moved.size() > moved)
    parted_[{shape.id, touched.key}] = result_.moved.back().to;
}

// A row as it was before the batches, for this database: the number that it refers to may belong to
// another record by now, and the record that it means may go on under a new one.
RowImage Applier::with_moved_parents(const TableShape& shape, const RowImage& row) {
  RowImage image = row;
  for (const ForeignKeyShape& foreign : shape.foreign_keys) {
    const TableShape* parent = find_shape(foreign.parent_table);
    if (!parent || parent->key_kind != KeyKind::kSurrogate || foreign.child_columns.size() != 1 ||
        parent->find_column(foreign.parent_columns[0]) != parent->key[0])
      continue;
    const std::size_t column = foreign.child_columns[0];
    if (std::find(shape.key.begin(), shape.key.end(), column) != shape.key.end()) continue;
    const auto parted = parted_.find({parent->id, KeyImage(split_image(row).at(column))});
    if (parted != parted_.end()) image = with_value(image, column, parted->second);
  }
  return image;
}

// Children that came from the share belong to the record the share knows under their parent's
// number. If that record was deleted here and its number used again, ours moves; what the children
// need comes back with the repair of references.
void Applier::make_room_for_parents(const TableShape& child) {
  for (const ForeignKeyShape& foreign : child.foreign_keys) {
    const TableShape* parent = find_shape(foreign.parent_table);
    if (!parent || parent->key_kind != KeyKind::kSurrogate || foreign.child_columns.size() != 1 ||
        parent->find_column(foreign.parent_columns[0]) != parent->key[0] ||
        !scratch_.has_reinserted(parent->id))
      continue;
    scratch_.for_each_touched(child.id, [&](const Touched& touched) {
      RowImage theirs;
      if (!base_.table(child.id).read(touched.key, theirs)) return;
      const KeyImage key(split_image(theirs).at(foreign.child_columns[0]));
      RowImage mine;
      RowImage published;
      if (!is_new_here(parent->id, key) || !local_.table(parent->id).read(key, mine) ||
          !base_.table(parent->id).read(key, published) ||
          same_but_for_stamps(*parent, mine, published))
        return;
      all_marked_ = false;  // rows that refer to the number may have no parent now
      renumber(*parent, key, mine);
    });
  }
}

std::int64_t Applier::free_number(const TableShape& shape, std::size_t number_column) {
  const auto known = next_numbers_.find(shape.id);
  if (known != next_numbers_.end() && known->second < std::numeric_limits<std::int64_t>::max())
    return known->second++;
  const std::string column = quote_name(shape.columns[number_column].name);
  const std::string highest = "SELECT max(" + column + ") FROM " + quote_name(shape.name);
  std::int64_t number = local_.db().get_int(highest);
  if (!base_.table(shape.id).shape().columns[number_column].absent)
    number = std::max(number, base_.db().get_int(highest));
  // The word may stand in a comment of the statement, and then there is no such table.
  if (shape.autoincrement && local_.db().has_table("sqlite_sequence")) {
    Statement sequence = local_.db().prepare("SELECT seq FROM sqlite_sequence WHERE name = ?1");
    sequence.bind_text(1, shape.name);
    if (sequence.step()) number = std::max(number, sequence.get_int(0));
  }
  if (number < std::numeric_limits<std::int64_t>::max()) {
    next_numbers_[shape.id] = number + 1;
    return next_numbers_[shape.id]++;
  }
  // The largest number is taken: the first free one below it.
  RowImage row;
  while (local_.table(shape.id).read(integer_key(number), row) ||
         base_.table(shape.id).read(integer_key(number), row)) {
    --number;
  }
  return number;
}

// An UPDATE of the number does not do it, and the application's next record must not get a number
// that another one had.
void Applier::raise_sequence(const TableShape& shape, std::int64_t number) {
  if (!shape.autoincrement || !local_.db().has_table("sqlite_sequence")) return;
  local_.db()
      .cached("UPDATE sqlite_sequence SET seq = ?1 WHERE name = ?2 AND seq < ?1")
      .bind(1, number)
      .bind_text(2, shape.name)
      .run();
}

void Applier::renumber(const TableShape& shape, const KeyImage& key, const RowImage& mine) {
  if (!context_.may_change_numbers) {
    needs_quiet_ = true;
    throw Error(ErrorCode::kBusy, "renumber", shape.name + " " + display_key(shape, key),
                "somebody works in the application");
  }
  const std::int64_t number = free_number(shape, shape.key[0]);
  const KeyImage new_key = integer_key(number);
  const RowImage moved = with_value(mine, shape.key[0], new_key);
  const std::int64_t at_ms = time_of_hint(shape.id, key);
  // Only the number changes, so no UNIQUE value can be in the way. What refuses it is a CHECK that
  // restricts numbers, say: as one record the row is merged by the ordinary rules.
  context_.ahead = nullptr;
  if (local_.table(shape.id).update(key, mine, moved) != WriteOutcome::kDone) return;
  raise_sequence(shape, number);
  local_.add_hint(shape.id, new_key, HintKind::kInserted, at_ms);
  scratch_.add_hint(shape.id, new_key, at_ms, static_cast<int>(HintKind::kInserted));
  ++result_.renumbered;
  result_.moved.push_back({shape.id, key, new_key});
  move_references(shape, mine, moved);
}

// Whether the base copy has the row like this, or had before the batches.
bool Applier::is_published(const TableShape& shape, const RowImage& row) {
  const KeyImage key = key_of(shape, row);
  if (const auto touched = scratch_.find_touched(shape.id, key)) return touched->base == row;
  RowImage published;
  return base_.table(shape.id).read(key, published) && published == row;
}

// Children added or edited here, or their children.
bool Applier::has_unpublished_children(const TableShape& parent, const RowImage& row, int depth) {
  constexpr int kMaxDepth = 8;
  if (depth > kMaxDepth) return false;
  const auto parts = split_image(row);
  for (const TableShape& child : local_.shapes()) {
    for (const ForeignKeyShape& foreign : child.foreign_keys) {
      if (to_lower_ascii(foreign.parent_table) != to_lower_ascii(parent.name)) continue;
      std::vector<std::string_view> values;
      for (const std::string& name : foreign.parent_columns) {
        if (const auto column = parent.find_column(name)) values.push_back(parts.at(*column));
      }
      if (values.size() != foreign.child_columns.size()) continue;
      for (const RowImage& found : find_children(child, foreign, values)) {
        if (!is_published(child, found) || has_unpublished_children(child, found, depth + 1))
          return true;
      }
    }
  }
  return false;
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
        // A row as the share has it refers to the record that keeps the number.
        if (is_published(child, row) && !has_unpublished_children(child, row)) continue;
        RowImage moved = row;
        for (std::size_t i = 0; i < foreign.child_columns.size(); ++i) {
          moved = with_value(moved, foreign.child_columns[i], new_values[i]);
        }
        const KeyImage moved_key = key_of(child, moved);
        const std::int64_t at_ms = time_of_hint(child.id, child_key);
        if (local_.table(child.id).update(child_key, row, moved) != WriteOutcome::kDone) continue;
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
