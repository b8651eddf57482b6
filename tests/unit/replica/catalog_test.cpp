#include "replica/catalog.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"

namespace tidesync {
namespace {

class CatalogTest : public ::testing::Test {
 protected:
  // The choice for the table `name` of that schema.
  TableChoice choice(const std::string& sql, const std::string& name = "t") {
    db_.exec(sql);
    return listed(name);
  }
  TableChoice listed(const std::string& name) {
    for (TableChoice& found : read_catalog(db_)) {
      if (found.name == name) return found;
    }
    ADD_FAILURE() << name << " is not listed";
    return {};
  }
  static std::vector<std::string> key_names(const TableShape& shape) {
    std::vector<std::string> names;
    for (const std::size_t column : shape.key) names.push_back(shape.columns[column].name);
    return names;
  }
  static std::vector<std::string> names(const TableShape& shape) {
    std::vector<std::string> all;
    for (const ColumnShape& column : shape.columns) all.push_back(column.name);
    return all;
  }
  static const UniqueShape* unique_of(const TableShape& shape, const std::string& name) {
    for (const UniqueShape& unique : shape.uniques) {
      if (unique.name == name) return &unique;
    }
    return nullptr;
  }

  Database db_ = Database::in_memory();
};

using Names = std::vector<std::string>;

TEST_F(CatalogTest, AnIntegerPrimaryKeyIsASurrogate) {
  const TableChoice t = choice("CREATE TABLE t (id INTEGER PRIMARY KEY, x)");
  EXPECT_TRUE(t.can_sync);
  EXPECT_EQ(t.shape.key_kind, KeyKind::kSurrogate);
  EXPECT_EQ(key_names(t.shape), Names{"id"});
  EXPECT_EQ(t.reason, "key id (INTEGER PRIMARY KEY)");
  EXPECT_FALSE(t.shape.autoincrement);
}

TEST_F(CatalogTest, AutoincrementIsNoted) {
  EXPECT_TRUE(choice("CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT)").shape.autoincrement);
}

TEST_F(CatalogTest, OtherSpellingsOfAnIntegerAreNoRowid) {
  EXPECT_EQ(choice("CREATE TABLE t (id INT PRIMARY KEY)").shape.key_kind, KeyKind::kNatural);
  EXPECT_EQ(choice("CREATE TABLE u (id BIGINT PRIMARY KEY)", "u").shape.key_kind,
            KeyKind::kNatural);
  EXPECT_EQ(choice("CREATE TABLE v (id integer, PRIMARY KEY (id))", "v").shape.key_kind,
            KeyKind::kSurrogate);
}

TEST_F(CatalogTest, ADescendingIntegerKeyIsNoRowid) {
  // A quirk SQLite keeps: with DESC in the column the key is an ordinary index and may be NULL.
  db_.exec("CREATE TABLE t (id INTEGER PRIMARY KEY DESC, x); INSERT INTO t VALUES (NULL, 1)");
  ASSERT_EQ(db_.get_text("SELECT typeof(id) FROM t"), "null");
  EXPECT_EQ(listed("t").shape.key_kind, KeyKind::kNatural);
}

TEST_F(CatalogTest, ATextKeyAndACompositeKeyAreNatural) {
  EXPECT_EQ(choice("CREATE TABLE t (k TEXT PRIMARY KEY, x)").shape.key_kind, KeyKind::kNatural);
  const TableChoice u =
      choice("CREATE TABLE u (x, day TEXT, currency TEXT, PRIMARY KEY (currency, day))", "u");
  EXPECT_TRUE(u.can_sync);
  EXPECT_EQ(key_names(u.shape), (Names{"currency", "day"}));
  EXPECT_EQ(u.shape.key_kind, KeyKind::kNatural);
}

TEST_F(CatalogTest, AnIntegerKeyWithoutRowidIsNatural) {
  const TableChoice t = choice("CREATE TABLE t (id INTEGER PRIMARY KEY, x) WITHOUT ROWID");
  EXPECT_TRUE(t.shape.without_rowid);
  EXPECT_EQ(t.shape.key_kind, KeyKind::kNatural) << "SQLite hands out no numbers there";
}

TEST_F(CatalogTest, StrictTablesAndNocaseKeysAreFine) {
  EXPECT_TRUE(choice("CREATE TABLE t (id INTEGER PRIMARY KEY, x ANY) STRICT").can_sync);
  EXPECT_TRUE(choice("CREATE TABLE u (k TEXT PRIMARY KEY COLLATE NOCASE)", "u").can_sync);
}

TEST_F(CatalogTest, WithoutAPrimaryKeyAUniqueIndexOfNotNullColumnsServes) {
  const TableChoice t = choice("CREATE TABLE t (code TEXT NOT NULL UNIQUE, x)");
  EXPECT_TRUE(t.can_sync);
  EXPECT_EQ(key_names(t.shape), Names{"code"});
  EXPECT_EQ(t.reason, "key code (UNIQUE NOT NULL)");
  EXPECT_TRUE(t.shape.uniques.empty()) << "the key is no further constraint";
}

TEST_F(CatalogTest, AnIndexThatIsTheKeyUnderAnotherCollationIsAConstraintToo) {
  const TableChoice t = choice(
      "CREATE TABLE t (code TEXT NOT NULL, x);"
      "CREATE UNIQUE INDEX any_case ON t (code COLLATE NOCASE)");
  EXPECT_EQ(key_names(t.shape), Names{"code"});
  EXPECT_TRUE(unique_of(t.shape, "any_case"));
}
TEST_F(CatalogTest, AUniqueIndexThatLetsRowsThroughIsNoKey) {
  EXPECT_FALSE(choice("CREATE TABLE t (code TEXT UNIQUE)").can_sync) << "NULLs repeat";
  EXPECT_FALSE(
      choice("CREATE TABLE u (a NOT NULL); CREATE UNIQUE INDEX ui ON u (a) WHERE a > 0", "u")
          .can_sync);
  EXPECT_FALSE(
      choice("CREATE TABLE v (a NOT NULL); CREATE UNIQUE INDEX vi ON v (lower(a))", "v").can_sync);
}

TEST_F(CatalogTest, ATableWithoutAnyKeyIsLeftOutAndSaysWhy) {
  const TableChoice t = choice("CREATE TABLE t (a, b)");
  EXPECT_FALSE(t.can_sync);
  EXPECT_NE(t.reason.find("no primary key"), std::string::npos);
}

TEST_F(CatalogTest, AKeyOfFiveColumnsIsTooWide) {
  EXPECT_TRUE(choice("CREATE TABLE t (a,b,c,d, PRIMARY KEY (a,b,c,d))").can_sync);
  const TableChoice u = choice("CREATE TABLE u (a,b,c,d,e, PRIMARY KEY (a,b,c,d,e))", "u");
  EXPECT_FALSE(u.can_sync);
  EXPECT_NE(u.reason.find("more than 4"), std::string::npos);
}

TEST_F(CatalogTest, AnExtensionOfAParentRowIsKeyedByTheParent) {
  const TableChoice t = choice(
      "CREATE TABLE p (id INTEGER PRIMARY KEY);"
      "CREATE TABLE t (id INTEGER PRIMARY KEY REFERENCES p (id), note)");
  EXPECT_EQ(t.shape.key_kind, KeyKind::kNatural) << "its number says whose extension it is";
}

TEST_F(CatalogTest, GeneratedColumnsAreNotPartOfARow) {
  const TableChoice t =
      choice("CREATE TABLE t (id INTEGER PRIMARY KEY, a, b AS (a * 2) STORED, c AS (a + 1), d)");
  EXPECT_TRUE(t.can_sync);
  EXPECT_EQ(names(t.shape), (Names{"id", "a", "d"}));
}

TEST_F(CatalogTest, AUniqueGeneratedColumnIsNoPlainConstraint) {
  const TableChoice t =
      choice("CREATE TABLE t (id INTEGER PRIMARY KEY, a, b AS (lower(a)) UNIQUE)");
  ASSERT_EQ(t.shape.uniques.size(), 1u);
  EXPECT_FALSE(t.shape.uniques[0].plain);
}

TEST_F(CatalogTest, SyncedAtStaysLocal) {
  const TableChoice t = choice(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, x, updated_at TEXT, updated_by TEXT, Synced_At "
      "TEXT)");
  EXPECT_EQ(names(t.shape), (Names{"id", "x", "updated_at", "updated_by"}));
  EXPECT_EQ(t.shape.updated_at, 2u);
  EXPECT_EQ(t.shape.updated_by, 3u);
}

TEST_F(CatalogTest, ASyncedAtThatMustHaveAValueIsAnOrdinaryColumn) {
  EXPECT_EQ(names(choice("CREATE TABLE t (id INTEGER PRIMARY KEY, synced_at TEXT NOT NULL)").shape),
            (Names{"id", "synced_at"}));
}

TEST_F(CatalogTest, ASyncedAtInTheKeyDoesNotStopTheListing) {
  const TableChoice t =
      choice("CREATE TABLE t (id INT, synced_at TEXT, PRIMARY KEY (id, synced_at))");
  EXPECT_TRUE(t.can_sync || !t.reason.empty());
}

TEST_F(CatalogTest, AVirtualTableAndItsShadowsAreLeftOut) {
  db_.exec("CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE VIRTUAL TABLE f USING fts5 (body)");
  EXPECT_FALSE(listed("f").can_sync);
  EXPECT_NE(listed("f").reason.find("virtual"), std::string::npos);
  EXPECT_FALSE(listed("f_data").can_sync);
  EXPECT_NE(listed("f_data").reason.find("virtual table"), std::string::npos);
  EXPECT_TRUE(listed("t").can_sync);
}

TEST_F(CatalogTest, AViewIsLeftOut) {
  const TableChoice v =
      choice("CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE VIEW v AS SELECT id FROM t", "v");
  EXPECT_FALSE(v.can_sync);
  EXPECT_NE(v.reason.find("view"), std::string::npos);
}

TEST_F(CatalogTest, OurOwnAndSqlitesTablesAreNotListed) {
  db_.exec(
      "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT); CREATE TABLE tidesync_meta (k);"
      "CREATE TABLE sync_log (id); CREATE TABLE sync_conflicts (id); ANALYZE");
  const auto choices = read_catalog(db_);
  ASSERT_EQ(choices.size(), 1u);
  EXPECT_EQ(choices[0].name, "t");
}

TEST_F(CatalogTest, AFunctionOfTheApplicationInACheckLeavesTheTableOut) {
  // Only the application has the function; with it the table could not have been written here.
  db_.exec(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, x); PRAGMA writable_schema=ON;"
      "UPDATE sqlite_schema SET sql = 'CREATE TABLE t (id INTEGER PRIMARY KEY, x CHECK "
      "(valid_iban(x)))' WHERE name = 't'; PRAGMA writable_schema=RESET");
  const TableChoice t = listed("t");
  EXPECT_FALSE(t.can_sync);
  EXPECT_NE(t.reason.find("valid_iban"), std::string::npos) << t.reason;
}

TEST_F(CatalogTest, ACollationOfTheApplicationLeavesTheTableOut) {
  db_.exec(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, x); PRAGMA writable_schema=ON;"
      "UPDATE sqlite_schema SET sql = 'CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT COLLATE "
      "german UNIQUE)' WHERE name = 't';"
      "PRAGMA writable_schema=RESET");
  EXPECT_NO_THROW(read_catalog(db_));
}

TEST_F(CatalogTest, TablesComeInTheOrderOfTheSchemaWithOddNamesAsTheyAre) {
  db_.exec(
      "CREATE TABLE \"z \"\"odd\"\" 'name'\" (\"the id\" INTEGER PRIMARY KEY, \"a b\");"
      "CREATE TABLE \"order\" (\"select\" TEXT PRIMARY KEY)");
  const auto choices = read_catalog(db_);
  ASSERT_EQ(choices.size(), 2u);
  EXPECT_EQ(choices[0].name, "z \"odd\" 'name'");
  EXPECT_EQ(names(choices[0].shape), (Names{"the id", "a b"}));
  EXPECT_TRUE(choices[0].can_sync);
  EXPECT_EQ(choices[1].name, "order");
  EXPECT_TRUE(choices[1].can_sync);
}

TEST_F(CatalogTest, UniqueIndexesAreListedWithTheirCollations) {
  const TableChoice t = choice(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, email TEXT COLLATE NOCASE UNIQUE, a, b);"
      "CREATE UNIQUE INDEX ab ON t (b, a); CREATE INDEX plain ON t (a);"
      "CREATE UNIQUE INDEX part ON t (a) WHERE b IS NULL;"
      "CREATE UNIQUE INDEX expr ON t (lower(email))");
  EXPECT_EQ(t.shape.uniques.size(), 4u);
  const UniqueShape* ab = unique_of(t.shape, "ab");
  ASSERT_TRUE(ab);
  EXPECT_TRUE(ab->plain);
  EXPECT_EQ(ab->columns, (std::vector<std::size_t>{3, 2}));
  ASSERT_TRUE(unique_of(t.shape, "part"));
  EXPECT_FALSE(unique_of(t.shape, "part")->plain);
  ASSERT_TRUE(unique_of(t.shape, "expr"));
  EXPECT_FALSE(unique_of(t.shape, "expr")->plain);
  const UniqueShape* email = unique_of(t.shape, "sqlite_autoindex_t_1");
  ASSERT_TRUE(email);
  EXPECT_EQ(email->terms, Names{"\"email\" COLLATE \"NOCASE\""});
}

TEST_F(CatalogTest, AnIndexOnTheKeyColumnUnderAnotherCollationIsAFurtherConstraint) {
  const TableChoice t = choice(
      "CREATE TABLE t (name TEXT PRIMARY KEY);"
      "CREATE UNIQUE INDEX any_case ON t (name COLLATE NOCASE)");
  EXPECT_TRUE(unique_of(t.shape, "any_case"));
  EXPECT_EQ(t.shape.uniques.size(), 1u);
}

TEST_F(CatalogTest, ForeignKeysWithoutNamedColumnsMeanTheParentsPrimaryKey) {
  const TableChoice t = choice(
      "CREATE TABLE p (b, a, PRIMARY KEY (a, b));"
      "CREATE TABLE t (id INTEGER PRIMARY KEY, x, y, FOREIGN KEY (x, y) REFERENCES p)");
  ASSERT_EQ(t.shape.foreign_keys.size(), 1u);
  EXPECT_EQ(t.shape.foreign_keys[0].parent_table, "p");
  EXPECT_EQ(t.shape.foreign_keys[0].parent_columns, (Names{"a", "b"}));
  EXPECT_EQ(t.shape.foreign_keys[0].child_columns, (std::vector<std::size_t>{1, 2}));
  EXPECT_TRUE(t.shape.columns[1].in_foreign_key);
  const TableShape parent = listed("p").shape;
  EXPECT_TRUE(parent.columns[0].referenced);
  EXPECT_TRUE(parent.columns[1].referenced);
}

TEST_F(CatalogTest, AReferencedColumnThatIsNoKeyIsMarked) {
  db_.exec(
      "CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT UNIQUE, x);"
      "CREATE TABLE t (id INTEGER PRIMARY KEY, c REFERENCES p (code))");
  const TableShape parent = listed("p").shape;
  EXPECT_FALSE(parent.columns[0].referenced);
  EXPECT_TRUE(parent.columns[1].referenced);
  EXPECT_FALSE(parent.columns[2].referenced);
}

TEST_F(CatalogTest, ForeignKeysToAMissingTableDoNoHarm) {
  EXPECT_TRUE(choice("CREATE TABLE t (id INTEGER PRIMARY KEY, x REFERENCES nowhere)").can_sync);
}

TEST_F(CatalogTest, TextColumnsAreThoseThatKeepAText) {
  const TableChoice t = choice(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b VARCHAR(10), c CLOB, d INTEGER, e, f "
      "NUMERIC, g CHARINT)");
  std::string text_columns;
  for (const ColumnShape& column : t.shape.columns) {
    if (column.text_affinity) text_columns += column.name;
  }
  EXPECT_EQ(text_columns, "abc");
}

TEST_F(CatalogTest, AShapeIsReadWithTheKeyThatTheFleetDecided) {
  db_.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE)");
  const TableShape shape = read_shape(db_, "T", {"code"});
  EXPECT_EQ(shape.name, "t");
  EXPECT_EQ(key_names(shape), Names{"code"});
  EXPECT_EQ(shape.key_kind, KeyKind::kNatural);
  EXPECT_ERROR(read_shape(db_, "t", {"nothing"}), ErrorCode::kSchema);
  EXPECT_ERROR(read_shape(db_, "nowhere"), ErrorCode::kSchema);
}

TEST_F(CatalogTest, AShapeOfATableWithoutKeyIsRefused) {
  db_.exec("CREATE TABLE t (a)");
  EXPECT_ERROR(read_shape(db_, "t"), ErrorCode::kSchema);
}

class ParentsFirstTest : public CatalogTest {
 protected:
  Names order(const std::string& sql) {
    db_.exec(sql);
    std::vector<TableShape> shapes;
    for (const TableChoice& found : read_catalog(db_)) shapes.push_back(found.shape);
    Names ordered;
    for (const std::size_t i : parents_first(shapes)) ordered.push_back(shapes[i].name);
    return ordered;
  }
};

TEST_F(ParentsFirstTest, GrandparentsComeBeforeParentsBeforeChildren) {
  EXPECT_EQ(order("CREATE TABLE line (id INTEGER PRIMARY KEY, o REFERENCES \"Order\");"
                  "CREATE TABLE \"order\" (id INTEGER PRIMARY KEY, c REFERENCES customer);"
                  "CREATE TABLE customer (id INTEGER PRIMARY KEY)"),
            (Names{"customer", "order", "line"}));
}

TEST_F(ParentsFirstTest, ASelfReferenceIsNoCycleOfTables) {
  EXPECT_EQ(order("CREATE TABLE a (id INTEGER PRIMARY KEY, up REFERENCES a);"
                  "CREATE TABLE b (id INTEGER PRIMARY KEY)"),
            (Names{"a", "b"}));
}

TEST_F(ParentsFirstTest, ACycleIsBrokenAndEveryTableComesOnce) {
  EXPECT_EQ(order("CREATE TABLE a (id INTEGER PRIMARY KEY, b REFERENCES b);"
                  "CREATE TABLE b (id INTEGER PRIMARY KEY, c REFERENCES c);"
                  "CREATE TABLE c (id INTEGER PRIMARY KEY, a REFERENCES a)"),
            (Names{"c", "b", "a"}));
}

}  // namespace
}  // namespace tidesync
