#include "sqlite/transaction.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "support/expect_error.h"
#include "support/temp_dir.h"

namespace tidesync {
namespace {

std::int64_t count(Database& db) {
  return db.get_int("SELECT count(*) FROM t");
}

Database database_with_table() {
  Database db = Database::in_memory();
  db.exec("CREATE TABLE t (a)");
  return db;
}

TEST(TransactionTest, WhatIsCommittedStays) {
  Database db = database_with_table();
  {
    Transaction change(db, Transaction::Kind::kImmediate);
    db.exec("INSERT INTO t VALUES (1)");
    change.commit();
    EXPECT_FALSE(change.is_open());
  }
  EXPECT_FALSE(db.in_transaction());
  EXPECT_EQ(count(db), 1);
}

TEST(TransactionTest, AnExceptionRollsBack) {
  Database db = database_with_table();
  try {
    Transaction change(db, Transaction::Kind::kImmediate);
    db.exec("INSERT INTO t VALUES (1)");
    throw std::runtime_error("power");
  } catch (const std::runtime_error&) {
  }
  EXPECT_FALSE(db.in_transaction());
  EXPECT_EQ(count(db), 0);
}

TEST(TransactionTest, RollbackCanBeAskedForTwice) {
  Database db = database_with_table();
  Transaction change(db, Transaction::Kind::kDeferred);
  db.exec("INSERT INTO t VALUES (1)");
  change.rollback();
  change.rollback();
  EXPECT_EQ(count(db), 0);
}

TEST(TransactionTest, AStatementThatRollsBackByItselfLeavesNothingToRollBack) {
  Database db = database_with_table();
  db.exec("CREATE UNIQUE INDEX i ON t (a); INSERT INTO t VALUES (1)");
  Transaction change(db, Transaction::Kind::kImmediate);
  EXPECT_THROW(db.exec("INSERT OR ROLLBACK INTO t VALUES (1)"), Error);
  EXPECT_FALSE(db.in_transaction());
  EXPECT_NO_THROW(change.rollback());
}

TEST(TransactionTest, ACommitThatFailsRollsBackAndThrows) {
  Database db = Database::in_memory();
  db.exec(
      "PRAGMA foreign_keys=ON; CREATE TABLE p (id INTEGER PRIMARY KEY);"
      "CREATE TABLE t (p REFERENCES p DEFERRABLE INITIALLY DEFERRED)");
  Transaction change(db, Transaction::Kind::kImmediate);
  db.exec("INSERT INTO t VALUES (1)");
  EXPECT_THROW(change.commit(), Error);
  EXPECT_FALSE(db.in_transaction());
  EXPECT_EQ(count(db), 0);
}

TEST(TransactionTest, AReadTransactionSeesOneStateWhileTheApplicationWrites) {
  test::TempDir dir;
  Database app = Database::open(dir / "a.db", OpenMode::kCreate);
  app.exec("PRAGMA journal_mode=WAL; CREATE TABLE t (a)");
  Database ours = Database::open_application(dir / "a.db");
  Transaction reading(ours, Transaction::Kind::kDeferred);
  EXPECT_EQ(count(ours), 0);
  app.exec("INSERT INTO t VALUES (1)");
  EXPECT_EQ(count(ours), 0);
  reading.rollback();
  EXPECT_EQ(count(ours), 1);
}

}  // namespace
}  // namespace tidesync
