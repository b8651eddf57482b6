#include "sqlite/database.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/filesystem/operations.hpp>
#include <fstream>

#include "sqlite/transaction.h"
#include "support/expect_error.h"
#include "support/sql_rows.h"
#include "support/temp_dir.h"

namespace tidesync {
namespace {

using test::Rows;
using test::rows_of;
using test::TempDir;

class DatabaseTest : public ::testing::Test {
 protected:
  Path make(const char* name, const std::string& sql) {
    Database db = Database::open(dir_ / name, OpenMode::kCreate);
    db.exec(sql);
    return dir_ / name;
  }
  Path write_file(const char* name, const std::string& bytes) {
    std::ofstream((dir_ / name).string(), std::ios::binary) << bytes;
    return dir_ / name;
  }

  TempDir dir_;
};

TEST_F(DatabaseTest, AMissingFileIsNotFoundAndNotCreated) {
  EXPECT_ERROR(Database::open(dir_ / "no.db", OpenMode::kReadWrite), ErrorCode::kNotFound);
  EXPECT_ERROR(Database::open(dir_ / "no.db", OpenMode::kReadOnly), ErrorCode::kNotFound);
  EXPECT_ERROR(Database::open_application(dir_ / "no.db"), ErrorCode::kNotFound);
  EXPECT_FALSE(boost::filesystem::exists(dir_ / "no.db"));
}

TEST_F(DatabaseTest, AMissingFolderIsNotFound) {
  EXPECT_ERROR(Database::open(dir_.path() / "no" / "a.db", OpenMode::kCreate),
               ErrorCode::kNotFound);
}

TEST_F(DatabaseTest, ATextFileIsNoDatabase) {
  const Path file = write_file("notes.db", std::string(5000, 'x'));
  EXPECT_ERROR(Database::open(file, OpenMode::kReadWrite), ErrorCode::kNotADatabase);
}

TEST_F(DatabaseTest, EncryptedBytesAreNoDatabaseAndTheHintSaysSo) {
  std::string bytes;
  for (int i = 0; i < 8192; ++i) bytes.push_back(static_cast<char>((i * 167 + i / 7) & 0xFF));
  const Path file = write_file("secret.db", bytes);
  try {
    Database::open(file, OpenMode::kReadWrite);
    FAIL() << "opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotADatabase);
    EXPECT_NE(error.hint().find("encrypted"), std::string::npos);
    EXPECT_EQ(error.subject(), to_utf8(file));
  }
}

TEST_F(DatabaseTest, AFolderIsNoDatabase) {
  EXPECT_ERROR(Database::open(dir_.path(), OpenMode::kReadWrite), ErrorCode::kNotADatabase);
  EXPECT_ERROR(Database::open_application(dir_.path()), ErrorCode::kNotADatabase);
}

TEST_F(DatabaseTest, ACutOffDatabaseIsDamagedOrNoDatabase) {
  const Path file = make("cut.db", "CREATE TABLE t (a); CREATE TABLE u (a)");
  boost::filesystem::resize_file(file, 60);
  EXPECT_THROW(Database::open(file, OpenMode::kReadWrite), Error);
}

TEST_F(DatabaseTest, AnEmptyFileIsAnEmptyDatabase) {
  Database db = Database::open(write_file("empty.db", ""), OpenMode::kReadWrite);
  EXPECT_EQ(db.get_int("SELECT count(*) FROM sqlite_schema"), 0);
}

TEST_F(DatabaseTest, NamesWithQuotesSpacesAndOtherLettersOpen) {
  const Path file = make(
      "d'ata \"ba%se\" Gr\xC3\xB6\xC3\x9F"
      "e #1?x.db",
      "CREATE TABLE t (a)");
  EXPECT_TRUE(Database::open(file, OpenMode::kReadOnly).has_table("t"));
  EXPECT_TRUE(boost::filesystem::exists(file));
}

TEST_F(DatabaseTest, AReadOnlyConnectionRefusesToWrite) {
  const Path file = make("a.db", "CREATE TABLE t (a)");
  Database db = Database::open(file, OpenMode::kReadOnly);
  EXPECT_ERROR(db.exec("INSERT INTO t VALUES (1)"), ErrorCode::kReadOnly);
}

TEST_F(DatabaseTest, AFileThatMayNotBeWrittenIsReadOnlyForTheApplicationConnection) {
  if (geteuid() == 0) GTEST_SKIP() << "root may write everything";
  const Path file = make("a.db", "CREATE TABLE t (a)");
  chmod(file.string().c_str(), 0444);
  EXPECT_ERROR(Database::open_application(file), ErrorCode::kReadOnly);
}

TEST_F(DatabaseTest, ALockedDatabaseIsBusyAfterThePatience) {
  const Path file = make("a.db", "CREATE TABLE t (a)");
  Database app = Database::open(file, OpenMode::kReadWrite);
  Transaction writing(app, Transaction::Kind::kImmediate);
  Database ours = Database::open_application(file);
  ours.set_busy_timeout_ms(1);
  EXPECT_ERROR(Transaction(ours, Transaction::Kind::kImmediate), ErrorCode::kBusy);
}

TEST_F(DatabaseTest, TheApplicationConnectionFiresNoTrigger) {
  const Path file = make("a.db",
                         "CREATE TABLE t (a); CREATE TABLE audit (a);"
                         "CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO audit VALUES "
                         "(NEW.a); END");
  Database ours = Database::open_application(file);
  ours.exec("INSERT INTO t VALUES (1)");
  EXPECT_EQ(ours.get_int("SELECT count(*) FROM audit"), 0);
}

TEST_F(DatabaseTest, TheApplicationConnectionKeepsForeignKeysOff) {
  const Path file = make("a.db",
                         "CREATE TABLE p (id INTEGER PRIMARY KEY);"
                         "CREATE TABLE c (p REFERENCES p ON DELETE CASCADE);"
                         "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1)");
  Database ours = Database::open_application(file);
  ours.exec("DELETE FROM p");
  EXPECT_EQ(ours.get_int("SELECT count(*) FROM c"), 1) << "a cascade is the application's work";
}

TEST_F(DatabaseTest, TheWriteAheadLogStaysWhenTheApplicationConnectionCloses) {
  const Path file = make("a.db", "PRAGMA journal_mode=WAL; CREATE TABLE t (a)");
  {
    Database ours = Database::open_application(file);
    ours.exec("INSERT INTO t VALUES (1)");
  }
  ASSERT_TRUE(boost::filesystem::exists(dir_ / "a.db-wal"));
  EXPECT_GT(boost::filesystem::file_size(dir_ / "a.db-wal"), 0u);
  Database again = Database::open(file, OpenMode::kReadOnly);
  EXPECT_EQ(again.get_int("SELECT count(*) FROM t"), 1);
}

TEST_F(DatabaseTest, TheApplicationConnectionNeverCheckpointsOnItsOwn) {
  const Path file = make("a.db", "PRAGMA journal_mode=WAL; CREATE TABLE t (a)");
  Database ours = Database::open_application(file);
  const auto before = boost::filesystem::file_size(file);
  for (int i = 0; i < 1100; ++i) {  // SQLite's own limit is 1000 pages
    ours.exec("INSERT INTO t VALUES (zeroblob(4000))");
  }
  EXPECT_EQ(boost::filesystem::file_size(file), before);
  EXPECT_GT(boost::filesystem::file_size(dir_ / "a.db-wal"), 4'000'000u);
}

TEST_F(DatabaseTest, TheApplicationConnectionCannotTouchTheSchemaTable) {
  const Path file = make("a.db", "CREATE TABLE t (a)");
  Database ours = Database::open_application(file);
  ours.exec("PRAGMA writable_schema=ON");
  EXPECT_THROW(ours.exec("DELETE FROM sqlite_schema"), Error);
}

TEST_F(DatabaseTest, TableNamesAreFoundWithoutRegardToCase) {
  Database db = Database::in_memory();
  db.exec("CREATE TABLE \"Mixed Case\" (a); CREATE VIEW v AS SELECT 1");
  EXPECT_TRUE(db.has_table("mixed case"));
  EXPECT_FALSE(db.has_table("v"));
  EXPECT_FALSE(db.has_table("other"));
}

TEST_F(DatabaseTest, NumbersAndTextsFallBackForNullAndForNoRow) {
  Database db = Database::in_memory();
  EXPECT_EQ(db.get_int("SELECT 7 WHERE 0", -1), -1);
  EXPECT_EQ(db.get_int("SELECT NULL", -1), -1);
  EXPECT_EQ(db.get_int("SELECT 7", -1), 7);
  EXPECT_EQ(db.get_text("SELECT NULL", "none"), "none");
  EXPECT_EQ(db.get_text("SELECT 'x'", "none"), "x");
}

TEST_F(DatabaseTest, ACachedStatementComesBackResetWithNothingBound) {
  Database db = Database::in_memory();
  Statement& first = db.cached("SELECT ?1");
  first.bind(1, std::int64_t{5});
  ASSERT_TRUE(first.step());
  Statement& again = db.cached("SELECT ?1");
  EXPECT_EQ(&first, &again);
  ASSERT_TRUE(again.step());
  EXPECT_TRUE(again.column(0).is_null());
  again.reset();
}

TEST_F(DatabaseTest, AnErrorInSqlNamesTheText) {
  Database db = Database::in_memory();
  try {
    db.prepare("SELECT a FROM nowhere");
    FAIL() << "compiled";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kSql);
    EXPECT_EQ(error.subject(), "SELECT a FROM nowhere");
    EXPECT_NE(error.detail().find("no such table"), std::string::npos) << error.detail();
  }
}

TEST_F(DatabaseTest, DataVersionMovesWhenAnotherConnectionCommits) {
  const Path file = make("a.db", "CREATE TABLE t (a)");
  Database watcher = Database::open(file, OpenMode::kReadOnly);
  Database app = Database::open(file, OpenMode::kReadWrite);
  const auto before = watcher.data_version();
  EXPECT_EQ(watcher.data_version(), before);
  app.exec("INSERT INTO t VALUES (1)");
  EXPECT_NE(watcher.data_version(), before);
}

TEST_F(DatabaseTest, SchemaVersionMovesWithTheSchemaOnly) {
  Database db = Database::in_memory();
  db.exec("CREATE TABLE t (a)");
  const auto before = db.schema_version();
  db.exec("INSERT INTO t VALUES (1)");
  EXPECT_EQ(db.schema_version(), before);
  db.exec("ALTER TABLE t ADD COLUMN b");
  EXPECT_NE(db.schema_version(), before);
}

TEST_F(DatabaseTest, ABackupHoldsTheRowsThatAreStillInTheWriteAheadLog) {
  const Path file =
      make("a.db", "PRAGMA journal_mode=WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)");
  Database app = Database::open(file, OpenMode::kReadWrite);
  app.exec("INSERT INTO t VALUES (2)");
  app.backup_to(dir_ / "copy.db");
  Database copy = Database::open(dir_ / "copy.db", OpenMode::kReadOnly);
  EXPECT_EQ(rows_of(copy, "SELECT a FROM t ORDER BY a"), (Rows{"1", "2"}));
}

// Large enough to go over in pieces, of which the last is not a whole one.
class CopiedPagesTest : public DatabaseTest {
 protected:
  Path large() {
    return make("large.db",
                "PRAGMA journal_mode=WAL; CREATE TABLE t (a INTEGER PRIMARY KEY, b);"
                "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 9001)"
                " INSERT INTO t SELECT i, randomblob(1000) FROM n");
  }
  // What the copy has, which is sound.
  Rows copied() {
    Database copy = Database::open(dir_ / "copy.db", OpenMode::kReadOnly);
    EXPECT_EQ(copy.get_text("PRAGMA integrity_check"), "ok");
    return rows_of(copy, kSum);
  }
  static constexpr const char* kSum = "SELECT count(*), sum(a), max(a) FROM t";
};

TEST_F(CopiedPagesTest, HaveTheRowsThatAreStillInTheWriteAheadLog) {
  Database db = Database::open(large(), OpenMode::kReadWrite);
  db.exec("INSERT INTO t VALUES (10000, 'late'); DELETE FROM t WHERE a = 5");
  db.copy_pages_to(dir_ / "copy.db");
  EXPECT_EQ(copied(), rows_of(db, kSum));
}

TEST_F(CopiedPagesTest, HaveTheNewestRowsThoughSomebodyReadsOlderOnes) {
  Database db = Database::open(large(), OpenMode::kReadWrite);
  Database reader = Database::open(dir_ / "large.db", OpenMode::kReadOnly);
  Statement rows = reader.prepare("SELECT a FROM t");
  ASSERT_TRUE(rows.step());
  db.exec("INSERT INTO t VALUES (10000, 'late')");
  db.copy_pages_to(dir_ / "copy.db");
  EXPECT_EQ(copied(), rows_of(db, kSum));
  EXPECT_EQ(rows_of(reader, kSum), (Rows{"9001|40513501|9001"}));
}

TEST_F(CopiedPagesTest, HaveTheRowsThatATransactionHereReads) {
  Database db = Database::open(large(), OpenMode::kReadWrite);
  Transaction transaction(db, Transaction::Kind::kDeferred);
  const Rows before = rows_of(db, kSum);
  Database::open(dir_ / "large.db", OpenMode::kReadWrite).exec("INSERT INTO t VALUES (10000, 1)");
  db.copy_pages_to(dir_ / "copy.db");
  EXPECT_EQ(copied(), before);
}

TEST_F(DatabaseTest, ChangesCountsTheRowsOfTheLastStatement) {
  Database db = Database::in_memory();
  db.exec("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2), (3)");
  EXPECT_EQ(db.changes(), 3);
}

}  // namespace
}  // namespace tidesync
