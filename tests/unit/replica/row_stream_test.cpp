// Rows read ahead by a thread: in order, all of them, and what fails there is told here.
#include "replica/row_stream.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "support/sql_rows.h"

namespace tidesync {
namespace {

class RowStreamTest : public ::testing::Test {
 protected:
  RowStreamTest() {
    db_.exec("CREATE TABLE t (text, id INTEGER PRIMARY KEY)");
    shape_.name = "t";
    for (const char* name : {"text", "id"}) {
      ColumnShape column;
      column.name = name;
      shape_.columns.push_back(column);
    }
    shape_.key = {1};
    shape_.key_kind = KeyKind::kSurrogate;
  }
  void insert(int count, int bytes) {
    db_.exec("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
             std::to_string(count) + ") INSERT INTO t SELECT hex(zeroblob(" +
             std::to_string(bytes / 2) + ")), i * 3 FROM n ORDER BY i * 7919 % 1009");
  }
  std::vector<std::int64_t> numbers() {
    TableAccess table(db_, shape_);
    RowStream rows(table);
    std::vector<std::int64_t> found;
    for (std::string_view image; rows.next(image);)
      found.push_back(decode_image(image).at(1).integer);
    return found;
  }

  Database db_ = Database::temporary();
  TableShape shape_;
};

TEST_F(RowStreamTest, GivesNothingOfAnEmptyTable) {
  EXPECT_TRUE(numbers().empty());
}

TEST_F(RowStreamTest, GivesAllRowsInTheOrderOfTheirNumbers) {
  for (const int bytes : {10, 1000}) {  // one block, and many more than are read ahead
    db_.exec("DELETE FROM t");
    insert(5000, bytes);
    const auto found = numbers();
    ASSERT_EQ(found.size(), 5000u);
    for (std::size_t i = 0; i < found.size(); ++i)
      ASSERT_EQ(found[i], 3 * (static_cast<std::int64_t>(i) + 1));
  }
}

TEST_F(RowStreamTest, GivesRowsThatAreLargerThanABlock) {
  insert(5, 2'000'000);
  EXPECT_EQ(numbers(), (std::vector<std::int64_t>{3, 6, 9, 12, 15}));
}

TEST_F(RowStreamTest, EndsWhereItsReaderLosesInterest) {
  insert(5000, 1000);
  TableAccess table(db_, shape_);
  {
    RowStream rows(table);
    std::string_view image;
    ASSERT_TRUE(rows.next(image));
  }
  EXPECT_EQ(table.count(), 5000u) << "the connection can be used again";
}

TEST_F(RowStreamTest, ThrowsWhatReadingAheadThrew) {
  insert(5000, 1000);
  db_.exec(
      "UPDATE t SET text = -9223372036854775808 WHERE id = 12000;"
      "ALTER TABLE t RENAME TO filled; CREATE VIEW t AS SELECT"
      " iif(typeof(text) = 'integer', abs(text), text) AS text, id FROM filled;"
      "CREATE TRIGGER i INSTEAD OF INSERT ON t BEGIN SELECT 1; END;"
      "CREATE TRIGGER d INSTEAD OF DELETE ON t BEGIN SELECT 1; END");
  std::size_t rows_before = 0;
  const auto read_all = [&] {
    TableAccess table(db_, shape_);
    RowStream rows(table);
    for (std::string_view image; rows.next(image);) ++rows_before;
  };
  EXPECT_THROW(read_all(), Error);  // abs() of the smallest integer does not exist
  EXPECT_GT(rows_before, 0u);
  EXPECT_LT(rows_before, 4000u);
}

}  // namespace
}  // namespace tidesync
