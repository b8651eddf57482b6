// The triggers, fired by whatever an application may do. Each test compares two things: the
// application got what it would have got without us, and the hints lead to every row that differs.
#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/mini_fleet.h"

namespace tidesync {
namespace {

using test::MiniNode;
using test::Rows;
using test::rows_of;

class TrackerTest : public ::testing::Test {
 protected:
  void start(const std::string& sql) {
    node_.emplace("ann", sql);
    plain_.exec(sql);
    plain_.exec("PRAGMA foreign_keys=ON");
    // The same last_insert_rowid() in both.
    for (Database* db : {&plain_, &node_->app()}) {
      db->exec("CREATE TEMP TABLE z (a); INSERT INTO z VALUES (1)");
    }
  }
  // Runs the statement in a database with our triggers and in one without, and expects the same
  // outcome, error text included.
  void act(const std::string& sql) {
    const std::string with_us = outcome(node_->app(), sql);
    EXPECT_EQ(with_us, outcome(plain_, sql)) << sql;
  }
  // As act(); then every row that differs from the base copy has a hint.
  void act_and_find(const std::string& sql) {
    act(sql);
    node_->expect_every_difference_hinted();
  }
  // "i1 u2 d3": the hints of the table as kind and key, in order.
  std::string hints(const std::string& table = "t") {
    std::string text;
    for (const std::string& row :
         node_->rows("SELECT substr('iud', o, 1) || ifnull(k1, 'NULL') || ifnull('/' || k2, '')"
                     " FROM tidesync_dirty WHERE t = " +
                     std::to_string(node_->id(table)) + " ORDER BY n")) {
      text += (text.empty() ? "" : " ") + row.substr(1, row.size() - 2);
    }
    return text;
  }

  std::optional<MiniNode> node_;

 private:
  static std::string outcome(Database& db, const std::string& sql) {
    try {
      db.exec(sql);
      return "done, " + std::to_string(db.changes()) + " rows, last id " +
             std::to_string(db.get_int("SELECT last_insert_rowid()"));
    } catch (const Error& error) {
      return error.detail();
    }
  }
  Database plain_ = Database::in_memory();
};

constexpr const char* kItems =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, u TEXT UNIQUE, x NOT NULL CHECK (x < 100));"
    "INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3)";

TEST_F(TrackerTest, EveryOrdinaryStatementLeavesAHint) {
  start(kItems);
  act_and_find("INSERT INTO t VALUES (4, 'd', 4)");
  act_and_find("UPDATE t SET x = 9 WHERE id = 1");
  act_and_find("DELETE FROM t WHERE id = 2");
  EXPECT_EQ(hints(), "i4 u1 d2");
}

TEST_F(TrackerTest, AnInsertThatLeavesTheNumberToSqliteIsHintedUnderIt) {
  start(kItems);
  act_and_find("INSERT INTO t (u, x) VALUES ('new', 4)");
  EXPECT_EQ(hints(), "i4");
}

TEST_F(TrackerTest, AnUpsertNeverFails) {
  start(kItems);
  act_and_find("INSERT INTO t VALUES (1, 'a', 5) ON CONFLICT (id) DO UPDATE SET x = excluded.x");
  act_and_find("INSERT INTO t VALUES (1, 'a', 6) ON CONFLICT (id) DO UPDATE SET x = excluded.x");
  act_and_find("INSERT INTO t VALUES (1, 'zz', 6) ON CONFLICT DO NOTHING");
  act_and_find("INSERT INTO t VALUES (7, 'g', 6) ON CONFLICT (id) DO UPDATE SET x = 1");
  EXPECT_EQ(hints(), "u1 u1 i7");
}

TEST_F(TrackerTest, EveryConflictClauseOfAnInsertWorksAsWithoutUs) {
  start(kItems);
  act_and_find("INSERT OR REPLACE INTO t VALUES (1, 'a', 5)");
  act_and_find("INSERT OR REPLACE INTO t VALUES (1, 'a', 6)");
  act_and_find("REPLACE INTO t VALUES (8, 'h', 6)");
  act_and_find("INSERT OR IGNORE INTO t VALUES (1, 'q', 7), (9, 'i', 7)");
  act_and_find("INSERT OR ABORT INTO t VALUES (10, 'j', 7), (1, 'k', 7)");
  act_and_find("INSERT OR FAIL INTO t VALUES (11, 'l', 7), (1, 'm', 7)");
  act_and_find("INSERT OR ROLLBACK INTO t VALUES (12, 'n', 7), (1, 'o', 7)");
  EXPECT_EQ(hints(), "i1 i1 i8 i9 i11");
  EXPECT_EQ(node_->rows("SELECT id FROM t ORDER BY id"), (Rows{"1", "2", "3", "8", "9", "11"}));
}

TEST_F(TrackerTest, EveryConflictClauseOfAnUpdateWorksAsWithoutUs) {
  start(kItems);
  act_and_find("UPDATE OR IGNORE t SET u = 'b' WHERE id = 1");
  act_and_find("UPDATE OR ABORT t SET x = x + 98");
  act_and_find("UPDATE OR FAIL t SET x = x + 97");
  act_and_find("UPDATE OR ROLLBACK t SET u = 'c' WHERE id = 1");
  EXPECT_EQ(hints(), "u1 u2");
  act("UPDATE OR REPLACE t SET u = 'b' WHERE id = 1");
  EXPECT_EQ(hints(), "u1 u2 u1") << "the row that was evicted is found by the count check";
}

TEST_F(TrackerTest, RefusedStatementsAreRefusedWithTheSameWordsAndLeaveNoHint) {
  start(kItems);
  act("INSERT INTO t VALUES (1, 'z', 1)");
  act("INSERT INTO t VALUES (9, 'a', 1)");
  act("INSERT INTO t VALUES (9, 'z', NULL)");
  act("INSERT INTO t VALUES (9, 'z', 1000)");
  EXPECT_EQ(hints(), "");
}

TEST_F(TrackerTest, ARolledBackTransactionLeavesNoHint) {
  start(kItems);
  act("BEGIN; INSERT INTO t VALUES (4, 'd', 4); ROLLBACK");
  act("BEGIN; SAVEPOINT s; DELETE FROM t; ROLLBACK TO s; COMMIT");
  EXPECT_EQ(hints(), "");
}

TEST_F(TrackerTest, DeletingEverythingHintsEveryRow) {
  start(kItems);
  act_and_find("DELETE FROM t");
  EXPECT_EQ(hints(), "d1 d2 d3");
}

TEST_F(TrackerTest, AChangedKeyIsHintedUnderBothNames) {
  start(kItems);
  act_and_find("UPDATE t SET id = 40 WHERE id = 3");
  EXPECT_EQ(hints(), "u3 i40");
}

TEST_F(TrackerTest, KeysThatAreShiftedAllAtOnceAreAllHinted) {
  start(kItems);
  act_and_find("UPDATE t SET id = -id");
  act_and_find("UPDATE t SET id = 1 - id");
  EXPECT_EQ(node_->rows("SELECT id FROM t ORDER BY id"), (Rows{"2", "3", "4"}));
}

TEST_F(TrackerTest, AKeyThatOnlyChangesItsCaseIsHintedUnderBothNames) {
  start("CREATE TABLE t (k TEXT PRIMARY KEY COLLATE NOCASE, x); INSERT INTO t VALUES ('a', 1)");
  act_and_find("UPDATE t SET k = 'A'");
  EXPECT_EQ(hints(), "ua iA");
}

TEST_F(TrackerTest, AKeyThatOnlyChangesItsTypeIsHintedUnderBothNames) {
  start("CREATE TABLE t (k PRIMARY KEY, x); INSERT INTO t VALUES (1, 1)");
  act_and_find("UPDATE t SET k = 1.0");
  act_and_find("UPDATE t SET k = '1'");
  EXPECT_EQ(hints(), "u1 i1.0 u1.0 i1");
}

TEST_F(TrackerTest, CompositeKeysOddNamesAndKeysWithoutRowidAreHinted) {
  start(
      "CREATE TABLE t (\"the \"\"key\"\"\" TEXT, 'b c' INT, x, PRIMARY KEY (\"the \"\"key\"\"\", "
      "\"b c\")) WITHOUT ROWID; INSERT INTO t VALUES ('p', 1, 1)");
  act_and_find("INSERT INTO t VALUES ('q', 2, 1)");
  act_and_find("UPDATE t SET \"b c\" = 7 WHERE x = 1 AND \"b c\" = 1");
  act_and_find("DELETE FROM t WHERE \"b c\" = 2");
  EXPECT_EQ(hints(), "iq/2 up/1 ip/7 dq/2");
}

TEST_F(TrackerTest, ATableWithQuotesInItsNameIsTracked) {
  start("CREATE TABLE \"it's \"\"odd\"\"\" (id INTEGER PRIMARY KEY, x)");
  act_and_find("INSERT INTO \"it's \"\"odd\"\"\" VALUES (1, 2)");
  EXPECT_EQ(hints("it's \"odd\""), "i1");
}

TEST_F(TrackerTest, CascadesOverThreeLevelsAndASelfReferenceAreHinted) {
  start(
      "CREATE TABLE a (id INTEGER PRIMARY KEY, up REFERENCES a ON DELETE CASCADE);"
      "CREATE TABLE b (id INTEGER PRIMARY KEY, a REFERENCES a ON DELETE CASCADE);"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, b REFERENCES b ON DELETE SET NULL);"
      "INSERT INTO a VALUES (1, NULL), (2, 1), (3, 2); INSERT INTO b VALUES (1, 3), (2, 1);"
      "INSERT INTO c VALUES (1, 1), (2, 2)");
  act_and_find("DELETE FROM a WHERE id = 1");
  EXPECT_EQ(node_->rows("SELECT * FROM a"), Rows{});
  EXPECT_EQ(node_->rows("SELECT * FROM c"), (Rows{"1|NULL", "2|NULL"}));
}

TEST_F(TrackerTest, CascadingKeyChangesAreHinted) {
  start(
      "CREATE TABLE a (k TEXT PRIMARY KEY);"
      "CREATE TABLE b (k TEXT REFERENCES a ON UPDATE CASCADE, n, PRIMARY KEY (k, n));"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, k, n, FOREIGN KEY (k, n) REFERENCES b ON UPDATE "
      "CASCADE);"
      "INSERT INTO a VALUES ('x'); INSERT INTO b VALUES ('x', 1); INSERT INTO c VALUES (1, 'x', "
      "1)");
  act_and_find("UPDATE a SET k = 'y'");
  EXPECT_EQ(hints("a"), "ux iy");
  EXPECT_EQ(hints("b"), "ux/1 iy/1");
  EXPECT_EQ(hints("c"), "u1");
}

TEST_F(TrackerTest, WhatTheApplicationsOwnTriggersWriteIsHinted) {
  start(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, x); CREATE TABLE stock (id INTEGER PRIMARY KEY, n);"
      "INSERT INTO stock VALUES (1, 10);"
      "CREATE TRIGGER book AFTER INSERT ON t BEGIN UPDATE stock SET n = n - NEW.x; END;"
      "CREATE VIEW v AS SELECT * FROM t;"
      "CREATE TRIGGER vi INSTEAD OF INSERT ON v BEGIN INSERT INTO t VALUES (NEW.id, NEW.x); END");
  act_and_find("INSERT INTO v VALUES (5, 3)");
  EXPECT_EQ(hints("t"), "i5");
  EXPECT_EQ(hints("stock"), "u1");
}

TEST_F(TrackerTest, ASchemaThatReplacesOnConflictFiresOurTriggersWithoutAnError) {
  start(
      "CREATE TABLE t (id INTEGER PRIMARY KEY ON CONFLICT REPLACE, u UNIQUE ON CONFLICT REPLACE);"
      "INSERT INTO t VALUES (1, 'a'), (2, 'b')");
  act("INSERT INTO t VALUES (1, 'a')");
  act("INSERT INTO t VALUES (3, 'b')");
  EXPECT_EQ(hints(), "i1 i3");
}

TEST_F(TrackerTest, WithRecursiveTriggersAnEvictedRowIsHintedToo) {
  start(kItems);
  node_->app().exec("PRAGMA recursive_triggers=ON");
  node_->act("REPLACE INTO t VALUES (9, 'b', 1)");
  EXPECT_EQ(hints(), "d2 i9");
}

TEST_F(TrackerTest, AnUntrustedSchemaDoesNotStopTheApplication) {
  start(kItems);
  node_->app().exec("PRAGMA trusted_schema=OFF");
  act_and_find("INSERT INTO t VALUES (4, 'd', 4)");
}

TEST_F(TrackerTest, ReturningGivesWhatItGaveWithoutUs) {
  start(kItems);
  EXPECT_EQ(node_->rows("INSERT INTO t VALUES (4, 'd', 4) RETURNING id, u"), Rows{"4|'d'"});
  EXPECT_EQ(node_->rows("UPDATE t SET x = 5 WHERE id = 4 RETURNING x"), Rows{"5"});
  EXPECT_EQ(hints(), "i4 u4");
}

TEST_F(TrackerTest, HintsAreStampedWithTheTimeOfDayInUtcMilliseconds) {
  start(kItems);
  node_->app().exec("DELETE FROM t WHERE id = 1");
  EXPECT_EQ(node_->app().get_int(
                "SELECT abs(at - CAST(strftime('%s','now') AS INTEGER) * 1000) < 5000 FROM "
                "tidesync_dirty"),
            1);
}

class TriggerTextTest : public TrackerTest {
 protected:
  void alter(const std::string& sql) {
    node_->app().exec(sql);
    node_->local().use_shapes(node_->base().shapes());
  }
};

TEST_F(TriggerTextTest, OtherColumnsCanBeRenamedAddedAndDropped) {
  start("CREATE TABLE t (id INTEGER PRIMARY KEY, x, y); INSERT INTO t VALUES (1, 1, 1)");
  node_->app().exec("ALTER TABLE t ADD COLUMN z DEFAULT 5");
  node_->app().exec("ALTER TABLE t RENAME COLUMN x TO xx");
  node_->app().exec("ALTER TABLE t DROP COLUMN y");
  EXPECT_TRUE(node_->local().triggers_are_intact());
  node_->app().exec("UPDATE t SET xx = 2");
  EXPECT_EQ(hints(), "u1");
}

TEST_F(TriggerTextTest, ARenamedTableTakesItsTriggersAlong) {
  start("CREATE TABLE t (id INTEGER PRIMARY KEY, x); INSERT INTO t VALUES (1, 1)");
  node_->app().exec("ALTER TABLE t RENAME TO elsewhere; UPDATE elsewhere SET x = 2");
  EXPECT_EQ(hints(), "u1");
  node_->local().use_shapes(node_->base().shapes());
  EXPECT_FALSE(node_->local().triggers_are_intact()) << "it is another table to us";
}

TEST_F(TriggerTextTest, ATableThatIsRebuiltLosesItsTriggersWhichIsNoticed) {
  start("CREATE TABLE t (id INTEGER PRIMARY KEY, x); INSERT INTO t VALUES (1, 1)");
  alter(
      "CREATE TABLE t2 (id INTEGER PRIMARY KEY, x); INSERT INTO t2 SELECT * FROM t; DROP TABLE t;"
      "ALTER TABLE t2 RENAME TO t");
  EXPECT_FALSE(node_->local().triggers_are_intact());
  EXPECT_TRUE(node_->local().install_triggers());
  EXPECT_TRUE(node_->local().triggers_are_intact());
  EXPECT_FALSE(node_->local().install_triggers()) << "nothing left to do";
  node_->act("UPDATE t SET x = 2");
  EXPECT_EQ(hints(), "u1");
}

TEST_F(TriggerTextTest, TriggersThatWentAwayWithARenamedTableAreTakenBack) {
  start("CREATE TABLE t (id INTEGER PRIMARY KEY, x); INSERT INTO t VALUES (1, 1)");
  alter(
      "ALTER TABLE t RENAME TO t_old; CREATE TABLE t (id INTEGER PRIMARY KEY, x);"
      "INSERT INTO t SELECT * FROM t_old");
  EXPECT_FALSE(node_->local().triggers_are_intact());
  node_->local().install_triggers();
  node_->app().exec("DELETE FROM tidesync_dirty; DROP TABLE t_old; UPDATE t SET x = 2");
  EXPECT_EQ(hints(), "u1");
}

TEST_F(TriggerTextTest, AMissingAndAnAlteredTriggerAreNoticedAndPutBack) {
  start("CREATE TABLE t (id INTEGER PRIMARY KEY, x); INSERT INTO t VALUES (1, 1)");
  const std::string name = "tidesync_" + std::to_string(node_->id("t")) + "_u";
  node_->app().exec("DROP TRIGGER " + name);
  EXPECT_FALSE(node_->local().triggers_are_intact());
  node_->app().exec("CREATE TRIGGER " + name + " AFTER UPDATE ON t BEGIN SELECT 1; END");
  EXPECT_FALSE(node_->local().triggers_are_intact());
  EXPECT_TRUE(node_->local().install_triggers());
  node_->app().exec("UPDATE t SET x = 2");
  EXPECT_EQ(hints(), "u1");
}

TEST_F(TriggerTextTest, TriggersOfATableNoLongerSyncedAreRemoved) {
  start("CREATE TABLE t (id INTEGER PRIMARY KEY, x); CREATE TABLE u (id INTEGER PRIMARY KEY)");
  auto shapes = node_->base().shapes();
  shapes.pop_back();
  node_->local().use_shapes(shapes);
  EXPECT_FALSE(node_->local().triggers_are_intact());
  node_->local().install_triggers();
  EXPECT_EQ(node_->rows("SELECT DISTINCT tbl_name FROM sqlite_schema WHERE type = 'trigger' AND "
                        "tbl_name NOT LIKE 'sync%'"),
            Rows{"'t'"});
}

TEST_F(TriggerTextTest, TheApplicationsTriggersAreNeverTouched) {
  start(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, x);"
      "CREATE TRIGGER other AFTER INSERT ON t BEGIN SELECT 1; END;"
      "CREATE TRIGGER tidesync AFTER INSERT ON t BEGIN SELECT 1; END");
  node_->local().drop_triggers();
  EXPECT_EQ(node_->rows("SELECT name FROM sqlite_schema WHERE type = 'trigger' ORDER BY 1"),
            (Rows{"'other'", "'tidesync'"}));
}

TEST_F(TriggerTextTest, OurOwnWritesLeaveNoHint) {
  start("CREATE TABLE t (id INTEGER PRIMARY KEY, x)");
  node_->local().db().exec("INSERT INTO t VALUES (1, 1)");
  EXPECT_EQ(hints(), "");
}

}  // namespace
}  // namespace tidesync
