#include "sync/typed_value.h"

#include <gtest/gtest.h>

namespace tidesync {
namespace {

std::string typed(const std::string& text, const std::string& type,
                  const std::vector<ValueView>& examples) {
  return display(typed_value(text, type, examples).view());
}

TEST(TypedValue, AColumnWithATypeGetsTheTextAndSqliteConvertsIt) {
  EXPECT_EQ(typed("12", "INTEGER", {ValueView::of(1)}), "'12'");
  EXPECT_EQ(typed("12", "VARCHAR(20)", {ValueView::text("x")}), "'12'");
  EXPECT_EQ(typed("1.5", "REAL", {ValueView::of_real(1)}), "'1.5'");
}

TEST(TypedValue, AColumnWithoutATypeTakesThatOfItsValues) {
  EXPECT_EQ(typed("12", "", {ValueView::of(1)}), "12");
  EXPECT_EQ(typed("12", "", {ValueView::null(), ValueView::of(1)}), "12");
  EXPECT_EQ(typed("-1.5", "", {ValueView::of(1)}), "-1.5");
  EXPECT_EQ(typed("12", "", {ValueView::of_real(1.5)}), "12.0");
  EXPECT_EQ(typed("12", "", {ValueView::text("x"), ValueView::of(1)}), "'12'");
  EXPECT_EQ(typed("twelve", "", {ValueView::of(1)}), "'twelve'");
  EXPECT_EQ(typed("", "", {ValueView::of(1)}), "''");
  EXPECT_EQ(typed("12", "", {}), "'12'");
}

TEST(TypedValue, ABlobIsWrittenInHexadecimal) {
  EXPECT_EQ(typed("x'0aff'", "BLOB", {ValueView::blob("a")}), "x'0aff'");
  EXPECT_EQ(typed("x''", "BLOB", {ValueView::blob("a")}), "x''");
  EXPECT_EQ(typed("x'0g'", "BLOB", {ValueView::blob("a")}), "'x'0g''");
  EXPECT_EQ(typed("x'0a'", "TEXT", {ValueView::text("a")}), "'x'0a''");
}

}  // namespace
}  // namespace tidesync
