#include "merge/three_way.h"

#include <gtest/gtest.h>

#include "support/sql_rows.h"

namespace tidesync {
namespace {

using test::image;

const Author kEarlyAnn{1000, "ann", "", "Ann"};
const Author kLateBob{2000, "bob", "", "Bob"};

// t(id, name, price, updated_at, updated_by)
TableShape prices() {
  TableShape shape;
  shape.name = "prices";
  for (const char* name : {"id", "name", "price", "updated_at", "updated_by"}) {
    shape.columns.emplace_back();
    shape.columns.back().name = name;
  }
  shape.key = {0};
  shape.updated_at = 3;
  shape.updated_by = 4;
  return shape;
}

std::string row(std::string_view name, std::int64_t price, std::int64_t stamp = 0,
                std::string_view by = "") {
  return image({ValueView::of(1), ValueView::text(name), ValueView::of(price), ValueView::of(stamp),
                ValueView::text(by)});
}

struct Case {
  std::optional<std::string> base, mine, theirs;
  Author mine_author = kLateBob;
  Author theirs_author = kEarlyAnn;
  std::vector<std::pair<std::size_t, Author>> theirs_columns = {};
  bool whole_row = false;

  MergeOutput merge() const {
    MergeInput input;
    const auto at = [](const std::optional<std::string>& r) { return r ? &*r : nullptr; };
    input.rows = {at(base), at(mine), at(theirs)};
    input.mine = mine_author;
    input.theirs = theirs_author;
    input.theirs_columns = theirs_columns;
    input.whole_row = whole_row;
    return merge_row(prices(), input);
  }
  // The same meeting seen from the other computer.
  Case swapped() const { return {base, theirs, mine, theirs_author, mine_author, {}, whole_row}; }
};

void expect_same_from_both_sides(const Case& c) {
  const MergeOutput here = c.merge();
  const MergeOutput there = c.swapped().merge();
  EXPECT_EQ(here.merged, there.merged);
  EXPECT_EQ(here.kind, there.kind);
  ASSERT_EQ(here.decisions.size(), there.decisions.size());
}

TEST(ThreeWayTest, DifferentColumnsAreBothKeptWithoutAConflict) {
  const Case c{row("pen", 10), row("pencil", 10), row("pen", 12)};
  const MergeOutput output = c.merge();
  EXPECT_EQ(output.kind, MergeKind::kUnion);
  EXPECT_EQ(output.merged, row("pencil", 12));
  EXPECT_TRUE(output.decisions.empty());
  expect_same_from_both_sides(c);
}

TEST(ThreeWayTest, TheSameColumnChangedToTheSameValueIsNoConflict) {
  const Case c{row("pen", 10), row("pencil", 12), row("pen", 12)};
  EXPECT_EQ(c.merge().merged, row("pencil", 12));
  EXPECT_TRUE(c.merge().decisions.empty());
  expect_same_from_both_sides(c);
}

TEST(ThreeWayTest, InTheSameColumnTheNewerWinsAndTheDecisionNamesIt) {
  const Case c{row("pen", 10), row("pen", 11), row("pen", 12)};
  const MergeOutput output = c.merge();
  EXPECT_EQ(output.kind, MergeKind::kColumn);
  EXPECT_EQ(output.merged, row("pen", 11));
  ASSERT_EQ(output.decisions.size(), 1u);
  EXPECT_TRUE(output.decisions[0].mine_won);
  EXPECT_EQ(output.decisions[0].columns, std::vector<std::size_t>{2});
  EXPECT_NE(output.decisions[0].rule.find("price"), std::string::npos);
  expect_same_from_both_sides(c);
}

TEST(ThreeWayTest, TheLosingSideKeepsItsOtherColumns) {
  const Case c{row("pen", 10), row("pencil", 11), row("pen", 12), kEarlyAnn, kLateBob};
  const MergeOutput output = c.merge();
  EXPECT_EQ(output.merged, row("pencil", 12));
  ASSERT_EQ(output.decisions.size(), 1u);
  EXPECT_FALSE(output.decisions[0].mine_won);
  expect_same_from_both_sides(c);
}

TEST(ThreeWayTest, ColumnsOfOneReferenceAreTakenTogetherFromTheNewerSide) {
  TableShape shape = prices();
  shape.foreign_keys.push_back({{1, 2}, "lists", {"name", "price"}});
  const std::string base = row("pen", 10);
  const std::string mine = row("pen", 11);
  const std::string theirs = row("pencil", 10);
  MergeInput input;
  input.rows = {&base, &mine, &theirs};
  input.mine = kEarlyAnn;
  input.theirs = kLateBob;
  EXPECT_EQ(merge_row(shape, input).merged, theirs);
  input.mine.at_ms = kLateBob.at_ms + 1;
  const MergeOutput output = merge_row(shape, input);
  EXPECT_EQ(output.merged, mine);
  ASSERT_EQ(output.decisions.size(), 1u);
  EXPECT_EQ(output.decisions[0].columns, (std::vector<std::size_t>{1, 2}));
}

TEST(ThreeWayTest, ATieGoesToTheHigherNode) {
  const Author ann{1000, "ann", "", ""};
  const Author bob{1000, "bob", "", ""};
  const Case c{row("pen", 10), row("pen", 11), row("pen", 12), ann, bob};
  EXPECT_EQ(c.merge().merged, row("pen", 12));
  expect_same_from_both_sides(c);
}

TEST(ThreeWayTest, ATieOnOneNodeGoesToTheHigherIncarnation) {
  const Author before{1000, "ann", "a", ""};
  const Author after{1000, "ann", "b", ""};
  EXPECT_TRUE(newer(after, before));
  EXPECT_FALSE(newer(before, after));
  EXPECT_FALSE(newer(before, before));
  const Case c{row("pen", 10), row("pen", 11), row("pen", 12), after, before};
  EXPECT_EQ(c.merge().merged, row("pen", 11));
  expect_same_from_both_sides(c);
}

TEST(ThreeWayTest, TheUserIsNoPartOfTheOrder) {
  EXPECT_FALSE(newer({1, "n", "i", "zoe"}, {1, "n", "i", "ann"}));
}

TEST(ThreeWayTest, StampColumnsNeverConflictAndFollowTheNewerRow) {
  const Case c{row("pen", 10, 1, "x"), row("pencil", 10, 20, "bob"), row("pen", 12, 10, "ann")};
  const MergeOutput output = c.merge();
  EXPECT_TRUE(output.decisions.empty());
  EXPECT_EQ(output.kind, MergeKind::kUnion);
  EXPECT_EQ(output.merged, row("pencil", 12, 20, "bob"));
  expect_same_from_both_sides(c);
}

TEST(ThreeWayTest, AStampChangedOnOneSideOnlyIsTakenFromThere) {
  const Case c{row("pen", 10, 1, "x"), row("pencil", 10, 1, "x"), row("pen", 12, 10, "ann")};
  EXPECT_EQ(c.merge().merged, row("pencil", 12, 10, "ann"));
  expect_same_from_both_sides(c);
}

TEST(ThreeWayTest, EachColumnHasItsOwnAuthor) {
  // Theirs: an old change of the price and a new change of the name. Mine lies between them.
  Case c{row("pen", 10), row("mine", 11), row("theirs", 12)};
  c.mine_author = {1500, "bob", "", ""};
  c.theirs_author = {2000, "ann", "", ""};
  c.theirs_columns = {{1, {2000, "ann", "", ""}}, {2, {1000, "cem", "", ""}}};
  const MergeOutput output = c.merge();
  EXPECT_EQ(output.merged, row("theirs", 11));
  ASSERT_EQ(output.decisions.size(), 2u);
  EXPECT_TRUE(output.decisions[0].mine_won);
  EXPECT_EQ(output.decisions[0].columns, std::vector<std::size_t>{2});
  EXPECT_FALSE(output.decisions[1].mine_won);
  EXPECT_EQ(output.decisions[1].columns, std::vector<std::size_t>{1});
}

TEST(ThreeWayTest, TheNewerOfEditAndDeleteWins) {
  const Case edit_is_newer{row("pen", 10), row("pen", 11), std::nullopt};
  EXPECT_EQ(edit_is_newer.merge().kind, MergeKind::kEditDelete);
  EXPECT_EQ(edit_is_newer.merge().merged, row("pen", 11));
  EXPECT_TRUE(edit_is_newer.merge().decisions.at(0).mine_won);
  expect_same_from_both_sides(edit_is_newer);

  const Case delete_is_newer{row("pen", 10), std::nullopt, row("pen", 11)};
  EXPECT_EQ(delete_is_newer.merge().merged, std::nullopt);
  EXPECT_EQ(delete_is_newer.merge().decisions.size(), 1u);
  expect_same_from_both_sides(delete_is_newer);

  const Case old_edit_here{row("pen", 10), row("pen", 11), std::nullopt, kEarlyAnn, kLateBob};
  EXPECT_EQ(old_edit_here.merge().merged, std::nullopt);
  EXPECT_FALSE(old_edit_here.merge().decisions.at(0).mine_won);
  expect_same_from_both_sides(old_edit_here);

  const Case old_delete_here{row("pen", 10), std::nullopt, row("pen", 11), kEarlyAnn, kLateBob};
  EXPECT_EQ(old_delete_here.merge().merged, row("pen", 11));
  expect_same_from_both_sides(old_delete_here);
}

TEST(ThreeWayTest, TwoInsertsOfOneKeyAreMergedAsAWhole) {
  const Case c{std::nullopt, row("pen", 11), row("pencil", 10)};
  const MergeOutput output = c.merge();
  EXPECT_EQ(output.kind, MergeKind::kWholeRow);
  EXPECT_EQ(output.merged, row("pen", 11));
  ASSERT_EQ(output.decisions.size(), 1u);
  EXPECT_EQ(output.decisions[0].columns, (std::vector<std::size_t>{1, 2}));
  expect_same_from_both_sides(c);
}

TEST(ThreeWayTest, TwoInsertsThatDifferInTheirStampsOnlyAreNoConflict) {
  const Case c{std::nullopt, row("pen", 10, 20, "bob"), row("pen", 10, 10, "ann")};
  EXPECT_TRUE(c.merge().decisions.empty());
  EXPECT_EQ(c.merge().merged, row("pen", 10, 20, "bob"));
  expect_same_from_both_sides(c);
}

TEST(ThreeWayTest, ARowThatWasReplacedIsNotMixedWithTheOldOne) {
  Case c{row("pen", 10), row("pen", 11), row("sofa", 10)};
  c.whole_row = true;
  const MergeOutput output = c.merge();
  EXPECT_EQ(output.kind, MergeKind::kWholeRow);
  EXPECT_EQ(output.merged, row("pen", 11)) << "not a sofa for 11";
  EXPECT_EQ(output.decisions.size(), 1u);
  expect_same_from_both_sides(c);
}

TEST(ThreeWayTest, ValuesOfAnotherTypeDiffer) {
  const auto typed = [](const ValueView& price) {
    return image(
        {ValueView::of(1), ValueView::text("pen"), price, ValueView::of(0), ValueView::text("")});
  };
  const Case c{typed(ValueView::of(1)), typed(ValueView::of_real(1.0)),
               typed(ValueView::text("1"))};
  EXPECT_EQ(c.merge().merged, typed(ValueView::of_real(1.0)));
  EXPECT_EQ(c.merge().decisions.size(), 1u);
}

TEST(ThreeWayTest, AWholeTableOfMeetingsGivesTheSameFromBothSides) {
  const std::vector<std::optional<std::string>> versions = {
      std::nullopt, row("pen", 10), row("pen", 11), row("ink", 10), row("ink", 12, 7, "ann")};
  for (const auto& base : versions) {
    for (const auto& mine : versions) {
      for (const auto& theirs : versions) {
        if (mine == theirs || mine == base || theirs == base) continue;
        for (const bool whole : {false, true}) {
          Case c{base, mine, theirs};
          c.whole_row = whole && base;
          expect_same_from_both_sides(c);
        }
      }
    }
  }
}

}  // namespace
}  // namespace tidesync
