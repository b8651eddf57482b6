// orphan = "delete": a child whose parent was deleted goes where its parent went, and its own
// children with it. All are kept. One that was only moved to that parent goes back to where the
// share has it.
#include "base/text.h"
#include "replica/applier.h"

namespace tidesync {

bool Applier::has_its_parents(const TableShape& shape, const RowImage& row) {
  const auto parts = split_image(row);
  for (const ForeignKeyShape& key : shape.foreign_keys) {
    std::vector<std::string_view> values;
    bool has_null = false;
    for (const std::size_t column : key.child_columns) {
      values.push_back(parts.at(column));
      has_null = has_null || ValueReader(values.back()).next().is_null();
    }
    if (!has_null && !parent_exists(key, values)) return false;
  }
  return true;
}

void Applier::follow_delete(const TableShape& shape, const RowImage& child,
                            const std::string& parent) {
  // A list, not a recursion: a tree in one table may be deep.
  std::vector<Orphan> orphans{{&shape, child, parent}};
  while (!orphans.empty()) {
    const Orphan orphan = std::move(orphans.back());
    orphans.pop_back();
    const KeyImage key = key_of(*orphan.shape, orphan.row);
    TableAccess& table = local_.table(orphan.shape->id);
    RowImage present;
    if (!table.read(key, present) || present != orphan.row) continue;
    RowImage published;
    const bool goes_back = base_.table(orphan.shape->id).read(key, published) &&
                           published != orphan.row && has_its_parents(*orphan.shape, published);
    keep_orphan(orphan, goes_back ? &published : nullptr);
    table.erase(key);
    if (goes_back) {
      put_back(*orphan.shape, published);
      continue;
    }
    local_.add_hint(orphan.shape->id, key, HintKind::kDeleted, time_of_hint(orphan.shape->id, key));
    add_children(orphan, orphans);
  }
}

void Applier::keep_orphan(const Orphan& orphan, const RowImage* published) {
  ConflictRecord record;
  record.table = orphan.shape->id;
  record.key = key_of(*orphan.shape, orphan.row);
  record.kind = "orphan";
  record.loser = orphan.row;
  const auto touched = scratch_.find_touched(record.table, record.key);
  const bool is_theirs = touched && !scratch_.find_hint(record.table, record.key);
  record.loser_author = is_theirs ? theirs_author(*touched)
                                  : mine_author(*orphan.shape, record.key, nullptr, &orphan.row);
  record.winner_author = record.loser_author;
  record.rule = "its " + orphan.parent + " was deleted: ";
  record.rule += published ? "back to the published version" : "deleted with it";
  record.rule += ", as chosen for this table";
  if (published) record.winner = *published;
  keep_conflict(std::move(record));
}

// What refers to a row that is gone now.
void Applier::add_children(const Orphan& parent, std::vector<Orphan>& orphans) {
  const auto parts = split_image(parent.row);
  for (const TableShape& child : local_.shapes()) {
    for (const ForeignKeyShape& key : child.foreign_keys) {
      if (to_lower_ascii(key.parent_table) != to_lower_ascii(parent.shape->name)) continue;
      std::vector<std::string_view> values;
      for (const std::string& name : key.parent_columns) {
        if (const auto column = parent.shape->find_column(name))
          values.push_back(parts.at(*column));
      }
      if (values.size() != key.child_columns.size() || parent_exists(key, values)) continue;
      for (RowImage& row : find_children(child, key, values))
        orphans.push_back({&child, std::move(row), parent.shape->name});
    }
  }
}

}  // namespace tidesync
