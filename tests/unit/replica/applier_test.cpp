// Merging rows: every path of product.md's table, from both sides. Ann publishes first; bob
// decides.
#include "replica/applier.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/mini_fleet.h"

namespace tidesync {
namespace {

using test::MiniFleet;
using test::MiniNode;
using test::Rows;

constexpr const char* kItems =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, name, price);"
    "INSERT INTO t VALUES (1, 'pen', 10), (2, 'ink', 20), (3, 'pad', 30)";
constexpr const char* kAll = "SELECT * FROM t ORDER BY id";

class ApplierTest : public ::testing::Test {
 protected:
  void start(const std::string& sql) { fleet_.emplace(sql); }
  MiniNode& ann() { return fleet_->ann; }
  MiniNode& bob() { return fleet_->bob; }
  Rows rows(std::string_view query = kAll) { return fleet_->rows(query); }
  // "kind winner loser" of each conflict: who, by node.
  Rows decisions() {
    return fleet_->rows(
        "SELECT kind || ' ' || row_key || ' ' || winner_node || '>' || loser_node FROM "
        "sync_conflicts ORDER BY 1");
  }
  std::optional<MiniFleet> fleet_;
};

TEST_F(ApplierTest, WhatOnlyTheyChangedIsTakenOver) {
  start(kItems);
  ann().act(
      "UPDATE t SET price = 11 WHERE id = 1; DELETE FROM t WHERE id = 2;"
      "INSERT INTO t VALUES (9, 'new', 90)");
  const ApplyResult result = fleet_->ann_first();
  EXPECT_EQ(rows(), (Rows{"1|'pen'|11", "3|'pad'|30", "9|'new'|90"}));
  EXPECT_EQ(result.pulled.at(bob().id("t")), 3u);
  EXPECT_EQ(decisions(), Rows{});
  EXPECT_EQ(fleet_->log.size(), 1u) << "nothing of it is sent back";
}

TEST_F(ApplierTest, WhatOnlyWeChangedStaysAndGoesOut) {
  start(kItems);
  ann().act("UPDATE t SET price = 11 WHERE id = 1");
  bob().act("UPDATE t SET price = 22 WHERE id = 2; DELETE FROM t WHERE id = 3");
  fleet_->ann_first();
  EXPECT_EQ(rows(), (Rows{"1|'pen'|11", "2|'ink'|22"}));
  EXPECT_EQ(decisions(), Rows{});
}

TEST_F(ApplierTest, DifferentColumnsOfOneRowAreBothKept) {
  start(kItems);
  ann().act("UPDATE t SET price = 11 WHERE id = 1", 5000);
  bob().act("UPDATE t SET name = 'pencil' WHERE id = 1", 1000);
  const ApplyResult result = fleet_->ann_first();
  EXPECT_EQ(rows().at(0), "1|'pencil'|11");
  EXPECT_EQ(decisions(), Rows{});
  EXPECT_TRUE(result.conflicts.empty());
}

TEST_F(ApplierTest, WhatTheApplicationSavesJustBeforeTheLockIsNotOverwritten) {
  start(kItems);
  ann().act(
      "UPDATE t SET price = 11 WHERE id = 1; UPDATE t SET price = 21 WHERE id = 2;"
      "INSERT INTO t VALUES (9, 'new', 90); DELETE FROM t WHERE id = 3");
  bob().meanwhile =
      "UPDATE t SET price = 12 WHERE id = 1; DELETE FROM t WHERE id = 2;"
      "UPDATE t SET name = 'pads' WHERE id = 3";
  bob().meanwhile_ms = 5000;
  fleet_->ann_first();
  EXPECT_EQ(rows(), (Rows{"1|'pen'|12", "3|'pads'|30", "9|'new'|90"}));
  EXPECT_EQ(decisions(),
            (Rows{"'edit_delete {\"id\":2} bob>ann'", "'edit_delete {\"id\":3} bob>ann'",
                  "'same_column {\"id\":1} bob>ann'"}));
}

TEST_F(ApplierTest, TheNewerOfTwoEditsOfAColumnWinsWhoeverPublishesFirst) {
  for (const bool bob_is_newer : {true, false}) {
    start(kItems);
    ann().act("UPDATE t SET price = 11 WHERE id = 1", 2000);
    bob().act("UPDATE t SET price = 12 WHERE id = 1", bob_is_newer ? 3000 : 1000);
    fleet_->ann_first();
    EXPECT_EQ(rows().at(0), bob_is_newer ? "1|'pen'|12" : "1|'pen'|11");
    EXPECT_EQ(decisions(), Rows{bob_is_newer ? "'same_column {\"id\":1} bob>ann'"
                                             : "'same_column {\"id\":1} ann>bob'"});
    EXPECT_EQ(rows("SELECT base_row, winner_row, loser_row FROM sync_conflicts"),
              Rows{bob_is_newer
                       ? "'{\"id\":1,\"name\":\"pen\",\"price\":10}'|'{\"id\":1,\"name\":\"pen\","
                         "\"price\":12}'|'{\"id\":1,\"name\":\"pen\",\"price\":11}'"
                       : "'{\"id\":1,\"name\":\"pen\",\"price\":10}'|'{\"id\":1,\"name\":\"pen\","
                         "\"price\":11}'|'{\"id\":1,\"name\":\"pen\",\"price\":12}'"});
  }
}

TEST_F(ApplierTest, ATieGoesToTheHigherNodeOnBothSides) {
  start(kItems);
  ann().act("UPDATE t SET price = 11 WHERE id = 1", 2000);
  bob().act("UPDATE t SET price = 12 WHERE id = 1", 2000);
  fleet_->ann_first();
  EXPECT_EQ(rows().at(0), "1|'pen'|12");
}

TEST_F(ApplierTest, ALoserOfOneColumnKeepsItsOthers) {
  start(kItems);
  ann().act("UPDATE t SET price = 11 WHERE id = 1", 5000);
  bob().act("UPDATE t SET price = 12, name = 'pencil' WHERE id = 1", 1000);
  fleet_->ann_first();
  EXPECT_EQ(rows().at(0), "1|'pencil'|11");
  EXPECT_EQ(decisions().size(), 1u);
}

TEST_F(ApplierTest, TheSameEditOnBothSidesIsNoConflict) {
  start(kItems);
  for (MiniNode* node : {&ann(), &bob()}) {
    node->act(
        "UPDATE t SET price = 11 WHERE id = 1; DELETE FROM t WHERE id = 2;"
        "INSERT INTO t VALUES (9, 'same', 9)");
  }
  fleet_->ann_first();
  EXPECT_EQ(rows(), (Rows{"1|'pen'|11", "3|'pad'|30", "9|'same'|9"}));
  EXPECT_EQ(decisions(), Rows{});
  EXPECT_EQ(fleet_->log.size(), 1u);
}

TEST_F(ApplierTest, EditAndDeleteMeetInEveryOrder) {
  struct Meeting {
    const char* ann;
    std::int64_t ann_at;
    const char* bob;
    std::int64_t bob_at;
    const char* left;
  };
  const char* edit = "UPDATE t SET price = 11 WHERE id = 1";
  const char* removal = "DELETE FROM t WHERE id = 1";
  for (const Meeting& m :
       {Meeting{edit, 2000, removal, 3000, ""}, Meeting{edit, 3000, removal, 2000, "1|'pen'|11"},
        Meeting{removal, 2000, edit, 3000, "1|'pen'|11"}, Meeting{removal, 3000, edit, 2000, ""}}) {
    start(kItems);
    ann().act(m.ann, m.ann_at);
    bob().act(m.bob, m.bob_at);
    fleet_->ann_first();
    EXPECT_EQ(rows("SELECT * FROM t WHERE id = 1"), *m.left ? Rows{m.left} : Rows{}) << m.ann;
    EXPECT_EQ(bob().conflict_kinds(), Rows{"'edit_delete'|'{\"id\":1}'"});
    // Whatever lost can be brought back from the record.
    EXPECT_EQ(rows("SELECT count(*) FROM sync_conflicts WHERE base_row IS NOT NULL AND "
                   "coalesce(winner_row, loser_row) LIKE '%11%'"),
              Rows{"1"});
  }
}

TEST_F(ApplierTest, DeleteAndDeleteIsNoConflict) {
  start(kItems);
  ann().act("DELETE FROM t WHERE id = 1");
  bob().act("DELETE FROM t WHERE id = 1");
  fleet_->ann_first();
  EXPECT_EQ(decisions(), Rows{});
  EXPECT_EQ(rows().size(), 2u);
}

TEST_F(ApplierTest, DeletedSyncedElsewhereAndInsertedAgainFlows) {
  start(kItems);
  ann().act("DELETE FROM t WHERE id = 1");
  fleet_->ann_first();
  bob().act("INSERT INTO t VALUES (1, 'again', 1)");
  fleet_->settle();
  EXPECT_EQ(rows().at(0), "1|'again'|1");
  EXPECT_EQ(decisions(), Rows{});
}

// A number that was used again names two records: both stay, under two numbers, and the edit that
// kept the deleted one alive is recorded.
TEST_F(ApplierTest, ARecordThatWasReplacedIsNotMixedWithAnEditOfTheOldOne) {
  start(kItems);
  const auto before = rows().size();
  ann().act("UPDATE t SET price = 11 WHERE id = 1", 5000);
  bob().act("DELETE FROM t WHERE id = 1; INSERT INTO t VALUES (1, 'sofa', 10)", 3000);
  fleet_->ann_first();
  EXPECT_EQ(rows().at(0), "1|'pen'|11");
  ASSERT_EQ(rows().size(), before + 1);
  EXPECT_NE(rows().back().find("|'sofa'|10"), std::string::npos) << rows().back();
  EXPECT_EQ(decisions(), Rows{"'edit_delete {\"id\":1} ann>bob'"});
}

TEST_F(ApplierTest, ARecordThatTheyReplacedIsNotMixedEither) {
  start(kItems);
  const auto before = rows().size();
  ann().act("DELETE FROM t WHERE id = 1; INSERT INTO t VALUES (1, 'sofa', 10)", 5000);
  bob().act("UPDATE t SET price = 11 WHERE id = 1", 3000);
  fleet_->ann_first();
  EXPECT_EQ(rows().at(0), "1|'sofa'|10");
  ASSERT_EQ(rows().size(), before + 1);
  EXPECT_NE(rows().back().find("|'pen'|11"), std::string::npos) << rows().back();
  EXPECT_EQ(decisions(), Rows{"'edit_delete {\"id\":1} bob>ann'"});
}

TEST_F(ApplierTest, TwoInsertsOfANaturalKeyAreOneRecord) {
  start("CREATE TABLE t (id TEXT PRIMARY KEY, name, price)");
  ann().act("INSERT INTO t VALUES ('x', 'pen', 10)", 2000);
  bob().act("INSERT INTO t VALUES ('x', 'pencil', 10)", 3000);
  fleet_->ann_first();
  EXPECT_EQ(rows(), Rows{"'x'|'pencil'|10"});
  EXPECT_EQ(decisions(), Rows{"'whole_row {\"id\":\"x\"} bob>ann'"});
}

TEST_F(ApplierTest, SeveralBatchesAtOnceAreMergedWithEachColumnsOwnAuthor) {
  start(kItems);
  MiniNode cem("cem", kItems);
  ann().act("UPDATE t SET price = 11 WHERE id = 1", 1000);
  ann().sync(fleet_->log);
  cem.act("UPDATE t SET name = 'biro' WHERE id = 1", 5000);
  cem.sync(fleet_->log);
  bob().act("UPDATE t SET price = 12, name = 'pencil' WHERE id = 1", 3000);
  bob().sync(fleet_->log);
  fleet_->settle();
  cem.sync(fleet_->log);
  EXPECT_EQ(rows().at(0), "1|'biro'|12");
  EXPECT_EQ(cem.rows(kAll).at(0), "1|'biro'|12");
  EXPECT_EQ(decisions().size(), 2u);
}

TEST_F(ApplierTest, ARowThatCameAndWentAmongTheBatchesIsNothing) {
  start(kItems);
  ann().act("INSERT INTO t VALUES (9, 'x', 1)");
  ann().sync(fleet_->log);
  ann().act("DELETE FROM t WHERE id = 9");
  ann().sync(fleet_->log);
  const ApplyResult result = bob().sync(fleet_->log);
  EXPECT_TRUE(result.pulled.empty());
  EXPECT_EQ(rows().size(), 3u);
}

TEST_F(ApplierTest, AUnionThatBreaksARuleFallsBackToTheNewerRow) {
  for (const bool bob_is_newer : {true, false}) {
    start(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, low, high, CHECK (low <= high));"
        "INSERT INTO t VALUES (1, 10, 20)");
    ann().act("UPDATE t SET low = 19 WHERE id = 1", 2000);
    bob().act("UPDATE t SET high = 11 WHERE id = 1", bob_is_newer ? 3000 : 1000);
    fleet_->ann_first();
    EXPECT_EQ(rows(), Rows{bob_is_newer ? "1|10|11" : "1|19|20"});
    EXPECT_EQ(decisions(), Rows{bob_is_newer ? "'whole_row {\"id\":1} bob>ann'"
                                             : "'whole_row {\"id\":1} ann>bob'"});
  }
}

TEST_F(ApplierTest, ARowThatTheTableHereRefusesStopsTheRunWithNothingChanged) {
  MiniFleet fleet("CREATE TABLE t (id INTEGER PRIMARY KEY, price)");
  MiniNode strict("strict", "CREATE TABLE t (id INTEGER PRIMARY KEY, price)");
  strict.app().exec(
      "DROP TABLE t; CREATE TABLE t (id INTEGER PRIMARY KEY, price CHECK (price < 100))");
  strict.local().use_shapes(strict.base().shapes());
  fleet.ann.act("INSERT INTO t VALUES (1, 50), (2, 500)");
  fleet.ann.sync(fleet.log);
  EXPECT_ERROR(strict.pull(fleet.log), ErrorCode::kSchema);
  strict.base().reload();
  EXPECT_EQ(strict.rows(kAll), Rows{});
  EXPECT_EQ(strict.local().cursor().seq, Seq{1});
}

TEST_F(ApplierTest, StampsOfTheApplicationDecideAndFollowTheWinner) {
  start(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, x, updated_at, updated_by);"
      "INSERT INTO t VALUES (1, 'a', '2026-11-20 10:00:00', 'init')");
  const std::int64_t noon = 1'795'262'400'000;  // 2026-11-21T12:00Z
  ann().now_ms = bob().now_ms = noon + 60'000;
  // Bob's edit is the older work, though it was captured later.
  ann().act("UPDATE t SET x = 'ann', updated_at = '2026-11-21 11:00:00', updated_by = 'Ann'", noon);
  bob().act("UPDATE t SET x = 'bob', updated_at = '2026-11-21 10:00:00', updated_by = 'Bob'",
            noon + 1000);
  fleet_->ann_first();
  EXPECT_EQ(rows(), Rows{"1|'ann'|'2026-11-21 11:00:00'|'Ann'"});
  EXPECT_EQ(decisions().size(), 1u);
}

TEST_F(ApplierTest, StampsThatDifferAloneAreNoConflict) {
  start(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, x, updated_at, updated_by);"
      "INSERT INTO t VALUES (1, 'a', '2026-11-20 10:00:00', 'init')");
  ann().act("UPDATE t SET x = 'same', updated_by = 'Ann'", 1000);
  bob().act("UPDATE t SET x = 'same', updated_by = 'Bob'", 2000);
  fleet_->ann_first();
  EXPECT_EQ(rows(), Rows{"1|'same'|'2026-11-20 10:00:00'|'Bob'"});
  EXPECT_EQ(decisions(), Rows{});
}

TEST_F(ApplierTest, AChangedKeyIsADeleteAndAnInsert) {
  start(kItems);
  ann().act("UPDATE t SET id = 7 WHERE id = 1");
  bob().act("UPDATE t SET price = 21 WHERE id = 2");
  fleet_->ann_first();
  EXPECT_EQ(rows(), (Rows{"2|'ink'|21", "3|'pad'|30", "7|'pen'|10"}));
  EXPECT_EQ(decisions(), Rows{});
}

TEST_F(ApplierTest, AKeyThatOnlyChangesItsCaseArrives) {
  start(
      "CREATE TABLE t (id TEXT PRIMARY KEY COLLATE NOCASE, x); INSERT INTO t VALUES ('a', 1), "
      "('B', 2)");
  ann().act("UPDATE t SET id = 'A' WHERE id = 'a'; UPDATE t SET id = 'b' WHERE id = 'B'");
  fleet_->ann_first();
  EXPECT_EQ(rows(), (Rows{"'A'|1", "'b'|2"}));
  EXPECT_EQ(decisions(), Rows{});
}

TEST_F(ApplierTest, AKeyInTwoSpellingsIsSettledAndTheLosersRowIsKept) {
  start("CREATE TABLE t (id TEXT PRIMARY KEY COLLATE NOCASE, x)");
  ann().act("INSERT INTO t VALUES ('a', 'ann')");
  bob().act("INSERT INTO t VALUES ('A', 'bob')");
  fleet_->ann_first();
  EXPECT_EQ(rows(), Rows{"'a'|'ann'"});
  EXPECT_EQ(rows("SELECT kind, loser_row FROM sync_conflicts"),
            Rows{"'set_aside'|'{\"id\":\"A\",\"x\":\"bob\"}'"});
}

TEST_F(ApplierTest, AnEditMeetsAKeyThatChangedItsCase) {
  start("CREATE TABLE t (id TEXT PRIMARY KEY COLLATE NOCASE, x); INSERT INTO t VALUES ('a', 1)");
  ann().act("UPDATE t SET id = 'A'", 1000);
  bob().act("UPDATE t SET x = 2", 2000);
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT count(*) FROM t"), Rows{"1"});
  EXPECT_EQ(rows("SELECT count(*) > 0 FROM sync_conflicts WHERE coalesce(loser_row, winner_row) "
                 "LIKE '%2%'"),
            Rows{"1"});
}

TEST_F(ApplierTest, OddValuesTravelByteForByteThroughAMerge) {
  start("CREATE TABLE t (id PRIMARY KEY, a, b); INSERT INTO t VALUES (1.5, 1, 1), ('1.5', 1, 1)");
  ann().act(
      "UPDATE t SET a = -0.0 WHERE id = 1.5; UPDATE t SET a = x'' WHERE id = '1.5';"
      "INSERT INTO t VALUES (9007199254740993, '', CAST(x'00' AS TEXT))");
  bob().act("UPDATE t SET b = 9e999 WHERE id = 1.5; UPDATE t SET b = 1.0 WHERE id = '1.5'");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT typeof(id), id, typeof(a), quote(a), hex(a), typeof(b), hex(b) FROM t "
                 "ORDER BY 1, 2")
                .size(),
            3u);
  EXPECT_EQ(rows("SELECT a, b FROM t WHERE id = 1.5"), Rows{"-0.0|inf"});
  EXPECT_EQ(decisions(), Rows{});
}

TEST_F(ApplierTest, AGeneratedColumnIsComputedOnEachSide) {
  start(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a, b, total AS (a * b) STORED);"
      "INSERT INTO t (id, a, b) VALUES (1, 2, 3)");
  ann().act("UPDATE t SET a = 10 WHERE id = 1");
  bob().act("UPDATE t SET b = 7 WHERE id = 1");
  fleet_->ann_first();
  EXPECT_EQ(rows(), Rows{"1|10|7|70"});
}

TEST_F(ApplierTest, ADecisionIsMadeOnceAndIsTheSameForEverybody) {
  start(kItems);
  MiniNode cem("cem", kItems);
  ann().act("UPDATE t SET price = 11 WHERE id = 1", 2000);
  bob().act("UPDATE t SET price = 12 WHERE id = 1", 1000);
  ann().sync(fleet_->log);
  bob().sync(fleet_->log);
  cem.sync(fleet_->log);
  fleet_->settle();
  cem.sync(fleet_->log);
  EXPECT_EQ(cem.rows("SELECT * FROM sync_conflicts"), rows("SELECT * FROM sync_conflicts"));
  EXPECT_EQ(cem.conflict_kinds().size(), 1u);
}

TEST_F(ApplierTest, OnlyTheFirstConflictsAreKeptInMemoryButAllAreCounted) {
  start(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, x);"
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50)"
      "INSERT INTO t SELECT i, 0 FROM n");
  ann().act("UPDATE t SET x = 1", 1000);
  bob().act("UPDATE t SET x = 2", 2000);
  ann().sync(fleet_->log);
  const ApplyResult result = bob().sync(fleet_->log);
  EXPECT_EQ(result.conflicts.size(), 20u);
  EXPECT_EQ(result.conflict_counts.at(bob().id("t")), 50u);
  fleet_->settle();
  EXPECT_EQ(rows("SELECT count(*) FROM sync_conflicts"), Rows{"50"});
}

TEST_F(ApplierTest, OurOwnTablesMergeSilently) {
  start(kItems);
  ann().act("UPDATE t SET price = 11 WHERE id = 1", 2000);
  bob().act("UPDATE t SET price = 12 WHERE id = 1", 1000);
  fleet_->ann_first();
  ann().act("UPDATE sync_conflicts SET resolved_by = 'ann', resolution = 'a'", 3000);
  bob().act("UPDATE sync_conflicts SET resolved_by = 'bob', resolution = 'b'", 4000);
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT resolved_by, resolution FROM sync_conflicts"), Rows{"'bob'|'b'"});
}

TEST_F(ApplierTest, ResolvedOnTwoNodesAtOnceTheNewerResolutionStaysWhole) {
  start(kItems);
  ann().act("UPDATE t SET price = 11 WHERE id = 1", 2000);
  bob().act("UPDATE t SET price = 12 WHERE id = 1", 1000);
  fleet_->ann_first();
  ann().act("UPDATE sync_conflicts SET resolved_at = 'later', resolution = 'a'", 4000);
  bob().act("UPDATE sync_conflicts SET resolved_at = 'earlier', resolved_by = 'bob'", 3000);
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT resolved_at, resolved_by, resolution FROM sync_conflicts"),
            Rows{"'later'|NULL|'a'"});
}

TEST_F(ApplierTest, AJoinMatchesRowsByTheirKey) {
  start("CREATE TABLE t (id INTEGER PRIMARY KEY, name, price)");
  ann().act("INSERT INTO t VALUES (1, 'pen', 10), (2, 'ink', 20)", 2000);
  bob().act("INSERT INTO t VALUES (1, 'pen', 12), (2, 'ink', 20), (3, 'pad', 30)", 3000);
  bob().same_key_is_same_record = true;
  const ApplyResult result = fleet_->ann_first();
  EXPECT_EQ(result.renumbered, 0u);
  EXPECT_EQ(rows(), (Rows{"1|'pen'|12", "2|'ink'|20", "3|'pad'|30"}));
  EXPECT_EQ(decisions(), Rows{"'whole_row {\"id\":1} bob>ann'"});
}

TEST_F(ApplierTest, SyncedAtIsStampedHereAndTravelsNowhere) {
  start(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, x, synced_at TEXT); INSERT INTO t VALUES (1, 'a', "
      "NULL)");
  ann().act("UPDATE t SET x = 'b', synced_at = 'mine'");
  fleet_->ann_first();
  EXPECT_EQ(ann().rows("SELECT synced_at FROM t"), Rows{"'mine'"});
  EXPECT_EQ(bob().rows("SELECT x, synced_at FROM t"), Rows{"'b'|'1970-01-01T00:16:40.000Z'"});
}

}  // namespace
}  // namespace tidesync
