// What a table's policy makes of a meeting of two versions.
#include <gtest/gtest.h>

#include <limits>

#include "merge/three_way.h"
#include "support/sql_rows.h"

namespace tidesync {
namespace {

using test::image;

const Author kEarly{1000, "ann", "", "Ann"};
const Author kLate{60'000, "bob", "", "Bob"};

// q(id, qty, price, total, stock, updated_at)
TableShape quotes(const TablePolicy& policy) {
  std::vector<TableShape> shapes(1);
  shapes[0].name = "q";
  for (const char* name : {"id", "qty", "price", "total", "stock", "updated_at"}) {
    shapes[0].columns.emplace_back();
    shapes[0].columns.back().name = name;
  }
  shapes[0].key = {0};
  shapes[0].updated_at = 5;
  PolicySet policies;
  policies.tables["Q"] = policy;
  apply_policies(policies, shapes);
  return shapes[0];
}

std::string row(std::int64_t qty, std::int64_t price, std::int64_t total,
                ValueView stock = ValueView::of(10), std::int64_t stamp = 0) {
  return image({ValueView::of(1), ValueView::of(qty), ValueView::of(price), ValueView::of(total),
                stock, ValueView::of(stamp)});
}

MergeOutput meet(const TablePolicy& policy, const std::string* base, const std::string* mine,
                 const std::string* theirs, const Author& mine_author = kLate,
                 const Author& theirs_author = kEarly, bool adds_up = true) {
  MergeInput input;
  input.rows = {base, mine, theirs};
  input.mine = mine_author;
  input.theirs = theirs_author;
  input.adds_up = adds_up;
  return merge_row(quotes(policy), input);
}

const std::string kBase = row(1, 100, 100);
const std::string kMine = row(2, 100, 200);
const std::string kTheirs = row(1, 120, 120);

TablePolicy prefer(Preference preference) {
  TablePolicy policy;
  policy.prefer = preference;
  return policy;
}

TEST(MergePolicyTest, ByRowTheNewerRowIsTakenWholeThoughOtherColumnsChanged) {
  TablePolicy policy;
  policy.merge = MergeUnit::kRow;
  const std::string mine = row(2, 100, 100);
  const std::string theirs = row(1, 120, 100);
  const MergeOutput output = meet(policy, &kBase, &mine, &theirs);
  EXPECT_EQ(output.kind, MergeKind::kWholeRow);
  EXPECT_EQ(output.merged, mine);
  ASSERT_EQ(output.decisions.size(), 1u);
  EXPECT_EQ(output.decisions[0].rule, "changed on both sides: newest row wins");
  EXPECT_EQ(meet(policy, &kBase, &mine, &theirs, kEarly, kLate).merged, theirs);
  EXPECT_EQ(meet({}, &kBase, &mine, &theirs).merged, row(2, 120, 100)) << "the default";
}

TEST(MergePolicyTest, ByRowTheSameEditOnBothSidesIsNoConflict) {
  TablePolicy policy;
  policy.merge = MergeUnit::kRow;
  const std::string mine = row(2, 100, 200, ValueView::of(10), 5);
  const std::string theirs = row(2, 100, 200, ValueView::of(10), 6);
  EXPECT_TRUE(meet(policy, &kBase, &mine, &theirs).decisions.empty());
}

TEST(MergePolicyTest, AGroupMovesTogether) {
  TablePolicy policy;
  policy.groups = {{"qty", "PRICE", "total"}};
  const MergeOutput newest_mine = meet(policy, &kBase, &kMine, &kTheirs);
  EXPECT_EQ(newest_mine.merged, kMine) << "never 2 x 120 = 200";
  ASSERT_EQ(newest_mine.decisions.size(), 1u);
  EXPECT_EQ(newest_mine.decisions[0].columns, (std::vector<std::size_t>{1, 2, 3}));
  EXPECT_EQ(newest_mine.decisions[0].rule,
            "same group of columns changed: newest wins (qty, price, total)");
  EXPECT_EQ(meet(policy, &kBase, &kMine, &kTheirs, kEarly, kLate).merged, kTheirs);
}

TEST(MergePolicyTest, AGroupChangedOnOneSideAndAnotherColumnThereAreBothKept) {
  TablePolicy policy;
  policy.groups = {{"qty", "price", "total"}};
  const std::string theirs = row(1, 100, 100, ValueView::of(7));
  const MergeOutput output = meet(policy, &kBase, &kMine, &theirs);
  EXPECT_TRUE(output.decisions.empty());
  EXPECT_EQ(output.merged, row(2, 100, 200, ValueView::of(7)));
}

TEST(MergePolicyTest, AGroupStandsAgainstTheNewestOfTheirChangesInIt) {
  TablePolicy policy;
  policy.groups = {{"qty", "price", "total"}};
  const TableShape shape = quotes(policy);
  MergeInput input;
  const std::string theirs = row(3, 120, 360);
  input.rows = {&kBase, &kMine, &theirs};
  input.mine = {30'000, "bob", "", ""};
  input.theirs = {90'000, "ann", "", ""};
  input.theirs_columns = {{1, {1000, "cem", "", ""}}, {2, {60'000, "ann", "", ""}}};
  EXPECT_EQ(merge_row(shape, input).merged, theirs);
}

TEST(MergePolicyTest, MasterLocalAndManualDoNotLookAtTheTime) {
  const std::string mine = row(2, 100, 100);
  const std::string theirs = row(3, 100, 100);
  for (const auto& [later, earlier] : {std::pair(kLate, kEarly), std::pair(kEarly, kLate)}) {
    EXPECT_EQ(meet(prefer(Preference::kMaster), &kBase, &mine, &theirs, later, earlier).merged,
              theirs);
    EXPECT_EQ(meet(prefer(Preference::kManual), &kBase, &mine, &theirs, later, earlier).merged,
              theirs);
    EXPECT_EQ(meet(prefer(Preference::kLocal), &kBase, &mine, &theirs, later, earlier).merged,
              mine);
  }
  const MergeOutput manual = meet(prefer(Preference::kManual), &kBase, &mine, &theirs);
  EXPECT_NE(manual.decisions.at(0).rule.find("until a person decides"), std::string::npos);
  EXPECT_EQ(manual.decisions.at(0).rule.find("newest"), std::string::npos);
}

TEST(MergePolicyTest, APreferenceDecidesWholeRowsAndDeletesToo) {
  EXPECT_EQ(meet(prefer(Preference::kMaster), nullptr, &kMine, &kTheirs).merged, kTheirs);
  EXPECT_EQ(meet(prefer(Preference::kLocal), nullptr, &kMine, &kTheirs, kEarly, kLate).merged,
            kMine);
  EXPECT_EQ(meet(prefer(Preference::kMaster), &kBase, &kMine, nullptr).merged, std::nullopt);
  EXPECT_EQ(meet(prefer(Preference::kManual), &kBase, nullptr, &kTheirs).merged, kTheirs);
  EXPECT_EQ(meet(prefer(Preference::kLocal), &kBase, nullptr, &kTheirs, kEarly, kLate).merged,
            std::nullopt);
}

TEST(MergePolicyTest, StampsGoWithTheSideThatWasPreferred) {
  const std::string mine = row(2, 100, 100, ValueView::of(10), 60);
  const std::string theirs = row(3, 100, 100, ValueView::of(10), 1);
  EXPECT_EQ(meet(prefer(Preference::kMaster), &kBase, &mine, &theirs).merged, theirs);
}

TEST(MergePolicyTest, EditWinsAndDeleteWinsWhateverTheTime) {
  TablePolicy edit = prefer(Preference::kMaster);
  edit.deletes = DeletePolicy::kEditWins;
  TablePolicy gone;
  gone.deletes = DeletePolicy::kDeleteWins;
  for (const auto& [mine, theirs] : {std::pair(kLate, kEarly), std::pair(kEarly, kLate)}) {
    EXPECT_EQ(meet(edit, &kBase, &kMine, nullptr, mine, theirs).merged, kMine);
    EXPECT_EQ(meet(edit, &kBase, nullptr, &kTheirs, mine, theirs).merged, kTheirs);
    EXPECT_EQ(meet(gone, &kBase, &kMine, nullptr, mine, theirs).merged, std::nullopt);
    EXPECT_EQ(meet(gone, &kBase, nullptr, &kTheirs, mine, theirs).merged, std::nullopt);
  }
  EXPECT_EQ(meet(gone, &kBase, &kMine, nullptr).decisions.size(), 1u);
}

std::optional<std::string> stock_of(const MergeOutput& output) {
  return output.merged ? std::optional(display(decode_image(*output.merged).at(4))) : std::nullopt;
}

MergeOutput merge_stock(const ValueView& base, const ValueView& mine, const ValueView& theirs,
                        bool adds_up = true) {
  TablePolicy policy;
  policy.additive = {"stock"};
  const std::string b = row(1, 100, 100, base);
  const std::string m = row(1, 100, 100, mine);
  const std::string t = row(1, 100, 100, theirs);
  return meet(policy, &b, &m, &t, kLate, kEarly, adds_up);
}

TEST(MergePolicyTest, ChangesOfAnAdditiveColumnAddUpWithoutAConflict) {
  const MergeOutput output = merge_stock(ValueView::of(10), ValueView::of(7), ValueView::of(12));
  EXPECT_EQ(stock_of(output), "9");
  EXPECT_TRUE(output.decisions.empty());
  EXPECT_EQ(stock_of(merge_stock(ValueView::of_real(1.5), ValueView::of(2), ValueView::of_real(3))),
            "3.5");
  EXPECT_EQ(stock_of(merge_stock(ValueView::of(10), ValueView::of(9), ValueView::of(9))), "8")
      << "two sales of one piece each";
}

TEST(MergePolicyTest, WhatCannotBeAddedIsAnOrdinaryConflict) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  for (const auto& output :
       {merge_stock(ValueView::of(0), ValueView::of(1), ValueView::of(kMax)),
        merge_stock(ValueView::of(1), ValueView::of(kMin), ValueView::of(5)),
        merge_stock(ValueView::null(), ValueView::of(1), ValueView::of(5)),
        merge_stock(ValueView::of(1), ValueView::text("2"), ValueView::of(5)),
        merge_stock(ValueView::of(1), ValueView::of_real(1e308), ValueView::of_real(1.7e308))}) {
    EXPECT_EQ(output.decisions.size(), 1u);
  }
  const MergeOutput seen_before =
      merge_stock(ValueView::of(10), ValueView::of(9), ValueView::of(8), false);
  EXPECT_EQ(stock_of(seen_before), "9") << "nothing is added that may be in there already";
  EXPECT_EQ(seen_before.decisions.size(), 1u);
}

TEST(MergePolicyTest, ADecisionCloserThanTheClocksCanTellIsDoubtful) {
  const std::string mine = row(2, 100, 100);
  const std::string theirs = row(3, 100, 100);
  const auto rule_of = [&](const Author& a, const Author& b) {
    return meet({}, &kBase, &mine, &theirs, a, b).decisions.at(0).rule;
  };
  EXPECT_EQ(rule_of(kLate, kEarly), "same column changed: newest wins (qty)");
  const Author bob{kEarly.at_ms + kTimeUncertaintyMs - 1, "bob", "", ""};
  EXPECT_EQ(rule_of(bob, kEarly),
            "same column changed: newest wins, doubtful: the times are closer than the clocks can "
            "tell (qty)");
  const Author clear{kEarly.at_ms + kTimeUncertaintyMs, "bob", "", ""};
  EXPECT_EQ(rule_of(clear, kEarly).find("doubtful"), std::string::npos);
  const Author tie{kEarly.at_ms, "bob", "", ""};
  EXPECT_NE(rule_of(tie, kEarly).find("same time, the higher computer name wins"),
            std::string::npos);
  Author guessed = kLate;
  guessed.uncertain = true;
  EXPECT_NE(rule_of(guessed, kEarly).find("doubtful"), std::string::npos);
  EXPECT_NE(rule_of(kEarly, guessed).find("doubtful"), std::string::npos);
}

}  // namespace
}  // namespace tidesync
