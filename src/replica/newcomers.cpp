#include "replica/newcomers.h"

#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "merge/effective_time.h"
#include "replica/held_rows.h"
#include "replica/schema_reader.h"

namespace tidesync {
namespace {

// A version of the row of which nothing is known but its key: everything in it was changed by both.
RowImage unknown_base(const TableShape& shape, std::string_view row) {
  const auto parts = split_image(row);
  RowImage image;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool is_key = std::find(shape.key.begin(), shape.key.end(), i) != shape.key.end();
    if (is_key) {
      image.append(parts[i]);
    } else {
      append_value(image, ValueView::null());
    }
  }
  return image;
}

class Filler {
 public:
  Filler(Local& local, Base& base, Scratch& scratch, MergeContext context)
      : local_(local), base_(base), scratch_(scratch), context_(std::move(context)) {}

  ApplyResult run() {
    Author share;
    share.node = share.user = "share";
    context_.batch_authors.assign(1, share);
    for (const Newcomer& newcomer : local_.newcomers()) {
      const TableShape& shape = local_.table(newcomer.table).shape();
      if (newcomer.kind == Newcomer::Kind::kColumns) {
        fill_columns(shape, newcomer);
      } else if (newcomer.kind != Newcomer::Kind::kGateOver || !touch_held(shape)) {
        touch_table(shape, newcomer.kind);
      }
    }
    ApplyResult applied = Applier(local_, base_, scratch_, context_).run();
    for (AppliedConflict& conflict : kept_) applied.conflicts.push_back(std::move(conflict));
    for (const auto& [table, count] : kept_counts_) applied.conflict_counts[table] += count;
    for (const auto& [table, count] : filled_) applied.pulled[table] += count;
    return applied;
  }

 private:
  void fill_columns(const TableShape& shape, const Newcomer& newcomer) {
    std::vector<std::size_t> columns;
    std::vector<std::string> defaults;
    for (const std::string& name : newcomer.columns) {
      columns.push_back(shape.find_column(name).value());
      defaults.push_back(default_image(shape, columns.back()));
    }
    log::info("filling in " + shape.name + ": " + join(newcomer.columns, ", "));
    TableAccess& here = local_.table(shape.id);
    TableAccess& there = base_.table(shape.id);
    // Keys first: a table must not be changed while it is read.
    Scratch keys;
    Statement rows = here.scan();
    while (rows.step()) {
      RowImage theirs;
      const RowImage mine = here.image_of(rows);
      const KeyImage key = key_of(shape, mine);
      if (there.read(key, theirs) && theirs != mine)
        keys.add_hint(shape.id, key, 0, static_cast<int>(HintKind::kUpdated));
    }
    rows = Statement();
    keys.for_each_hint(shape.id,
                       [&](const Hint& hint) { fill_row(shape, columns, defaults, hint.key); });
  }

  // What SQLite has in the column of a row that nobody has filled in.
  std::string default_image(const TableShape& shape, std::size_t column) {
    Database empty = Database::in_memory();
    std::string image;
    try {
      empty.exec("CREATE TABLE t (c " + quote_type(shape.columns[column].decl_type) +
                 "); INSERT INTO t VALUES (" + shape.columns[column].default_value + ")");
      Statement row = empty.prepare("SELECT c FROM t");
      if (row.step()) row.append_columns(image, 0, 1);
    } catch (const Error&) {
      append_value(image, ValueView::null());
    }
    return image;
  }

  void fill_row(const TableShape& shape, const std::vector<std::size_t>& columns,
                const std::vector<std::string>& defaults, const KeyImage& key) {
    RowImage mine;
    RowImage theirs;
    if (!local_.table(shape.id).read(key, mine) || !base_.table(shape.id).read(key, theirs)) return;
    const auto mine_parts = split_image(mine);
    const auto theirs_parts = split_image(theirs);
    std::vector<std::string_view> parts(mine_parts.begin(), mine_parts.end());
    bool lost = false;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string_view here = mine_parts.at(columns[i]);
      const std::string_view there = theirs_parts.at(columns[i]);
      if (here == there || there == defaults[i]) continue;  // ours goes out as an ordinary edit
      lost = lost || here != defaults[i];
      parts[columns[i]] = there;
    }
    RowImage filled;
    for (const std::string_view part : parts) filled.append(part);
    if (filled == mine) return;
    if (local_.table(shape.id).update(key, mine, filled) != WriteOutcome::kDone) {
      log::warning("cannot fill in " + shape.name + " " + display_key(shape, key));
      return;
    }
    ++filled_[shape.id];
    if (lost) keep(shape, key, mine, filled);
  }

  void keep(const TableShape& shape, const KeyImage& key, const RowImage& mine,
            const RowImage& filled) {
    ConflictRecord record;
    record.table = shape.id;
    record.key = key;
    record.kind = "same_column";
    record.winner = filled;
    record.loser = mine;
    record.winner_author.node = record.winner_author.user = "share";
    record.loser_author = context_.me;
    record.loser_author.at_ms = context_.now_ms;
    record.rule = "the column is new here: what other computers have in it stays";
    const std::string id = record_conflict(local_, record, context_.now_ms);
    ++kept_counts_[shape.id];
    if (kept_.size() < 20) kept_.push_back({id, std::move(record)});
  }

  // False when it is not known which rows changed on the share meanwhile, or in which form.
  bool touch_held(const TableShape& shape) {
    bool usable = held_is_complete(base_, shape.id);
    for_each_held(base_, shape.id, [&](const HeldRow& held) {
      usable = usable && (!held.base || split_image(*held.base).size() == shape.columns.size());
    });
    if (!usable) return false;
    log::info("going on with table " + shape.name);
    for_each_held(base_, shape.id, [&](const HeldRow& held) {
      context_.batch_authors.push_back(held.theirs);
      const auto number = static_cast<std::uint32_t>(context_.batch_authors.size() - 1);
      scratch_.touch_whole(shape.id, held.key, held.theirs.at_ms, number,
                           held.base ? &*held.base : nullptr);
    });
    return true;
  }

  void touch_table(const TableShape& shape, Newcomer::Kind kind) {
    log::info("taking in table " + shape.name);
    const bool was_gated = kind == Newcomer::Kind::kGateOver;
    TableAccess& here = local_.table(shape.id);
    TableAccess& there = base_.table(shape.id);
    RowImage other;
    {
      Statement rows = there.scan();
      while (rows.step()) {
        const RowImage theirs = there.image_of(rows);
        const KeyImage key = key_of(shape, theirs);
        const bool exists = here.read(key, other);
        if (exists && other == theirs) continue;
        // Rows that were changed without our triggers are found by the comparison that follows.
        if (kind == Newcomer::Kind::kRebuilt && (exists || scratch_.find_hint(shape.id, key)))
          continue;
        touch(shape, key, exists ? &other : nullptr, &theirs, was_gated);
      }
    }
    if (!was_gated) return;
    Statement rows = here.scan();
    while (rows.step()) {
      const RowImage mine = here.image_of(rows);
      const KeyImage key = key_of(shape, mine);
      if (!there.read(key, other)) touch(shape, key, &mine, nullptr, was_gated);
    }
  }

  void touch(const TableShape& shape, const KeyImage& key, const RowImage* mine,
             const RowImage* theirs, bool was_gated) {
    std::int64_t at_ms = 1;
    if (theirs && shape.updated_at)
      at_ms = parse_stamp(decode_image(*theirs).at(*shape.updated_at)).value_or(1);
    const auto hint = scratch_.find_hint(shape.id, key);
    std::optional<RowImage> base;
    if (was_gated && !hint) {
      if (mine) base = *mine;  // nobody touched it here
    } else if (was_gated && !(hint && hint->inserted)) {
      base = unknown_base(shape, theirs ? *theirs : *mine);
    }
    scratch_.touch_whole(shape.id, key, at_ms, 0, base ? &*base : nullptr);
  }

  Local& local_;
  Base& base_;
  Scratch& scratch_;
  MergeContext context_;
  std::vector<AppliedConflict> kept_;
  std::map<std::uint32_t, std::uint64_t> kept_counts_;
  std::map<std::uint32_t, std::uint64_t> filled_;
};

}  // namespace

ApplyResult fill_newcomers(Local& local, Base& base, Scratch& scratch, MergeContext context) {
  return Filler(local, base, scratch, std::move(context)).run();
}

}  // namespace tidesync
