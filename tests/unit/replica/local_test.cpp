#include "replica/local.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/mini_fleet.h"

namespace tidesync {
namespace {

using test::image;
using test::integer_key;
using test::MiniNode;
using test::Rows;
using test::TempDir;
using test::text_key;

constexpr const char* kTwoTables =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, x); CREATE TABLE u (a, b, x, PRIMARY KEY (a, b))";

class LocalTest : public ::testing::Test {
 protected:
  std::int64_t dirty() { return node_.app().get_int("SELECT count(*) FROM tidesync_dirty"); }
  MiniNode node_{"ann", kTwoTables};
  Local& local_ = node_.local();
};

TEST_F(LocalTest, ADatabaseIsAttachedWhenItHasOurTables) {
  EXPECT_TRUE(local_.is_attached());
  TempDir dir;
  Database::open(dir / "a.db", OpenMode::kCreate).exec("CREATE TABLE t (a)");
  EXPECT_FALSE(Local(dir / "a.db", 1).is_attached());
}

TEST_F(LocalTest, LeavingTakesEverythingOfOursAndKeepsTheData) {
  node_.act("INSERT INTO t VALUES (1, 'kept')");
  local_.remove_tables();
  EXPECT_EQ(node_.rows("SELECT name FROM sqlite_schema WHERE name LIKE 'tidesync%' OR name LIKE "
                       "'sync%'"),
            Rows{});
  EXPECT_EQ(node_.rows("SELECT * FROM t"), Rows{"1|'kept'"});
  node_.app().exec("INSERT INTO t VALUES (2, 'later')");
}

TEST_F(LocalTest, TablesCanBeMadeTwice) {
  local_.set_meta("a", "1");
  EXPECT_NO_THROW(local_.create_tables());
  EXPECT_EQ(local_.get_meta("a"), "1");
}

TEST_F(LocalTest, NotesAndTheCursorAreKept) {
  EXPECT_EQ(local_.get_meta("nothing", "none"), "none");
  local_.set_meta("it's", "a \"value\"");
  EXPECT_EQ(local_.get_meta("it's"), "a \"value\"");
  const Cursor cursor{Seq{(std::uint64_t{1} << 40) + 3}, digest_of("x")};
  local_.set_cursor(cursor);
  EXPECT_EQ(local_.cursor(), cursor);
}

TEST_F(LocalTest, AnIntentIsKnownByItsNumber) {
  EXPECT_FALSE(local_.has_intent("abc"));
  local_.add_intent("abc", Seq{5}, 1);
  EXPECT_TRUE(local_.has_intent("abc"));
}

TEST_F(LocalTest, IntentsOfTheLastThousandBatchesAreKept) {
  local_.add_intent("old", Seq{5}, 1);
  local_.add_intent("newer", Seq{1005}, 1);
  EXPECT_TRUE(local_.has_intent("old"));
  local_.add_intent("newest", Seq{1006}, 1);
  EXPECT_FALSE(local_.has_intent("old"));
  EXPECT_TRUE(local_.has_intent("newer"));
}

TEST_F(LocalTest, HintsAreReadFromAPlaceOn) {
  node_.act("INSERT INTO t VALUES (1, 'a')", 10);
  Scratch first;
  const auto mark = local_.load_hints(0, first);
  EXPECT_EQ(first.count_hints(node_.id("t")), 1u);
  node_.act("INSERT INTO t VALUES (2, 'b')", 20);
  Scratch second;
  EXPECT_GT(local_.load_hints(mark, second), mark);
  EXPECT_FALSE(second.find_hint(node_.id("t"), integer_key(1)));
  EXPECT_EQ(second.find_hint(node_.id("t"), integer_key(2))->at_ms, 20);
  Scratch third;
  EXPECT_EQ(local_.load_hints(local_.highest_hint(), third), local_.highest_hint());
}

TEST_F(LocalTest, OurOwnHintsHoldEveryKindOfKey) {
  local_.add_hint(node_.id("t"), integer_key(std::int64_t{1} << 60), HintKind::kInserted, 7);
  const KeyImage pair = image({ValueView::text("x"), ValueView::of_real(1.0)});
  local_.add_hint(node_.id("u"), pair, HintKind::kDeleted, 8);
  Scratch hints;
  local_.load_hints(0, hints);
  EXPECT_EQ(hints.find_hint(node_.id("t"), integer_key(std::int64_t{1} << 60))->at_ms, 7);
  EXPECT_EQ(hints.find_hint(node_.id("u"), pair)->at_ms, 8);
}

TEST_F(LocalTest, HintsOfTablesThatAreGoneAreSkippedAndPassed) {
  node_.app().exec("INSERT INTO tidesync_dirty (t, o, k1, at) VALUES (999, 1, 5, 1)");
  Scratch hints;
  EXPECT_EQ(local_.load_hints(0, hints), local_.highest_hint());
  EXPECT_EQ(hints.count_hints(999), 0u);
}

TEST_F(LocalTest, ForgettingKeepsLaterHintsAndListedTables) {
  node_.act("INSERT INTO t VALUES (1, 'a'); INSERT INTO u VALUES (1, 1, 'a')");
  const auto mark = local_.highest_hint();
  node_.act("INSERT INTO t VALUES (2, 'b')");
  local_.forget_hints(mark, {node_.id("u")});
  EXPECT_EQ(node_.rows("SELECT t, k1 FROM tidesync_dirty ORDER BY n"),
            (Rows{std::to_string(node_.id("u")) + "|1", std::to_string(node_.id("t")) + "|2"}));
  local_.forget_hints(local_.highest_hint(), {});
  EXPECT_EQ(dirty(), 0);
}

TEST_F(LocalTest, AHintNumberIsNotUsedAgainWhileAMarkMayReferToIt) {
  // Marks are compared with numbers taken later; an emptied table must not lose a later hint.
  node_.act("INSERT INTO t VALUES (1, 'a')");
  const auto mark = local_.highest_hint();
  local_.forget_hints(mark, {});
  node_.act("INSERT INTO t VALUES (2, 'b')");
  Scratch hints;
  local_.load_hints(0, hints);
  EXPECT_TRUE(hints.find_hint(node_.id("t"), integer_key(2)));
}

class UseShapesTest : public ::testing::Test {
 protected:
  // Follows the shapes of a base copy that was made from `shared`, on a database made by `here`.
  void follow(const std::string& shared, const std::string& here) {
    MiniNode node("ann", shared);
    Database::open(dir_ / "app.db", OpenMode::kCreate).exec(here);
    local_.emplace(dir_ / "app.db", 1);
    local_->create_tables();
    local_->use_shapes(node.base().shapes());
  }
  TempDir dir_;
  std::optional<Local> local_;
};

TEST_F(UseShapesTest, ColumnsMayStandInAnotherOrder) {
  follow(
      "CREATE TABLE p (id INTEGER PRIMARY KEY);"
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a UNIQUE, updated_at, p REFERENCES p)",
      "CREATE TABLE p (id INTEGER PRIMARY KEY);"
      "CREATE TABLE t (p REFERENCES p, updated_at, a UNIQUE, id INTEGER PRIMARY KEY);"
      "INSERT INTO t VALUES (9, 'now', 'x', 1)");
  const TableShape& shape = local_->shapes().back();
  std::string names;
  for (const ColumnShape& column : shape.columns) names += column.name + " ";
  EXPECT_EQ(names, "id a updated_at p ");
  EXPECT_EQ(shape.key, std::vector<std::size_t>{0});
  EXPECT_EQ(shape.updated_at, 2u);
  EXPECT_EQ(shape.uniques.at(0).columns, std::vector<std::size_t>{1});
  EXPECT_EQ(shape.foreign_keys.at(0).child_columns, std::vector<std::size_t>{3});
  RowImage row;
  EXPECT_TRUE(local_->table(shape.id).read(integer_key(1), row));
  EXPECT_EQ(row, image({ValueView::of(1), ValueView::text("x"), ValueView::text("now"),
                        ValueView::of(9)}));
}

TEST_F(UseShapesTest, ATableThatWasNeverHereIsNotHereYet) {
  follow("CREATE TABLE t (id INTEGER PRIMARY KEY)", "CREATE TABLE other (a)");
  EXPECT_EQ(local_->not_here_yet(), std::vector<std::string>{"t"});
  EXPECT_TRUE(local_->gates().empty());
  EXPECT_EQ(local_->shapes().size(), 2u) << "our own two";
}

TEST_F(UseShapesTest, AColumnThatWasNeverHereIsReadAsItsDefault) {
  follow("CREATE TABLE t (id INTEGER PRIMARY KEY, old TEXT DEFAULT 7, name)",
         "CREATE TABLE t (id INTEGER PRIMARY KEY, name, more); INSERT INTO t VALUES (1, 'x', 2)");
  const TableShape& shape = local_->shapes().back();
  ASSERT_EQ(shape.columns.size(), 3u) << "a column that only this database has is not shared yet";
  EXPECT_TRUE(shape.columns[1].absent);
  TableAccess& table = local_->table(shape.id);
  RowImage row;
  ASSERT_TRUE(table.read(integer_key(1), row));
  EXPECT_EQ(row, image({ValueView::of(1), ValueView::text("7"), ValueView::text("x")}))
      << "as a TEXT column stores it";
  // Values for it are not written, the others are.
  const RowImage changed = image({ValueView::of(1), ValueView::text("8"), ValueView::text("y")});
  EXPECT_EQ(table.update(integer_key(1), row, changed), WriteOutcome::kDone);
  EXPECT_EQ(table.insert(image({ValueView::of(2), ValueView::null(), ValueView::text("z")})),
            WriteOutcome::kDone);
  EXPECT_EQ(local_->db().get_text("SELECT group_concat(id || name || ifnull(more, '-')) FROM t"),
            "1y2,2z-");
}

TEST_F(UseShapesTest, AnAbsentColumnIsAsTheShareSays) {
  follow("CREATE TABLE t (id INTEGER PRIMARY KEY, old)",
         "CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2)");
  const TableShape& shape = local_->shapes().back();
  local_->set_absent_values([](const TableShape&, std::string_view key, RowImage& row) {
    row = image({ValueView::of(1), ValueView::text("shared")});
    return key == integer_key(1);
  });
  RowImage row;
  ASSERT_TRUE(local_->table(shape.id).read(integer_key(1), row));
  EXPECT_EQ(row, image({ValueView::of(1), ValueView::text("shared")}));
  ASSERT_TRUE(local_->table(shape.id).read(integer_key(2), row));
  EXPECT_EQ(row, image({ValueView::of(2), ValueView::null()})) << "nothing is known of it";
}

TEST_F(UseShapesTest, WhatWasHereAndIsGoneClosesAGate) {
  const std::string shared =
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a, b); CREATE TABLE u (id INTEGER PRIMARY KEY)";
  MiniNode node("ann", shared);
  Database app = Database::open(dir_ / "app.db", OpenMode::kCreate);
  app.exec(shared);
  local_.emplace(dir_ / "app.db", 1);
  local_->create_tables();
  local_->use_shapes(node.base().shapes());
  local_->install_triggers();
  EXPECT_TRUE(local_->forms_have_changed());
  local_->note_forms();
  EXPECT_FALSE(local_->forms_have_changed());
  app.exec("ALTER TABLE t RENAME COLUMN b TO c; DROP TABLE u");
  local_->use_shapes(node.base().shapes());
  ASSERT_EQ(local_->gates().size(), 2u);
  EXPECT_EQ(local_->gates()[0].columns, std::vector<std::string>{"b"});
  EXPECT_TRUE(local_->gates()[1].vanished);
  EXPECT_TRUE(local_->forms_have_changed());
  local_->note_forms();
  app.exec("ALTER TABLE t RENAME COLUMN c TO b");
  local_->use_shapes(node.base().shapes(), Local::Gates::kKeep);
  EXPECT_EQ(local_->gates().size(), 2u) << "closed until its rows were filled in";
  local_->use_shapes(node.base().shapes());
  EXPECT_EQ(local_->gates().size(), 1u);
  ASSERT_EQ(local_->newcomers().size(), 1u);
  EXPECT_TRUE(local_->newcomers()[0].was_gated);
  EXPECT_EQ(local_->newcomers()[0].columns, std::vector<std::string>{"b"}) << "it was away";
}

TEST_F(UseShapesTest, AColumnDroppedAndAddedAgainIsNoticed) {
  const std::string shared = "CREATE TABLE t (id INTEGER PRIMARY KEY, a, b)";
  MiniNode node("ann", shared);
  Database app = Database::open(dir_ / "app.db", OpenMode::kCreate);
  app.exec(shared);
  local_.emplace(dir_ / "app.db", 1);
  local_->create_tables();
  local_->use_shapes(node.base().shapes());
  local_->install_triggers();
  local_->note_forms();
  app.exec("ALTER TABLE t DROP COLUMN b; ALTER TABLE t ADD COLUMN b");
  local_->use_shapes(node.base().shapes());
  EXPECT_TRUE(local_->triggers_are_intact());
  ASSERT_EQ(local_->newcomers().size(), 1u);
  EXPECT_TRUE(local_->newcomers()[0].was_altered);
}

TEST_F(UseShapesTest, AKeyOfAnotherTypeClosesAGate) {
  MiniNode node("ann", "CREATE TABLE t (id INTEGER PRIMARY KEY, a)");
  Database app = Database::open(dir_ / "app.db", OpenMode::kCreate);
  app.exec("CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, a)");
  local_.emplace(dir_ / "app.db", 1);
  local_->create_tables();
  local_->use_shapes(node.base().shapes());
  ASSERT_EQ(local_->gates().size(), 1u);
  EXPECT_TRUE(local_->gates()[0].other_key_type);
}

// Else it would count as known, and what the share has in it would never be filled in.
TEST_F(UseShapesTest, WhatAppearsInTheMiddleOfARunIsLeftToTheNext) {
  MiniNode node("ann",
                "CREATE TABLE t (id INTEGER PRIMARY KEY, x); CREATE TABLE u (id PRIMARY KEY)");
  Database app = Database::open(dir_ / "app.db", OpenMode::kCreate);
  app.exec("CREATE TABLE t (id INTEGER PRIMARY KEY)");
  local_.emplace(dir_ / "app.db", 1);
  local_->create_tables();
  local_->use_shapes(node.base().shapes());
  local_->install_triggers();
  local_->note_forms();
  app.exec("ALTER TABLE t ADD COLUMN x; CREATE TABLE u (id PRIMARY KEY)");
  local_->use_shapes(node.base().shapes(), Local::Gates::kKeep);
  EXPECT_TRUE(local_->shapes().back().columns.at(1).absent);
  EXPECT_EQ(local_->not_here_yet(), std::vector<std::string>{"u"});
  local_->note_forms();
  local_->use_shapes(node.base().shapes());
  ASSERT_EQ(local_->newcomers().size(), 2u);
  EXPECT_EQ(local_->newcomers()[0].columns, std::vector<std::string>{"x"});
}

TEST_F(UseShapesTest, ASyncedAtOfThisComputerAloneIsFine) {
  EXPECT_NO_THROW(follow("CREATE TABLE t (id INTEGER PRIMARY KEY)",
                         "CREATE TABLE t (id INTEGER PRIMARY KEY, synced_at TEXT)"));
}

}  // namespace
}  // namespace tidesync
