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

MergeOutput merge_columns(const TableShape& shape, const MergeInput& input) {
  const auto base = split_image(*input.rows.base);
  const auto mine = split_image(*input.rows.mine);
  const auto theirs = split_image(*input.rows.theirs);
  Decision for_mine;    // columns where mine won
  Decision for_theirs;  // columns where theirs won
  for_mine.mine_won = true;
  MergeOutput output;
  RowImage merged;
  const bool mine_is_newer = newer(input.mine, input.theirs);
  for (std::size_t i = 0; i < shape.columns.size(); ++i) {
    const bool mine_changed = mine.at(i) != base.at(i);
    const bool theirs_changed = theirs.at(i) != base.at(i);
    bool take_mine = mine_changed && !theirs_changed;
    if (mine_changed && theirs_changed && mine[i] != theirs[i]) {
      if (shape.is_meta(i)) {
        take_mine = mine_is_newer;
      } else {
        take_mine = newer(input.mine, author_of_column(input, i));
        (take_mine ? for_mine : for_theirs).columns.push_back(i);
      }
    }
    merged.append(take_mine ? mine[i] : theirs[i]);
  }
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
