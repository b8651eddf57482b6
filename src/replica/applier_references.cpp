// Foreign keys after a merge: a parent deleted on one side while the other side added or kept a
// child. The parent comes back, with a record of the decision. References that were already broken
// before (an application that runs with foreign keys off) are the application's own and stay as
// they are.
#include <algorithm>

#include "base/mutation.h"
#include "base/text.h"
#include "merge/effective_time.h"
#include "replica/applier.h"

namespace tidesync {
namespace {

bool has_null(const std::vector<std::string_view>& values) {
  for (const std::string_view value : values) {
    if (value[0] == static_cast<char>(ValueType::kNull)) return true;
  }
  return false;
}

std::vector<std::string_view> child_values(const ForeignKeyShape& key, std::string_view row) {
  const auto parts = split_image(row);
  std::vector<std::string_view> values;
  for (const std::size_t column : key.child_columns) values.push_back(parts.at(column));
  return values;
}

std::string collate(const ForeignKeyShape& key, std::size_t i) {
  return i < key.parent_collations.size() ? " COLLATE " + quote_name(key.parent_collations[i]) : "";
}

bool is_by_bytes(const ForeignKeyShape& key) {
  return std::all_of(key.parent_collations.begin(), key.parent_collations.end(),
                     [](const std::string& name) { return to_lower_ascii(name) == "binary"; });
}

std::string join_encoded(const std::vector<std::string_view>& values) {
  std::string all;
  for (const std::string_view value : values) all.append(value);
  return all;
}

}  // namespace

std::vector<RowImage> Applier::find_children(const TableShape& child, const ForeignKeyShape& key,
                                             const std::vector<std::string_view>& values) {
  std::vector<RowImage> rows;
  if (has_null(values)) return rows;
  std::vector<std::string> terms;
  for (std::size_t i = 0; i < key.child_columns.size(); ++i) {
    terms.push_back(quote_name(child.columns[key.child_columns[i]].name) + collate(key, i) +
                    " = ?" + std::to_string(i + 1));
  }
  const std::string query = "SELECT " + select_list(child) + " FROM " + quote_name(child.name) +
                            " WHERE " + join(terms, " AND ");
  const auto take = [&](Statement& find, int parameter) {
    for (const std::string_view value : values) find.bind(parameter++, ValueReader(value).next());
    while (find.step()) rows.push_back(local_.table(child.id).image_of(find));
    find.reset();
  };
  ChildIndex* index = child_index(child, key, query);
  if (!index) {
    take(local_.db().cached(query), 1);
    return rows;
  }
  std::string by_key = query;
  for (std::size_t i = 0; i < child.key.size(); ++i) {
    by_key += " AND " + quote_name(child.columns[child.key[i]].name) + " = ?" +
              std::to_string(key.child_columns.size() + 1 + i);
  }
  for (const KeyImage& candidate : index->find(values)) {
    Statement& find = local_.db().cached(by_key);
    find.bind_image(static_cast<int>(key.child_columns.size()) + 1, candidate);
    take(find, 1);
  }
  return rows;
}

// A few parents are looked for as they are: an index has to read the whole table, too.
ChildIndex* Applier::child_index(const TableShape& child, const ForeignKeyShape& key,
                                 const std::string& query) {
  constexpr int kFewTimes = 8;
  const auto position = static_cast<std::size_t>(&key - child.foreign_keys.data());
  if (position >= child.foreign_keys.size()) return nullptr;
  Asked& asked = asked_[{child.id, position}];
  if (asked.index || asked.times < 0) return asked.index.get();
  if (++asked.times <= kFewTimes) return nullptr;
  asked.times = -1;
  Statement plan = local_.db().prepare("EXPLAIN QUERY PLAN " + query);
  if (!plan.step() || plan.get_text(3).rfind("SCAN", 0) != 0) return nullptr;
  TableAccess& table = local_.table(child.id);
  asked.index = std::make_unique<ChildIndex>(local_.db(), table, key.child_columns);
  table.watch([this, id = child.id](const RowImage& row) {
    for (auto& [which, each] : asked_) {
      if (which.first == id && each.index) each.index->add(row);
    }
  });
  return asked.index.get();
}

// Whether two values refer to one parent: as its collation compares them.
bool Applier::means_same(const ForeignKeyShape& key, std::size_t column, std::string_view a,
                         std::string_view b) {
  if (a == b) return true;
  if (is_by_bytes(key)) return false;
  Statement& compare = local_.db().cached("SELECT ?1 = ?2" + collate(key, column));
  compare.bind(1, ValueReader(a).next()).bind(2, ValueReader(b).next());
  const bool same = compare.step() && compare.get_int(0) != 0;
  compare.reset();
  return same;
}

bool Applier::parent_exists(const ForeignKeyShape& key,
                            const std::vector<std::string_view>& values) {
  std::vector<std::string> terms;
  for (std::size_t i = 0; i < key.parent_columns.size(); ++i) {
    terms.push_back(quote_name(key.parent_columns[i]) + " = ?" + std::to_string(i + 1));
  }
  Statement& find = local_.db().cached("SELECT 1 FROM " + quote_name(key.parent_table) + " WHERE " +
                                       join(terms, " AND "));
  int parameter = 1;
  for (const std::string_view value : values) find.bind(parameter++, ValueReader(value).next());
  const bool found = find.step();
  find.reset();
  return found;
}

void Applier::repair_references() {
  if (mutated(Mutation::kNoRepair)) return;
  // Restoring a row may leave it without its own parent: until nothing more is restored.
  for (const TableShape& shape : local_.shapes()) {
    if (!shape.foreign_keys.empty()) repair_parents_of_touched(shape);
    // Rows changed here may refer to what went away there without being touched by it: those are
    // the children found from the removed parents below.
  }
  for (std::size_t i = 0; i < removed_.size(); ++i) repair_children_of(Removed(removed_[i]));
  while (!restored_.empty()) {
    const auto [table, row] = restored_.back();
    restored_.pop_back();
    repair_parents_of(local_.table(table).shape(), row);
  }
}

// A touched row that refers to what it referred to before the merge has no new parent to miss: the
// loss of an old one is seen from the parent.
void Applier::repair_parents_of_touched(const TableShape& shape) {
  RowImage row;
  const auto repair = [&](const KeyImage& key) {
    if (local_.table(shape.id).read(key, row)) repair_parents_of(shape, row);
  };
  scratch_.for_each_marked(shape.id, repair);
  if (!all_marked_) {
    scratch_.for_each_touched(shape.id, [&](const Touched& touched) { repair(touched.key); });
  }
}

void Applier::repair_children_of(const Removed& removed) {
  const TableShape& parent = local_.table(removed.table).shape();
  const auto parts = split_image(removed.before);
  for (const TableShape& child : local_.shapes()) {
    for (const ForeignKeyShape& key : child.foreign_keys) {
      if (to_lower_ascii(key.parent_table) != to_lower_ascii(parent.name)) continue;
      std::vector<std::string_view> values;
      for (const std::string& name : key.parent_columns) {
        const auto column = parent.find_column(name);
        if (column) values.push_back(parts.at(*column));
      }
      if (values.size() != key.child_columns.size() || has_null(values) ||
          parent_exists(key, values))
        continue;
      for (const RowImage& row : find_children(child, key, values)) {
        if (restore_parent(child, key, row)) break;  // it serves all of them
      }
    }
  }
}

void Applier::repair_parents_of(const TableShape& shape, const RowImage& child) {
  for (const ForeignKeyShape& key : shape.foreign_keys) {
    const auto values = child_values(key, child);
    if (has_null(values) || parent_exists(key, values)) continue;
    restore_parent(shape, key, child);
  }
}

std::optional<Applier::KnownParent> Applier::find_known_parent(
    const TableShape& parent, const ForeignKeyShape& key,
    const std::vector<std::string_view>& values) {
  // By value, not by key: a reference may point at any UNIQUE columns of the parent.
  std::vector<std::size_t> columns;
  std::vector<std::string> terms;
  for (const std::string& name : key.parent_columns) {
    const auto column = parent.find_column(name);
    if (!column) return std::nullopt;
    columns.push_back(*column);
    terms.push_back(quote_name(name) + " = ?" + std::to_string(terms.size() + 1));
  }
  // The share's own columns: this database may have fewer.
  const TableShape& published = base_.table(parent.id).shape();
  Statement& find = base_.db().cached("SELECT " + select_list(published) + " FROM " +
                                      quote_name(parent.name) + " WHERE " + join(terms, " AND "));
  int parameter = 1;
  for (const std::string_view value : values) find.bind(parameter++, ValueReader(value).next());
  std::optional<KnownParent> known;
  if (find.step()) known = KnownParent{base_.table(parent.id).image_of(find), true};
  find.reset();
  const auto consider = [&](const RowImage& row) {
    const auto parts = split_image(row);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (!means_same(key, i, parts.at(columns[i]), values[i])) return;
    }
    known = KnownParent{row, false};
  };
  if (known) return known;
  if (columns == parent.key && is_by_bytes(key)) {
    const auto touched = scratch_.find_touched(parent.id, join_encoded(values));
    if (touched && touched->base) consider(*touched->base);
  } else {
    scratch_.for_each_touched(parent.id, [&](const Touched& touched) {
      if (!known && touched.base) consider(*touched.base);
    });
  }
  // Our own version, which lost in this very merge.
  for (std::size_t i = 0; i < removed_.size() && !known; ++i) {
    if (removed_[i].table == parent.id) consider(removed_[i].before);
  }
  return known;
}

// The child cannot follow: what it refers to is NULL now, say, and it must refer to something. Then
// the parent takes its value back.
void Applier::give_value_back(const TableShape& parent, const ForeignKeyShape& key,
                              const RowImage& source, const TableShape& child_shape,
                              const RowImage& child) {
  const KeyImage parent_key = key_of(parent, source);
  RowImage present;
  local_.table(parent.id).read(parent_key, present);
  const auto old_parts = split_image(source);
  std::vector<std::string_view> parts = split_image(present);
  for (const std::string& name : key.parent_columns) {
    if (const auto column = parent.find_column(name)) parts.at(*column) = old_parts.at(*column);
  }
  const RowImage restored = join_encoded(parts);
  const std::string needs =
      child_shape.name + " " + display_key(child_shape, key_of(child_shape, child));
  if (local_.table(parent.id).update(parent_key, present, restored) != WriteOutcome::kDone) {
    set_aside(child_shape, child, "the " + parent.name + " it refers to has another value now", 0);
    return;
  }
  ConflictRecord record;
  record.table = parent.id;
  record.key = parent_key;
  record.kind = "parent_restored";
  record.base = source;
  record.winner = restored;
  record.loser = present;
  record.winner_author = mine_author(parent, parent_key, nullptr, nullptr);
  record.loser_author =
      theirs_author(scratch_.find_touched(parent.id, parent_key).value_or(Touched{}));
  record.mine_won = true;
  record.rule =
      join(key.parent_columns, ", ") + " was changed, but " + needs + " still needs it: restored";
  keep_conflict(std::move(record));
  local_.add_hint(parent.id, parent_key, HintKind::kUpdated, time_of_hint(parent.id, parent_key));
}

bool Applier::restore_parent(const TableShape& child_shape, const ForeignKeyShape& key,
                             const RowImage& child) {
  const TableShape* parent = find_shape(key.parent_table);
  if (!parent) return false;
  const auto values = child_values(key, child);
  auto known = find_known_parent(*parent, key, values);
  const bool is_published = known && known->is_published;
  if (!is_published) {
    // The share itself has the child without its parent: its author runs without foreign keys and
    // left it so.
    RowImage base_child;
    const KeyImage child_key = key_of(child_shape, child);
    if (base_.table(child_shape.id).read(child_key, base_child) && base_child == child)
      return false;
  }
  if (!known) return false;
  if (!is_published) known->row = with_moved_parents(*parent, known->row);
  const RowImage* source = &known->row;
  const KeyImage source_key = key_of(*parent, *source);
  RowImage present;
  if (local_.table(parent->id).read(source_key, present)) {
    // Not deleted: the value it is referred to by was changed. Children follow, as they would have
    // with ON UPDATE CASCADE.
    move_references(*parent, *source, present);
    RowImage left;
    if (local_.table(child_shape.id).read(key_of(child_shape, child), left) && left == child)
      give_value_back(*parent, key, *source, child_shape, child);
    return true;
  }
  if (child_shape.policy.orphan == OrphanPolicy::kDelete) {
    follow_delete(child_shape, child, parent->name);
    return false;
  }
  ConflictRecord record;
  record.table = parent->id;
  record.key = source_key;
  record.kind = "parent_restored";
  record.base = *source;
  record.winner = *source;
  const Author mine = mine_author(*parent, source_key, nullptr, nullptr);
  const Author theirs =
      theirs_author(scratch_.find_touched(parent->id, source_key).value_or(Touched{}));
  record.loser_author = is_published ? mine : theirs;
  record.winner_author = is_published ? theirs : mine;
  record.mine_won = !is_published;
  record.rule = "deleted, but " + child_shape.name + " " +
                display_key(child_shape, key_of(child_shape, child)) + " still needs it: restored";
  keep_conflict(std::move(record));
  // Not newer than its content, so that an edit of it elsewhere is; and not inserted: the same
  // record as before.
  std::int64_t at_ms = 1;
  if (parent->updated_at)
    at_ms = parse_stamp(decode_image(*source).at(*parent->updated_at)).value_or(at_ms);
  local_.add_hint(parent->id, source_key, is_published ? HintKind::kSettled : HintKind::kUpdated,
                  at_ms, is_published ? kUnknownDeletion : deletion_of(parent->id, source_key));
  if (local_.table(parent->id).insert(*source) != WriteOutcome::kDone)
    settle_row(*parent, *source, 0);
  restored_.emplace_back(parent->id, *source);
  return true;
}

}  // namespace tidesync
