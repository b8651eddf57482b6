#include "replica/scratch.h"

#include <gtest/gtest.h>

#include "support/sql_rows.h"

namespace tidesync {
namespace {

using test::image;
using test::integer_key;
using test::text_key;

constexpr int kInserted = 1;
constexpr int kUpdated = 2;
constexpr int kDeleted = 3;
constexpr int kSettled = 4;

class ScratchTest : public ::testing::Test {
 protected:
  bool reinserted_after(std::initializer_list<int> operations) {
    scratch_.clear_hints();
    for (const int operation : operations) scratch_.add_hint(11, key_, 1, operation);
    return scratch_.find_hint(11, key_)->reinserted;
  }
  Scratch scratch_;
  const KeyImage key_ = integer_key(1);
};

TEST_F(ScratchTest, AHintIsFoundByTableAndVeryKey) {
  scratch_.add_hint(11, key_, 5, kUpdated);
  EXPECT_TRUE(scratch_.find_hint(11, key_));
  EXPECT_FALSE(scratch_.find_hint(12, key_));
  EXPECT_FALSE(scratch_.find_hint(11, text_key("1")));
  EXPECT_FALSE(scratch_.find_hint(11, image({ValueView::of_real(1.0)})));
}

TEST_F(ScratchTest, TheNewestCaptureCountsWhateverTheOrder) {
  scratch_.add_hint(11, key_, 9, kUpdated);
  scratch_.add_hint(11, key_, 5, kUpdated);
  EXPECT_EQ(scratch_.find_hint(11, key_)->at_ms, 9);
  EXPECT_EQ(scratch_.count_hints(11), 1u);
}

TEST_F(ScratchTest, DeletedThenInsertedIsAnotherRecord) {
  EXPECT_TRUE(reinserted_after({kDeleted, kInserted}));
  EXPECT_TRUE(reinserted_after({kDeleted, kInserted, kUpdated}));
  EXPECT_TRUE(reinserted_after({kUpdated, kDeleted, kInserted}));
  EXPECT_TRUE(reinserted_after({kInserted, kDeleted, kInserted}));
  EXPECT_TRUE(reinserted_after({kDeleted, kInserted, kDeleted, kInserted}));
}

TEST_F(ScratchTest, AReplaceOrAnEditIsTheSameRecord) {
  // INSERT OR REPLACE fires the insert trigger alone.
  EXPECT_FALSE(reinserted_after({kInserted}));
  EXPECT_FALSE(reinserted_after({kUpdated, kInserted}));
  EXPECT_FALSE(reinserted_after({kUpdated, kUpdated}));
  EXPECT_FALSE(reinserted_after({kDeleted}));
  EXPECT_FALSE(reinserted_after({kDeleted, kInserted, kDeleted}));
}

TEST_F(ScratchTest, ARowThatTheApplicationMadeIsRememberedAsSuch) {
  scratch_.add_hint(11, key_, 1, kUpdated);
  EXPECT_FALSE(scratch_.find_hint(11, key_)->inserted);
  scratch_.add_hint(11, key_, 1, kInserted);
  scratch_.add_hint(11, key_, 1, kUpdated);
  EXPECT_TRUE(scratch_.find_hint(11, key_)->inserted);
  scratch_.add_hint(11, key_, 1, kDeleted);
  EXPECT_FALSE(scratch_.find_hint(11, key_)->inserted);
}

TEST_F(ScratchTest, WhatWasNotedBeforeARowWasSettledSaysNothingMore) {
  for (const int before : {kInserted, kUpdated, kDeleted}) {
    scratch_.clear_hints();
    scratch_.add_hint(11, key_, 5, before);
    scratch_.add_hint(11, key_, 0, kSettled);
    EXPECT_FALSE(scratch_.find_hint(11, key_)->inserted);
    EXPECT_FALSE(scratch_.find_hint(11, key_)->reinserted);
    EXPECT_EQ(scratch_.find_hint(11, key_)->at_ms, 5);
  }
  scratch_.clear_hints();
  EXPECT_FALSE(reinserted_after({kDeleted, kSettled, kInserted}));
}

TEST_F(ScratchTest, IntegerKeysAreVisitedAsNumbers) {
  for (const std::int64_t id : {256, -1, 1, 255, 65536, 2}) {
    scratch_.add_hint(11, integer_key(id), 0, kUpdated);
  }
  std::vector<KeyImage> seen;
  scratch_.for_each_hint(11, [&](const Hint& hint) { seen.push_back(hint.key); });
  EXPECT_EQ(seen, (std::vector<KeyImage>{integer_key(-1), integer_key(1), integer_key(2),
                                         integer_key(255), integer_key(256), integer_key(65536)}));
}

TEST_F(ScratchTest, KeysWithNulBytesStayApart) {
  using namespace std::string_view_literals;
  scratch_.add_hint(11, text_key("a\0b"sv), 0, kUpdated);
  scratch_.add_hint(11, text_key("a\0c"sv), 0, kUpdated);
  EXPECT_EQ(scratch_.count_hints(11), 2u);
  EXPECT_FALSE(scratch_.find_hint(11, text_key("a")));
}

Change update_of(std::uint16_t column, std::int64_t at_ms) {
  Change change;
  change.kind = ChangeKind::kUpdate;
  change.at_ms = at_ms;
  change.columns.push_back({column, "", ""});
  return change;
}
Change change_of(ChangeKind kind, std::int64_t at_ms) {
  Change change;
  change.kind = kind;
  change.at_ms = at_ms;
  return change;
}

RowImage row_of(const std::vector<ValueView>& values) {
  RowImage row;
  for (const ValueView& value : values) append_value(row, value);
  return row;
}

TEST_F(ScratchTest, WhatOneChangeMadeOfARowIsKnown) {
  const RowImage first = row_of({ValueView::of(1), ValueView::text("a"), ValueView::null()});
  const RowImage second = row_of({ValueView::of(1), ValueView::text("long"), ValueView::of(2)});
  scratch_.touch(11, key_, &first, &second, update_of(1, 10), 0);
  EXPECT_TRUE(scratch_.find_touched(11, key_)->knows_after);
  EXPECT_EQ(scratch_.find_touched(11, key_)->base, first);
  EXPECT_EQ(scratch_.find_touched(11, key_)->after, second);
  const KeyImage made = integer_key(2);
  scratch_.touch(11, made, nullptr, &first, change_of(ChangeKind::kInsert, 10), 0);
  EXPECT_EQ(scratch_.find_touched(11, made)->after, first);
  const KeyImage gone = integer_key(3);
  scratch_.touch(11, gone, &first, nullptr, change_of(ChangeKind::kDelete, 10), 0);
  EXPECT_TRUE(scratch_.find_touched(11, gone)->knows_after);
  EXPECT_FALSE(scratch_.find_touched(11, gone)->after);
}

TEST_F(ScratchTest, WhatSeveralChangesMadeOfARowIsNotKnown) {
  const RowImage first = row_of({ValueView::of(1)});
  const RowImage second = row_of({ValueView::of(2)});
  scratch_.touch(11, key_, &first, &second, update_of(0, 10), 0);
  scratch_.touch(11, key_, &second, &first, update_of(0, 20), 1);
  EXPECT_FALSE(scratch_.find_touched(11, key_)->knows_after);
}

TEST_F(ScratchTest, ATouchedRowKeepsItsFirstState) {
  const RowImage first = "first";
  const RowImage second = "second";
  scratch_.touch(11, key_, &first, update_of(1, 10), 0);
  scratch_.touch(11, key_, &second, update_of(2, 20), 1);
  const auto touched = scratch_.find_touched(11, key_);
  ASSERT_TRUE(touched);
  EXPECT_EQ(touched->base, first);
  EXPECT_FALSE(touched->replaced);
  ASSERT_EQ(touched->stamps.size(), 2u);
  EXPECT_EQ(touched->stamps[0].column, 1);
  EXPECT_EQ(touched->stamps[0].batch, 0u);
  EXPECT_EQ(touched->stamps[0].at_ms, 10);
  EXPECT_EQ(touched->stamps[1].column, 2);
  EXPECT_EQ(touched->stamps[1].batch, 1u);
  EXPECT_EQ(touched->stamps[1].at_ms, 20);
}

TEST_F(ScratchTest, ARowThatCameWithTheBatchesHasNoFirstState) {
  const RowImage row = "row";
  scratch_.touch(11, key_, nullptr, change_of(ChangeKind::kInsert, 10), 0);
  scratch_.touch(11, key_, &row, update_of(1, 20), 1);
  EXPECT_EQ(scratch_.find_touched(11, key_)->base, std::nullopt);
}

TEST_F(ScratchTest, AnEmptyImageIsAStateAndNoAbsence) {
  const RowImage empty;
  scratch_.touch(11, key_, &empty, update_of(1, 10), 0);
  EXPECT_TRUE(scratch_.find_touched(11, key_)->base.has_value());
}

TEST_F(ScratchTest, ADeleteFollowedByAnInsertIsAReplacement) {
  const RowImage row = "row";
  scratch_.touch(11, key_, &row, change_of(ChangeKind::kDelete, 10), 0);
  EXPECT_FALSE(scratch_.find_touched(11, key_)->replaced);
  scratch_.touch(11, key_, nullptr, change_of(ChangeKind::kInsert, 20), 1);
  const auto touched = scratch_.find_touched(11, key_);
  EXPECT_TRUE(touched->replaced);
  EXPECT_EQ(touched->base, row);
  EXPECT_EQ(touched->stamps.back().column, kAllColumns);
}

TEST_F(ScratchTest, AReplaceIsAReplacement) {
  const RowImage row = "row";
  scratch_.touch(11, key_, &row, change_of(ChangeKind::kReplace, 10), 0);
  EXPECT_TRUE(scratch_.find_touched(11, key_)->replaced);
}

TEST_F(ScratchTest, NotesOfSeveralBatchesAreKeptInTheirOrder) {
  const RowImage row = "row";
  scratch_.touch(11, key_, &row, nullptr, change_of(ChangeKind::kDelete, 10), 0, "one");
  scratch_.touch(11, key_, nullptr, &row, change_of(ChangeKind::kInsert, 20), 1, "two");
  EXPECT_EQ(scratch_.find_touched(11, key_)->notes, "onetwo");
}

TEST_F(ScratchTest, TheDeletionOfARecordThatStaysIsRememberedUntilTheRowIsSettled) {
  const auto deletion = [&] { return scratch_.find_hint(11, key_)->gone_by; };
  scratch_.add_hint(11, key_, 10, kUpdated, 77);
  EXPECT_EQ(deletion(), 77u);
  scratch_.add_hint(11, key_, 20, kUpdated);
  EXPECT_EQ(deletion(), 77u) << "the application's next edit does not know of it";
  scratch_.add_hint(11, key_, 30, kUpdated, 88);
  EXPECT_EQ(deletion(), 88u);
  scratch_.add_hint(11, key_, 40, kSettled);
  EXPECT_EQ(deletion(), kUnknownDeletion);
}

TEST_F(ScratchTest, TimesBeforeNineteenSeventyAndHugeOnesKeepTheirValue) {
  scratch_.touch(11, key_, nullptr, update_of(3, -5), 0);
  scratch_.touch(11, key_, nullptr, update_of(3, std::int64_t{1} << 60), 4'000'000'000u);
  const auto touched = scratch_.find_touched(11, key_);
  EXPECT_EQ(touched->stamps[0].at_ms, -5);
  EXPECT_EQ(touched->stamps[1].at_ms, std::int64_t{1} << 60);
  EXPECT_EQ(touched->stamps[1].batch, 4'000'000'000u);
}

TEST_F(ScratchTest, RowsOfAJoinAreTouchedAsAWhole) {
  scratch_.touch_whole(11, key_, 7, 3);
  const auto touched = scratch_.find_touched(11, key_);
  ASSERT_TRUE(touched);
  EXPECT_EQ(touched->base, std::nullopt);
  EXPECT_EQ(touched->stamps.at(0).column, kAllColumns);
  EXPECT_EQ(touched->stamps.at(0).batch, 3u);
}

TEST_F(ScratchTest, TablesAreVisitedByThemselvesAndCleared) {
  scratch_.touch_whole(11, key_, 7, 0);
  scratch_.touch_whole(12, key_, 7, 0);
  scratch_.touch_whole(12, integer_key(2), 7, 0);
  int visits = 0;
  scratch_.for_each_touched(12, [&](const Touched&) { ++visits; });
  EXPECT_EQ(visits, 2);
  EXPECT_EQ(scratch_.count_touched(11), 1u);
  scratch_.clear_touched();
  EXPECT_EQ(scratch_.count_touched(12), 0u);
}

TEST_F(ScratchTest, ANumberUsedAgainIsKnownOfItsTableOnly) {
  scratch_.add_hint(11, key_, 1, kDeleted);
  EXPECT_FALSE(scratch_.has_reinserted(11));
  scratch_.add_hint(11, key_, 1, kInserted);
  EXPECT_TRUE(scratch_.has_reinserted(11));
  EXPECT_FALSE(scratch_.has_reinserted(12));
}

TEST_F(ScratchTest, NewUnderTheirKeyAreRowsInsertedOrReplaced) {
  const RowImage before = image({ValueView::of(1)});
  const auto touch = [&](int number, ChangeKind kind, bool existed) {
    Change change;
    change.kind = kind;
    scratch_.touch(11, integer_key(number), existed ? &before : nullptr, change, 0);
  };
  touch(1, ChangeKind::kUpdate, true);
  touch(2, ChangeKind::kInsert, false);
  touch(3, ChangeKind::kReplace, true);
  touch(4, ChangeKind::kDelete, true);
  touch(5, ChangeKind::kDelete, true);
  touch(5, ChangeKind::kInsert, false);
  std::string keys;
  scratch_.for_each_new_touched(
      11, [&](const Touched& touched) { keys += display(decode_image(touched.key).at(0)) + " "; });
  EXPECT_EQ(keys, "2 3 5 ");
}

TEST_F(ScratchTest, MarkedKeysComeOnceAndInOrder) {
  for (const int number : {30, 4, 30, 100}) scratch_.mark(11, integer_key(number));
  scratch_.mark(12, integer_key(1));
  std::string keys;
  const auto collect = [&](const KeyImage& key) { keys += display(decode_image(key).at(0)) + " "; };
  scratch_.for_each_marked(11, collect);
  EXPECT_EQ(keys, "4 30 100 ");
  scratch_.clear_touched();
  scratch_.for_each_marked(11, collect);
  EXPECT_EQ(keys, "4 30 100 ");
}

}  // namespace
}  // namespace tidesync
