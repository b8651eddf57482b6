// Foreign keys after a merge. The fleet checks PRAGMA foreign_key_check after every sync.
#include <gtest/gtest.h>

#include "support/mini_fleet.h"

namespace tidesync {
namespace {

using test::MiniFleet;
using test::MiniNode;
using test::Rows;

class ReferencesTest : public ::testing::Test {
 protected:
  void start(const std::string& sql) { fleet_.emplace(sql); }
  MiniNode& ann() { return fleet_->ann; }
  MiniNode& bob() { return fleet_->bob; }
  Rows rows(std::string_view query) { return fleet_->rows(query); }
  Rows kinds() { return fleet_->rows("SELECT table_name, kind FROM sync_conflicts ORDER BY 1, 2"); }
  std::optional<MiniFleet> fleet_;
};

constexpr const char* kFamily =
    "CREATE TABLE g (id INTEGER PRIMARY KEY, x);"
    "CREATE TABLE p (id INTEGER PRIMARY KEY, g REFERENCES g ON DELETE CASCADE, x);"
    "CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p ON DELETE CASCADE, x);"
    "INSERT INTO g VALUES (1, 'g1'), (2, 'g2'); INSERT INTO p VALUES (1, 1, 'p1'), (2, 2, 'p2');"
    "INSERT INTO c VALUES (1, 1, 'c1'), (2, 2, 'c2')";

TEST_F(ReferencesTest, AParentDeletedThereComesBackForAChildAddedHere) {
  start(kFamily);
  ann().act("DELETE FROM p WHERE id = 1");
  bob().act("INSERT INTO c VALUES (9, 1, 'new')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT * FROM p WHERE id = 1"), Rows{"1|1|'p1'"});
  EXPECT_EQ(rows("SELECT id FROM c ORDER BY id"), (Rows{"2", "9"}));
  EXPECT_EQ(kinds(), Rows{"'p'|'parent_restored'"});
}

TEST_F(ReferencesTest, AParentDeletedHereComesBackForAChildAddedThere) {
  start(kFamily);
  ann().act("INSERT INTO c VALUES (9, 1, 'new')");
  bob().act("DELETE FROM p WHERE id = 1");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT * FROM p WHERE id = 1"), Rows{"1|1|'p1'"});
  EXPECT_EQ(rows("SELECT id FROM c ORDER BY id"), (Rows{"2", "9"}));
  EXPECT_EQ(kinds(), Rows{"'p'|'parent_restored'"});
}

TEST_F(ReferencesTest, AGrandparentComesBackWithTheParent) {
  for (const bool ann_deletes : {true, false}) {
    start(kFamily);
    (ann_deletes ? ann() : bob()).act("DELETE FROM g WHERE id = 1");
    (ann_deletes ? bob() : ann()).act("INSERT INTO c VALUES (9, 1, 'new')");
    fleet_->ann_first();
    EXPECT_EQ(rows("SELECT c.id, p.x, g.x FROM c JOIN p ON p.id = c.p JOIN g ON g.id = p.g"
                   " ORDER BY c.id"),
              (Rows{"2|'p2'|'g2'", "9|'p1'|'g1'"}));
    EXPECT_EQ(kinds(), (Rows{"'g'|'parent_restored'", "'p'|'parent_restored'"}));
  }
}

// The line's quote was deleted there, with the line, and its number given to another quote.
TEST_F(ReferencesTest, AParentThatComesBackStaysWithTheRecordThatGotANewNumber) {
  start(kFamily);
  ann().act("DELETE FROM g WHERE id = 1; INSERT INTO g VALUES (1, 'other')", 5000);
  bob().act("INSERT INTO c VALUES (3, 1, 'c3')", 1000);
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT c.x, p.x, g.x FROM c JOIN p ON p.id = c.p JOIN g ON g.id = p.g"
                 " WHERE c.id = 3"),
            Rows{"'c3'|'p1'|'g1'"});
  EXPECT_EQ(rows("SELECT x FROM g WHERE id = 1"), Rows{"'other'"});
}

TEST_F(ReferencesTest, AChildEditedHereWhoseParentWentThereBringsItBack) {
  start(kFamily);
  ann().act("DELETE FROM p WHERE id = 1", 1000);
  bob().act("UPDATE c SET x = 'edited' WHERE id = 1", 2000);
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT c.x, p.x FROM c JOIN p ON p.id = c.p WHERE c.id = 1"),
            Rows{"'edited'|'p1'"});
}

TEST_F(ReferencesTest, AnOlderEditOfAChildGoesWithItsParentAndIsKept) {
  start(kFamily);
  ann().act("DELETE FROM p WHERE id = 1", 2000);
  bob().act("UPDATE c SET x = 'edited' WHERE id = 1", 1000);
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT id FROM p"), Rows{"2"});
  EXPECT_EQ(rows("SELECT id FROM c"), Rows{"2"});
  EXPECT_EQ(rows("SELECT kind, loser_row FROM sync_conflicts"),
            Rows{"'edit_delete'|'{\"id\":1,\"p\":1,\"x\":\"edited\"}'"});
}

TEST_F(ReferencesTest, ACascadeMeetsAnEditOfAGrandchild) {
  start(kFamily);
  ann().act("UPDATE c SET x = 'edited' WHERE id = 1", 2000);
  bob().act("DELETE FROM g WHERE id = 1", 1000);
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT c.x, p.x, g.x FROM c JOIN p ON p.id = c.p JOIN g ON g.id = p.g WHERE "
                 "c.id = 1"),
            Rows{"'edited'|'p1'|'g1'"});
}

TEST_F(ReferencesTest, MovingTheChildrenAndDeletingTheOldParentFlows) {
  start(kFamily);
  ann().act(
      "INSERT INTO p VALUES (9, 1, 'p9'); UPDATE c SET p = 9 WHERE p = 1; DELETE FROM p WHERE id = "
      "1");
  bob().act("UPDATE c SET x = 'edited' WHERE id = 1");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT * FROM c WHERE id = 1"), Rows{"1|9|'edited'"});
  EXPECT_EQ(kinds(), Rows{});
}

TEST_F(ReferencesTest, AChildMovedToAParentThatWasDeletedThereBringsItBack) {
  start(kFamily);
  ann().act("DELETE FROM c WHERE id = 2; DELETE FROM p WHERE id = 2");
  bob().act("UPDATE c SET p = 2 WHERE id = 1");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT c.id, p.x FROM c JOIN p ON p.id = c.p"), Rows{"1|'p2'"});
  EXPECT_EQ(kinds(), Rows{"'p'|'parent_restored'"});
}

TEST_F(ReferencesTest, SeveralChildrenBringTheirParentBackOnce) {
  start(kFamily);
  ann().act("DELETE FROM p WHERE id = 1");
  bob().act("INSERT INTO c VALUES (7, 1, 'a'), (8, 1, 'b'), (9, 1, 'c')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT count(*) FROM c WHERE p = 1"), Rows{"3"});
  EXPECT_EQ(kinds().size(), 1u);
}

TEST_F(ReferencesTest, ATreeOfOneTableIsRestoredUpToItsRoot) {
  start(
      "CREATE TABLE n (id INTEGER PRIMARY KEY, up REFERENCES n ON DELETE CASCADE, x);"
      "INSERT INTO n VALUES (1, NULL, 'root'), (2, 1, 'branch'), (3, 2, 'twig')");
  ann().act("DELETE FROM n WHERE id = 1");
  bob().act("INSERT INTO n VALUES (4, 3, 'leaf')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT id FROM n ORDER BY id"), (Rows{"1", "2", "3", "4"}));
}

TEST_F(ReferencesTest, ACompositeReferenceIsRepaired) {
  start(
      "CREATE TABLE p (a, b, x, PRIMARY KEY (b, a));"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, pa, pb, FOREIGN KEY (pa, pb) REFERENCES p (a, b));"
      "INSERT INTO p VALUES ('a', 'b', 'x')");
  ann().act("DELETE FROM p");
  bob().act("INSERT INTO c VALUES (1, 'a', 'b'), (2, NULL, 'b')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT * FROM p"), Rows{"'a'|'b'|'x'"});
}

TEST_F(ReferencesTest, AReferencedValueThatBecameNullComesBackForAChildAddedElsewhere) {
  for (const bool ann_clears : {true, false}) {
    start(
        "CREATE TABLE p (id INTEGER PRIMARY KEY, u TEXT UNIQUE, x);"
        "CREATE TABLE c (id INTEGER PRIMARY KEY, u TEXT NOT NULL REFERENCES p (u));"
        "INSERT INTO p VALUES (1, 'one', 0)");
    (ann_clears ? ann() : bob()).act("UPDATE p SET u = NULL, x = 5");
    (ann_clears ? bob() : ann()).act("INSERT INTO c VALUES (1, 'one')");
    fleet_->ann_first();
    EXPECT_EQ(rows("SELECT * FROM p"), Rows{"1|'one'|5"});
    EXPECT_EQ(rows("SELECT * FROM c"), Rows{"1|'one'"});
    EXPECT_EQ(kinds(), Rows{"'p'|'parent_restored'"});
  }
}

// References compare as the parent's column does, whatever the child's does.
TEST_F(ReferencesTest, AChildInAnotherSpellingBringsItsParentBack) {
  for (const bool ann_deletes : {true, false}) {
    start(
        "CREATE TABLE p (k TEXT PRIMARY KEY COLLATE NOCASE, x);"
        "CREATE TABLE c (id INTEGER PRIMARY KEY, k TEXT REFERENCES p (k), x);"
        "INSERT INTO p VALUES ('Abc', 'p')");
    (ann_deletes ? ann() : bob()).act("DELETE FROM p");
    (ann_deletes ? bob() : ann()).act("INSERT INTO c VALUES (1, 'aBC', 'c')");
    fleet_->ann_first();
    EXPECT_EQ(rows("SELECT * FROM p"), Rows{"'Abc'|'p'"});
    EXPECT_EQ(rows("SELECT * FROM c"), Rows{"1|'aBC'|'c'"});
    EXPECT_EQ(kinds(), Rows{"'p'|'parent_restored'"});
  }
}

TEST_F(ReferencesTest, AParentOfAnotherSpellingIsNotTakenForTheChildsOwn) {
  start(
      "CREATE TABLE p (k TEXT PRIMARY KEY, x);"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, k TEXT COLLATE NOCASE REFERENCES p (k), x);"
      "INSERT INTO p VALUES ('Abc', 1), ('aBC', 2); INSERT INTO c VALUES (1, 'Abc', 0)");
  ann().act("DELETE FROM p WHERE k = 'aBC'");
  bob().act("UPDATE c SET x = 5");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT k FROM p"), Rows{"'Abc'"});
  EXPECT_EQ(kinds(), Rows{});
}

// The columns of a reference mean something only together: (w, 2) and (v, 1) must not become (v,
// 2).
TEST_F(ReferencesTest, AReferenceOfTwoColumnsIsMovedAsAWhole) {
  for (const bool ann_is_newer : {true, false}) {
    start(
        "CREATE TABLE p (k TEXT, m INTEGER, PRIMARY KEY (k, m));"
        "CREATE TABLE c (id INTEGER PRIMARY KEY, x, k TEXT, m INTEGER,"
        " FOREIGN KEY (k, m) REFERENCES p (k, m));"
        "INSERT INTO p VALUES ('w', 1), ('w', 2), ('v', 1); INSERT INTO c VALUES (1, 'c', 'w', 1)");
    ann().act("UPDATE c SET m = 2", ann_is_newer ? 2000 : 1000);
    bob().act("UPDATE c SET k = 'v', x = 'bob'", ann_is_newer ? 1000 : 2000);
    fleet_->ann_first();
    EXPECT_EQ(rows("SELECT * FROM c"), Rows{ann_is_newer ? "1|'bob'|'w'|2" : "1|'bob'|'v'|1"});
    EXPECT_EQ(kinds(), Rows{"'c'|'same_column'"});
  }
}

TEST_F(ReferencesTest, AReferenceToAUniqueColumnIsRepaired) {
  start(
      "CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT UNIQUE, x);"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, code REFERENCES p (code));"
      "INSERT INTO p VALUES (1, 'A', 'x')");
  ann().act("DELETE FROM p");
  bob().act("INSERT INTO c VALUES (1, 'A')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT * FROM p"), Rows{"1|'A'|'x'"});
  EXPECT_EQ(kinds(), Rows{"'p'|'parent_restored'"});
}

TEST_F(ReferencesTest, AReferenceToAUniqueColumnDeletedHereIsRepaired) {
  start(
      "CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT UNIQUE, x);"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, code REFERENCES p (code));"
      "INSERT INTO p VALUES (1, 'A', 'x')");
  ann().act("INSERT INTO c VALUES (1, 'A')");
  bob().act("DELETE FROM p");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT * FROM p"), Rows{"1|'A'|'x'"});
}

constexpr const char* kCodes =
    "CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT UNIQUE, x);"
    "CREATE TABLE c (id INTEGER PRIMARY KEY, code REFERENCES p (code) ON UPDATE CASCADE);"
    "INSERT INTO p VALUES (1, 'A', 'x'); INSERT INTO c VALUES (1, 'A')";

TEST_F(ReferencesTest, AChildAddedHereFollowsAReferencedValueRenamedThere) {
  start(kCodes);
  ann().act("UPDATE p SET code = 'B'");
  bob().act("INSERT INTO c VALUES (2, 'A')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT * FROM c ORDER BY id"), (Rows{"1|'B'", "2|'B'"}));
}

TEST_F(ReferencesTest, AChildAddedHereFollowsAReferencedValueRenamedThereOfARowEditedHere) {
  start(kCodes);
  ann().act("UPDATE p SET code = 'B'");
  bob().act("UPDATE p SET x = 'y'; INSERT INTO c VALUES (2, 'A')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT * FROM c ORDER BY id"), (Rows{"1|'B'", "2|'B'"}));
  EXPECT_EQ(rows("SELECT * FROM p"), Rows{"1|'B'|'y'"});
}

TEST_F(ReferencesTest, AChildAddedThereFollowsAReferencedValueRenamedHere) {
  start(kCodes);
  ann().act("INSERT INTO c VALUES (2, 'A')");
  bob().act("UPDATE p SET code = 'B'");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT * FROM c ORDER BY id"), (Rows{"1|'B'", "2|'B'"}));
}

TEST_F(ReferencesTest, AChildSetBackToItsPublishedVersionBringsItsOldParentBack) {
  // Bob moved the child to a new parent and deleted the old one; the new parent cannot stay.
  start(
      "CREATE TABLE p (id INTEGER PRIMARY KEY, slot INTEGER UNIQUE);"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p);"
      "INSERT INTO p VALUES (1, 10); INSERT INTO c VALUES (1, 1)");
  ann().act("INSERT INTO p VALUES (5, 99)");
  bob().act("INSERT INTO p VALUES (7, 99); UPDATE c SET p = 7; DELETE FROM p WHERE id = 1");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT * FROM c"), Rows{"1|1"});
  EXPECT_EQ(rows("SELECT * FROM p ORDER BY id"), (Rows{"1|10", "5|99"}));
}

TEST_F(ReferencesTest, TwoRenamesOfAReferencedValueTakeEverybodysChildrenAlong) {
  for (const bool bob_is_newer : {true, false}) {
    start(kCodes);
    ann().act("UPDATE p SET code = 'B'; INSERT INTO c VALUES (2, 'B')", 2000);
    bob().act("UPDATE p SET code = 'C'; INSERT INTO c VALUES (3, 'C')", bob_is_newer ? 3000 : 1000);
    fleet_->ann_first();
    const std::string code = bob_is_newer ? "'C'" : "'B'";
    EXPECT_EQ(rows("SELECT * FROM c ORDER BY id"), (Rows{"1|" + code, "2|" + code, "3|" + code}));
  }
}

TEST_F(ReferencesTest, AParentDeletedWithForeignKeysOffStaysDeleted) {
  // Most applications run without foreign keys; what their user deletes must not come back because
  // a child was left behind.
  start(kFamily);
  ann().references_are_sound = bob().references_are_sound = false;
  ann().app().exec("PRAGMA foreign_keys=OFF");
  ann().act("DELETE FROM p WHERE id = 1");
  bob().act("UPDATE g SET x = 'other'");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT id FROM p"), Rows{"2"});
  EXPECT_EQ(rows("SELECT id, p FROM c ORDER BY id"), (Rows{"1|1", "2|2"}));
  EXPECT_EQ(kinds(), Rows{});
}

TEST_F(ReferencesTest, AReferenceThatWasBrokenBeforeStaysTheApplicationsAffair) {
  start(
      "CREATE TABLE p (id INTEGER PRIMARY KEY, x);"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p, x);"
      "INSERT INTO c VALUES (1, 77, 'orphan')");
  ann().references_are_sound = bob().references_are_sound = false;
  ann().app().exec("PRAGMA foreign_keys=OFF");
  ann().act("UPDATE c SET x = 'still' WHERE id = 1; INSERT INTO c VALUES (2, 78, 'another')");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT p, x FROM c ORDER BY id"), (Rows{"77|'still'", "78|'another'"}));
  EXPECT_EQ(kinds(), Rows{});
}

// The line is not new, but what it refers to is.
TEST_F(ReferencesTest, AChildMovedHereToAParentThatWentThereBringsItBack) {
  start(kFamily);
  ann().act("DELETE FROM c WHERE p = 1; DELETE FROM p WHERE id = 1");
  bob().act("UPDATE c SET p = 1 WHERE id = 2");
  fleet_->ann_first();
  EXPECT_EQ(rows("SELECT c.id, p.x FROM c JOIN p ON p.id = c.p ORDER BY c.id"), Rows{"2|'p1'"});
  EXPECT_EQ(kinds(), Rows{"'p'|'parent_restored'"});
}

}  // namespace
}  // namespace tidesync
