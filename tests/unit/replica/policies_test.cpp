// Policies as text, and where they are kept.
#include "replica/policies.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/mini_fleet.h"

namespace tidesync {
namespace {

using test::MiniNode;

PolicySet sample() {
  PolicySet policies;
  TablePolicy& quotes = policies.tables["q"];
  quotes.merge = MergeUnit::kColumn;
  quotes.prefer = Preference::kLocal;
  quotes.deletes = DeletePolicy::kEditWins;
  quotes.unique = UniquePolicy::kPark;
  quotes.same_key = SameKeyPolicy::kMerge;
  quotes.orphan = OrphanPolicy::kDelete;
  quotes.groups = {{"a", "b"}};
  quotes.additive = {"n"};
  policies.references = {{"q", "c_id", "c", ""}, {"q", "d.e", "d", "x -> y"}};
  return policies;
}

constexpr const char* kTables =
    "CREATE TABLE c (id INTEGER PRIMARY KEY);"
    "CREATE TABLE q (id INTEGER PRIMARY KEY, c_id INTEGER, a, b, n)";

TEST(PoliciesTest, TheTextSaysAllAndIsTheSameForEqualPolicies) {
  EXPECT_EQ(parse_policies(to_json(sample())), sample());
  PolicySet with_default = sample();
  with_default.tables["c"] = TablePolicy();
  EXPECT_EQ(to_json(with_default), to_json(sample()));
  EXPECT_EQ(to_json(PolicySet()), "");
  EXPECT_EQ(parse_policies(""), PolicySet());
}

TEST(PoliciesTest, APolicyOfANewerVersionStopsThisOne) {
  EXPECT_ERROR(parse_policies(R"({"references":[],"tables":{"q":{"prefer":"oldest"}}})"),
               ErrorCode::kTooNew);
  EXPECT_ERROR(parse_policies(R"({"references":[],"tables":{"q":{"keep":"all"}}})"),
               ErrorCode::kTooNew);
  EXPECT_ERROR(parse_policies(R"({"references":[],"tables":{"q":{"prefer":""}}})"),
               ErrorCode::kTooNew);
}

TEST(PoliciesTest, TextThatIsNoneIsDamaged) {
  for (const char* text : {"x", "[]", "{}", R"({"references":[[1]],"tables":{}})",
                           R"({"references":[],"tables":{"q":{"groups":1}}})",
                           R"({"references":[],"tables":{"q":{"prefer":1}}})"}) {
    EXPECT_ERROR(parse_policies(text), ErrorCode::kDamaged);
  }
}

TEST(PoliciesTest, TheSchemaOfTheShareCarriesThem) {
  MiniNode node("ann", kTables, sample());
  EXPECT_EQ(load_share_schema(node.base().db()).policies, to_json(sample()));
  EXPECT_EQ(node.shape("q").policy, sample().tables.at("q"));
  EXPECT_EQ(node.local().shapes().back().policy, sample().tables.at("q"));
  EXPECT_EQ(node.local().shapes().back().foreign_keys.size(), 1u);
  ShareSchema without = parse_share_schema(node.schema_json());
  without.policies.clear();
  EXPECT_EQ(parse_share_schema(to_json(without)).policies, "");
}

TEST(PoliciesTest, TheBaseCopyFollowsAChangeAtOnceAndAfterItIsOpenedAgain) {
  MiniNode node("ann", kTables);
  const std::string state = node.base().state().hex();
  node.base().set_policies(to_json(sample()));
  EXPECT_EQ(node.shape("q").policy.prefer, Preference::kLocal);
  EXPECT_EQ(node.base().state().hex(), state);
  node.base().reload();
  EXPECT_EQ(node.shape("q").policy.prefer, Preference::kLocal);
  node.base().set_policies("");
  EXPECT_TRUE(node.shape("q").policy.is_default());
  EXPECT_ERROR(node.base().set_policies("x"), ErrorCode::kDamaged);
}

TEST(PoliciesTest, OnlyAChangeOfThisNodesConfigurationIsPublished) {
  MiniNode node("ann", kTables);
  Local& local = node.local();
  const PolicySet none;
  EXPECT_EQ(policies_to_publish(local, none, ""), std::nullopt);
  EXPECT_EQ(policies_to_publish(local, none, "another node's"), std::nullopt)
      << "a node that never said anything follows the share";
  EXPECT_EQ(policies_to_publish(local, sample(), ""), to_json(sample()));
  note_policies_proposed(local, sample());
  EXPECT_EQ(policies_to_publish(local, sample(), "another node's"), std::nullopt)
      << "somebody else changed them since";
  EXPECT_EQ(policies_to_publish(local, none, "another node's"), "") << "taken back here";
  EXPECT_EQ(policies_to_publish(local, none, ""), std::nullopt);
}

}  // namespace
}  // namespace tidesync
