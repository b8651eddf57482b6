// UNIQUE values that two different records now claim. The row that is on the share keeps the value;
// the other yields: by a suffix where the index has a plain text column, else by going back to its
// published version, else it is set aside whole, with its children, in sync_conflicts.
#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "replica/applier.h"

namespace tidesync {
namespace {

constexpr int kMaxSuffix = 99;
constexpr int kMaxDepth = 8;

bool may_take_suffix(const TableShape& shape, std::size_t column) {
  const ColumnShape& c = shape.columns[column];
  for (const std::size_t key : shape.key) {
    if (key == column) return false;
  }
  return c.text_affinity && !c.in_foreign_key && !c.referenced;
}

}  // namespace

void Applier::settle_unique(const TableShape& shape, RowWriter& writer) {
  for (const RowImage& image : writer.finish()) {
    all_marked_ = false;
    context_.ahead = nullptr;
    settle_row(shape, image, 0);
  }
}

std::vector<Applier::Rival> Applier::find_rivals(const TableShape& shape, const RowImage& image) {
  const auto values = decode_image(image);
  std::vector<std::string> key_names;
  std::vector<std::string> key_terms;
  for (const std::size_t column : shape.key) {
    key_names.push_back(quote_name(shape.columns[column].name));
    key_terms.push_back(key_names.back() + " = ?" + std::to_string(key_terms.size() + 1));
  }
  const std::string select =
      "SELECT " + join(key_names, ",") + " FROM " + quote_name(shape.name) + " WHERE ";
  std::vector<Rival> rivals;
  const auto look = [&](const std::string& condition, const std::vector<ValueView>& wanted,
                        const UniqueShape* index) {
    Statement& find = local_.db().cached(select + condition);
    int parameter = 1;
    for (const ValueView& value : wanted) find.bind(parameter++, value);
    while (find.step()) {
      KeyImage key;
      find.append_columns(key, 0, static_cast<int>(shape.key.size()));
      rivals.push_back({key, index});
    }
    find.reset();
  };
  const KeyImage key = key_of(shape, image);
  look(join(key_terms, " AND "), decode_image(key), nullptr);
  for (const UniqueShape& unique : shape.uniques) {
    std::vector<ValueView> wanted;
    std::optional<std::string> entry;
    if (unique.plain) {
      for (const std::size_t column : unique.columns) wanted.push_back(values.at(column));
    } else if ((entry = index_entry(shape, unique, image))) {
      wanted = decode_image(*entry);
    }
    if (wanted.empty() || std::any_of(wanted.begin(), wanted.end(),
                                      [](const ValueView& value) { return value.is_null(); })) {
      continue;  // NULLs never collide
    }
    std::vector<std::string> terms;
    for (const std::string& term : unique.terms)
      terms.push_back(term + " = ?" + std::to_string(terms.size() + 1));
    if (!unique.where.empty()) terms.push_back(unique.where);
    look(join(terms, " AND "), wanted, &unique);
  }
  return rivals;
}

// What an index with a condition, an expression or a generated column makes of a row: computed by
// SQLite itself, in an empty table of the same kind. nullopt: the index leaves the row out.
std::optional<std::string> Applier::index_entry(const TableShape& shape, const UniqueShape& index,
                                                const RowImage& image) {
  Statement text =
      local_.db().prepare("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1");
  if (!text.bind_text(1, shape.name).step()) return std::nullopt;
  Database empty = Database::in_memory();
  empty.exec(text.get_text(0));
  if (TableAccess(empty, shape).insert(image) != WriteOutcome::kDone) return std::nullopt;
  Statement entry =
      empty.prepare("SELECT " + join(index.terms, ", ") + " FROM " + quote_name(shape.name) +
                    (index.where.empty() ? "" : " WHERE " + index.where));
  if (!entry.step()) return std::nullopt;
  std::string values;
  entry.append_columns(values, 0, entry.column_count());
  return values;
}

void Applier::settle_row(const TableShape& shape, const RowImage& image, int depth) {
  const std::vector<RowImage> newcomers = take_out_newcomers(shape, image);
  settle_one(shape, image, depth);
  for (const RowImage& row : newcomers) settle_one(shape, row, depth);
}

void Applier::settle_one(const TableShape& shape, const RowImage& image, int depth) {
  TableAccess& table = local_.table(shape.id);
  const KeyImage key = key_of(shape, image);
  RowImage published;
  const bool is_published = base_.table(shape.id).read(key, published);
  if (is_published && published == image) {
    // The share's own row: whoever stands in its way here is unpublished and yields.
    for (const Rival& rival : find_rivals(shape, image)) yield_existing(shape, rival, image);
    if (table.insert(image) == WriteOutcome::kDone) return;
    refusing_ = &shape;
    throw Error(
        ErrorCode::kSchema, "store row", shape.name + " " + display_key(shape, key),
        "a UNIQUE index here refuses " + display_key(shape, key) + ", which other computers accept",
        "This computer's application has other indexes than the others: bring all to one version.");
  }
  if (!is_published && merge_into_rival(shape, image)) return;
  for (const Rival& rival : find_rivals(shape, image)) {
    RowImage rival_row;
    RowImage rival_published;
    if (!table.read(rival.key, rival_row)) continue;
    const bool rival_is_clean =
        base_.table(shape.id).read(rival.key, rival_published) && rival_published == rival_row;
    if (!rival_is_clean) {
      yield_existing(shape, rival, image);
    } else if (rival.index && (yield_by_number(shape, *rival.index, image, key, false) ||
                               yield_by_suffix(shape, *rival.index, image, key, false))) {
      return;
    }
  }
  if (table.insert(image) == WriteOutcome::kDone) return;
  if (is_published) {
    // Our change of the row is given up and kept; the published version fits by itself.
    ConflictRecord record;
    record.table = shape.id;
    record.key = key;
    record.kind = "unique";
    record.winner = published;
    record.loser = image;
    record.winner_author = theirs_author(scratch_.find_touched(shape.id, key).value_or(Touched{}));
    record.loser_author = mine_author(shape, key, nullptr, &image);
    record.rule = "a value that must be unique is taken: the published version stays";
    keep_conflict(std::move(record));
    put_back(shape, published);
    return;
  }
  set_aside(shape, image, "a value that must be unique is taken: set aside", depth);
}

// A number that each computer counts for itself: the row takes the next one, its children follow.
bool Applier::yield_by_number(const TableShape& shape, const UniqueShape& index,
                              const RowImage& image, const KeyImage& key, bool exists) {
  if (!index.is_row_number || index.columns.empty()) return false;
  const std::size_t column = index.columns.at(0);
  std::string number;
  append_value(number, ValueView::of(free_number(shape, column)));
  const auto parts = split_image(image);
  RowImage changed;
  for (std::size_t i = 0; i < parts.size(); ++i) changed.append(i == column ? number : parts[i]);
  TableAccess& table = local_.table(shape.id);
  const WriteOutcome outcome = exists ? table.update(key, image, changed) : table.insert(changed);
  if (outcome != WriteOutcome::kDone) return false;
  local_.add_hint(shape.id, key, HintKind::kUpdated, time_of_hint(shape.id, key));
  move_references(shape, image, changed);
  return true;
}

bool Applier::yield_by_suffix(const TableShape& shape, const UniqueShape& index,
                              const RowImage& image, const KeyImage& key, bool exists) {
  if (shape.policy.unique != UniquePolicy::kSuffix) return false;
  const auto parts = split_image(image);
  const std::string tag =
      "~" + make_node_id(context_.me.user.empty() ? context_.me.node : context_.me.user).value;
  for (const std::size_t column : index.columns) {
    const ValueView value = ValueReader(parts.at(column)).next();
    if (!may_take_suffix(shape, column) || value.type != ValueType::kText) continue;
    for (int n = 1; n <= kMaxSuffix; ++n) {
      const std::string text = std::string(value.bytes) + tag + (n > 1 ? std::to_string(n) : "");
      RowImage changed;
      for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i == column) {
          append_value(changed, ValueView::text(text));
        } else {
          changed.append(parts[i]);
        }
      }
      TableAccess& table = local_.table(shape.id);
      const WriteOutcome outcome =
          exists ? table.update(key, image, changed) : table.insert(changed);
      if (outcome == WriteOutcome::kConstraint) break;  // a CHECK does not like the suffix
      if (outcome == WriteOutcome::kUnique) continue;
      local_.add_hint(shape.id, key, HintKind::kUpdated, time_of_hint(shape.id, key));
      ConflictRecord record;
      record.table = shape.id;
      record.key = key;
      record.kind = "unique";
      record.winner = changed;
      record.loser = image;
      record.winner_author = record.loser_author = mine_author(shape, key, nullptr, &image);
      record.rule = "another record has this " + shape.columns[column].name + ": this one is now " +
                    display(ValueView::text(text));
      keep_conflict(std::move(record));
      return true;
    }
  }
  return false;
}

void Applier::yield_existing(const TableShape& shape, const Rival& rival, const RowImage& winner) {
  TableAccess& table = local_.table(shape.id);
  RowImage row;
  if (!table.read(rival.key, row)) return;
  if (rival.index && (yield_by_number(shape, *rival.index, row, rival.key, true) ||
                      yield_by_suffix(shape, *rival.index, row, rival.key, true)))
    return;
  table.erase(rival.key);
  RowImage published;
  if (base_.table(shape.id).read(rival.key, published)) {
    ConflictRecord record;
    record.table = shape.id;
    record.key = rival.key;
    record.kind = "unique";
    record.winner = published;
    record.loser = row;
    record.winner_author = record.loser_author = mine_author(shape, rival.key, nullptr, &row);
    record.rule = "a value that must be unique is taken by " +
                  display_key(shape, key_of(shape, winner)) + ": the published version stays";
    keep_conflict(std::move(record));
    put_back(shape, published);
    return;
  }
  set_aside(shape, row,
            "a value that must be unique is taken by " + display_key(shape, key_of(shape, winner)) +
                ": set aside",
            0, &winner);
}

// The share's version of a row takes its place again; rows here that took its values meanwhile
// yield in turn, so that no record of the share is lost. Ends, because each step turns a row that
// is only here into a published one, and those fit together.
void Applier::put_back(const TableShape& shape, const RowImage& published) {
  settle_row(shape, published, 0);
  restored_.emplace_back(shape.id, published);  // what it refers to may have been deleted here
}

// `heir`: a row about to be written, which may hold up children of the one that goes.
void Applier::set_aside(const TableShape& shape, const RowImage& image, const std::string& rule,
                        int depth, const RowImage* heir) {
  const KeyImage key = key_of(shape, image);
  ConflictRecord record;
  record.table = shape.id;
  record.key = key;
  record.kind = "set_aside";
  record.loser = image;
  record.loser_author = mine_author(shape, key, nullptr, &image);
  record.winner_author = record.loser_author;
  record.rule = rule;
  keep_conflict(std::move(record));
  RowImage present;
  if (local_.table(shape.id).read(key, present) && present == image)
    local_.table(shape.id).erase(key);
  local_.add_hint(shape.id, key, HintKind::kDeleted, time_of_hint(shape.id, key));
  set_children_aside(shape, image, depth, heir);
}

// Children that no other row holds up go with it.
void Applier::set_children_aside(const TableShape& shape, const RowImage& image, int depth,
                                 const RowImage* heir) {
  if (depth >= kMaxDepth) return;
  const auto parts = split_image(image);
  const auto heir_parts = heir ? split_image(*heir) : std::vector<std::string_view>();
  for (const TableShape& child : local_.shapes()) {
    for (const ForeignKeyShape& foreign : child.foreign_keys) {
      if (to_lower_ascii(foreign.parent_table) != to_lower_ascii(shape.name)) continue;
      std::vector<std::string_view> values;
      bool heir_holds = heir != nullptr;
      for (const std::string& name : foreign.parent_columns) {
        const auto column = shape.find_column(name);
        if (!column) continue;
        values.push_back(parts.at(*column));
        heir_holds = heir_holds && means_same(foreign, values.size() - 1, heir_parts.at(*column),
                                              parts.at(*column));
      }
      if (values.size() != foreign.child_columns.size() || heir_holds ||
          parent_exists(foreign, values)) {
        continue;
      }
      for (const RowImage& row : find_children(child, foreign, values)) {
        const KeyImage child_key = key_of(child, row);
        RowImage published;
        const bool has_published = base_.table(child.id).read(child_key, published);
        if (has_published && published == row) {
          // Unchanged here: it means a record of the share, which is missing for another reason.
          restored_.emplace_back(child.id, row);
          continue;
        }
        local_.table(child.id).erase(child_key);
        if (has_published) {
          ConflictRecord lost;
          lost.table = child.id;
          lost.key = child_key;
          lost.kind = "set_aside";
          lost.winner = published;
          lost.loser = row;
          lost.loser_author = lost.winner_author = mine_author(child, child_key, nullptr, &row);
          lost.rule = "its " + shape.name + " was set aside: the published version stays";
          keep_conflict(std::move(lost));
          put_back(child, published);
        } else {
          set_aside(child, row, "its " + shape.name + " was set aside", depth + 1);
        }
      }
    }
  }
}

}  // namespace tidesync
