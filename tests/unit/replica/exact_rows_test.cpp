// Values that a table would store otherwise: in a base copy they stand beside it, in the
// application's database they are told from edits.
#include "replica/exact_rows.h"

#include <gtest/gtest.h>

#include "replica/catalog.h"
#include "replica/stored_form.h"
#include "replica/table_access.h"
#include "support/sql_rows.h"
#include "support/temp_dir.h"

namespace tidesync {
namespace {

std::string encoded(const ValueView& value) {
  std::string image;
  append_value(image, value);
  return image;
}

RowImage row_of(std::int64_t id, const ValueView& value) {
  return encoded(ValueView::of(id)) + encoded(value);
}

TEST(MayConvert, OnlyWhatAColumnCouldChange) {
  const auto may = [](const char* type, const ValueView& value) {
    return may_convert(affinity_of(type), encoded(value));
  };
  EXPECT_TRUE(may("TEXT", ValueView::of(42)));
  EXPECT_FALSE(may("TEXT", ValueView::text("42")));
  EXPECT_TRUE(may("INTEGER", ValueView::text(" 0042 ")));
  EXPECT_TRUE(may("INTEGER", ValueView::text("1e3")));
  EXPECT_FALSE(may("DATETIME", ValueView::text("2026-01-01 10:00")));
  EXPECT_FALSE(may("INTEGER", ValueView::text("4 2")));
  EXPECT_FALSE(may("INTEGER", ValueView::text("e3")));
  EXPECT_FALSE(may("DECIMAL(10,2)", ValueView::of_real(12.5)));
  EXPECT_TRUE(may("DECIMAL(10,2)", ValueView::of_real(12.0)));
  EXPECT_TRUE(may("REAL", ValueView::of(1)));
  EXPECT_FALSE(may("", ValueView::of(1)));
  EXPECT_FALSE(may("INTEGER", ValueView::null()));
}

// What it may not say is tried against SQLite itself.
TEST(MayConvert, WhatItCallsSafeIsStoredAsItIs) {
  const std::vector<ValueView> values{
      ValueView::of(0),        ValueView::of(-7),        ValueView::of_real(0.5),
      ValueView::of_real(2.0), ValueView::of_real(1e30), ValueView::text(""),
      ValueView::text("1"),    ValueView::text("1.50"),  ValueView::text("+3"),
      ValueView::text(".5"),   ValueView::text("5."),    ValueView::text("0x10"),
      ValueView::text("1e"),   ValueView::text("1e+5"),  ValueView::text("\t12"),
      ValueView::text("12\n"), ValueView::text("abc"),   ValueView::blob("12")};
  for (const char* type : {"TEXT", "INTEGER", "REAL", "NUMERIC", "BLOB", "", "VARCHAR(9)"}) {
    StoredForm form(type, "UTF-8");
    for (const ValueView& value : values) {
      const std::string image = encoded(value);
      if (may_convert(affinity_of(type), image)) continue;
      EXPECT_EQ(form.of(image), image) << type << " " << display(value);
    }
  }
}

class ExactRowsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    db_.exec(
        "CREATE TABLE tidesync_exact (t INTEGER NOT NULL, k BLOB NOT NULL, row BLOB NOT NULL,"
        " PRIMARY KEY (t, k)) WITHOUT ROWID; CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)");
    shape_ = read_shape(db_, "t");
    shape_.id = 11;
  }
  RowImage read(TableAccess& table, std::int64_t id) {
    RowImage row;
    EXPECT_TRUE(table.read(encoded(ValueView::of(id)), row));
    return row;
  }
  Database db_ = Database::in_memory();
  TableShape shape_;
};

TEST_F(ExactRowsTest, ANumberInAColumnOfTextsIsReadAsItWasWritten) {
  TableAccess table = TableAccess::of_share(db_, shape_);
  const RowImage exact = row_of(1, ValueView::of(42));
  EXPECT_EQ(table.insert(exact), WriteOutcome::kDone);
  EXPECT_EQ(read(table, 1), exact);
  EXPECT_EQ(db_.get_text("SELECT typeof(a) FROM t"), "text") << "for people";
  Statement rows = table.scan();
  ASSERT_TRUE(rows.step());
  EXPECT_EQ(table.image_of(rows), exact);
}

TEST_F(ExactRowsTest, NothingIsLeftOfItWhenTheRowFitsOrGoes) {
  TableAccess table = TableAccess::of_share(db_, shape_);
  const RowImage exact = row_of(1, ValueView::of(42));
  const RowImage plain = row_of(1, ValueView::text("x"));
  table.insert(exact);
  EXPECT_EQ(table.update(encoded(ValueView::of(1)), exact, plain), WriteOutcome::kDone);
  EXPECT_EQ(read(table, 1), plain);
  EXPECT_EQ(db_.get_int("SELECT count(*) FROM tidesync_exact"), 0);
  table.update(encoded(ValueView::of(1)), plain, exact);
  EXPECT_EQ(read(table, 1), exact);
  table.erase(encoded(ValueView::of(1)));
  EXPECT_EQ(db_.get_int("SELECT count(*) FROM tidesync_exact"), 0);
}

TEST_F(ExactRowsTest, ManyRowsAtOnceAreWrittenOneByOneWhereOneOfThemDoesNotFit) {
  TableAccess table = TableAccess::of_share(db_, shape_);
  const RowImage exact = row_of(1, ValueView::of(42));
  EXPECT_NE(table.insert_all({exact}), WriteOutcome::kDone);
  EXPECT_EQ(db_.get_int("SELECT count(*) FROM t"), 0);
}

TEST_F(ExactRowsTest, TheApplicationsRowStandsForTheSharesValue) {
  TableAccess app(
      db_, shape_,
      [](const TableShape&, std::string_view, RowImage& row) {
        row = row_of(1, ValueView::of(42));
        return true;
      },
      [](const TableShape&) { return true; });
  db_.exec("INSERT INTO t VALUES (1, 42)");
  EXPECT_EQ(read(app, 1), row_of(1, ValueView::of(42))) << "as its column stores it";
  db_.exec("UPDATE t SET a = '43'");
  EXPECT_EQ(read(app, 1), row_of(1, ValueView::text("43"))) << "an edit";
}

TEST(StoredForm, ADatabaseInUtf16ReplacesWhatIsNoText) {
  StoredForm form("TEXT", "UTF-16le");
  EXPECT_EQ(form.of(encoded(ValueView::text("Köln"))), encoded(ValueView::text("Köln")));
  EXPECT_NE(form.of(encoded(ValueView::text("K\xF6ln"))), encoded(ValueView::text("K\xF6ln")));
}

}  // namespace
}  // namespace tidesync
