#include "replica/applier.h"

#include <algorithm>

#include "base/error.h"
#include "base/mutation.h"
#include "base/text.h"

namespace tidesync {
namespace {

// Whether values that children may refer to are gone with the change. `after` is nullptr when the
// row is.
bool loses_references(const TableShape& shape, const RowImage& before, const RowImage* after) {
  const auto old_parts = split_image(before);
  const auto new_parts = after ? split_image(*after) : old_parts;
  for (std::size_t i = 0; i < shape.columns.size(); ++i) {
    if (shape.columns[i].referenced && (!after || old_parts.at(i) != new_parts.at(i))) return true;
  }
  return false;
}

bool has_sums(const TableShape& shape) {
  for (const ColumnShape& column : shape.columns) {
    if (column.additive) return true;
  }
  return false;
}

const char* kind_name(MergeKind kind) {
  switch (kind) {
    case MergeKind::kUnion:
    case MergeKind::kColumn:
      return "same_column";
    case MergeKind::kWholeRow:
      return "whole_row";
    case MergeKind::kEditDelete:
      return "edit_delete";
  }
  return "same_column";
}

std::optional<RowImage> copy_of(const RowImage* row) {
  return row ? std::optional<RowImage>(*row) : std::nullopt;
}

}  // namespace

Applier::Applier(Local& local, Base& base, Scratch& scratch, MergeContext context)
    : local_(local),
      base_(base),
      scratch_(scratch),
      context_(std::move(context)),
      fillings_(local.db(), base.db()) {}

// The tables outlive this object: nobody may be told of their rows afterwards.
void Applier::drop_indexes() {
  for (const auto& [which, asked] : asked_) {
    if (asked.index) local_.table(which.first).watch({});
  }
  asked_.clear();
}

ApplyResult Applier::run() {
  try {
    merge_all();
  } catch (...) {
    drop_indexes();
    throw;
  }
  drop_indexes();
  return std::move(result_);
}

void Applier::merge_all() {
  const auto& shapes = local_.shapes();
  const auto order = parents_first(shapes);
  for (const TableShape& shape : shapes) local_.table(shape.id).forget_erased();
  if (!context_.same_key_is_same_record && !mutated(Mutation::kNoRenumber)) {
    for (const std::size_t i : order) renumber_table(shapes[i]);
    for (const std::size_t i : order) make_room_for_parents(shapes[i]);
  }
  for (const std::size_t i : order) merge_table(shapes[i]);
  repair_references();
}

void Applier::merge_table(const TableShape& shape) {
  RowWriter writer(local_.table(shape.id));
  std::size_t place = 0;
  scratch_.for_each_touched(
      shape.id, [&](const Touched& touched) { merge_touched(shape, touched, place++, writer); });
  settle_unique(shape, writer);
  if (!local_.has_synced_at(shape.id)) return;
  const std::string now = iso_utc(context_.now_ms);
  scratch_.for_each_touched(
      shape.id, [&](const Touched& touched) { local_.stamp_synced(shape.id, touched.key, now); });
}

bool Applier::is_as_before(const TableShape& shape, const Touched& touched,
                           std::size_t place) const {
  return context_.ahead && context_.ahead->is_as_before(shape.id, place, touched.key);
}

void Applier::merge_touched(const TableShape& shape, const Touched& touched, std::size_t place,
                            RowWriter& writer) {
  RowImage mine_row;
  RowImage theirs_row;
  const RowImage* base = touched.base ? &*touched.base : nullptr;
  const RowImage* theirs = touched.after ? &*touched.after : nullptr;
  if (!touched.knows_after && base_.table(shape.id).read(touched.key, theirs_row))
    theirs = &theirs_row;
  const RowImage* mine = base;
  if (!is_as_before(shape, touched, place))
    mine = read_touched(local_, shape, touched, mine_row) ? &mine_row : nullptr;
  const auto same = [](const RowImage* a, const RowImage* b) { return a && b ? *a == *b : a == b; };
  RowImage unfilled;
  const bool all_differ = base && mine && theirs && *mine != *base && *theirs != *base;
  if (all_differ && *mine != *theirs) {
    unfilled = fillings_.base_for(shape, *base, *mine, *theirs);
    base = &unfilled;
  }
  const bool sums = adds_up(touched) && base && mine && !same(mine, base) && has_sums(shape);
  if (same(mine, theirs) && !sums) {
    settle_hint(shape, touched.key);
    return;
  }
  const bool numbered = shape.key_kind == KeyKind::kSurrogate && !context_.same_key_is_same_record;
  // What was deleted there is not what now has its number here, nor the other way round.
  const bool only_mine = numbered && !theirs && is_new_here(shape.id, touched.key);
  const bool only_theirs = numbered && !mine && is_new_there(shape, touched);
  if (only_mine || same(theirs, base)) {  // goes out with the next batch
    if (mine && !base) note_deletion_again(shape, touched);
    return;
  }
  if (!theirs && mine && keep_unshared_work(shape, touched, *mine)) return;
  if (only_theirs || same(mine, base)) {
    ++result_.pulled[shape.id];
    write_row(shape, writer, touched.key, mine, theirs, theirs);
    return;
  }
  MergeInput input;
  input.rows = {base, mine, theirs};
  input.mine = mine_author(shape, touched.key, base, mine);
  input.theirs = theirs_author(touched);
  const auto hint = scratch_.find_hint(shape.id, touched.key);
  input.adds_up = sums;
  // Rows of our own tables belong together: a resolution is never mixed from two.
  input.whole_row = base && (touched.replaced || (hint && hint->reinserted) || shape.system);
  for (const ColumnStamp& stamp : touched.stamps) {
    if (stamp.column == kAllColumns) {
      input.theirs_columns.clear();
      for (std::size_t i = 0; i < shape.columns.size(); ++i) {
        input.theirs_columns.emplace_back(i, author_of(stamp));
      }
      continue;
    }
    std::erase_if(input.theirs_columns,
                  [&](const auto& entry) { return entry.first == stamp.column; });
    input.theirs_columns.emplace_back(stamp.column, author_of(stamp));
  }
  apply_merge(shape, touched, merge_row(shape, input), input, writer);
}

// The row was deleted there. What the application wrote here into a column that the share does not
// have yet is an edit like any other, which no record of a conflict could keep: the row stays, and
// goes out again with its column.
bool Applier::keep_unshared_work(const TableShape& shape, const Touched& touched,
                                 const RowImage& mine) {
  const auto hint = scratch_.find_hint(shape.id, touched.key);
  if (!touched.base || !hint ||
      !local_.table(shape.id).has_unshared_values(touched.key, base_.schema().left_out))
    return false;
  ConflictRecord record;
  record.table = shape.id;
  record.key = touched.key;
  record.kind = "edit_delete";
  record.base = touched.base;
  record.winner = mine;
  record.winner_author = mine_author(shape, touched.key, &*touched.base, &mine);
  record.loser_author = theirs_author(touched);
  record.rule = "deleted, but a column that the others do not have yet was filled here: kept";
  record.mine_won = true;
  keep_conflict(std::move(record));
  const DeletionId gone_by = owner_of(shape.id, touched).gone_by;
  settle_hint(shape, touched.key);  // it may have been inserted here, but comes back now
  local_.add_hint(shape.id, touched.key, HintKind::kUpdated, hint->at_ms, gone_by);
  return true;
}

// Not when one of the batches is this node's own: the rows here have its changes already.
bool Applier::adds_up(const Touched& touched) const {
  if (!context_.adds_up) return false;
  for (const ColumnStamp& stamp : touched.stamps) {
    if (context_.batch_authors.at(stamp.batch).node == context_.me.node) return false;
  }
  return true;
}

void Applier::apply_merge(const TableShape& shape, const Touched& touched,
                          const MergeOutput& output, const MergeInput& input, RowWriter& writer) {
  const RowImage* merged = output.merged ? &*output.merged : nullptr;
  const RowImage* mine = input.rows.mine;
  const RowImage* theirs = input.rows.theirs;
  if ((merged != nullptr) != (mine != nullptr) || (merged && *merged != *mine))
    ++result_.pulled[shape.id];
  for (const Decision& decision : output.decisions) {
    ConflictRecord record;
    record.table = shape.id;
    record.key = touched.key;
    record.kind = kind_name(output.kind);
    record.base = copy_of(input.rows.base);
    record.winner = output.merged;
    record.loser = copy_of(decision.mine_won ? theirs : mine);
    record.winner_author = decision.mine_won ? input.mine : input.theirs;
    record.loser_author = decision.mine_won ? input.theirs : input.mine;
    record.rule = decision.rule;
    record.mine_won = decision.mine_won;
    keep_conflict(std::move(record));
  }
  if (merged && mine && theirs && *merged != *theirs && *merged != *mine &&
      writer.put(touched.key, mine, merged) == WriteOutcome::kConstraint) {
    // Each version was valid by itself, the two together are not: one of them as a whole.
    const Verdict verdict = choose_row(shape, input.mine, input.theirs);
    const bool mine_wins = verdict.mine_won;
    ConflictRecord record;
    record.table = shape.id;
    record.key = touched.key;
    record.kind = "whole_row";
    record.base = copy_of(input.rows.base);
    record.winner = copy_of(mine_wins ? mine : theirs);
    record.loser = copy_of(mine_wins ? theirs : mine);
    record.winner_author = mine_wins ? input.mine : input.theirs;
    record.loser_author = mine_wins ? input.theirs : input.mine;
    record.rule = "both changes together break a rule of the table: " + verdict.why;
    record.mine_won = mine_wins;
    keep_conflict(std::move(record));
    write_row(shape, writer, touched.key, mine, mine_wins ? mine : theirs, theirs);
    return;
  }
  if (merged && mine && theirs && *merged != *theirs && *merged != *mine) {
    mark_new_references(shape, touched.key, mine, *merged);
    // A value that children refer to may have changed with the union.
    if (loses_references(shape, *mine, merged)) removed_.push_back({shape.id, *mine});
    local_.add_hint(shape.id, touched.key, HintKind::kUpdated, time_of_hint(shape.id, touched.key));
    return;
  }
  write_row(shape, writer, touched.key, mine, merged, theirs);
}

void Applier::write_row(const TableShape& shape, RowWriter& writer, const KeyImage& key,
                        const RowImage* before, const RowImage* after, const RowImage* theirs) {
  const bool changes = !before || !after || *before != *after;
  if (changes && (before || after)) {
    if (after && !before && !local_.holds_exactly(key)) {
      refusing_ = &shape;
      throw Error(ErrorCode::kSchema, "store row", shape.name + " " + display_key(shape, key),
                  "this database is in UTF-16 and cannot hold the key " + display_key(shape, key) +
                      ", which is no valid text",
                  "Correct the text on the computer that wrote it.");
    }
    if (writer.put(key, before, after) == WriteOutcome::kConstraint) {
      refusing_ = &shape;
      throw Error(ErrorCode::kSchema, "store row", shape.name + " " + display_key(shape, key),
                  "a CHECK, NOT NULL or type of the table here refuses " + display_key(shape, key) +
                      ", which other computers accept",
                  "This computer's application has stricter tables than the others: bring all to "
                  "one version.");
    }
    if (before && loses_references(shape, *before, after)) removed_.push_back({shape.id, *before});
    if (after) mark_new_references(shape, key, before, *after);
  }
  const bool equals_theirs =
      (after != nullptr) == (theirs != nullptr) && (!after || *after == *theirs);
  if (equals_theirs) {
    settle_hint(shape, key);
  } else {
    const DeletionId gone_by = after && !theirs ? deletion_of(shape.id, key) : kUnknownDeletion;
    local_.add_hint(shape.id, key, after ? HintKind::kUpdated : HintKind::kDeleted,
                    time_of_hint(shape.id, key), gone_by);
  }
}

// Rows whose parents may be missing: repair_references() looks at no others.
void Applier::mark_new_references(const TableShape& shape, const KeyImage& key,
                                  const RowImage* before, const RowImage& after) {
  if (shape.foreign_keys.empty()) return;
  if (before) {
    const auto old_parts = split_image(*before);
    const auto new_parts = split_image(after);
    const auto stays = [&](const ForeignKeyShape& foreign) {
      return std::all_of(foreign.child_columns.begin(), foreign.child_columns.end(),
                         [&](std::size_t i) { return old_parts.at(i) == new_parts.at(i); });
    };
    if (std::all_of(shape.foreign_keys.begin(), shape.foreign_keys.end(), stays)) return;
  }
  scratch_.mark(shape.id, key);
}

// What was done to the row here before is no longer a difference. Without this, a row that was
// inserted here under this key and moved away, say, would be told by its old hint as inserted here.
void Applier::settle_hint(const TableShape& shape, const KeyImage& key) {
  if (!scratch_.find_hint(shape.id, key)) return;
  local_.add_hint(shape.id, key, HintKind::kSettled, 0);
  scratch_.add_hint(shape.id, key, 0, static_cast<int>(HintKind::kSettled));
}

const TableShape* Applier::find_shape(std::string_view name) const {
  for (const TableShape& shape : local_.shapes()) {
    if (to_lower_ascii(shape.name) == to_lower_ascii(name)) return &shape;
  }
  return nullptr;
}

void Applier::keep_conflict(ConflictRecord record) {
  constexpr std::size_t kKeptInMemory = 20;
  // Our own tables merge silently: a conflict about a conflict would help nobody.
  if (local_.table(record.table).shape().system || mutated(Mutation::kNoConflictRow)) return;
  const std::string id = record_conflict(local_, record, context_.now_ms);
  ++result_.conflict_counts[record.table];
  if (result_.conflicts.size() < kKeptInMemory)
    result_.conflicts.push_back({id, std::move(record)});
}

}  // namespace tidesync
