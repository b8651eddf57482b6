#include "merge/table_shape.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "support/sql_rows.h"

namespace tidesync {
namespace {

using test::image;

TableShape shape_of(const std::vector<std::string>& columns, std::vector<std::size_t> key) {
  TableShape shape;
  shape.name = "t";
  for (const std::string& name : columns) {
    shape.columns.emplace_back();
    shape.columns.back().name = name;
  }
  shape.key = std::move(key);
  return shape;
}

TEST(TableShapeTest, ColumnsAreFoundWithoutRegardToAsciiCase) {
  const TableShape shape = shape_of({"Id",
                                     "Gr\xC3\xB6\xC3\x9F"
                                     "e"},
                                    {0});
  EXPECT_EQ(shape.find_column("ID"), 0u);
  EXPECT_EQ(shape.find_column("gr\xC3\xB6\xC3\x9F"
                              "E"),
            1u);
  EXPECT_EQ(shape.find_column("gr\xC3\x96\xC3\x9F"
                              "e"),
            std::nullopt)
      << "SQLite folds ASCII only";
  EXPECT_EQ(shape.find_column("other"), std::nullopt);
}

TEST(TableShapeTest, TheKeyIsTakenInKeyOrder) {
  const TableShape shape = shape_of({"rate", "day", "currency"}, {2, 1});
  const auto row = image({ValueView::of(5), ValueView::text("mon"), ValueView::text("EUR")});
  EXPECT_EQ(key_of(shape, row), image({ValueView::text("EUR"), ValueView::text("mon")}));
}

TEST(TableShapeTest, AKeyInFrontIsTakenWithoutReadingTheRest) {
  const TableShape shape = shape_of({"id", "x"}, {0});
  EXPECT_EQ(key_of(shape, image({ValueView::of(7), ValueView::text("y")})), test::integer_key(7));
}

TEST(TableShapeTest, ARowImageThatIsTooShortIsDamaged) {
  const TableShape shape = shape_of({"a", "b"}, {1});
  EXPECT_ANY_THROW(key_of(shape, image({ValueView::of(1)})));
}

TEST(TableShapeTest, KeysAreShownForPeople) {
  EXPECT_EQ(display_key(shape_of({"id", "x"}, {0}), test::integer_key(17)), "id = 17");
  EXPECT_EQ(
      display_key(shape_of({"a", "b"}, {0, 1}), image({ValueView::of(1), ValueView::text("x")})),
      "(a, b) = (1, 'x')");
}

TEST(TableShapeTest, StampColumnsAreMeta) {
  TableShape shape = shape_of({"id", "updated_at", "updated_by"}, {0});
  EXPECT_FALSE(shape.is_meta(1));
  shape.updated_at = 1;
  shape.updated_by = 2;
  EXPECT_FALSE(shape.is_meta(0));
  EXPECT_TRUE(shape.is_meta(1));
  EXPECT_TRUE(shape.is_meta(2));
}

}  // namespace
}  // namespace tidesync
