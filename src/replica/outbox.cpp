#include "replica/outbox.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/log.h"
#include "base/mutation.h"
#include "base/text.h"
#include "merge/effective_time.h"

namespace tidesync {
namespace {

constexpr std::uint64_t kFewHints = 100;

ValueView stamp_of(const TableShape& shape, const RowImage* row) {
  if (!row || !shape.updated_at) return ValueView::null();
  return decode_image(*row).at(*shape.updated_at);
}

DeletionId deletion_of(const Hint& hint) {
  return mutated(Mutation::kReturnUnnamed) ? kUnknownDeletion : hint.gone_by;
}

class Builder {
 public:
  Builder(Local& local, Base& base, Scratch& scratch, const OutboxOptions& options,
          const SinkFactory& make_sink)
      : local_(local),
        base_(base),
        scratch_(scratch),
        scanner_(local, base, scratch),
        options_(options),
        make_sink_(make_sink) {}

  OutboxResult build() {
    find_candidates();
    hold_mass_deletes();
    for (const TableShape& shape : local_.shapes()) {
      if (shape.id != kLogTableId) add_table(shape);
    }
    for (const TableShape& shape : local_.shapes()) {
      if (shape.id != kLogTableId) continue;
      if (changes_ > 0 || log_has_waited(shape)) {
        add_table(shape);
      } else {
        result_.keep_hints.insert(shape.id);
      }
    }
    if (changes_ > 0) result_.outcome = OutboxOutcome::kBuilt;
    const auto left = base_.finish_own();
    if (left.empty()) check_counts();
    if (!left.empty()) {
      const TableShape& shape = base_.table(left.front().first).shape();
      log::info("unique value taken in base copy: " + shape.name + " " +
                display_key(shape, key_of(shape, left.front().second)) + "; comparing everything");
      result_.outcome = OutboxOutcome::kHintsIncomplete;
    }
    return std::move(result_);
  }

 private:
  // Of a table with many hints the count is checked when all of them have become changes: looking
  // at each of them just to know what to expect would cost as much again.
  void find_candidates() {
    for (const TableShape& shape : local_.shapes()) {
      if (options_.may_repeat && !options_.compare_all && shape.id != kLogTableId &&
          scratch_.count_hints(shape.id) > kFewHints) {
        unchecked_.insert(shape.id);
      } else if (options_.compare_all || !scanner_.counts_agree(shape)) {
        scanner_.compare_table(shape, options_.now_ms);
      }
    }
  }

  void check_counts() {
    if (mutated(Mutation::kNoCountCheck)) return;
    for (const std::uint32_t id : unchecked_) {
      const std::uint64_t there = base_.table(id).count();
      const std::uint64_t here = local_.table(id).count();
      if (there == here + kept_[id]) continue;
      log::info("hints are incomplete: " + base_.table(id).shape().name + " has " +
                std::to_string(here) + " rows, " + std::to_string(there - kept_[id]) +
                " were expected; comparing everything");
      result_.outcome = OutboxOutcome::kHintsIncomplete;
    }
  }

  // A table that lost most of its rows waits, and so do the parents of what is left of it: a parent
  // must not go while the children that refer to it stay.
  void hold_mass_deletes() {
    if (options_.allow_mass_delete) return;
    for (const TableShape& shape : local_.shapes()) {
      const std::uint64_t hints = scratch_.count_hints(shape.id);
      if (shape.system || hints <= kGuardRows) continue;
      const std::uint64_t rows = base_.table(shape.id).count();
      if (hints * 100 <= rows * kGuardPercent) continue;  // not even if all of them were deletes
      std::uint64_t deletes = 0;
      scanner_.for_each_difference(shape, [&](const Difference& d) { deletes += d.mine ? 0 : 1; });
      if (deletes <= kGuardRows || deletes * 100 <= rows * kGuardPercent) continue;
      result_.held.push_back({shape.name, deletes, rows});
      hold(shape);
    }
  }

  void hold(const TableShape& shape) {
    if (!held_.insert(shape.id).second) return;
    result_.keep_hints.insert(shape.id);
    for (const ForeignKeyShape& key : shape.foreign_keys) {
      for (const TableShape& parent : local_.shapes()) {
        if (to_lower_ascii(parent.name) == to_lower_ascii(key.parent_table)) hold(parent);
      }
    }
  }

  bool log_has_waited(const TableShape& shape) {
    bool waited = false;
    scratch_.for_each_hint(shape.id, [&](const Hint& hint) {
      // A clock set back must not keep the rows for ever.
      waited =
          waited || hint.at_ms <= options_.now_ms - kLogPatienceMs || hint.at_ms > options_.now_ms;
    });
    return waited;
  }

  ChangeSink& sink() {
    if (!sink_) {
      std::vector<BatchTable> tables;
      for (const TableShape& shape : base_.shapes()) {
        if (scratch_.count_hints(shape.id) == 0) continue;
        positions_[shape.id] = tables.size();
        tables.push_back(batch_table_of(shape));
      }
      sink_ = &make_sink_(std::move(tables));
    }
    return *sink_;
  }

  void add_table(const TableShape& shape) {
    const bool hold_deletes = held_.count(shape.id) > 0;
    scanner_.for_each_difference(shape, [&](const Difference& difference) {
      if (!difference.mine && hold_deletes) {
        ++kept_[shape.id];
        return;
      }
      add_change(shape, difference);
    });
  }

  // An older application has no number for the row, and the share's table would give it one that
  // the batch does not tell of.
  RowImage with_row_number(const TableShape& share, std::size_t column, const RowImage& row) {
    const auto parts = split_image(row);
    if (!ValueReader(parts.at(column)).next().is_null()) return row;
    std::int64_t& next = next_numbers_[share.id];
    if (next == 0) {
      next = 1 + base_.db().get_int("SELECT max(" + quote_name(share.columns[column].name) +
                                    ") FROM " + quote_name(share.name));
    }
    RowImage numbered;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (i == column) {
        append_value(numbered, ValueView::of(next));
      } else {
        numbered.append(parts[i]);
      }
    }
    ++next;
    return numbered;
  }

  // A newer application has a reference here that must be filled, and this one knows nothing of it:
  // what stands for nothing would refer to nothing on every computer that is updated.
  void require_parents(const TableShape& here, const TableShape& share, const RowImage& row) {
    for (const ForeignKeyShape& foreign : share.foreign_keys) {
      const bool is_unknown = std::any_of(
          foreign.child_columns.begin(), foreign.child_columns.end(), [&](std::size_t column) {
            return here.columns.at(column).absent && share.columns[column].not_null;
          });
      if (!is_unknown) continue;
      std::vector<std::string> terms;
      for (const std::string& column : foreign.parent_columns)
        terms.push_back(quote_name(column) + " = ?" + std::to_string(terms.size() + 1));
      Statement& find = base_.db().cached("SELECT 1 FROM " + quote_name(foreign.parent_table) +
                                          " WHERE " + join(terms, " AND "));
      const auto parts = split_image(row);
      int parameter = 1;
      for (const std::size_t column : foreign.child_columns)
        find.bind(parameter++, ValueReader(parts.at(column)).next());
      const bool found = find.step();
      find.reset();
      if (found) continue;
      base_.refuse_own(here.id);
      throw Error(
          ErrorCode::kSchema, "prepare batch",
          here.name + " " + display_key(here, key_of(here, row)),
          "a newer application needs to know to which " + foreign.parent_table + " it belongs");
    }
  }

  void add_change(const TableShape& shape, Difference difference) {
    const TableShape& share = base_.table(shape.id).shape();
    RowImage numbered;
    if (const auto column = share.row_number(); column && difference.mine) {
      numbered = with_row_number(share, *column, *difference.mine);
      difference.mine = &numbered;
    }
    Change change;
    ChangeSink& target = sink();
    change.table = positions_.at(shape.id);
    change.key = difference.hint.key;
    Edit edit{{}, {}, difference.hint.at_ms};
    if (difference.mine) {
      edit.old_stamp = stamp_of(shape, difference.base);
      edit.new_stamp = stamp_of(shape, difference.mine);
    }
    change.at_ms =
        options_.clock_offset_ms + effective_time(edit, options_.now_ms, options_.utc_offset).at_ms;
    if (!difference.base) {
      require_parents(shape, share, *difference.mine);
      change.kind = ChangeKind::kInsert;
      // Nobody inserted it here: it was known before and deleted on the share.
      if (!difference.hint.inserted) change.uid = uid_of_return(deletion_of(difference.hint));
      change.new_image = *difference.mine;
    } else if (!difference.mine) {
      change.kind = ChangeKind::kDelete;
      change.old_image = *difference.base;
    } else if (difference.hint.reinserted) {
      change.kind = ChangeKind::kReplace;
      change.old_image = *difference.base;
      change.new_image = *difference.mine;
    } else {
      change.kind = ChangeKind::kUpdate;
      const auto before = split_image(*difference.base);
      const auto after = split_image(*difference.mine);
      for (std::size_t i = 0; i < after.size(); ++i) {
        if (before.at(i) != after[i])
          change.columns.push_back({static_cast<std::uint16_t>(i), before[i], after[i]});
      }
    }
    target.add(change);
    base_.apply_own(shape.id, change, difference.base, difference.mine);
    ++changes_;
  }

  Local& local_;
  Base& base_;
  Scratch& scratch_;
  Scanner scanner_;
  const OutboxOptions& options_;
  const SinkFactory& make_sink_;
  ChangeSink* sink_ = nullptr;
  std::map<std::uint32_t, std::size_t> positions_;
  std::set<std::uint32_t> held_;
  std::set<std::uint32_t> unchecked_;            // tables whose counts are to be checked
  std::map<std::uint32_t, std::uint64_t> kept_;  // rows that only the base copy has, by table
  std::map<std::uint32_t, std::int64_t> next_numbers_;  // of rows, by table
  std::uint64_t changes_ = 0;
  OutboxResult result_;
};

}  // namespace

OutboxResult build_outbox(Local& local, Base& base, Scratch& scratch, const OutboxOptions& options,
                          const SinkFactory& make_sink) {
  return Builder(local, base, scratch, options, make_sink).build();
}

}  // namespace tidesync
