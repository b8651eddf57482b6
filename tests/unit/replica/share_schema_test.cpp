#include "replica/share_schema.h"

#include <gtest/gtest.h>

#include "replica/base.h"
#include "support/expect_error.h"
#include "support/sql_rows.h"
#include "support/temp_dir.h"

namespace tidesync {
namespace {

using test::Rows;
using test::rows_of;

ShareSchema schema_of(Database& db) {
  std::vector<TableChoice> chosen;
  for (TableChoice& choice : read_catalog(db)) {
    if (choice.can_sync) chosen.push_back(std::move(choice));
  }
  return read_share_schema(db, chosen);
}

constexpr const char* kApplication =
    "PRAGMA user_version = 7; PRAGMA application_id = 99;"
    "CREATE TABLE customer (id INTEGER PRIMARY KEY, \"the name\" TEXT, email TEXT);"
    "CREATE TABLE rate (day TEXT, currency TEXT, rate REAL, PRIMARY KEY (currency, day));"
    "CREATE TABLE scrap (a, b);"
    "CREATE UNIQUE INDEX by_email ON customer (email COLLATE NOCASE);"
    "CREATE INDEX by_name ON customer (\"the name\");"
    "CREATE VIEW names AS SELECT \"the name\" FROM customer;"
    "CREATE TRIGGER audit AFTER INSERT ON customer BEGIN INSERT INTO scrap VALUES (NEW.id, 'it''s "
    "new'); END;"
    "CREATE VIRTUAL TABLE search USING fts5 (body);";

TEST(ShareSchemaTest, TheSchemaGoesThroughJsonUnchanged) {
  Database db = Database::in_memory();
  db.exec(kApplication);
  const ShareSchema schema = schema_of(db);
  const ShareSchema back = parse_share_schema(to_json(schema));
  EXPECT_EQ(to_json(back), to_json(schema));
  ASSERT_EQ(back.tables.size(), 2u);
  EXPECT_EQ(back.tables[0].id, kFirstTableId);
  EXPECT_EQ(back.tables[1].id, kFirstTableId + 1);
  EXPECT_EQ(back.tables[1].key, (std::vector<std::string>{"currency", "day"}));
  EXPECT_EQ(back.pragmas.at("user_version"), 7);
}

TEST(ShareSchemaTest, ShadowTablesAndOurOwnObjectsDoNotTravel) {
  Database db = Database::in_memory();
  db.exec(kApplication);
  db.exec(
      "CREATE TABLE tidesync_meta (k); CREATE TABLE sync_log (id, timestamp);"
      "CREATE INDEX sync_log_by_time ON sync_log (timestamp);"
      "CREATE TRIGGER tidesync_11_i AFTER INSERT ON customer BEGIN SELECT 1; END");
  std::string names;
  for (const SharedObject& object : schema_of(db).objects) names += object.name + " ";
  EXPECT_EQ(names, "scrap search by_email by_name names audit ");
}

TEST(ShareSchemaTest, ANewDatabaseGetsEverythingOfTheApplication) {
  Database db = Database::in_memory();
  db.exec(kApplication);
  const ShareSchema schema = schema_of(db);
  Database fresh = Database::in_memory();
  for (const SharedTable& table : schema.tables) fresh.exec(table.sql);
  create_application_objects(fresh, schema);
  const char* everything = "SELECT type, name, sql FROM sqlite_schema ORDER BY 1, 2";
  EXPECT_EQ(rows_of(fresh, everything), rows_of(db, everything));
  EXPECT_EQ(fresh.get_int("PRAGMA user_version"), 7);
  EXPECT_EQ(fresh.get_int("PRAGMA application_id"), 99);
  fresh.exec("INSERT INTO customer VALUES (1, 'x', 'y')");
  EXPECT_EQ(rows_of(fresh, "SELECT * FROM scrap"), Rows{"1|'it's new'"});
}

TEST(ShareSchemaTest, TheBaseCopyHasTablesAndUniqueIndexesAndNotesTheRest) {
  Database db = Database::in_memory();
  db.exec(kApplication);
  const ShareSchema schema = schema_of(db);
  test::TempDir dir(test::TempDir::Where::kMemory);
  Base base(dir / "base.db");
  base.apply_schema(to_json(schema));
  EXPECT_TRUE(base.db().has_table("customer"));
  EXPECT_FALSE(base.db().has_table("scrap"));
  EXPECT_EQ(rows_of(base.db(),
                    "SELECT name FROM sqlite_schema WHERE name IN ('by_email','by_name','audit',"
                    "'names','search')"),
            Rows{"'by_email'"});
  EXPECT_EQ(to_json(load_share_schema(base.db())), to_json(schema)) << "as it came";
}

class HostileSchemaTest : public ::testing::Test {
 protected:
  static std::string table(const std::string& sql, const std::string& id = "11",
                           const std::string& key = "[\"id\"]", const std::string& name = "t") {
    return "{\"id\":" + id + ",\"name\":\"" + name + "\",\"key\":" + key + ",\"sql\":\"" + sql +
           "\"}";
  }
  static std::string with_tables(const std::string& tables) {
    return "{\"tables\":[" + tables + "],\"objects\":[],\"pragmas\":{}}";
  }
  static std::string with_object(const std::string& sql) {
    return "{\"tables\":[],\"objects\":[{\"type\":\"view\",\"name\":\"v\",\"sql\":\"" + sql +
           "\"}],\"pragmas\":{}}";
  }
  static constexpr const char* kGoodTable = "CREATE TABLE t (id INTEGER PRIMARY KEY)";

  test::TempDir dir_{test::TempDir::Where::kMemory};
  Base base_{dir_ / "base.db"};
};

TEST_F(HostileSchemaTest, TheTextsOfThisTestAreGoodButForWhatIsChanged) {
  EXPECT_NO_THROW(parse_share_schema(with_tables(table(kGoodTable))));
  EXPECT_NO_THROW(parse_share_schema(with_object("CREATE VIEW v AS SELECT 1")));
}

TEST_F(HostileSchemaTest, WhatIsNotSuchJsonIsDamaged) {
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("null"), std::string("[]"), std::string("{}"),
        std::string("42"), std::string("{\"tables\":1,\"objects\":[],\"pragmas\":{}}"),
        with_tables("{}"), with_tables("7"), with_tables(table(kGoodTable, "\"x\"")),
        with_tables(table(kGoodTable, "11", "[1]")), with_tables(table(kGoodTable, "11", "\"id\"")),
        std::string("{\"tables\":[],\"objects\":[],\"pragmas\":{\"user_version\":\"x\"}}"),
        std::string("{\"tables\":[],\"objects\":[]}"), std::string("\xFF\xFE"),
        with_tables(table(kGoodTable)) + "more"}) {
    SCOPED_TRACE(text);
    EXPECT_ERROR(parse_share_schema(text), ErrorCode::kDamaged);
  }
}

TEST_F(HostileSchemaTest, JsonNestedWithoutEndIsDamaged) {
  EXPECT_ERROR(parse_share_schema(std::string(200'000, '[')), ErrorCode::kDamaged);
}

TEST_F(HostileSchemaTest, NumbersThatCannotBeAreDamaged) {
  for (const char* number : {"-11", "11.0", "1e300", "4294967307", "18446744073709551627"}) {
    SCOPED_TRACE(number);
    EXPECT_ERROR(parse_share_schema(with_tables(table(kGoodTable, number))), ErrorCode::kDamaged);
  }
  for (const char* pragmas :
       {"{\"page_size\":4096.5}", "{\"page_size\":1e300}", "[4096]", "4096"}) {
    SCOPED_TRACE(pragmas);
    EXPECT_ERROR(parse_share_schema(std::string("{\"tables\":[],\"objects\":[],\"pragmas\":") +
                                    pragmas + "}"),
                 ErrorCode::kDamaged);
  }
}

TEST_F(HostileSchemaTest, OnlyCreateStatementsAreTaken) {
  for (const char* sql : {"DROP TABLE customer", "", "ATTACH 'x' AS y", "SELECT 1",
                          "PRAGMA writable_schema=ON", "/**/CREATE TABLE t (a)", "CREATETABLE"}) {
    SCOPED_TRACE(sql);
    EXPECT_ERROR(parse_share_schema(with_tables(table(sql))), ErrorCode::kDamaged);
    EXPECT_ERROR(parse_share_schema(with_object(sql)), ErrorCode::kDamaged);
  }
}

TEST_F(HostileSchemaTest, AStatementBehindTheFirstIsNeverRun) {
  base_.apply_schema(
      with_tables(table("CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE TABLE evil (a)")));
  EXPECT_TRUE(base_.db().has_table("t"));
  EXPECT_FALSE(base_.db().has_table("evil"));
}

TEST_F(HostileSchemaTest, ATableUnderAnotherNameThanTheStatementsIsRefused) {
  EXPECT_ERROR(
      base_.apply_schema(with_tables(table("CREATE TABLE other (id INTEGER PRIMARY KEY)"))),
      ErrorCode::kDamaged);
}

TEST_F(HostileSchemaTest, NumbersOfOurOwnTablesAndDoubleNumbersAreRefused) {
  EXPECT_ERROR(parse_share_schema(with_tables(table(kGoodTable, "1"))), ErrorCode::kDamaged);
  EXPECT_ERROR(parse_share_schema(with_tables(
                   table(kGoodTable) + "," +
                   table("CREATE TABLE u (id INTEGER PRIMARY KEY)", "11", "[\"id\"]", "u"))),
               ErrorCode::kDamaged);
}

TEST_F(HostileSchemaTest, OneTableTwiceIsRefusedByTheBaseCopy) {
  EXPECT_THROW(base_.apply_schema(with_tables(table(kGoodTable) + "," + table(kGoodTable, "12"))),
               Error);
}

TEST_F(HostileSchemaTest, AKeyThatIsNoColumnIsRefusedByTheBaseCopy) {
  EXPECT_ERROR(base_.apply_schema(with_tables(table("CREATE TABLE t (a)"))), ErrorCode::kSchema);
}

TEST_F(HostileSchemaTest, ATableOfOursCannotBeTaken) {
  EXPECT_THROW(
      base_.apply_schema(with_tables(
          table("CREATE TABLE sync_log (id INTEGER PRIMARY KEY)", "11", "[\"id\"]", "sync_log"))),
      Error);
}

}  // namespace
}  // namespace tidesync
