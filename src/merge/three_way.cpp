#include "merge/three_way.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <tuple>

#include "base/text.h"

namespace tidesync {
namespace {

constexpr std::string_view kChosen = ", as chosen for this table";

// Why a decision by time is not to be relied on; "" when it is.
std::string doubt(const Author& mine, const Author& theirs) {
  if (mine.uncertain || theirs.uncertain)
    return ", doubtful: it is not certain when one of them was made";
  if (mine.at_ms == theirs.at_ms) return ", doubtful: same time, the higher computer name wins";
  // Apart without overflow: one of them may be as old as time itself.
  const auto apart = static_cast<std::uint64_t>(std::max(mine.at_ms, theirs.at_ms)) -
                     static_cast<std::uint64_t>(std::min(mine.at_ms, theirs.at_ms));
  if (apart < static_cast<std::uint64_t>(kTimeUncertaintyMs))
    return ", doubtful: the times are closer than the clocks can tell";
  return {};
}

Verdict choose(const TableShape& shape, const Author& mine, const Author& theirs,
               std::string_view newest_wins) {
  switch (shape.policy.prefer) {
    case Preference::kNewest:
      break;
    case Preference::kMaster:
      return {false, "the share's version wins" + std::string(kChosen)};
    case Preference::kLocal:
      return {true, "the version of the computer that syncs later wins" + std::string(kChosen)};
    case Preference::kManual:
      return {false, "the share's version stays until a person decides" + std::string(kChosen)};
  }
  return {newer(mine, theirs), std::string(newest_wins) + doubt(mine, theirs)};
}

const Author& author_of_column(const MergeInput& input, std::size_t column) {
  for (const auto& [position, author] : input.theirs_columns) {
    if (position == column) return author;
  }
  return input.theirs;
}

std::string column_names(const TableShape& shape, const std::vector<std::size_t>& columns) {
  std::vector<std::string> names;
  for (const std::size_t column : columns) names.push_back(shape.columns[column].name);
  return join(names, ", ");
}

Verdict choose_edit_or_delete(const TableShape& shape, const MergeInput& input) {
  const bool mine_is_edit = input.rows.mine != nullptr;
  if (shape.policy.deletes == DeletePolicy::kEditWins)
    return {mine_is_edit, "the edit wins" + std::string(kChosen)};
  if (shape.policy.deletes == DeletePolicy::kDeleteWins)
    return {!mine_is_edit, "the delete wins" + std::string(kChosen)};
  const bool edit_is_newer = newer(input.mine, input.theirs) == mine_is_edit;
  return choose(shape, input.mine, input.theirs,
                edit_is_newer ? "the edit is newer" : "the delete is newer");
}

MergeOutput merge_edit_and_delete(const TableShape& shape, const MergeInput& input) {
  MergeOutput output;
  output.kind = MergeKind::kEditDelete;
  const Verdict verdict = choose_edit_or_delete(shape, input);
  const std::string* winner = verdict.mine_won ? input.rows.mine : input.rows.theirs;
  if (winner) output.merged = *winner;
  Decision decision;
  decision.mine_won = verdict.mine_won;
  decision.rule = "edited and deleted: " + verdict.why;
  output.decisions.push_back(std::move(decision));
  return output;
}

std::vector<std::size_t> differing_columns(const TableShape& shape, const std::string& a,
                                           const std::string& b) {
  const auto left = split_image(a);
  const auto right = split_image(b);
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; i < shape.columns.size(); ++i) {
    if (left.at(i) != right.at(i) && !shape.is_meta(i)) columns.push_back(i);
  }
  return columns;
}

std::string whole_row_case(const MergeInput& input) {
  if (!input.rows.base) return "inserted on both sides: ";
  return input.whole_row ? "replaced as a whole: " : "changed on both sides: ";
}

MergeOutput merge_whole_row(const TableShape& shape, const MergeInput& input) {
  MergeOutput output;
  output.kind = MergeKind::kWholeRow;
  Decision decision;
  decision.columns = differing_columns(shape, *input.rows.mine, *input.rows.theirs);
  // Versions that differ in their stamps alone are no work of anybody's.
  if (decision.columns.empty()) {
    output.merged = newer(input.mine, input.theirs) ? *input.rows.mine : *input.rows.theirs;
    return output;
  }
  const Verdict verdict = choose_row(shape, input.mine, input.theirs);
  decision.mine_won = verdict.mine_won;
  decision.rule = whole_row_case(input) + verdict.why;
  output.merged = verdict.mine_won ? *input.rows.mine : *input.rows.theirs;
  output.decisions.push_back(std::move(decision));
  return output;
}

// Sums ------------------------------------------------------------------------------------------

std::optional<std::int64_t> add_integers(std::int64_t a, std::int64_t b) {
  using Limits = std::numeric_limits<std::int64_t>;
  if (b > 0 ? a > Limits::max() - b : a < Limits::min() - b) return std::nullopt;
  return a + b;
}

std::optional<std::int64_t> subtract_integers(std::int64_t a, std::int64_t b) {
  using Limits = std::numeric_limits<std::int64_t>;
  if (b > 0 ? a < Limits::min() + b : a > Limits::max() + b) return std::nullopt;
  return a - b;
}

bool is_number(const ValueView& value) {
  return value.type == ValueType::kInteger || value.type == ValueType::kReal;
}

double as_real(const ValueView& value) {
  return value.type == ValueType::kReal ? value.real : static_cast<double>(value.integer);
}

// theirs + (mine - base), encoded; nullopt when that is no number SQLite can hold.
std::optional<std::string> add_up(std::string_view base, std::string_view mine,
                                  std::string_view theirs) {
  const ValueView b = ValueReader(base).next();
  const ValueView m = ValueReader(mine).next();
  const ValueView t = ValueReader(theirs).next();
  if (!is_number(b) || !is_number(m) || !is_number(t)) return std::nullopt;
  std::string sum;
  const auto is_integer = [](const ValueView& v) { return v.type == ValueType::kInteger; };
  if (is_integer(b) && is_integer(m) && is_integer(t)) {
    const auto change = subtract_integers(m.integer, b.integer);
    const auto total = change ? add_integers(t.integer, *change) : std::nullopt;
    if (!total) return std::nullopt;
    append_value(sum, ValueView::of(*total));
    return sum;
  }
  const double total = as_real(t) + (as_real(m) - as_real(b));
  if (!std::isfinite(total)) return std::nullopt;
  append_value(sum, ValueView::of_real(total));
  return sum;
}

// Columns ---------------------------------------------------------------------------------------

// Merges unit by unit: a unit is a group of columns that move together, or a single column.
class ColumnMerge {
 public:
  ColumnMerge(const TableShape& shape, const MergeInput& input)
      : shape_(shape),
        input_(input),
        base_(split_image(*input.rows.base)),
        mine_(split_image(*input.rows.mine)),
        theirs_(split_image(*input.rows.theirs)),
        taken_(shape.columns.size()) {
    for_mine_.mine_won = true;
  }

  MergeOutput run() {
    for (const Unit& unit : units()) merge_unit(unit);
    merge_stamps();
    MergeOutput output;
    RowImage merged;
    for (const std::string& value : taken_) merged.append(value);
    output.merged = std::move(merged);
    for (Decision* decision : {&for_mine_, &for_theirs_}) {
      if (decision->columns.empty()) continue;
      output.kind = MergeKind::kColumn;
      decision->rule += " (" + column_names(shape_, decision->columns) + ")";
      output.decisions.push_back(std::move(*decision));
    }
    return output;
  }

 private:
  using Unit = std::vector<std::size_t>;

  // The columns of one reference only mean something together, too.
  std::vector<Unit> units() const {
    std::vector<std::size_t> unit_of(shape_.columns.size());
    for (std::size_t i = 0; i < unit_of.size(); ++i) unit_of[i] = i;
    const auto unite = [&](std::size_t a, std::size_t b) {
      const std::size_t from = unit_of[a];
      std::replace(unit_of.begin(), unit_of.end(), from, unit_of[b]);
    };
    std::map<std::uint16_t, std::size_t> first_of_group;
    for (std::size_t i = 0; i < unit_of.size(); ++i) {
      const std::uint16_t group = shape_.columns[i].group;
      if (group != 0) unite(i, first_of_group.try_emplace(group, i).first->second);
    }
    for (const ForeignKeyShape& key : shape_.foreign_keys) {
      for (const std::size_t column : key.child_columns) unite(column, key.child_columns.front());
    }
    std::map<std::size_t, Unit> units;
    for (std::size_t i = 0; i < unit_of.size(); ++i) {
      if (!shape_.is_meta(i)) units[unit_of[i]].push_back(i);
    }
    std::vector<Unit> listed;
    for (auto& [number, unit] : units) listed.push_back(std::move(unit));
    return listed;
  }

  static bool differ(const Unit& unit, const std::vector<std::string_view>& a,
                     const std::vector<std::string_view>& b) {
    return std::any_of(unit.begin(), unit.end(), [&](std::size_t i) { return a.at(i) != b.at(i); });
  }

  void take(const Unit& unit, bool mine) {
    for (const std::size_t i : unit) taken_[i] = mine ? mine_.at(i) : theirs_.at(i);
  }

  void merge_unit(const Unit& unit) {
    const bool mine_changed = differ(unit, mine_, base_);
    const bool both_changed = mine_changed && differ(unit, theirs_, base_);
    if (both_changed && take_sum(unit)) return;
    if (both_changed && differ(unit, mine_, theirs_)) {
      decide(unit);
    } else {
      take(unit, mine_changed && !both_changed);
    }
  }

  bool take_sum(const Unit& unit) {
    const std::size_t i = unit.front();
    if (!shape_.columns[i].additive || !input_.adds_up) return false;
    const auto sum = add_up(base_.at(i), mine_.at(i), theirs_.at(i));
    if (sum) taken_[i] = *sum;
    return sum.has_value();
  }

  // The newest of their changes in the unit stands against ours.
  Author author_of(const Unit& unit) const {
    std::optional<Author> newest;
    for (const std::size_t i : unit) {
      if (theirs_.at(i) == base_.at(i)) continue;
      const Author& author = author_of_column(input_, i);
      if (!newest || newer(author, *newest)) newest = author;
    }
    return newest.value_or(input_.theirs);
  }

  void decide(const Unit& unit) {
    const Verdict verdict = choose(shape_, input_.mine, author_of(unit), "newest wins");
    Decision& decision = verdict.mine_won ? for_mine_ : for_theirs_;
    std::copy_if(unit.begin(), unit.end(), std::back_inserter(decision.columns),
                 [&](std::size_t i) { return mine_.at(i) != theirs_.at(i); });
    const std::string rule =
        (unit.size() > 1 ? "same group of columns changed: " : "same column changed: ") +
        verdict.why;
    // Several columns, one record: a doubt about any of them counts.
    if (rule.size() > decision.rule.size()) decision.rule = rule;
    take(unit, verdict.mine_won);
  }

  // updated_at and updated_by go with the side that was taken, or with the newer row.
  void merge_stamps() {
    bool mine = newer(input_.mine, input_.theirs);
    if (shape_.policy.prefer != Preference::kNewest) {
      if (!for_mine_.columns.empty()) mine = true;
      if (!for_theirs_.columns.empty()) mine = false;
    }
    for (std::size_t i = 0; i < shape_.columns.size(); ++i) {
      if (!shape_.is_meta(i)) continue;
      const bool mine_changed = mine_.at(i) != base_.at(i);
      const bool theirs_changed = theirs_.at(i) != base_.at(i);
      taken_[i] = mine_changed && (mine || !theirs_changed) ? mine_.at(i) : theirs_.at(i);
    }
  }

  const TableShape& shape_;
  const MergeInput& input_;
  std::vector<std::string_view> base_, mine_, theirs_;
  std::vector<std::string> taken_;
  Decision for_mine_;    // where mine won
  Decision for_theirs_;  // where theirs won
};

}  // namespace

bool newer(const Author& a, const Author& b) {
  return std::tie(a.at_ms, a.node, a.incarnation) > std::tie(b.at_ms, b.node, b.incarnation);
}

Verdict choose_row(const TableShape& shape, const Author& mine, const Author& theirs) {
  return choose(shape, mine, theirs, "newest row wins");
}

MergeOutput merge_row(const TableShape& shape, const MergeInput& input) {
  if (!input.rows.mine || !input.rows.theirs) return merge_edit_and_delete(shape, input);
  const bool as_a_whole = input.whole_row || shape.policy.merge == MergeUnit::kRow;
  if (!input.rows.base || as_a_whole) return merge_whole_row(shape, input);
  return ColumnMerge(shape, input).run();
}

}  // namespace tidesync
