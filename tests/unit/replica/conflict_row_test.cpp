#include "replica/conflict_row.h"

#include <gtest/gtest.h>

#include <limits>

#include "replica/journal.h"
#include "support/expect_error.h"
#include "support/mini_fleet.h"

namespace tidesync {
namespace {

using namespace std::string_view_literals;
using test::image;
using Names = std::vector<std::string>;

constexpr const char* kIdStart = "3f2a9c1b";

class ConflictRowTest : public ::testing::Test {
 protected:
  ConflictRowTest()
      : node_("ann", "CREATE TABLE t (id INTEGER PRIMARY KEY, name, price, updated_at)") {}

  Database& db() { return node_.app(); }
  void add(const std::string& id, const std::string& kind, const std::string& base,
           const std::string& winner, const std::string& loser,
           const std::string& created_at = "2026-11-21T10:00:00.000Z") {
    const auto quoted = [](const std::string& json) {
      return json.empty() ? std::string("NULL") : quote_text(json);
    };
    db().exec(
        "INSERT INTO sync_conflicts (id, table_name, row_key, kind, base_row, winner_row,"
        " loser_row, winner_node, loser_node, rule, created_at) VALUES (" +
        quote_text(id) + ", 't', '{\"id\":1}', " + quote_text(kind) + ", " + quoted(base) + ", " +
        quoted(winner) + ", " + quoted(loser) + ", 'ann', 'bob', 'because', " +
        quote_text(created_at) + ")");
  }
  Names disputed(const std::string& kind, const std::string& base, const std::string& winner,
                 const std::string& loser) {
    db().exec("DELETE FROM sync_conflicts");
    add(kIdStart, kind, base, winner, loser);
    return disputed_columns(*read_conflict(db(), kIdStart));
  }

  test::MiniNode node_;
};

TEST_F(ConflictRowTest, EveryValueComesBackFromJsonAsItWas) {
  const TableShape& shape = node_.shape("t");
  for (const ValueView& value :
       {ValueView::null(), ValueView::of(std::numeric_limits<std::int64_t>::min()),
        ValueView::of_real(1.0), ValueView::of_real(-0.0),
        ValueView::of_real(-std::numeric_limits<double>::infinity()), ValueView::text(""),
        ValueView::text("Ü 'x'"), ValueView::text("a\0b"sv), ValueView::text("\xff"),
        ValueView::blob(""), ValueView::blob("\0\xff"sv)}) {
    const auto row = image({ValueView::of(1), value, ValueView::null(), ValueView::null()});
    const NamedRow parsed = parse_row_json(row_json(shape, row));
    ASSERT_EQ(parsed.size(), 4u);
    EXPECT_EQ(parsed[1].column, "name");
    EXPECT_EQ(parsed[1].value.view(), value) << display(value);
  }
}

TEST_F(ConflictRowTest, WhatIsNoRowIsDamaged) {
  EXPECT_ERROR(parse_row_json("{"), ErrorCode::kDamaged);
  EXPECT_ERROR(parse_row_json(R"({"a":{"$odd":1}})"), ErrorCode::kDamaged);
}

TEST_F(ConflictRowTest, InAMergeByColumnOnlyColumnsThatBothChangedAreDisputed) {
  EXPECT_EQ(disputed("same_column", R"({"id":1,"name":"a","price":1,"updated_at":1})",
                     R"({"id":1,"name":"b","price":2,"updated_at":3})",
                     R"({"id":1,"name":"b","price":3,"updated_at":2})"),
            Names{"price"});
  EXPECT_EQ(disputed("same_column", R"({"id":1,"name":"a","price":1})",
                     R"({"id":1,"name":"b","price":2})", R"({"id":1,"name":"a","price":3})"),
            Names{"price"})
      << "the name was changed by the winner alone";
}

TEST_F(ConflictRowTest, TheRuleNamesTheColumnsOfAGroupAndLeavesSumsOut) {
  const auto disputed_by = [&](const std::string& rule) {
    disputed("same_column", R"({"id":1,"name":"a","price":1,"stock":5})",
             R"({"id":1,"name":"b","price":1,"stock":9})",
             R"({"id":1,"name":"a","price":3,"stock":7})");
    db().exec("UPDATE sync_conflicts SET rule = " + quote_text(rule));
    return disputed_columns(*read_conflict(db(), kIdStart));
  };
  EXPECT_EQ(disputed_by("same group of columns changed: newest wins (name, price)"),
            (Names{"name", "price"}));
  EXPECT_EQ(disputed_by("same column changed: newest wins, doubtful: same time (price)"),
            Names{"price"});
  EXPECT_EQ(disputed_by("the column is new here"), Names{"stock"}) << "no names: compared";
  EXPECT_EQ(disputed_by("odd (because)"), Names{"stock"});
}

TEST_F(ConflictRowTest, OfTwoWholeRowsEveryDifferentColumnIsDisputed) {
  EXPECT_EQ(disputed("whole_row", R"({"id":1,"name":"a","price":1})",
                     R"({"id":1,"name":"b","price":2})", R"({"id":1,"name":"a","price":3})"),
            (Names{"name", "price"}));
  EXPECT_EQ(disputed("edit_delete", R"({"id":1,"name":"a"})", "", R"({"id":1,"name":"b"})"),
            Names{});
}

TEST_F(ConflictRowTest, ABeginningOfTheIdFindsIt) {
  add("3f2a9c1b00", "whole_row", "", "", "");
  add("3f2a9c1b77", "whole_row", "", "", "");
  add("44aa000000", "whole_row", "", "", "");
  EXPECT_EQ(find_conflict(db(), "44").id, "44aa000000");
  EXPECT_EQ(find_conflict(db(), "44AA").id, "44aa000000");
  EXPECT_ERROR(find_conflict(db(), "3f2a"), ErrorCode::kUsage);
  EXPECT_ERROR(find_conflict(db(), "55"), ErrorCode::kNotFound);
  EXPECT_ERROR(find_conflict(db(), ""), ErrorCode::kUsage);
  EXPECT_ERROR(find_conflict(db(), "%"), ErrorCode::kUsage);
  EXPECT_EQ(short_conflict_id(db(), "44aa000000"), "44aa0000");
  EXPECT_EQ(short_conflict_id(db(), "3f2a9c1b77"), "3f2a9c1b7");
}

TEST_F(ConflictRowTest, TheListIsNewestFirstAndCanBeNarrowed) {
  add("aa01", "whole_row", "", "", "", "2026-11-20T10:00:00.000Z");
  add("aa02", "whole_row", "", "", "", "2026-11-21T10:00:00.000Z");
  db().exec("UPDATE sync_conflicts SET resolved_at = 'x' WHERE id = 'aa01'");
  ConflictFilter filter;
  const auto ids = [&] {
    Names found;
    for (const ConflictRow& row : list_conflicts(db(), filter)) found.push_back(row.id);
    return found;
  };
  EXPECT_EQ(ids(), Names{"aa02"});
  filter.which = ConflictFilter::Which::kAll;
  EXPECT_EQ(ids(), (Names{"aa02", "aa01"}));
  filter.limit = 1;
  EXPECT_EQ(ids(), Names{"aa02"});
  EXPECT_EQ(count_conflicts(db(), filter), 2u);
  filter.table = "T";
  filter.node = "bob";
  EXPECT_EQ(count_conflicts(db(), filter), 2u);
  filter.node = "cem";
  EXPECT_EQ(ids(), Names{});
  EXPECT_EQ(oldest_open_conflict(db()), "2026-11-21T10:00:00.000Z");
}

}  // namespace
}  // namespace tidesync
