#include "replica/journal.h"

#include <gtest/gtest.h>

#include <limits>

#include "support/mini_fleet.h"

namespace tidesync {
namespace {

using namespace std::string_view_literals;
using test::image;
using test::integer_key;
using test::MiniNode;
using test::Rows;
using test::text_key;

TableShape three_columns() {
  TableShape shape;
  shape.name = "t";
  for (const char* name : {"id", "a \"quoted\"", "b"}) {
    shape.columns.emplace_back();
    shape.columns.back().name = name;
  }
  shape.key = {0};
  return shape;
}

std::string json_of(const ValueView& value) {
  const std::string json = row_json(three_columns(), image({value}));
  return json.substr(6, json.size() - 7);  // {"id":...}
}

TEST(RowJsonTest, OrdinaryValuesAreOrdinaryJson) {
  EXPECT_EQ(
      row_json(three_columns(), image({ValueView::of(1), ValueView::text("x"), ValueView::null()})),
      R"({"id":1,"a \"quoted\"":"x","b":null})");
}

TEST(RowJsonTest, NumbersKeepTheirTypeAndEveryDigit) {
  EXPECT_EQ(json_of(ValueView::of(std::numeric_limits<std::int64_t>::max())),
            "9223372036854775807");
  EXPECT_EQ(json_of(ValueView::of(std::numeric_limits<std::int64_t>::min())),
            "-9223372036854775808");
  EXPECT_EQ(json_of(ValueView::of_real(1.0)), "1.0");
  EXPECT_EQ(json_of(ValueView::of_real(0.1)), "0.1");
  EXPECT_EQ(json_of(ValueView::of_real(-0.0)), "-0.0");
}

TEST(RowJsonTest, InfinitiesAreNamed) {
  EXPECT_EQ(json_of(ValueView::of_real(std::numeric_limits<double>::infinity())),
            R"({"$real":"inf"})");
  EXPECT_EQ(json_of(ValueView::of_real(-std::numeric_limits<double>::infinity())),
            R"({"$real":"-inf"})");
}

TEST(RowJsonTest, BlobsAndTextsThatAreNotUtf8AreHexadecimal) {
  EXPECT_EQ(json_of(ValueView::blob("\0\xFF"sv)), R"({"$blob":"00ff"})");
  EXPECT_EQ(json_of(ValueView::blob("")), R"({"$blob":""})");
  EXPECT_EQ(json_of(ValueView::text("\xC3(")), R"({"$text":"c328"})");
  EXPECT_EQ(json_of(ValueView::text("a\0b"sv)), R"({"$text":"610062"})");
  EXPECT_EQ(json_of(ValueView::text("Gr\xC3\xB6\xC3\x9F\n")), "\"Gr\xC3\xB6\xC3\x9F\\n\"");
}

TEST(RowJsonTest, KeysAreJsonToo) {
  TableShape shape = three_columns();
  shape.key = {2, 0};
  EXPECT_EQ(key_json(shape, image({ValueView::text("x"), ValueView::of(3)})),
            R"({"b":"x","id":3})");
}

class JournalTest : public ::testing::Test {
 protected:
  ConflictRecord record() {
    ConflictRecord record;
    record.table = node_.id("t");
    record.key = integer_key(1);
    record.kind = "same_column";
    record.base = image({ValueView::of(1), ValueView::text("base")});
    record.winner = image({ValueView::of(1), ValueView::text("winner")});
    record.loser = image({ValueView::of(1), ValueView::text("loser")});
    record.winner_author = {2000, "ann", "i", "Ann"};
    record.loser_author = {1000, "bob", "i", "Bob"};
    record.rule = "newest wins";
    return record;
  }
  MiniNode node_{"ann",
                 "CREATE TABLE t (id INTEGER PRIMARY KEY, x); INSERT INTO t VALUES (1, 'x')"};
};

TEST_F(JournalTest, AConflictIsWrittenWithAllVersionsAndAuthors) {
  const std::string id = record_conflict(node_.local(), record(), 3000);
  EXPECT_EQ(node_.rows("SELECT * FROM sync_conflicts"),
            Rows{"'" + id +
                 "'|'t'|'{\"id\":1}'|'same_column'|'{\"id\":1,\"x\":\"base\"}'|"
                 "'{\"id\":1,\"x\":\"winner\"}'|'{\"id\":1,\"x\":\"loser\"}'|'ann'|'bob'|'Ann'|"
                 "'Bob'|'1970-01-01T00:00:02.000Z'|'1970-01-01T00:00:01.000Z'|'newest wins'|"
                 "'1970-01-01T00:00:03.000Z'|NULL|NULL|NULL"});
}

TEST_F(JournalTest, ADeletedVersionIsNull) {
  ConflictRecord deleted = record();
  deleted.winner = std::nullopt;
  deleted.base = std::nullopt;
  record_conflict(node_.local(), deleted, 3000);
  EXPECT_EQ(node_.rows("SELECT base_row, winner_row FROM sync_conflicts"), Rows{"NULL|NULL"});
}

TEST_F(JournalTest, TheSameDecisionIsOneRecordHoweverOftenItIsMade) {
  const std::string first = record_conflict(node_.local(), record(), 3000);
  const std::string again = record_conflict(node_.local(), record(), 9999);
  EXPECT_EQ(first, again);
  EXPECT_EQ(node_.rows("SELECT created_at FROM sync_conflicts"),
            Rows{"'1970-01-01T00:00:03.000Z'"});
}

TEST_F(JournalTest, EveryPartOfADecisionMakesItAnother) {
  const TableShape& shape = node_.shape("t");
  std::set<std::string> ids{conflict_id(shape, record())};
  const auto expect_new = [&](const char* what, const auto& change) {
    ConflictRecord other = record();
    change(other);
    EXPECT_TRUE(ids.insert(conflict_id(shape, other)).second) << what;
  };
  expect_new("key", [](ConflictRecord& r) { r.key = integer_key(2); });
  expect_new("kind", [](ConflictRecord& r) { r.kind = "whole_row"; });
  expect_new("base", [](ConflictRecord& r) { r.base = std::nullopt; });
  expect_new("winner", [](ConflictRecord& r) { r.winner = std::nullopt; });
  expect_new("loser", [](ConflictRecord& r) { r.loser = std::nullopt; });
  expect_new("sides", [](ConflictRecord& r) { std::swap(r.winner, r.loser); });
  expect_new("winner's time", [](ConflictRecord& r) { r.winner_author.at_ms = 5; });
  expect_new("loser's time", [](ConflictRecord& r) { r.loser_author.at_ms = 5; });
}

TEST_F(JournalTest, AConflictIsHintedSoThatItTravels) {
  const std::string id = record_conflict(node_.local(), record(), 3000);
  Scratch hints;
  node_.local().load_hints(0, hints);
  EXPECT_TRUE(hints.find_hint(kConflictsTableId, text_key(id)));
}

TEST_F(JournalTest, ARunIsWrittenAndHintedByItsOwnNumber) {
  LogRow row;
  row.timestamp = "2026-11-21T10:00:00.000Z";
  row.direction = "pull";
  row.status = "success";
  row.pulled = 3;
  row.pushed = 1;
  row.duration_ms = 12;
  row.run_id = "abc";
  row.node = "ann";
  row.user = "Ann";
  row.seq_before = 4;
  row.seq_after = 5;
  record_run(node_.local(), row, 3000);
  EXPECT_EQ(node_.rows("SELECT * FROM sync_log"),
            Rows{"1|'2026-11-21T10:00:00.000Z'|'pull'|'success'|3|1|0|NULL|12|'abc'|'ann'|'Ann'|4|"
                 "5"});
  Scratch hints;
  node_.local().load_hints(0, hints);
  EXPECT_EQ(hints.find_hint(kLogTableId, text_key("abc"))->at_ms, 3000);
}

TEST_F(JournalTest, ARunIsRecordedOnce) {
  LogRow row;
  row.run_id = "abc";
  record_run(node_.local(), row, 1);
  row.error_message = "boom";
  record_run(node_.local(), row, 2);
  EXPECT_EQ(node_.rows("SELECT error_message FROM sync_log"), Rows{"NULL"});
}

TEST_F(JournalTest, RunsOfTwoComputersWithTheSameLocalIdDoNotMeet) {
  test::MiniFleet fleet(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, x); INSERT INTO t VALUES (1, 'x')");
  for (MiniNode* node : {&fleet.ann, &fleet.bob}) {
    LogRow row;
    row.run_id = "run of " + node->name();
    row.node = node->name();
    record_run(node->local(), row, MiniNode::kNow);
    node->act("UPDATE t SET x = '" + node->name() + "'");
  }
  fleet.ann_first();
  fleet.rows("SELECT run_id FROM sync_log ORDER BY run_id");
  EXPECT_EQ(fleet.bob.rows("SELECT run_id FROM sync_log ORDER BY run_id"),
            (Rows{"'run of ann'", "'run of bob'"}));
  EXPECT_EQ(fleet.bob.rows("SELECT kind FROM sync_conflicts"), Rows{"'same_column'"});
}

}  // namespace
}  // namespace tidesync
