// Policies of a table, on two nodes, whoever publishes first.
#include <gtest/gtest.h>

#include "support/mini_fleet.h"

namespace tidesync {
namespace {

using test::MiniFleet;
using test::MiniNode;
using test::Rows;

constexpr std::int64_t kEarly = 1000;
constexpr std::int64_t kLate = 500'000;

// The parameter: ann publishes first, or bob.
class PolicyTest : public ::testing::TestWithParam<bool> {
 protected:
  void start(const std::string& sql) { fleet_.emplace(sql, policies_); }
  TablePolicy& policy(const std::string& table) { return policies_.tables[table]; }
  MiniNode& first() { return GetParam() ? fleet_->ann : fleet_->bob; }
  MiniNode& second() { return GetParam() ? fleet_->bob : fleet_->ann; }
  ApplyResult sync() { return GetParam() ? fleet_->ann_first() : fleet_->bob_first(); }
  Rows rows(std::string_view query) { return fleet_->rows(query); }
  Rows kinds() { return rows("SELECT table_name, kind FROM sync_conflicts ORDER BY 1, 2"); }
  PolicySet policies_;
  std::optional<MiniFleet> fleet_;
};
INSTANTIATE_TEST_SUITE_P(EitherFirst, PolicyTest, ::testing::Bool(),
                         [](const auto& which) { return which.param ? "AnnFirst" : "BobFirst"; });

constexpr const char* kItems =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, qty, price, stock INTEGER CHECK "
    "(stock >= 0)); INSERT INTO t VALUES (1, 'pen', 1, 10, 5)";

TEST_P(PolicyTest, ByRowTheNewerRowIsTakenWhole) {
  policy("t").merge = MergeUnit::kRow;
  start(kItems);
  first().act("UPDATE t SET name = 'pencil'", kLate);
  second().act("UPDATE t SET price = 12", kEarly);
  sync();
  EXPECT_EQ(rows("SELECT name, price FROM t"), Rows{"'pencil'|10"});
  EXPECT_EQ(kinds(), Rows{"'t'|'whole_row'"});
}

TEST_P(PolicyTest, AGroupMovesTogether) {
  policy("t").groups = {{"qty", "price"}};
  start(kItems);
  first().act("UPDATE t SET qty = 2, name = 'ink'", kLate);
  second().act("UPDATE t SET price = 12, stock = 4", kEarly);
  sync();
  EXPECT_EQ(rows("SELECT * FROM t"), Rows{"1|'ink'|2|10|4"});
  EXPECT_EQ(kinds(), Rows{"'t'|'same_column'"});
}

TEST_P(PolicyTest, SalesOnBothSidesAddUp) {
  policy("t").additive = {"stock"};
  start(kItems);
  first().act("UPDATE t SET stock = stock - 1");
  second().act("UPDATE t SET stock = stock - 1");
  sync();
  EXPECT_EQ(rows("SELECT stock FROM t"), Rows{"3"}) << "though both rows were equal";
  first().act("UPDATE t SET stock = stock + 10");
  second().act("UPDATE t SET stock = stock - 2, name = 'ink'");
  sync();
  EXPECT_EQ(rows("SELECT name, stock FROM t"), Rows{"'ink'|11"});
  EXPECT_EQ(kinds(), Rows{});
}

TEST_P(PolicyTest, ASumThatTheTableRefusesIsAConflict) {
  policy("t").additive = {"stock"};
  start(kItems);
  first().act("UPDATE t SET stock = stock - 4", kEarly);
  second().act("UPDATE t SET stock = stock - 3", kLate);
  sync();
  EXPECT_EQ(rows("SELECT stock FROM t"), Rows{"2"});
  EXPECT_EQ(kinds(), Rows{"'t'|'whole_row'"});
}

TEST_P(PolicyTest, WhatMayBeInTheRowAlreadyIsNotAddedAgain) {
  policy("t").additive = {"stock"};
  start(kItems);
  fleet_->ann.adds_up = fleet_->bob.adds_up = false;
  first().act("UPDATE t SET stock = 4");
  second().act("UPDATE t SET stock = 4");
  sync();
  EXPECT_EQ(rows("SELECT stock FROM t"), Rows{"4"});
}

TEST(OwnBatchTest, WhatThisNodePublishedBeforeItWasRestoredIsNotAddedAgain) {
  PolicySet policies;
  policies.tables["t"].additive = {"stock"};
  test::MiniLog log;
  MiniNode ann("ann", kItems, policies);
  MiniNode restored("ann", kItems, policies);
  ann.act("UPDATE t SET stock = stock - 1");
  restored.act("UPDATE t SET stock = stock - 1");
  ann.sync(log);
  restored.pull(log);
  EXPECT_EQ(restored.rows("SELECT stock FROM t"), Rows{"4"});
}

TEST_P(PolicyTest, TheMasterWinsWhateverTheTime) {
  policy("t").prefer = Preference::kMaster;
  start(kItems);
  first().act("UPDATE t SET price = 11", kEarly);
  second().act("UPDATE t SET price = 12", kLate);
  sync();
  EXPECT_EQ(rows("SELECT price FROM t"), Rows{"11"});
  EXPECT_EQ(rows("SELECT kind, json_extract(loser_row, '$.price') FROM sync_conflicts"),
            Rows{"'same_column'|12"});
}

TEST_P(PolicyTest, TheLocalVersionWinsWhateverTheTime) {
  policy("t").prefer = Preference::kLocal;
  start(kItems);
  first().act("UPDATE t SET price = 11", kLate);
  second().act("UPDATE t SET price = 12", kEarly);
  sync();
  EXPECT_EQ(rows("SELECT price FROM t"), Rows{"12"});
}

TEST_P(PolicyTest, AManualDecisionWaitsWithThePublishedValue) {
  policy("t").prefer = Preference::kManual;
  start(kItems);
  first().act("UPDATE t SET price = 11", kEarly);
  second().act("UPDATE t SET price = 12", kLate);
  sync();
  EXPECT_EQ(rows("SELECT price FROM t"), Rows{"11"});
  EXPECT_EQ(rows("SELECT rule FROM sync_conflicts WHERE resolved_at IS NULL"),
            Rows{"'same column changed: the share's version stays until a person decides, as "
                 "chosen for this table (price)'"});
}

TEST_P(PolicyTest, AManualDecisionIsNotMadeByTimeWhereAUnionBreaksARule) {
  policy("t").prefer = Preference::kManual;
  start(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a, b, CHECK (a IS NULL OR b IS NULL));"
      "INSERT INTO t VALUES (1, NULL, NULL)");
  first().act("UPDATE t SET a = 1", kEarly);
  second().act("UPDATE t SET b = 1", kLate);
  sync();
  EXPECT_EQ(rows("SELECT * FROM t"), Rows{"1|1|NULL"});
  EXPECT_EQ(kinds(), Rows{"'t'|'whole_row'"});
}

TEST_P(PolicyTest, EditWinsOverALaterDelete) {
  policy("t").deletes = DeletePolicy::kEditWins;
  start(kItems);
  first().act("UPDATE t SET price = 11", kEarly);
  second().act("DELETE FROM t", kLate);
  sync();
  EXPECT_EQ(rows("SELECT price FROM t"), Rows{"11"});
  EXPECT_EQ(kinds(), Rows{"'t'|'edit_delete'"});
}

TEST_P(PolicyTest, DeleteWinsOverALaterEdit) {
  policy("t").deletes = DeletePolicy::kDeleteWins;
  start(kItems);
  first().act("DELETE FROM t", kEarly);
  second().act("UPDATE t SET price = 11", kLate);
  sync();
  EXPECT_EQ(rows("SELECT * FROM t"), Rows{});
  EXPECT_EQ(rows("SELECT json_extract(loser_row, '$.price') FROM sync_conflicts"), Rows{"11"});
}

constexpr const char* kCustomers =
    "CREATE TABLE c (id INTEGER PRIMARY KEY, code TEXT UNIQUE, name, updated_at);"
    "CREATE TABLE q (id INTEGER PRIMARY KEY, c_id REFERENCES c(id), x)";

void add_customer(MiniNode& node, int id, const std::string& name, std::int64_t at_ms) {
  const std::string number = std::to_string(id);
  node.act("INSERT INTO c VALUES (" + number + ", 'ACME', '" + name +
               "', NULL);"
               "INSERT INTO q VALUES (" +
               number + ", " + number + ", '" + name + "')",
           at_ms);
}

TEST_P(PolicyTest, AParkedRecordLeavesWithItsChildren) {
  policy("c").unique = UniquePolicy::kPark;
  start(kCustomers);
  add_customer(first(), 10, "first", kEarly);
  add_customer(second(), 20, "second", kLate);
  sync();
  EXPECT_EQ(rows("SELECT id, code FROM c"), Rows{"10|'ACME'"});
  EXPECT_EQ(rows("SELECT id, c_id FROM q"), Rows{"10|10"});
  EXPECT_EQ(kinds(), (Rows{"'c'|'set_aside'", "'q'|'set_aside'"}));
}

TEST_P(PolicyTest, TwoRecordsWithOneUniqueValueAreMergedAndTheirChildrenMeet) {
  policy("c").unique = UniquePolicy::kMerge;
  start(kCustomers);
  add_customer(first(), 10, "first", kEarly);
  add_customer(second(), 20, "second", kLate);
  sync();
  EXPECT_EQ(rows("SELECT id, code, name FROM c"), Rows{"10|'ACME'|'second'"})
      << "the key of the first, the row of the newer";
  EXPECT_EQ(rows("SELECT id, c_id, x FROM q ORDER BY id"),
            (Rows{"10|10|'first'", "20|10|'second'"}));
  EXPECT_EQ(rows("SELECT kind, json_extract(loser_row, '$.name') FROM sync_conflicts"),
            Rows{"'unique'|'first'"});
}

TEST_P(PolicyTest, OfTwoMergedRecordsTheOlderRowIsKeptInTheConflict) {
  policy("c").unique = UniquePolicy::kMerge;
  start(kCustomers);
  add_customer(first(), 10, "first", kLate);
  add_customer(second(), 20, "second", kEarly);
  sync();
  EXPECT_EQ(rows("SELECT id, name FROM c"), Rows{"10|'first'"});
  EXPECT_EQ(rows("SELECT json_extract(loser_row, '$.id'), json_extract(loser_row, '$.name') FROM "
                 "sync_conflicts"),
            Rows{"20|'second'"});
  EXPECT_EQ(rows("SELECT count(*) FROM q WHERE c_id = 10"), Rows{"2"});
}

TEST_P(PolicyTest, MergedRecordsWithTheSameNumberMeetToo) {
  policy("c").unique = UniquePolicy::kMerge;
  start(kCustomers);
  add_customer(first(), 10, "first", kEarly);
  add_customer(second(), 10, "second", kLate);
  sync();
  EXPECT_EQ(rows("SELECT id, name FROM c"), Rows{"10|'second'"});
  EXPECT_EQ(rows("SELECT c_id, x FROM q ORDER BY x"), (Rows{"10|'first'", "10|'second'"}));
}

TEST_P(PolicyTest, EqualRecordsWithOneUniqueValueBecomeOneWithoutAConflict) {
  policy("c").unique = UniquePolicy::kMerge;
  start(kCustomers);
  add_customer(first(), 10, "same", kEarly);
  add_customer(second(), 20, "same", kLate);
  sync();
  EXPECT_EQ(rows("SELECT id, name FROM c"), Rows{"10|'same'"});
  EXPECT_EQ(rows("SELECT count(*) FROM q WHERE c_id = 10"), Rows{"2"});
  EXPECT_EQ(kinds(), Rows{});
}

TEST_P(PolicyTest, ChildrenThatDoNotFitBesideTheOthersAreSetAside) {
  policy("c").unique = UniquePolicy::kMerge;
  start(
      "CREATE TABLE c (id INTEGER PRIMARY KEY, code TEXT UNIQUE);"
      "CREATE TABLE l (c_id REFERENCES c(id), n, x, PRIMARY KEY (c_id, n))");
  first().act("INSERT INTO c VALUES (10, 'A'); INSERT INTO l VALUES (10, 1, 'f')");
  second().act("INSERT INTO c VALUES (20, 'A'); INSERT INTO l VALUES (20, 1, 's'), (20, 2, 's')");
  sync();
  EXPECT_EQ(rows("SELECT id FROM c"), Rows{"10"});
  const Rows lines = rows("SELECT n, x FROM l WHERE c_id = 10 ORDER BY n");
  EXPECT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines.back(), "2|'s'");
  EXPECT_EQ(rows("SELECT count(*) FROM l"), Rows{"2"});
  EXPECT_EQ(rows("SELECT count(*) FROM sync_conflicts WHERE table_name = 'l'"), Rows{"1"});
}

TEST_P(PolicyTest, ChildrenThatDoNotFitBesideThoseThatWereThereAreSetAside) {
  policy("c").unique = UniquePolicy::kMerge;
  start(
      "CREATE TABLE c (id INTEGER PRIMARY KEY, code TEXT UNIQUE);"
      "CREATE TABLE l (c_id REFERENCES c(id), n, x, PRIMARY KEY (c_id, n));"
      "INSERT INTO c VALUES (10, 'x'); INSERT INTO l VALUES (10, 1, 'old')");
  first().act("UPDATE c SET code = 'A'");
  second().act("INSERT INTO c VALUES (20, 'A'); INSERT INTO l VALUES (20, 1, 's'), (20, 2, 's')");
  sync();
  EXPECT_EQ(rows("SELECT c_id, n, x FROM l ORDER BY n"), (Rows{"10|1|'old'", "10|2|'s'"}));
  EXPECT_EQ(rows("SELECT kind, loser_row FROM sync_conflicts WHERE table_name = 'l'"),
            Rows{"'set_aside'|'{\"c_id\":20,\"n\":1,\"x\":\"s\"}'"});
}

TEST_P(PolicyTest, AnEditThatTakesAValueIsGivenUpWhereRecordsMayBeMerged) {
  policy("c").unique = UniquePolicy::kMerge;
  start(std::string(kCustomers) + "; INSERT INTO c VALUES (1, 'a', 1, NULL), (2, 'b', 2, NULL)");
  first().act("UPDATE c SET code = 'x' WHERE id = 1", kEarly);
  second().act("UPDATE c SET code = 'x' WHERE id = 2", kLate);
  sync();
  EXPECT_EQ(rows("SELECT id, code FROM c ORDER BY id"), (Rows{"1|'x'", "2|'b'"}));
  EXPECT_EQ(kinds(), Rows{"'c'|'unique'"});
}

TEST_P(PolicyTest, ANewRecordIsMergedIntoOneThatWasEditedOnBothSides) {
  policy("c").unique = UniquePolicy::kMerge;
  start(std::string(kCustomers) + "; INSERT INTO c VALUES (1, 'a', 1, NULL)");
  first().act("UPDATE c SET code = 'ACME' WHERE id = 1", kEarly);
  second().act("UPDATE c SET updated_at = 'x' WHERE id = 1", kEarly);
  add_customer(second(), 20, "second", kLate);
  sync();
  EXPECT_EQ(rows("SELECT id, code, name FROM c"), Rows{"1|'ACME'|'second'"});
  EXPECT_EQ(rows("SELECT c_id FROM q"), Rows{"1"});
}

TEST_P(PolicyTest, TheSameNumberMayMeanOneRecord) {
  policy("t").same_key = SameKeyPolicy::kMerge;
  start("CREATE TABLE t (id INTEGER PRIMARY KEY, name)");
  first().act("INSERT INTO t VALUES (7, 'first')", kLate);
  second().act("INSERT INTO t VALUES (7, 'second')", kEarly);
  EXPECT_EQ(sync().renumbered, 0u);
  EXPECT_EQ(rows("SELECT * FROM t"), Rows{"7|'first'"});
  EXPECT_EQ(kinds(), Rows{"'t'|'whole_row'"});
}

constexpr const char* kUndeclared =
    "CREATE TABLE customers (id INTEGER PRIMARY KEY, name);"
    "CREATE TABLE quotes (id INTEGER PRIMARY KEY, customer_id INTEGER, x);"
    "CREATE TABLE lines (id INTEGER PRIMARY KEY, quote_id INTEGER, x);"
    "INSERT INTO customers VALUES (1, 'one'), (2, 'two');"
    "INSERT INTO quotes VALUES (1, 1, 'old'), (2, 99, 'broken before')";

class ReferencePolicyTest : public PolicyTest {
 protected:
  void SetUp() override {
    policies_.references = {{"quotes", "customer_id", "customers", ""},
                            {"lines", "quote_id", "quotes", "id"}};
  }
};
INSTANTIATE_TEST_SUITE_P(EitherFirst, ReferencePolicyTest, ::testing::Bool(),
                         [](const auto& which) { return which.param ? "AnnFirst" : "BobFirst"; });

TEST_P(ReferencePolicyTest, ChildrenFollowAParentThatIsRenumbered) {
  start(kUndeclared);
  for (MiniNode* node : {&first(), &second()}) {
    node->act("INSERT INTO customers VALUES (3, '" + node->name() +
              "'); INSERT INTO quotes VALUES (3, 3, '" + node->name() +
              "'); INSERT INTO lines VALUES (3, 3, '" + node->name() + "')");
  }
  sync();
  EXPECT_EQ(rows("SELECT count(*) FROM lines AS l JOIN quotes AS q ON q.id = l.quote_id JOIN "
                 "customers AS c ON c.id = q.customer_id WHERE l.x = q.x AND q.x = c.name"),
            Rows{"2"});
  EXPECT_EQ(kinds(), Rows{});
}

TEST_P(ReferencePolicyTest, ADeletedParentComesBackForANewChild) {
  start(kUndeclared);
  first().act("DELETE FROM customers WHERE id = 2");
  second().act("INSERT INTO quotes VALUES (5, 2, 'new')");
  sync();
  EXPECT_EQ(rows("SELECT name FROM customers WHERE id = 2"), Rows{"'two'"});
  EXPECT_EQ(kinds(), Rows{"'customers'|'parent_restored'"});
}

TEST_P(ReferencePolicyTest, WhatWasBrokenBeforeStaysAsItIs) {
  start(kUndeclared);
  first().act("UPDATE quotes SET x = 'edited' WHERE id = 2");
  second().act("UPDATE quotes SET customer_id = 98 WHERE id = 2");
  sync();
  EXPECT_EQ(rows("SELECT * FROM quotes WHERE id = 2"), Rows{"2|98|'edited'"});
  EXPECT_EQ(kinds(), Rows{});
}

TEST_P(ReferencePolicyTest, AnOrphanFollowsTheDeleteWithItsChildren) {
  policy("quotes").orphan = OrphanPolicy::kDelete;
  start(kUndeclared);
  first().act("DELETE FROM customers WHERE id = 2");
  second().act("INSERT INTO quotes VALUES (5, 2, 'new'); INSERT INTO lines VALUES (5, 5, 'line')");
  sync();
  EXPECT_EQ(rows("SELECT id FROM customers"), Rows{"1"});
  EXPECT_EQ(rows("SELECT id FROM quotes"), (Rows{"1", "2"}));
  EXPECT_EQ(rows("SELECT * FROM lines"), Rows{});
  EXPECT_EQ(kinds(), (Rows{"'lines'|'orphan'", "'quotes'|'orphan'"}));
  EXPECT_EQ(rows("SELECT json_extract(loser_row, '$.x') FROM sync_conflicts ORDER BY table_name"),
            (Rows{"'line'", "'new'"}));
}

TEST_P(ReferencePolicyTest, AnOrphanFollowsADeleteOfTheLaterPublisherToo) {
  policy("quotes").orphan = OrphanPolicy::kDelete;
  start(kUndeclared);
  second().act("DELETE FROM customers WHERE id = 2");
  first().act("INSERT INTO quotes VALUES (5, 2, 'new'); INSERT INTO lines VALUES (5, 5, 'line')");
  sync();
  EXPECT_EQ(rows("SELECT id FROM customers"), Rows{"1"});
  EXPECT_EQ(rows("SELECT id FROM quotes"), (Rows{"1", "2"}));
  EXPECT_EQ(rows("SELECT * FROM lines"), Rows{});
  EXPECT_EQ(kinds(), (Rows{"'lines'|'orphan'", "'quotes'|'orphan'"}));
}

TEST_P(ReferencePolicyTest, AChildMovedToADeletedParentGoesBackToItsOwn) {
  policy("quotes").orphan = OrphanPolicy::kDelete;
  start(kUndeclared);
  first().act("DELETE FROM customers WHERE id = 2");
  second().act("UPDATE quotes SET customer_id = 2, x = 'moved' WHERE id = 1");
  sync();
  EXPECT_EQ(rows("SELECT id FROM customers"), Rows{"1"});
  EXPECT_EQ(rows("SELECT * FROM quotes WHERE id = 1"), Rows{"1|1|'old'"});
  EXPECT_EQ(rows("SELECT kind, json_extract(loser_row, '$.x') FROM sync_conflicts"),
            Rows{"'orphan'|'moved'"});
}

TEST_P(PolicyTest, ADeclaredChildFollowsTheDeleteToo) {
  policy("q").orphan = OrphanPolicy::kDelete;
  start(std::string(kCustomers) + "; INSERT INTO c VALUES (1, 'a', 1, NULL)");
  first().act("DELETE FROM c");
  second().act("INSERT INTO q VALUES (5, 1, 'new')");
  sync();
  EXPECT_EQ(rows("SELECT * FROM c"), Rows{});
  EXPECT_EQ(rows("SELECT * FROM q"), Rows{});
  EXPECT_EQ(kinds(), Rows{"'q'|'orphan'"});
}

}  // namespace
}  // namespace tidesync
