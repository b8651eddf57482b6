// Columns that look like references the schema does not declare.
#include "replica/undeclared.h"

#include <gtest/gtest.h>

#include "replica/catalog.h"

namespace tidesync {
namespace {

// "child.column -> parent" of each that is found.
std::vector<std::string> found_in(const std::string& sql, const PolicySet& policies = {}) {
  Database db = Database::in_memory();
  db.exec(sql);
  std::vector<TableShape> shapes;
  for (const TableChoice& choice : read_catalog(db)) {
    if (choice.can_sync) shapes.push_back(choice.shape);
  }
  apply_policies(policies, shapes);
  std::vector<std::string> texts;
  for (const ConfiguredReference& reference : find_undeclared_references(db, shapes))
    texts.push_back(reference_text(reference));
  return texts;
}

using Texts = std::vector<std::string>;

constexpr const char* kParents =
    "CREATE TABLE customers (id INTEGER PRIMARY KEY, name);"
    "CREATE TABLE Country (Nr INTEGER PRIMARY KEY);"
    "CREATE TABLE companies (id INTEGER PRIMARY KEY);"
    "INSERT INTO customers VALUES (1, ''), (2, ''); INSERT INTO Country VALUES (7);"
    "INSERT INTO companies VALUES (5);";

TEST(UndeclaredTest, NamesThatPointAtATableAndValuesThatOccurThereAreFound) {
  EXPECT_EQ(found_in(std::string(kParents) +
                     "CREATE TABLE quotes (id INTEGER PRIMARY KEY, customer_id INT, CountryId "
                     "BIGINT, company_id INTEGER, Nr INTEGER);"
                     "INSERT INTO quotes VALUES (1, 1, 7, 5, 7), (2, 2, NULL, NULL, NULL)"),
            (Texts{"quotes.customer_id -> customers", "quotes.CountryId -> Country",
                   "quotes.company_id -> companies", "quotes.Nr -> Country"}));
}

TEST(UndeclaredTest, AValueThatDoesNotOccurThereSaysItIsNone) {
  EXPECT_EQ(found_in(std::string(kParents) +
                     "CREATE TABLE quotes (id INTEGER PRIMARY KEY, customer_id INT);"
                     "INSERT INTO quotes VALUES (1, 1), (2, 3)"),
            Texts{});
  EXPECT_EQ(found_in(std::string(kParents) +
                     "CREATE TABLE quotes (id INTEGER PRIMARY KEY, customer_id INT);"
                     "INSERT INTO quotes VALUES (1, NULL)"),
            Texts{})
      << "no value proves nothing";
}

TEST(UndeclaredTest, WhatIsDeclaredOrConfiguredOrTextOrTheKeyIsNotNamed) {
  const std::string tables = std::string(kParents) +
                             "CREATE TABLE a (id INTEGER PRIMARY KEY, customer_id INT REFERENCES "
                             "customers(id), company_id TEXT);"
                             "CREATE TABLE b (customer_id INTEGER PRIMARY KEY, paid INT, id INT);"
                             "CREATE TABLE c (id INTEGER PRIMARY KEY, customer_id INT);"
                             "INSERT INTO a VALUES (1, 1, 5); INSERT INTO b VALUES (1, 1, 1);"
                             "INSERT INTO c VALUES (1, 1)";
  PolicySet policies;
  policies.references = {{"c", "customer_id", "customers", ""}};
  EXPECT_EQ(found_in(tables, policies), Texts{});
  EXPECT_EQ(found_in(tables), Texts{"c.customer_id -> customers"});
}

TEST(UndeclaredTest, TheLineForTheConfigurationIsWhole) {
  EXPECT_EQ(references_line({{"q", "c_id", "c", ""}, {"a.b", "c_id", "c", ""}}),
            "references = [\"q.c_id -> c\", \"\\\"a.b\\\".c_id -> c\"]");
}

}  // namespace
}  // namespace tidesync
