// The base copy when the shared schema changes, and back.
#include "replica/schema_change.h"

#include <gtest/gtest.h>

#include "replica/base.h"
#include "sqlite/transaction.h"
#include "support/expect_error.h"
#include "support/mini_fleet.h"

namespace tidesync {
namespace {

using test::MiniNode;

constexpr const char* kTables =
    "CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT UNIQUE);"
    "CREATE TABLE t (id INTEGER PRIMARY KEY, p REFERENCES p (id), v);"
    "CREATE UNIQUE INDEX t_v ON t (v);"
    "INSERT INTO p VALUES (1, 'a'), (2, 'b');"
    "INSERT INTO t VALUES (5, 1, 1.5), (6, 2, '1'), (7, NULL, x'00')";

class SchemaChangeTest : public ::testing::Test {
 protected:
  SchemaChangeTest() : node_("ann", kTables), base_(node_.base()) {}

  SchemaChange change_to(const std::function<void(ShareSchema&)>& edit) {
    SchemaChange change{base_.schema(), base_.schema()};
    edit(change.to);
    return change;
  }
  SharedTable& table(ShareSchema& schema, const std::string& name) {
    for (SharedTable& table : schema.tables) {
      if (table.name == name) return table;
    }
    throw std::runtime_error(name);
  }
  void apply(const SchemaChange& change, FoldDirection direction = FoldDirection::kForward) {
    Transaction transaction(base_.db(), Transaction::Kind::kImmediate);
    base_.apply_schema(to_json(change), direction);
    transaction.commit();
  }
  std::string rows(const std::string& sql) { return base_.db().get_text(sql); }

  MiniNode node_;
  Base& base_;
};

TEST_F(SchemaChangeTest, NewColumnHasItsDefaultAndGoesAgain) {
  const Digest before = base_.state();
  const auto change = change_to([&](ShareSchema& to) {
    table(to, "t").sql =
        "CREATE TABLE t (id INTEGER PRIMARY KEY, extra TEXT NOT NULL DEFAULT 'none',"
        " p REFERENCES p (id), v)";
  });
  apply(change);
  EXPECT_FALSE(base_.state() == before);
  EXPECT_EQ(rows("SELECT group_concat(id || extra || typeof(v)) FROM t"),
            "5nonereal,6nonetext,7noneblob");
  EXPECT_EQ(base_.find_shape("t")->columns.size(), 4u);
  EXPECT_EQ(rows("SELECT count(*) || '' FROM sqlite_schema WHERE name = 't_v'"), "1");
  apply(change, FoldDirection::kBackward);
  EXPECT_TRUE(base_.state() == before);
  EXPECT_EQ(to_json(base_.schema()), to_json(change.from));
}

TEST_F(SchemaChangeTest, DefaultThatIsNotTheSameEverywhereCountsAsNone) {
  apply(change_to([&](ShareSchema& to) {
    table(to, "p").sql =
        "CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT UNIQUE, made TEXT DEFAULT "
        "CURRENT_TIMESTAMP, must TEXT NOT NULL CHECK (length(must) > 3))";
  }));
  EXPECT_EQ(rows("SELECT group_concat(ifnull(made, 'null') || '<' || must || '>') FROM p"),
            "null<>,null<>");
}

TEST_F(SchemaChangeTest, TablesComeAndGo) {
  const Digest before = base_.state();
  const auto change = change_to([&](ShareSchema& to) {
    std::erase_if(to.tables, [](const SharedTable& t) { return t.name == "t"; });
    to.tables.push_back({40, "fresh", "CREATE TABLE fresh (id INTEGER PRIMARY KEY)", {"id"}});
    to.left_out.insert("t");
  });
  apply(change);
  EXPECT_EQ(base_.find_shape("t"), nullptr);
  EXPECT_EQ(base_.find_shape("fresh")->id, 40u);
  EXPECT_EQ(base_.schema().left_out.count("t"), 1u);
  EXPECT_FALSE(base_.state() == before);
}

TEST_F(SchemaChangeTest, ReferencesOfOtherTablesStay) {
  apply(change_to([&](ShareSchema& to) {
    table(to, "p").sql = "CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT UNIQUE, more)";
  }));
  EXPECT_EQ(base_.find_shape("t")->foreign_keys.at(0).parent_table, "p");
  EXPECT_EQ(rows("SELECT count(*) || '' FROM pragma_foreign_key_check"), "0");
}

TEST_F(SchemaChangeTest, RowsThatBreakANewUniqueRuleRefuseIt) {
  const auto change = change_to([&](ShareSchema& to) {
    table(to, "t").sql = "CREATE TABLE t (id INTEGER PRIMARY KEY, p, v, extra NOT NULL UNIQUE)";
  });
  EXPECT_ANY_THROW(apply(change));
  base_.reload();
  EXPECT_EQ(rows("SELECT count(*) || '' FROM t"), "3");
  EXPECT_EQ(base_.find_shape("t")->columns.size(), 3u);
}

TEST_F(SchemaChangeTest, AChangeOfAnotherSchemaIsRefused) {
  auto change = change_to([](ShareSchema& to) { to.left_out.insert("x"); });
  change.from.left_out.insert("y");
  EXPECT_ERROR(apply(change), ErrorCode::kDiverged);
}

TEST_F(SchemaChangeTest, SqlThatIsNoCreateStatementIsDamage) {
  auto change = change_to([&](ShareSchema& to) { table(to, "t").sql = "DROP TABLE p"; });
  EXPECT_ERROR(apply(change), ErrorCode::kDamaged);
}

// What is nested a million deep is not walked through.
TEST_F(SchemaChangeTest, JsonNestedWithoutEndIsDamaged) {
  const std::string deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  EXPECT_ERROR(parse_schema_change(R"({"from":)" + deep + R"(,"to":)" + deep + "}"),
               ErrorCode::kDamaged);
  EXPECT_ERROR(parse_schema_change(R"({"from":{"tables":)" + deep + R"(},"to":{}})"),
               ErrorCode::kDamaged);
}

}  // namespace
}  // namespace tidesync
