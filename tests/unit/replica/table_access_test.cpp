#include "replica/table_access.h"

#include <gtest/gtest.h>

#include "replica/catalog.h"
#include "replica/row_writer.h"
#include "support/sql_rows.h"

namespace tidesync {
namespace {

using test::image;
using test::integer_key;
using test::Rows;
using test::rows_of;
using test::text_key;

class TableAccessTest : public ::testing::Test {
 protected:
  void make(const std::string& sql) {
    db_.exec(sql);
    shape_ = read_shape(db_, "t");
    table_.emplace(db_, shape_);
  }
  RowImage read(std::string_view key) {
    RowImage row;
    return table_->read(key, row) ? row : RowImage("absent");
  }
  Rows rows() { return rows_of(db_, "SELECT * FROM t ORDER BY 1"); }

  Database db_ = Database::in_memory();
  TableShape shape_;
  std::optional<TableAccess> table_;
};

TEST_F(TableAccessTest, ARowIsWrittenReadAndErasedByItsKey) {
  make("CREATE TABLE t (id INTEGER PRIMARY KEY, \"a \"\"b\"\"\" TEXT)");
  const auto row = image({ValueView::of(7), ValueView::text("x")});
  EXPECT_EQ(table_->insert(row), WriteOutcome::kDone);
  EXPECT_EQ(read(integer_key(7)), row);
  EXPECT_EQ(read(integer_key(8)), "absent");
  table_->erase(integer_key(7));
  EXPECT_EQ(rows(), Rows{});
}

TEST_F(TableAccessTest, UnderNocaseOnlyTheVeryBytesAreTheKey) {
  make("CREATE TABLE t (k TEXT PRIMARY KEY COLLATE NOCASE, x); INSERT INTO t VALUES ('a', 1)");
  EXPECT_EQ(read(text_key("A")), "absent");
  EXPECT_EQ(read(text_key("a")), image({ValueView::text("a"), ValueView::of(1)}));
}

TEST_F(TableAccessTest, InAnUntypedKeyOneAndOnePointZeroAreTwoKeys) {
  make("CREATE TABLE t (k PRIMARY KEY, x); INSERT INTO t VALUES (1, 'integer')");
  EXPECT_EQ(read(image({ValueView::of_real(1.0)})), "absent");
  EXPECT_NE(read(integer_key(1)), "absent");
  EXPECT_EQ(read(text_key("1")), "absent");
}

TEST_F(TableAccessTest, AConflictClauseOfTheSchemaNeverEvictsARow) {
  make(
      "CREATE TABLE t (id INTEGER PRIMARY KEY ON CONFLICT REPLACE, u UNIQUE ON CONFLICT REPLACE);"
      "INSERT INTO t VALUES (1, 'a'), (2, 'b')");
  EXPECT_EQ(table_->insert(image({ValueView::of(3), ValueView::text("a")})), WriteOutcome::kUnique);
  EXPECT_EQ(table_->insert(image({ValueView::of(1), ValueView::text("c")})), WriteOutcome::kUnique);
  EXPECT_EQ(table_->update(integer_key(2), image({ValueView::of(2), ValueView::text("b")}),
                           image({ValueView::of(2), ValueView::text("a")})),
            WriteOutcome::kUnique);
  EXPECT_EQ(rows(), (Rows{"1|'a'", "2|'b'"}));
}

TEST_F(TableAccessTest, AnIgnoreClauseOfTheSchemaDoesNotHideARefusal) {
  make(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, u UNIQUE ON CONFLICT IGNORE);"
      "INSERT INTO t VALUES (1, 'a')");
  EXPECT_EQ(table_->insert(image({ValueView::of(3), ValueView::text("a")})), WriteOutcome::kUnique);
}

TEST_F(TableAccessTest, AnUpdateWritesOnlyTheColumnsThatDiffer) {
  // Somebody else's change of another column stays: only `b` is named in the statement.
  make("CREATE TABLE t (id INTEGER PRIMARY KEY, a, b); INSERT INTO t VALUES (1, 'now', 'old')");
  EXPECT_EQ(
      table_->update(integer_key(1),
                     image({ValueView::of(1), ValueView::text("was"), ValueView::text("old")}),
                     image({ValueView::of(1), ValueView::text("was"), ValueView::text("new")})),
      WriteOutcome::kDone);
  EXPECT_EQ(rows(), Rows{"1|'now'|'new'"});
}

TEST_F(TableAccessTest, AnUpdateThatChangesNothingIsDone) {
  make("CREATE TABLE t (id INTEGER PRIMARY KEY, a)");
  const auto row = image({ValueView::of(1), ValueView::null()});
  EXPECT_EQ(table_->update(integer_key(1), row, row), WriteOutcome::kDone);
}

TEST_F(TableAccessTest, ATypeChangeAloneIsADifference) {
  make("CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, 1)");
  table_->update(integer_key(1), image({ValueView::of(1), ValueView::of(1)}),
                 image({ValueView::of(1), ValueView::of_real(1.0)}));
  EXPECT_EQ(rows(), Rows{"1|1.0"});
}

TEST_F(TableAccessTest, RefusalsOfCheckAndNotNullAreConstraints) {
  make("CREATE TABLE t (id INTEGER PRIMARY KEY, a NOT NULL CHECK (a > 0))");
  EXPECT_EQ(table_->insert(image({ValueView::of(1), ValueView::null()})),
            WriteOutcome::kConstraint);
  EXPECT_EQ(table_->insert(image({ValueView::of(1), ValueView::of(0)})), WriteOutcome::kConstraint);
}

TEST_F(TableAccessTest, RowsWithANullInTheirKeyAreNotCountedAndNotScanned) {
  make(
      "CREATE TABLE t (k TEXT PRIMARY KEY, x); INSERT INTO t VALUES (NULL, 1), ('a', 2), (NULL, "
      "3)");
  EXPECT_EQ(table_->count(), 1u);
  Statement scan = table_->scan();
  ASSERT_TRUE(scan.step());
  EXPECT_EQ(table_->image_of(scan), image({ValueView::text("a"), ValueView::of(2)}));
  EXPECT_FALSE(scan.step());
}

TEST_F(TableAccessTest, ADescendingIntegerKeyMayBeNull) {
  make("CREATE TABLE t (id INTEGER PRIMARY KEY DESC, x); INSERT INTO t VALUES (NULL, 1), (2, 2)");
  EXPECT_EQ(table_->count(), 1u);
}

TEST_F(TableAccessTest, TheTableMayHaveItsColumnsInAnotherOrderAndMoreOfThem) {
  db_.exec("CREATE TABLE t (extra DEFAULT 'd', b, id INTEGER PRIMARY KEY, a)");
  shape_ = read_shape(db_, "t");
  TableShape ordered = shape_;
  ordered.columns = {shape_.columns[2], shape_.columns[3], shape_.columns[1]};
  ordered.key = {0};
  TableAccess table(db_, ordered);
  const auto row = image({ValueView::of(1), ValueView::text("a"), ValueView::text("b")});
  EXPECT_EQ(table.insert(row), WriteOutcome::kDone);
  RowImage back;
  EXPECT_TRUE(table.read(integer_key(1), back));
  EXPECT_EQ(back, row);
  EXPECT_EQ(rows(), Rows{"'d'|'b'|1|'a'"});
}

TEST_F(TableAccessTest, ARealKeyIsFoundAgain) {
  make("CREATE TABLE t (k REAL PRIMARY KEY, x); INSERT INTO t VALUES (1, 'one'), (0.5, 'half')");
  EXPECT_NE(read(image({ValueView::of_real(1.0)})), "absent");
  EXPECT_NE(read(image({ValueView::of_real(0.5)})), "absent");
}

class RowWriterTest : public TableAccessTest {
 protected:
  static RowImage row(std::int64_t id, std::string_view code) {
    return image({ValueView::of(id), ValueView::text(code)});
  }
  void make_codes(const std::string& rows) {
    make(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, code TEXT UNIQUE CHECK (code <> 'bad')); "
        "INSERT INTO t VALUES " +
        rows);
    writer_.emplace(*table_);
  }
  WriteOutcome put(std::int64_t id, const char* before, const char* after) {
    const RowImage old_row = before ? row(id, before) : RowImage();
    const RowImage new_row = after ? row(id, after) : RowImage();
    return writer_->put(integer_key(id), before ? &old_row : nullptr, after ? &new_row : nullptr);
  }
  std::optional<RowWriter> writer_;
};

TEST_F(RowWriterTest, TwoRowsSwapTheirUniqueValues) {
  make_codes("(1, 'a'), (2, 'b')");
  EXPECT_EQ(put(1, "a", "b"), WriteOutcome::kDone);
  EXPECT_EQ(put(2, "b", "a"), WriteOutcome::kDone);
  EXPECT_TRUE(writer_->finish().empty());
  EXPECT_EQ(rows(), (Rows{"1|'b'", "2|'a'"}));
}

TEST_F(RowWriterTest, ThreeRowsRotateInEitherDirection) {
  make_codes("(1, 'a'), (2, 'b'), (3, 'c')");
  put(1, "a", "b");
  put(2, "b", "c");
  put(3, "c", "a");
  EXPECT_TRUE(writer_->finish().empty());
  EXPECT_EQ(rows(), (Rows{"1|'b'", "2|'c'", "3|'a'"}));
  put(3, "a", "c");
  put(2, "c", "b");
  put(1, "b", "a");
  EXPECT_TRUE(writer_->finish().empty());
  EXPECT_EQ(rows(), (Rows{"1|'a'", "2|'b'", "3|'c'"}));
}

TEST_F(RowWriterTest, AValueOfADeletedRowCanBeTakenInTheSameSet) {
  make_codes("(5, 'a')");
  put(1, nullptr, "a");
  put(5, "a", nullptr);
  EXPECT_TRUE(writer_->finish().empty());
  EXPECT_EQ(rows(), Rows{"1|'a'"});
}

TEST_F(RowWriterTest, ATrueCollisionComesBackAndIsAbsentFromTheTable) {
  make_codes("(1, 'a'), (2, 'b')");
  EXPECT_EQ(put(2, "b", "a"), WriteOutcome::kDone);
  put(3, nullptr, "c");
  EXPECT_EQ(writer_->finish(), std::vector<RowImage>{row(2, "a")});
  EXPECT_EQ(rows(), (Rows{"1|'a'", "3|'c'"}));
  EXPECT_TRUE(writer_->finish().empty()) << "told once";
}

TEST_F(RowWriterTest, ARowThatBreaksARuleStaysAsItWas) {
  make_codes("(1, 'a')");
  EXPECT_EQ(put(1, "a", "bad"), WriteOutcome::kConstraint);
  EXPECT_EQ(put(2, nullptr, "bad"), WriteOutcome::kConstraint);
  EXPECT_TRUE(writer_->finish().empty());
  EXPECT_EQ(rows(), Rows{"1|'a'"});
}

TEST_F(RowWriterTest, AKeyThatOnlyChangesItsCaseIsWrittenInAnyOrder) {
  make("CREATE TABLE t (k TEXT PRIMARY KEY COLLATE NOCASE, x); INSERT INTO t VALUES ('a', 1)");
  RowWriter writer(*table_);
  const auto lower = image({ValueView::text("a"), ValueView::of(1)});
  const auto upper = image({ValueView::text("A"), ValueView::of(1)});
  writer.put(text_key("A"), nullptr, &upper);
  writer.put(text_key("a"), &lower, nullptr);
  EXPECT_TRUE(writer.finish().empty());
  EXPECT_EQ(rows(), Rows{"'A'|1"});
}

TEST_F(RowWriterTest, NothingToNothingIsDone) {
  make_codes("(1, 'a')");
  EXPECT_EQ(put(9, nullptr, nullptr), WriteOutcome::kDone);
  EXPECT_EQ(rows(), Rows{"1|'a'"});
}

}  // namespace
}  // namespace tidesync
