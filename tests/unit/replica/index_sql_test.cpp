#include "replica/index_sql.h"

#include <gtest/gtest.h>

namespace tidesync {
namespace {

using Terms = std::vector<std::string>;

TEST(IndexSqlTest, TermsAndConditionAreTakenApart) {
  const IndexSql sql =
      parse_index_sql("CREATE UNIQUE INDEX i ON t (a, lower(b), c || ',') WHERE d = 0");
  EXPECT_EQ(sql.terms, (Terms{"a", "lower(b)", "c || ','"}));
  EXPECT_EQ(sql.where, "d = 0");
}

TEST(IndexSqlTest, WithoutAConditionThereIsNone) {
  EXPECT_EQ(parse_index_sql("CREATE UNIQUE INDEX i ON t(a)").where, "");
}

TEST(IndexSqlTest, DirectionsAreLeftOutAndNamesThatEndLikeThemStay) {
  EXPECT_EQ(
      parse_index_sql("CREATE INDEX i ON t (a DESC, b COLLATE NOCASE asc, lower(c)DESC, casc, "
                      "\"d\"desc, desc_)")
          .terms,
      (Terms{"a", "b COLLATE NOCASE", "lower(c)", "casc", "\"d\"", "desc_"}));
}

TEST(IndexSqlTest, QuotesBracketsAndCommentsHideTheirContent) {
  const IndexSql sql = parse_index_sql(
      "CREATE UNIQUE INDEX \"i (\"\"x\" ON [t (,)] ('it''s (,' || a, `b,(`, /* , ( */ c -- ,)\n) "
      "where e "
      "<> ')'");
  EXPECT_EQ(sql.terms, (Terms{"'it''s (,' || a", "`b,(`", "/* , ( */ c -- ,)"}));
  EXPECT_EQ(sql.where, "e <> ')'");
}

TEST(IndexSqlTest, NestedParenthesesStayInTheirTerm) {
  EXPECT_EQ(parse_index_sql("CREATE INDEX i ON t (coalesce(a, (b + 1) * (c - 2)), d)").terms,
            (Terms{"coalesce(a, (b + 1) * (c - 2))", "d"}));
}

TEST(IndexSqlTest, WhatIsNoSuchStatementGivesNothing) {
  EXPECT_TRUE(parse_index_sql("").terms.empty());
  EXPECT_TRUE(parse_index_sql("CREATE INDEX i ON t 'open").terms.empty());
}

}  // namespace
}  // namespace tidesync
