#include "merge/three_way.h"

#include <tuple>

#include "base/text.h"

namespace tidesync {
namespace {

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

MergeOutput merge_edit_and_delete(const MergeInput& input) {
  MergeOutput output;
  output.kind = MergeKind::kEditDelete;
  Decision decision;
  decision.mine_won = newer(input.mine, input.theirs);
  const std::string* winner = decision.mine_won ? input.rows.mine : input.rows.theirs;
  if (winner) output.merged = *winner;
  decision.rule =
      winner ? "edited and deleted: the edit is newer" : "edited and deleted: the delete is newer";
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

MergeOutput merge_whole_row(const TableShape& shape, const MergeInput& input) {
  MergeOutput output;
  output.kind = MergeKind::kWholeRow;
  Decision decision;
  decision.mine_won = newer(input.mine, input.theirs);
  decision.columns = differing_columns(shape, *input.rows.mine, *input.rows.theirs);
  decision.rule = input.rows.base ? "replaced as a whole: newest row wins"
                                  : "inserted on both sides: newest row wins";
  output.merged = decision.mine_won ? *input.rows.mine : *input.rows.theirs;
  // Versions that differ in their stamps alone are no work of anybody's.
  if (!decision.columns.empty()) output.decisions.push_back(std::move(decision));
  return output;
}

// Columns that only mean something together: those of one reference. All others stand alone.
std::vector<std::vector<std::size_t>> column_groups(const TableShape& shape) {
  std::vector<std::size_t> group_of;
  for (std::size_t i = 0; i < shape.columns.size(); ++i) group_of.push_back(i);
  for (const ForeignKeyShape& key : shape.foreign_keys) {
    for (const std::size_t column : key.child_columns) {
      const std::size_t joined = group_of[column];
      for (std::size_t& group : group_of) {
        if (group == joined) group = group_of[key.child_columns[0]];
      }
    }
  }
  std::vector<std::vector<std::size_t>> groups(shape.columns.size());
  for (std::size_t i = 0; i < group_of.size(); ++i) groups[group_of[i]].push_back(i);
  std::erase_if(groups, [](const auto& group) { return group.empty(); });
  return groups;
}

MergeOutput merge_columns(const TableShape& shape, const MergeInput& input) {
  const auto base = split_image(*input.rows.base);
  const auto mine = split_image(*input.rows.mine);
  const auto theirs = split_image(*input.rows.theirs);
  Decision for_mine;    // columns where mine won
  Decision for_theirs;  // columns where theirs won
  for_mine.mine_won = true;
  MergeOutput output;
  std::vector<std::string_view> chosen(theirs.begin(), theirs.end());
  const bool mine_is_newer = newer(input.mine, input.theirs);
  for (const std::vector<std::size_t>& group : column_groups(shape)) {
    bool mine_changed = false;
    std::vector<std::size_t> rivals;
    const Author* theirs_author = nullptr;  // of the newest change
    for (const std::size_t i : group) {
      mine_changed = mine_changed || mine.at(i) != base.at(i);
      if (mine.at(i) != theirs.at(i)) rivals.push_back(i);
      if (theirs.at(i) == base.at(i)) continue;
      const Author& author = author_of_column(input, i);
      if (!theirs_author || newer(author, *theirs_author)) theirs_author = &author;
    }
    bool take_mine = mine_changed && !theirs_author;
    if (mine_changed && theirs_author && !rivals.empty()) {
      const bool is_meta = shape.is_meta(group.front());
      take_mine = is_meta ? mine_is_newer : newer(input.mine, *theirs_author);
      auto& columns = (take_mine ? for_mine : for_theirs).columns;
      if (!is_meta) columns.insert(columns.end(), rivals.begin(), rivals.end());
    }
    if (!take_mine) continue;
    for (const std::size_t i : group) chosen[i] = mine[i];
  }
  RowImage merged;
  for (const std::string_view value : chosen) merged.append(value);
  for (Decision* decision : {&for_mine, &for_theirs}) {
    if (decision->columns.empty()) continue;
    output.kind = MergeKind::kColumn;
    decision->rule =
        "same column changed: newest wins (" + column_names(shape, decision->columns) + ")";
    output.decisions.push_back(std::move(*decision));
  }
  output.merged = std::move(merged);
  return output;
}

}  // namespace

bool newer(const Author& a, const Author& b) {
  return std::tie(a.at_ms, a.node, a.incarnation) > std::tie(b.at_ms, b.node, b.incarnation);
}

MergeOutput merge_row(const TableShape& shape, const MergeInput& input) {
  if (!input.rows.mine || !input.rows.theirs) return merge_edit_and_delete(input);
  if (!input.rows.base || input.whole_row) return merge_whole_row(shape, input);
  return merge_columns(shape, input);
}

}  // namespace tidesync
