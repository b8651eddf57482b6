#include "merge/row_effect.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"

namespace tidesync {
namespace {

using Kind = RowEffect::Kind;

RowImage row(const std::string& name, std::int64_t price) {
  RowImage image;
  append_value(image, ValueView::of(1));
  append_value(image, ValueView::text(name));
  append_value(image, ValueView::of(price));
  return image;
}
std::string number(std::int64_t value) {
  std::string encoded;
  append_value(encoded, ValueView::of(value));
  return encoded;
}

class RowEffectTest : public ::testing::Test {
 protected:
  void insert(const RowImage& image) {
    Change change;
    change.kind = ChangeKind::kInsert;
    change.new_image = image;
    add_change(effect_, change);
  }
  void erase(const RowImage& image) {
    Change change;
    change.kind = ChangeKind::kDelete;
    change.old_image = image;
    add_change(effect_, change);
  }
  void replace(const RowImage& before, const RowImage& after) {
    Change change;
    change.kind = ChangeKind::kReplace;
    change.old_image = before;
    change.new_image = after;
    add_change(effect_, change);
  }
  void price(std::int64_t before, std::int64_t after) {
    const std::string old_value = number(before);
    const std::string new_value = number(after);
    Change change;
    change.kind = ChangeKind::kUpdate;
    change.columns = {{2, old_value, new_value}};
    add_change(effect_, change);
  }

  RowEffect effect_;
};

TEST_F(RowEffectTest, TwoUpdatesKeepTheFirstOldAndTheLastNewValue) {
  price(10, 11);
  price(11, 12);
  EXPECT_EQ(effect_.kind, Kind::kUpdated);
  ASSERT_EQ(effect_.columns.size(), 1u);
  EXPECT_EQ(effect_.columns[2].before, number(10));
  EXPECT_EQ(effect_.columns[2].after, number(12));
}

TEST_F(RowEffectTest, UpdateThenDeleteRemembersTheRowBeforeBoth) {
  price(10, 11);
  erase(row("pen", 11));
  EXPECT_EQ(effect_.kind, Kind::kDeleted);
  EXPECT_EQ(effect_.before, row("pen", 10));
}

TEST_F(RowEffectTest, InsertThenUpdateIsAnInsertOfTheLastVersion) {
  insert(row("pen", 10));
  price(10, 12);
  EXPECT_EQ(effect_.kind, Kind::kInserted);
  EXPECT_EQ(effect_.after, row("pen", 12));
}

TEST_F(RowEffectTest, InsertThenDeleteIsNothingAndAnotherInsertAnInsert) {
  insert(row("pen", 10));
  erase(row("pen", 10));
  EXPECT_EQ(effect_.kind, Kind::kNone);
  insert(row("ink", 20));
  EXPECT_EQ(effect_.kind, Kind::kInserted);
  EXPECT_EQ(effect_.after, row("ink", 20));
}

TEST_F(RowEffectTest, DeleteThenInsertIsAReplacement) {
  erase(row("pen", 10));
  insert(row("ink", 20));
  price(20, 21);
  EXPECT_EQ(effect_.kind, Kind::kReplaced);
  EXPECT_EQ(effect_.before, row("pen", 10));
  EXPECT_EQ(effect_.after, row("ink", 21));
}

TEST_F(RowEffectTest, UpdateReplaceAndDeleteEndAsADeletionOfTheFirst) {
  price(10, 11);
  replace(row("pen", 11), row("ink", 20));
  EXPECT_EQ(effect_.kind, Kind::kReplaced);
  EXPECT_EQ(effect_.before, row("pen", 10));
  erase(row("ink", 20));
  EXPECT_EQ(effect_.kind, Kind::kDeleted);
  EXPECT_EQ(effect_.before, row("pen", 10));
}

TEST_F(RowEffectTest, AChangeThatCannotFollowIsRefused) {
  insert(row("pen", 10));
  EXPECT_ERROR(insert(row("pen", 10)), ErrorCode::kDamaged);
  effect_ = {};
  erase(row("pen", 10));
  EXPECT_ERROR(price(10, 11), ErrorCode::kDamaged);
  EXPECT_ERROR(erase(row("pen", 10)), ErrorCode::kDamaged);
}

TEST_F(RowEffectTest, BytesBringBackTheSameEffect) {
  price(10, 11);
  const RowEffect updated = decode_effect(encode_effect(effect_));
  EXPECT_EQ(updated.kind, Kind::kUpdated);
  EXPECT_EQ(updated.columns.at(2).before, number(10));
  EXPECT_EQ(updated.columns.at(2).after, number(11));
  replace(row("pen", 11), row("ink", 20));
  const RowEffect replaced = decode_effect(encode_effect(effect_));
  EXPECT_EQ(replaced.kind, Kind::kReplaced);
  EXPECT_EQ(replaced.before, row("pen", 10));
  EXPECT_EQ(replaced.after, row("ink", 20));
}

}  // namespace
}  // namespace tidesync
