// Rows of tables that stand still: what a database is known to have had.
#include "replica/held_rows.h"

#include <gtest/gtest.h>

#include "replica/base.h"
#include "support/temp_dir.h"

namespace tidesync {
namespace {

std::string text_image(const char* text) {
  std::string image;
  append_value(image, ValueView::text(text));
  return image;
}

class HeldRowsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    shape_.id = 11;
    shape_.name = "t";
    shape_.columns = {{"Code", "TEXT"}, {"a", "TEXT"}};
    shape_.key = {0};
    held_.reload();
  }
  static Cursor at(std::uint64_t seq) { return {Seq{seq}, digest_of(std::to_string(seq))}; }

  test::TempDir dir_;
  Base base_{dir_ / "base.db"};
  HeldRows held_{base_.db()};
  TableShape shape_;
  const KeyImage key_ = text_image("k");
  const Author anna_{5, "anna", "", "Anna"};
};

TEST_F(HeldRowsTest, TheFirstChangeCounts) {
  held_.begin(11, at(3));
  const RowImage first = key_ + text_image("one");
  const RowImage second = key_ + text_image("two");
  held_.keep(shape_, key_, &first, anna_);
  held_.keep(shape_, key_, &second, {9, "ben", "", "Ben"});
  const auto row = held_.find(11, key_);
  ASSERT_TRUE(row);
  EXPECT_TRUE(row->existed);
  EXPECT_EQ(row->values.at("a"), text_image("one"));
  EXPECT_EQ(row->values.at("code"), key_);
  EXPECT_EQ(row->theirs.node, "ben") << "who changed it last";
}

TEST_F(HeldRowsTest, ARowThatDidNotExist) {
  held_.begin(11, at(3));
  held_.keep(shape_, key_, nullptr, anna_);
  const auto row = held_.find(11, key_);
  ASSERT_TRUE(row);
  EXPECT_FALSE(row->existed);
}

TEST_F(HeldRowsTest, NothingIsKeptOfATableThatIsNotHeld) {
  const RowImage row = key_ + text_image("one");
  held_.keep(shape_, key_, &row, anna_);
  EXPECT_FALSE(held_.find(11, key_));
  EXPECT_EQ(held_.from(11), "");
}

TEST_F(HeldRowsTest, ARowKeepsTheFormThatItHad) {
  held_.begin(11, at(3));
  const RowImage row = key_ + text_image("one");
  held_.keep(shape_, key_, &row, anna_);
  held_.keep_last(shape_, key_, key_ + text_image("two"));
  TableShape later = shape_;
  later.columns[1].name = "b";
  const KeyImage other = text_image("other");
  const RowImage other_row = other + text_image("three");
  held_.keep(later, other, &other_row, anna_);
  EXPECT_EQ(held_.find(11, key_)->values.at("a"), text_image("one"));
  EXPECT_EQ(held_.find(11, key_)->last_values.at("a"), text_image("two"));
  EXPECT_EQ(held_.find(11, other)->values.at("b"), text_image("three"));
}

TEST_F(HeldRowsTest, ARestartKnowsWhatWasHeld) {
  held_.begin(11, at(3));
  const RowImage row = key_ + text_image("one");
  held_.keep(shape_, key_, &row, anna_);
  held_.note_change(at(4));
  HeldRows again(base_.db());
  again.reload();
  EXPECT_EQ(again.from(11), text_of(at(3)));
  EXPECT_EQ(again.last_change(11), text_of(at(4)));
  EXPECT_EQ(again.find(11, key_)->values.at("a"), text_image("one"));
}

TEST_F(HeldRowsTest, ABaseCopyThatGoesBackBeginsAnewThere) {
  held_.begin(11, at(7));
  const RowImage row = key_ + text_image("one");
  held_.keep(shape_, key_, &row, anna_);
  held_.go_back_to(at(5));
  EXPECT_EQ(held_.from(11), text_of(at(5)));
  EXPECT_FALSE(held_.find(11, key_));
  held_.go_back_to(at(6));
  EXPECT_EQ(held_.from(11), text_of(at(5))) << "it began before";
}

}  // namespace
}  // namespace tidesync
