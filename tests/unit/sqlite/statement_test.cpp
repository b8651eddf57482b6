#include "sqlite/statement.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "sqlite/database.h"
#include "support/expect_error.h"
#include "support/sql_rows.h"

namespace tidesync {
namespace {

using namespace std::string_view_literals;
using test::image;

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

std::vector<ValueView> awkward_values() {
  return {ValueView::null(),
          ValueView::of(0),
          ValueView::of(kMax),
          ValueView::of(kMin),
          ValueView::of((std::int64_t{1} << 53) + 1),
          ValueView::of_real(-0.0),
          ValueView::of_real(1.0),
          ValueView::of_real(0.1),
          ValueView::of_real(std::numeric_limits<double>::infinity()),
          ValueView::of_real(-std::numeric_limits<double>::infinity()),
          ValueView::of_real(std::numeric_limits<double>::denorm_min()),
          ValueView::text(""),
          ValueView::text("1"),
          ValueView::text("a\0b"sv),
          ValueView::text("\0"sv),
          ValueView::text("\xFF\xC3 not UTF-8"),
          ValueView::blob(""),
          ValueView::blob("\0\x01\xFF"sv)};
}

TEST(StatementTest, EveryValueComesBackAsItWasBound) {
  Database db = Database::in_memory();
  db.exec("CREATE TABLE t (v)");
  Statement insert = db.prepare("INSERT INTO t VALUES (?1)");
  for (const ValueView& value : awkward_values()) {
    insert.bind(1, value).run();
  }
  Statement rows = db.prepare("SELECT v FROM t ORDER BY rowid");
  for (const ValueView& value : awkward_values()) {
    ASSERT_TRUE(rows.step());
    EXPECT_TRUE(rows.column(0) == value) << display(rows.column(0)) << " for " << display(value);
    EXPECT_EQ(image({rows.column(0)}), image({value}));
  }
  EXPECT_FALSE(rows.step());
}

TEST(StatementTest, AnImageIsBoundValueByValueAndReadBackByteEqual) {
  Database db = Database::in_memory();
  const auto values = awkward_values();
  const std::string bytes = image(values);
  std::string marks = "SELECT ?";
  for (std::size_t i = 1; i < values.size(); ++i) marks += ",?";
  Statement select = db.prepare(marks);
  EXPECT_EQ(select.bind_image(1, bytes), static_cast<int>(values.size()) + 1);
  ASSERT_TRUE(select.step());
  std::string back;
  select.append_columns(back, 0, select.column_count());
  EXPECT_EQ(back, bytes);
}

TEST(StatementTest, NotANumberIsStoredAsNull) {
  Database db = Database::in_memory();
  Statement select = db.prepare("SELECT ?1");
  select.bind(1, ValueView::of_real(std::nan("")));
  ASSERT_TRUE(select.step());
  EXPECT_TRUE(select.column(0).is_null());
}

TEST(StatementTest, AViewWithoutBytesIsAnEmptyTextAndNotNull) {
  Database db = Database::in_memory();
  Statement select = db.prepare("SELECT ?1, ?2");
  select.bind(1, ValueView::text({})).bind(2, ValueView::blob({}));
  ASSERT_TRUE(select.step());
  EXPECT_EQ(select.column(0).type, ValueType::kText);
  EXPECT_EQ(select.column(1).type, ValueType::kBlob);
}

TEST(StatementTest, ABoundTextMayChangeAfterwards) {
  Database db = Database::in_memory();
  std::string text = "before";
  Statement select = db.prepare("SELECT ?1");
  select.bind_text(1, text);
  text = "after!";
  ASSERT_TRUE(select.step());
  EXPECT_EQ(select.get_text(0), "before");
}

class WriteOutcomeTest : public ::testing::Test {
 protected:
  WriteOutcome write(const std::string& sql) { return db_.prepare(sql).run_write(); }
  Database db_ = Database::in_memory();
};

TEST_F(WriteOutcomeTest, ATakenPrimaryKeyIsUnique) {
  db_.exec(
      "CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (k TEXT PRIMARY KEY);"
      "CREATE TABLE c (k TEXT PRIMARY KEY) WITHOUT ROWID;"
      "INSERT INTO a VALUES (1); INSERT INTO b VALUES ('x'); INSERT INTO c VALUES ('x')");
  EXPECT_EQ(write("INSERT INTO a VALUES (1)"), WriteOutcome::kUnique);
  EXPECT_EQ(write("INSERT INTO b VALUES ('x')"), WriteOutcome::kUnique);
  EXPECT_EQ(write("INSERT INTO c VALUES ('x')"), WriteOutcome::kUnique);
  EXPECT_EQ(write("INSERT INTO c VALUES ('y')"), WriteOutcome::kDone);
}

TEST_F(WriteOutcomeTest, ATakenUniqueValueIsUnique) {
  db_.exec("CREATE TABLE t (a UNIQUE, b); CREATE UNIQUE INDEX i ON t (b) WHERE b > 5");
  db_.exec("INSERT INTO t VALUES (1, 9)");
  EXPECT_EQ(write("INSERT INTO t VALUES (1, 0)"), WriteOutcome::kUnique);
  EXPECT_EQ(write("INSERT INTO t VALUES (2, 9)"), WriteOutcome::kUnique);
}

TEST_F(WriteOutcomeTest, CheckNotNullAndStrictTypesAreConstraints) {
  db_.exec(
      "CREATE TABLE t (a CHECK (a > 0), b NOT NULL);"
      "CREATE TABLE s (a INTEGER) STRICT");
  EXPECT_EQ(write("INSERT INTO t VALUES (0, 1)"), WriteOutcome::kConstraint);
  EXPECT_EQ(write("INSERT INTO t VALUES (1, NULL)"), WriteOutcome::kConstraint);
  EXPECT_EQ(write("INSERT INTO s VALUES ('text')"), WriteOutcome::kConstraint);
}

TEST_F(WriteOutcomeTest, AfterARefusalTheStatementCanBeUsedAgain) {
  db_.exec("CREATE TABLE t (a UNIQUE)");
  Statement insert = db_.prepare("INSERT INTO t VALUES (?1)");
  EXPECT_EQ(insert.bind(1, std::int64_t{1}).run_write(), WriteOutcome::kDone);
  EXPECT_EQ(insert.bind(1, std::int64_t{1}).run_write(), WriteOutcome::kUnique);
  EXPECT_EQ(insert.bind(1, std::int64_t{2}).run_write(), WriteOutcome::kDone);
}

TEST_F(WriteOutcomeTest, AForeignKeyFailureIsAnError) {
  db_.exec(
      "PRAGMA foreign_keys=ON; CREATE TABLE p (id INTEGER PRIMARY KEY);"
      "CREATE TABLE c (p REFERENCES p)");
  EXPECT_ERROR(write("INSERT INTO c VALUES (1)"), ErrorCode::kSql);
}

TEST_F(WriteOutcomeTest, AnApplicationsRaiseIsAnErrorWithItsText) {
  db_.exec(
      "CREATE TABLE t (a);"
      "CREATE TRIGGER tr BEFORE INSERT ON t BEGIN SELECT RAISE(ABORT, 'closed year'); END");
  try {
    write("INSERT INTO t VALUES (1)");
    FAIL() << "written";
  } catch (const Error& error) {
    EXPECT_NE(error.detail().find("closed year"), std::string::npos);
  }
}

TEST(StatementTest, AMovedStatementGoesOnWhereTheFirstStood) {
  Database db = Database::in_memory();
  Statement first = db.prepare("SELECT 1 UNION ALL SELECT 2");
  ASSERT_TRUE(first.step());
  Statement second = std::move(first);
  ASSERT_TRUE(second.step());
  EXPECT_EQ(second.get_int(0), 2);
}

}  // namespace
}  // namespace tidesync
