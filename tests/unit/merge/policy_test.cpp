// What can be obeyed of a set of policies, and what it makes of the tables' shapes.
#include "merge/policy.h"

#include <gtest/gtest.h>

#include "merge/table_shape.h"

namespace tidesync {
namespace {

ColumnShape column(const std::string& name, const std::string& type) {
  ColumnShape shape;
  shape.name = name;
  shape.decl_type = type;
  shape.text_affinity = type == "TEXT";
  return shape;
}

// customers(id PK), quotes(id PK, customer_id, number UNIQUE, qty, price, stock), prices(sku PK).
std::vector<TableShape> tables() {
  TableShape customers;
  customers.name = "customers";
  customers.columns = {column("id", "INTEGER"), column("name", "TEXT")};
  customers.key = {0};
  customers.key_kind = KeyKind::kSurrogate;
  TableShape quotes = customers;
  quotes.name = "quotes";
  quotes.columns = {column("id", "INTEGER"),     column("customer_id", "INTEGER"),
                    column("number", "TEXT"),    column("qty", "INTEGER"),
                    column("price", "REAL"),     column("stock", "INTEGER"),
                    column("updated_at", "TEXT")};
  quotes.updated_at = 6;
  quotes.uniques.push_back({"u", {2}, true, "", {}});
  TableShape prices;
  prices.name = "prices";
  prices.columns = {column("sku", "TEXT"), column("price", "REAL")};
  prices.key = {0};
  TableShape lines;
  lines.name = "lines";
  lines.columns = {column("a", "INTEGER"), column("b", "INTEGER")};
  lines.key = {0, 1};
  return {customers, quotes, prices, lines};
}

std::string problem(const std::string& table, const TablePolicy& policy) {
  PolicySet policies;
  policies.tables[table] = policy;
  const auto problems = check_policies(policies, tables());
  return problems.empty() ? "" : problems[0].place + ": " + problems[0].text;
}

std::string problem(const ConfiguredReference& reference) {
  PolicySet policies;
  policies.references = {{"quotes", "customer_id", "customers", ""}, reference};
  const auto problems = check_policies(policies, tables());
  return problems.empty() ? "" : problems[0].place + ": " + problems[0].text;
}

void expect_in(const std::string& text, std::string_view part) {
  EXPECT_NE(text.find(part), std::string::npos) << text << "\n lacks: " << part;
}

TablePolicy with_group(std::vector<std::string> names) {
  TablePolicy policy;
  policy.groups = {std::move(names)};
  return policy;
}

TablePolicy with_sum(const std::string& name) {
  TablePolicy policy;
  policy.additive = {name};
  return policy;
}

TEST(CheckPoliciesTest, WhatCanBeObeyedHasNoProblem) {
  TablePolicy policy = with_group({"QTY", "price"});
  policy.additive = {"stock"};
  policy.unique = UniquePolicy::kPark;
  policy.same_key = SameKeyPolicy::kMerge;
  EXPECT_EQ(problem("Quotes", policy), "");
  EXPECT_EQ(problem({"quotes", "qty", "customers", "id"}), "");
}

TEST(CheckPoliciesTest, UnknownTablesAndColumnsAreNamedWithThoseThatThereAre) {
  expect_in(problem("quote", {}), "tables.quote: no synced table is named \"quote\"");
  expect_in(problem("quote", {}), "customers, quotes, prices");
  expect_in(problem("quotes", with_group({"qty", "sum"})), "tables.quotes.groups: ");
  expect_in(problem("quotes", with_group({"qty", "sum"})), "no synced column \"sum\"");
  expect_in(problem("quotes", with_sum("sum")), "tables.quotes.additive: ");
}

TEST(CheckPoliciesTest, GroupsMustBeFreeColumnsAndNotOverlap) {
  expect_in(problem("quotes", with_group({"id", "qty"})), "part of the key");
  expect_in(problem("quotes", with_group({"qty", "updated_at"})), "by itself");
  TablePolicy two;
  two.groups = {{"qty", "price"}, {"price", "stock"}};
  expect_in(problem("quotes", two), "\"price\" stands in two groups");
}

TEST(CheckPoliciesTest, OnlyNumbersThatMeanThemselvesAddUp) {
  expect_in(problem("quotes", with_sum("id")), "keys do not add up");
  expect_in(problem("quotes", with_sum("updated_at")), "stamps do not add up");
  expect_in(problem("quotes", with_sum("number")), "holds text (TEXT)");
  expect_in(problem("customers", with_sum("name")), "only numbers");
  TablePolicy both = with_group({"qty", "stock"});
  both.additive = {"stock"};
  expect_in(problem("quotes", both), "stands in groups too");
  auto shapes = tables();
  shapes[1].columns[5].in_foreign_key = true;
  PolicySet policies;
  policies.tables["quotes"] = with_sum("stock");
  expect_in(check_policies(policies, shapes).at(0).text, "is a reference");
}

TEST(CheckPoliciesTest, WordsThatHaveNothingToActOnAreRefused) {
  TablePolicy same_key;
  same_key.same_key = SameKeyPolicy::kMerge;
  expect_in(problem("prices", same_key), "tables.prices.same_key: same_key is for tables with");
  TablePolicy unique;
  unique.unique = UniquePolicy::kMerge;
  expect_in(problem("customers", unique), "no UNIQUE index");
  TablePolicy orphan;
  orphan.orphan = OrphanPolicy::kDelete;
  expect_in(problem("quotes", orphan), "refers to no parent");
  PolicySet with_reference;
  with_reference.tables["quotes"] = orphan;
  with_reference.references = {{"quotes", "customer_id", "customers", ""}};
  EXPECT_TRUE(check_policies(with_reference, tables()).empty());
}

TEST(CheckPoliciesTest, ReferencesMustNameWhatThereIs) {
  expect_in(problem({"quote", "customer_id", "customers", ""}), "references.1: no synced table");
  expect_in(problem({"quotes", "customer", "customers", ""}), "no synced column \"customer\"");
  expect_in(problem({"quotes", "customer_id", "customer", ""}), "named \"customer\"");
  expect_in(problem({"quotes", "customer_id", "customers", "nr"}), "no synced column \"nr\"");
  expect_in(problem({"quotes", "customer_id", "lines", ""}), "several columns");
}

TEST(ApplyPoliciesTest, AReferenceActsLikeADeclaredForeignKey) {
  auto shapes = tables();
  PolicySet policies;
  policies.references = {{"quotes", "customer_id", "customers", ""}};
  apply_policies(policies, shapes);
  ASSERT_EQ(shapes[1].foreign_keys.size(), 1u);
  EXPECT_TRUE(shapes[1].foreign_keys[0].configured);
  EXPECT_EQ(shapes[1].foreign_keys[0].parent_columns, std::vector<std::string>{"id"});
  EXPECT_TRUE(shapes[1].columns[1].in_foreign_key);
  EXPECT_TRUE(shapes[0].columns[0].referenced);
  TableShape local = tables()[1];
  inherit_policy(shapes[1], local);
  EXPECT_EQ(local.foreign_keys.size(), 1u);
  EXPECT_TRUE(local.columns[1].in_foreign_key);
}

TEST(ApplyPoliciesTest, WhatIsDeclaredAlreadyIsNotThereTwice) {
  auto shapes = tables();
  shapes[1].foreign_keys.push_back({{1}, "customers", {"id"}});
  PolicySet policies;
  policies.references = {{"quotes", "customer_id", "customers", ""}};
  apply_policies(policies, shapes);
  EXPECT_EQ(shapes[1].foreign_keys.size(), 1u);
}

TEST(ApplyPoliciesTest, NamesThatAreGoneArePassedOver) {
  auto shapes = tables();
  PolicySet policies;
  policies.tables["dropped"].merge = MergeUnit::kRow;
  policies.tables["quotes"] = with_group({"qty", "dropped"});
  policies.references = {{"quotes", "dropped", "customers", ""}, {"x", "y", "z", ""}};
  apply_policies(policies, shapes);
  EXPECT_EQ(shapes[1].columns[3].group, 1);
  EXPECT_TRUE(shapes[1].foreign_keys.empty());
}

TEST(PolicyLinesTest, OnlyWhatWasChosenIsWritten) {
  EXPECT_TRUE(policy_lines({}).empty());
  TablePolicy policy = with_group({"qty", "a \"b\""});
  policy.prefer = Preference::kManual;
  policy.deletes = DeletePolicy::kDeleteWins;
  policy.additive = {"stock"};
  EXPECT_EQ(policy_lines(policy),
            (std::vector<std::string>{"prefer = \"manual\"", "delete = \"delete-wins\"",
                                      "groups = [[\"qty\", \"a \\\"b\\\"\"]]",
                                      "additive = [\"stock\"]"}));
}

}  // namespace
}  // namespace tidesync
