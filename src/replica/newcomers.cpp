#include "replica/newcomers.h"

#include <algorithm>

#include "base/log.h"
#include "base/mutation.h"
#include "base/text.h"
#include "merge/effective_time.h"

namespace tidesync {
namespace {

// A version of the row of which nothing is known but its key: everything in it was changed by both.
RowImage unknown_base(const TableShape& shape, std::string_view row) {
  std::string null;
  append_value(null, ValueView::null());
  const auto parts = split_image(row);
  RowImage image;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool is_key = std::find(shape.key.begin(), shape.key.end(), i) != shape.key.end();
    image.append(is_key ? parts[i] : std::string_view(null));
  }
  return image;
}

RowImage join_parts(const std::vector<std::string>& parts) {
  RowImage image;
  for (const std::string& part : parts) image.append(part);
  return image;
}

std::vector<std::string> parts_of(std::string_view image) {
  const auto views = split_image(image);
  return {views.begin(), views.end()};
}

}  // namespace

Backfill::Backfill(Local& local, Base& base, Scratch& scratch, MergeContext context)
    : local_(local), base_(base), scratch_(scratch), context_(std::move(context)) {
  Author share;
  share.node = share.user = "share";
  context_.batch_authors.assign(1, share);
}

ApplyResult Backfill::run() {
  for (const Newcomer& newcomer : local_.newcomers()) add_table(newcomer);
  for (const Newcomer& newcomer : local_.newcomers()) {
    if (newcomer.was_gated) look_for_orphans(local_.table(newcomer.table).shape());
  }
  Applier applier(local_, base_, scratch_, context_);
  ApplyResult applied;
  try {
    applied = applier.run();
  } catch (...) {
    refusing_ = applier.refusing_table();
    needs_quiet_ = applier.needs_quiet();
    throw;
  }
  for (AppliedConflict& conflict : kept_) applied.conflicts.push_back(std::move(conflict));
  for (const auto& [table, count] : kept_counts_) applied.conflict_counts[table] += count;
  return applied;
}

void Backfill::add_table(const Newcomer& newcomer) {
  TableHistory history(local_, base_, scratch_, newcomer);
  log::info("bringing table " + history.shape().name + " up to date" +
            (history.is_known() ? "" : "; what it had before is not known"));
  for (const std::string& column : history.emptied()) made_empty_.push_back(column);
  history.for_each_key([&](const KeyImage& key) {
    if (history.is_known()) {
      look_at(history, newcomer.is_untracked, key);
    } else {
      look_at_unknown(history.shape(), key);
    }
  });
}

// While a table stood still, rows that refer to what was deleted in it here came in unseen.
void Backfill::look_for_orphans(const TableShape& parent) {
  for (const TableShape& child : local_.shapes()) {
    for (const ForeignKeyShape& foreign : child.foreign_keys) {
      if (to_lower_ascii(foreign.parent_table) != to_lower_ascii(parent.name)) continue;
      std::vector<std::string> equal, present;
      for (std::size_t i = 0; i < foreign.child_columns.size(); ++i) {
        const std::string name = "c." + quote_name(child.columns[foreign.child_columns[i]].name);
        present.push_back(name + " IS NOT NULL");
        equal.push_back("p." + quote_name(foreign.parent_columns[i]) + " = " + name);
      }
      Statement rows = local_.db().prepare(
          "SELECT " + select_list(child) + " FROM " + quote_name(child.name) + " AS c WHERE " +
          join(present, " AND ") + " AND NOT EXISTS (SELECT 1 FROM " + quote_name(parent.name) +
          " AS p WHERE " + join(equal, " AND ") + ")");
      while (rows.step())
        scratch_.mark(child.id, key_of(child, local_.table(child.id).image_of(rows)));
    }
  }
}

void Backfill::look_at(TableHistory& history, bool is_untracked, const KeyImage& key) {
  const TableShape& shape = history.shape();
  RowImage theirs_row;
  const RowImage* theirs = base_.table(shape.id).read(key, theirs_row) ? &theirs_row : nullptr;
  const auto held = history.held(key);
  auto known = history.known(held, theirs);
  TableAccess& here = local_.table(shape.id);
  RowImage mine;
  const bool has_mine = known ? here.read_through(key, *known, mine) : here.read(key, mine);
  if (!has_mine && !theirs) return;
  if (!has_mine && known && is_untracked && !scratch_.find_hint(shape.id, key)) {
    known.reset();
    ++came_back_[shape.id];
  }
  if (has_mine && known) known = history.converted(*known, mine);
  if (has_mine && theirs && known && !history.columns().empty() &&
      !mutated(Mutation::kColumnsTrusted)) {
    if (held) follow_old_names(history, key, *held, *theirs, mine);
    known = with_new_columns(history, key, held, *known, mine, *theirs);
  }
  const bool as_there = known && theirs ? *known == *theirs : !known && !theirs;
  if (as_there) return;  // nothing happened there: the ordinary comparison finds what happened here
  touch(shape, key, theirs, known, held ? &held->theirs : nullptr);
}

// In columns that came with the update the database is known to have had what that put there.
RowImage Backfill::with_new_columns(const TableHistory& history, const KeyImage& key,
                                    const std::optional<HeldRow>& held, const RowImage& known,
                                    const RowImage& mine, const RowImage& theirs) {
  const TableShape& shape = history.shape();
  const auto here = parts_of(mine);
  const auto there = parts_of(theirs);
  auto before = parts_of(known);
  bool loses = false;
  for (const NewColumn& column : history.columns()) {
    const std::string& x = here.at(column.at);
    const std::string& t = there.at(column.at);
    const bool is_itself = column.continues == to_lower_ascii(shape.columns[column.at].name);
    const auto old = held ? held->values.find(column.continues) : decltype(held->values.end()){};
    const bool has_old = held && !column.continues.empty() && old != held->values.end();
    const bool is_refused =
        shape.columns[column.at].not_null && t[0] == static_cast<char>(ValueType::kNull);
    const bool takes_theirs = !is_itself && (x == t || x == column.default_image);
    // As an ordinary edit; so does what the update filled in where the share has NULL.
    const bool goes_out = is_refused || (!is_itself && !takes_theirs && t == column.default_image);
    if (goes_out) {
      before[column.at] = t;
    } else if (is_itself) {
      if (has_old) before[column.at] = old->second;
    } else if (takes_theirs) {
      before[column.at] = x;
    } else if (has_old) {
      before[column.at] = old->second;
    } else {
      before[column.at] = x;
      loses = loses || shape.row_number() != column.at;
    }
  }
  if (loses) keep(shape, key, mine, theirs);
  return join_parts(before);
}

// The share has nothing in the new column yet, but what others wrote into the old one meanwhile.
void Backfill::follow_old_names(const TableHistory& history, const KeyImage& key,
                                const HeldRow& held, const RowImage& theirs, RowImage& mine_row) {
  const TableShape& shape = history.shape();
  const auto there = split_image(theirs);
  auto mine = parts_of(mine_row);
  bool changed = false;
  bool loses = false;
  for (const NewColumn& column : history.columns()) {
    const auto before = held.values.find(column.continues);
    const auto last = held.last_values.find(column.continues);
    if (before == held.values.end() || last == held.last_values.end() ||
        shape.find_column(column.continues))
      continue;
    std::string& x = mine.at(column.at);
    if (there.at(column.at) != column.default_image || last->second == before->second ||
        last->second == x)
      continue;
    loses = loses || x != before->second;
    x = last->second;
    changed = true;
  }
  if (!changed) return;
  const RowImage followed = join_parts(mine);
  if (local_.table(shape.id).update(key, mine_row, followed) != WriteOutcome::kDone) return;
  local_.add_hint(shape.id, key, HintKind::kUpdated, context_.now_ms);
  if (loses) keep(shape, key, mine_row, followed);
  mine_row = followed;
}

// Nothing is taken for untouched: what is missing on one side is new on the other, what differs was
// changed on both.
void Backfill::look_at_unknown(const TableShape& shape, const KeyImage& key) {
  RowImage theirs;
  RowImage mine;
  if (!base_.table(shape.id).read(key, theirs)) return;  // only here: it goes out
  const bool has_mine = local_.table(shape.id).read(key, mine);
  const auto hint = scratch_.find_hint(shape.id, key);
  std::optional<RowImage> known;
  if (has_mine ? !(hint && hint->inserted) : hint.has_value()) known = unknown_base(shape, theirs);
  if (!has_mine && !hint) ++came_back_[shape.id];
  touch(shape, key, &theirs, known, nullptr);
}

void Backfill::keep(const TableShape& shape, const KeyImage& key, const RowImage& mine,
                    const RowImage& theirs) {
  ConflictRecord record;
  record.table = shape.id;
  record.key = key;
  record.kind = "same_column";
  record.winner = theirs;
  record.loser = mine;
  record.winner_author.node = record.winner_author.user = "share";
  record.loser_author = context_.me;
  record.loser_author.at_ms = context_.now_ms;
  record.rule = "the column is new here: what other computers have in it stays";
  const std::string id = record_conflict(local_, record, context_.now_ms);
  ++kept_counts_[shape.id];
  if (kept_.size() < 20) kept_.push_back({id, std::move(record)});
}

void Backfill::touch(const TableShape& shape, const KeyImage& key, const RowImage* theirs,
                     const std::optional<RowImage>& known, const Author* author) {
  std::int64_t at_ms = 1;
  std::uint32_t number = 0;
  if (author && !author->node.empty()) {
    context_.batch_authors.push_back(*author);
    number = static_cast<std::uint32_t>(context_.batch_authors.size() - 1);
    at_ms = author->at_ms;
  } else if (theirs && shape.updated_at) {
    at_ms = parse_stamp(decode_image(*theirs).at(*shape.updated_at)).value_or(1);
  }
  scratch_.touch_whole(shape.id, key, at_ms, number, known ? &*known : nullptr);
}

}  // namespace tidesync
