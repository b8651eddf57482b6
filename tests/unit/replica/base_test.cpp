#include "replica/base.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/mini_fleet.h"

namespace tidesync {
namespace {

using test::ChangeListSource;
using test::image;
using test::integer_key;
using test::MiniBatch;
using test::MiniFleet;
using test::MiniLog;
using test::MiniNode;
using test::Rows;
using test::rows_of;

constexpr const char* kShop =
    "CREATE TABLE item (id INTEGER PRIMARY KEY, code TEXT UNIQUE, price);"
    "CREATE TABLE rate (day TEXT, currency TEXT, rate, PRIMARY KEY (currency, day)) WITHOUT ROWID;"
    "INSERT INTO item VALUES (1, 'a', 10), (2, 'b', 20), (3, 'c', 30);"
    "INSERT INTO rate VALUES ('mon', 'EUR', 1.5)";

class BaseTest : public ::testing::Test {
 protected:
  // Ann's edits as the next batch of the log.
  MiniBatch publish(const std::string& sql) {
    ann_.act(sql);
    EXPECT_GT(ann_.push(log_), 0u);
    return log_.back();
  }
  void fold(Base& base, const MiniBatch& batch, FoldDirection direction = FoldDirection::kForward) {
    ChangeListSource source(*batch.changes, direction == FoldDirection::kBackward);
    Transaction change(base.db(), Transaction::Kind::kImmediate);
    base.fold(batch.header, batch.link, source, direction);
    change.commit();
  }
  // A batch that must be refused; afterwards nothing has moved.
  void expect_refused(const MiniBatch& batch, ErrorCode code,
                      FoldDirection direction = FoldDirection::kForward) {
    Base& base = bob_.base();
    const Cursor cursor = base.cursor();
    const Digest state = base.state();
    const Rows before = content(base);
    {
      Transaction change(base.db(), Transaction::Kind::kImmediate);
      ChangeListSource source(*batch.changes);
      EXPECT_ERROR(base.fold(batch.header, batch.link, source, direction), code);
    }
    base.reload();
    EXPECT_EQ(base.cursor(), cursor);
    EXPECT_EQ(base.state(), state);
    EXPECT_EQ(content(base), before);
  }
  // The first batch of a log, with one row.
  MiniBatch first_batch() {
    MiniBatch first;
    first.header.seq = Seq{1};
    first.header.schema = ann_.schema_json();
    first.header.tables = {batch_table_of(ann_.shape("item"))};
    const auto row = image({ValueView::of(1), ValueView::text("a"), ValueView::of(10)});
    Change change;
    const KeyImage key = integer_key(1);
    change.key = key;
    change.new_image = row;
    first.changes->add(change);
    StateDigest state;
    state.add_row("item", row);
    first.header.post_state = state.value();
    first.link = {{Seq{1}, digest_of("1")}, {}, "u", "n", 5};
    return first;
  }
  static Rows content(Base& base) {
    Rows rows = rows_of(base.db(), "SELECT * FROM item ORDER BY 1");
    for (std::string& row : rows_of(base.db(), "SELECT * FROM rate ORDER BY 1")) {
      rows.push_back(std::move(row));
    }
    return rows;
  }

  MiniLog log_;
  MiniNode ann_{"ann", kShop};
  MiniNode bob_{"bob", kShop};
};

TEST_F(BaseTest, EqualRowsGiveEqualStatesWhateverTheOrderTheyCameIn) {
  MiniNode other("other",
                 "CREATE TABLE item (id INTEGER PRIMARY KEY, code TEXT UNIQUE, price);"
                 "CREATE TABLE rate (day TEXT, currency TEXT, rate, PRIMARY KEY (currency, day)) "
                 "WITHOUT ROWID;"
                 "INSERT INTO rate VALUES ('mon', 'EUR', 1.5);"
                 "INSERT INTO item VALUES (3, 'c', 30), (1, 'a', 10), (2, 'b', 20)");
  EXPECT_EQ(ann_.base().state(), other.base().state());
}

TEST_F(BaseTest, FoldingForwardAndBackwardGivesTheSameStateAgain) {
  const MiniBatch batch = publish(
      "INSERT INTO item VALUES (4, 'd', 40); UPDATE item SET price = 11 WHERE id = 1;"
      "DELETE FROM item WHERE id = 2; INSERT INTO rate VALUES ('tue', 'EUR', 1.6);"
      "DELETE FROM item WHERE id = 3; INSERT INTO item VALUES (3, 'c2', 31)");
  const Digest before = bob_.base().state();
  const Rows rows_before = content(bob_.base());
  const Cursor cursor_before = bob_.base().cursor();
  fold(bob_.base(), batch);
  EXPECT_EQ(bob_.base().state(), ann_.base().state());
  EXPECT_EQ(content(bob_.base()), content(ann_.base()));
  EXPECT_EQ(bob_.base().cursor(), ann_.base().cursor());
  fold(bob_.base(), batch, FoldDirection::kBackward);
  EXPECT_EQ(bob_.base().state(), before);
  EXPECT_EQ(content(bob_.base()), rows_before);
  EXPECT_EQ(bob_.base().cursor(), cursor_before);
  fold(bob_.base(), batch);
  EXPECT_EQ(bob_.base().state(), ann_.base().state());
}

// The first batch of a log with items 1 .. `count`, folded into an empty copy.
class FirstBatchTest : public BaseTest {
 protected:
  FirstBatchTest() {
    first_.header.seq = Seq{1};
    first_.header.schema = ann_.schema_json();
    first_.header.tables = {batch_table_of(ann_.shape("item")), batch_table_of(ann_.shape("rate"))};
    first_.link = {{Seq{1}, digest_of("1")}, {}, "u", "n", 5};
  }
  void insert_items(std::int64_t count) {
    for (std::int64_t id = 1; id <= count; ++id) insert_item(id, "c" + std::to_string(id));
  }
  void insert_item(std::int64_t id, const std::string& code) {
    insert(0, "item", image({ValueView::of(id), ValueView::text(code), ValueView::of(id * 10)}),
           integer_key(id));
  }
  void insert(std::size_t table, const std::string& name, const RowImage& row,
              const KeyImage& key) {
    Change change;
    change.table = table;
    change.key = key;
    change.new_image = row;
    first_.changes->add(change);
    state_.add_row(name, row);
  }
  void fold_first() {
    first_.header.post_state = state_.value();
    fold(copy_, first_);
  }

  MiniBatch first_;
  StateDigest state_;
  test::TempDir dir_{test::TempDir::Where::kMemory};
  Base copy_{dir_ / "copy.db", Base::Journal::kRollback};
};

TEST_F(FirstBatchTest, ManyRowsOfSeveralTablesFillAnEmptyCopy) {
  insert_items(149);
  const auto rate =
      image({ValueView::text("tue"), ValueView::text("EUR"), ValueView::of_real(2.5)});
  insert(1, "rate", rate, image({ValueView::text("EUR"), ValueView::text("tue")}));
  insert_item(150, "last");
  fold_first();
  EXPECT_EQ(copy_.state(), state_.value());
  EXPECT_TRUE(copy_.adds_up());
  EXPECT_EQ(copy_.cursor(), first_.link.at);
  EXPECT_EQ(rows_of(copy_.db(), "SELECT count(*), min(id), max(id), sum(price) FROM item"),
            Rows{"150|1|150|113250"});
  EXPECT_EQ(rows_of(copy_.db(), "SELECT * FROM rate"), Rows{"'tue'|'EUR'|2.5"});
}

TEST_F(FirstBatchTest, RowsThatItChangesAgainAreFoldedInTheirOrder) {
  insert_items(60);
  const RowImage old_row = image({ValueView::of(60), ValueView::text("c60"), ValueView::of(600)});
  Change gone;
  gone.kind = ChangeKind::kDelete;
  const KeyImage key = integer_key(60);
  gone.key = key;
  gone.old_image = old_row;
  first_.changes->add(gone);
  state_.remove_row("item", old_row);
  insert_item(61, "c60");
  fold_first();
  EXPECT_EQ(copy_.state(), state_.value());
  EXPECT_EQ(rows_of(copy_.db(), "SELECT id FROM item WHERE code = 'c60'"), Rows{"61"});
}

TEST_F(FirstBatchTest, OneKeyTwiceIsRefusedAndNothingStays) {
  insert_items(100);
  insert_item(40, "twice");
  EXPECT_ERROR(fold_first(), ErrorCode::kDiverged);
  copy_.reload();
  EXPECT_TRUE(copy_.shapes().empty());
  EXPECT_EQ(copy_.cursor().seq, Seq{0});
}

TEST_F(FirstBatchTest, AUniqueValueTwiceIsRefused) {
  insert_items(30);
  insert_item(31, "c7");
  for (std::int64_t id = 32; id < 90; ++id) insert_item(id, "c" + std::to_string(id));
  EXPECT_ERROR(fold_first(), ErrorCode::kDiverged);
}

// An older application has the column with another type: else nobody could compute the next state.
TEST_F(FirstBatchTest, ARowThatItsTableStoresOtherwiseIsKeptExactly) {
  insert_items(3);
  const RowImage row = image({ValueView::of(4), ValueView::of(5), ValueView::of(1)});
  insert(0, "item", row, integer_key(4));
  fold_first();
  EXPECT_EQ(copy_.state(), state_.value());
  EXPECT_TRUE(copy_.adds_up());
  const std::uint32_t item = copy_.find_shape("item")->id;
  RowImage read;
  ASSERT_TRUE(copy_.table(item).read(integer_key(4), read));
  EXPECT_EQ(read, row);
  EXPECT_EQ(rows_of(copy_.db(), "SELECT code FROM item WHERE id = 4"), Rows{"'5'"})
      << "what people see in master.db";
}

TEST_F(FirstBatchTest, AStateThatIsNotThatOfItsRowsIsRefused) {
  insert_items(70);
  state_.add_row("item", "one more");
  EXPECT_ERROR(fold_first(), ErrorCode::kDiverged);
}

TEST_F(BaseTest, ASwapOfUniqueValuesFoldsBothWays) {
  const MiniBatch batch = publish(
      "UPDATE item SET code = 'x' WHERE id = 1; UPDATE item SET code = 'a' WHERE id = 2;"
      "UPDATE item SET code = 'b' WHERE id = 1");
  const Digest before = bob_.base().state();
  fold(bob_.base(), batch);
  EXPECT_EQ(content(bob_.base()).at(0), "1|'b'|10");
  fold(bob_.base(), batch, FoldDirection::kBackward);
  EXPECT_EQ(bob_.base().state(), before);
  EXPECT_EQ(content(bob_.base()).at(0), "1|'a'|10");
}

// The gate was noted in the application's database, and the run was killed before the base copy's
// commit.
TEST_F(BaseTest, ATableThatStandsStillIsHeldFromThePlaceThatIsNoted) {
  const std::uint32_t item = bob_.base().find_shape("item")->id;
  bob_.base().hold_from({{item, text_of(bob_.base().cursor())}});
  fold(bob_.base(), publish("UPDATE item SET price = 11 WHERE id = 1"));
  const auto held = bob_.base().held().find(item, integer_key(1));
  ASSERT_TRUE(held);
  EXPECT_EQ(held->values.at("price"), image({ValueView::of(10)}));
  EXPECT_FALSE(bob_.base().held().find(item, integer_key(2))) << "as it was";
}

TEST_F(BaseTest, ATableThatStandsStillIsHeldFromWhereALaterBatchLeads) {
  const std::uint32_t item = bob_.base().find_shape("item")->id;
  const MiniBatch first = publish("UPDATE item SET price = 11 WHERE id = 1");
  bob_.base().hold_from({{item, text_of(first.link.at)}});
  fold(bob_.base(), first);
  EXPECT_FALSE(bob_.base().held().find(item, integer_key(1))) << "that was before";
  fold(bob_.base(), publish("UPDATE item SET price = 12 WHERE id = 1"));
  EXPECT_EQ(bob_.base().held().find(item, integer_key(1))->values.at("price"),
            image({ValueView::of(11)}));
}

TEST_F(BaseTest, TheStateSurvivesClosingAndOpening) {
  fold(bob_.base(), publish("UPDATE item SET price = 11 WHERE id = 1"));
  Base again(bob_.dir() / "base.db");
  EXPECT_EQ(again.state(), bob_.base().state());
  EXPECT_EQ(again.cursor(), bob_.base().cursor());
  EXPECT_EQ(again.shapes().size(), 4u);
}

TEST_F(BaseTest, AnOldValueThatDiffersIsDiverged) {
  MiniBatch batch = publish("UPDATE item SET price = 11 WHERE id = 1");
  const auto other = image({ValueView::of(999)});
  batch.changes->changes()[0].columns[0].old_value = other;
  expect_refused(batch, ErrorCode::kDiverged);
}

TEST_F(BaseTest, AnOldValueOfAnotherTypeIsDiverged) {
  MiniBatch batch = publish("UPDATE item SET price = 11 WHERE id = 1");
  const auto other = image({ValueView::of_real(10.0)});
  batch.changes->changes()[0].columns[0].old_value = other;
  expect_refused(batch, ErrorCode::kDiverged);
}

TEST_F(BaseTest, ARowThatIsThereAlreadyIsDiverged) {
  const MiniBatch batch = publish("INSERT INTO item VALUES (4, 'd', 40)");
  bob_.act("INSERT INTO item VALUES (4, 'd', 40)");
  MiniLog other;
  bob_.push(other);
  expect_refused(batch, ErrorCode::kDiverged);
}

TEST_F(BaseTest, ARowThatIsMissingIsDiverged) {
  const MiniBatch edit = publish("UPDATE item SET price = 11 WHERE id = 1");
  const MiniBatch removal = publish("DELETE FROM item WHERE id = 1");
  bob_.act("DELETE FROM item WHERE id = 1");
  MiniLog other;
  bob_.push(other);
  expect_refused(edit, ErrorCode::kDiverged);
  expect_refused(removal, ErrorCode::kDiverged);
}

TEST_F(BaseTest, ADeletedRowThatWasAnotherIsDiverged) {
  MiniBatch batch = publish("DELETE FROM item WHERE id = 1");
  const auto other = image({ValueView::of(1), ValueView::text("a"), ValueView::of(11)});
  batch.changes->changes()[0].old_image = other;
  expect_refused(batch, ErrorCode::kDiverged);
}

TEST_F(BaseTest, AFailureInTheMiddleLeavesNothingOfTheChangesBeforeIt) {
  MiniBatch batch = publish(
      "INSERT INTO item VALUES (4, 'd', 40); UPDATE item SET price = 31 WHERE id = 3;"
      "DELETE FROM rate");
  const auto other = image({ValueView::text("mon")});
  ASSERT_EQ(batch.changes->changes().back().kind, ChangeKind::kDelete);
  batch.changes->changes().back().old_image = other;
  expect_refused(batch, ErrorCode::kDiverged);
}

TEST_F(BaseTest, AStateThatIsNotTheAuthorsIsDiverged) {
  MiniBatch batch = publish("UPDATE item SET price = 11 WHERE id = 1");
  const auto other = image({ValueView::of(12)});
  batch.changes->changes()[0].columns[0].new_value = other;
  expect_refused(batch, ErrorCode::kDiverged);
}

TEST_F(BaseTest, TwoRowsWithOneUniqueValueAreDiverged) {
  MiniBatch batch = publish("UPDATE item SET code = 'new' WHERE id = 1");
  const auto taken = image({ValueView::text("b")});
  batch.changes->changes()[0].columns[0].new_value = taken;
  expect_refused(batch, ErrorCode::kDiverged);
}

TEST_F(BaseTest, OtherColumnsOrAnUnknownTableAreASchemaProblem) {
  MiniBatch batch = publish("UPDATE item SET price = 11 WHERE id = 1");
  MiniBatch more_columns = batch;
  more_columns.header.tables.at(0).columns.push_back("colour");
  expect_refused(more_columns, ErrorCode::kSchema);
  MiniBatch unknown = batch;
  unknown.header.tables.at(0).name = "other";
  expect_refused(unknown, ErrorCode::kSchema);
}

TEST_F(BaseTest, TakingAwayABatchThatIsNotAppliedIsDiverged) {
  expect_refused(publish("UPDATE item SET price = 11 WHERE id = 1"), ErrorCode::kDiverged,
                 FoldDirection::kBackward);
}

TEST_F(BaseTest, AfterARefusalTheNextBatchFolds) {
  const MiniBatch good = publish("UPDATE item SET price = 11 WHERE id = 1");
  MiniBatch bad = good;
  bad.header.post_state = digest_of("other");
  expect_refused(bad, ErrorCode::kDiverged);
  fold(bob_.base(), good);
  EXPECT_EQ(bob_.base().state(), ann_.base().state());
}

TEST_F(BaseTest, TheFirstBatchBringsTheSchema) {
  test::TempDir dir(test::TempDir::Where::kMemory);
  Base base(dir / "base.db");
  EXPECT_TRUE(base.shapes().empty());
  EXPECT_TRUE(base.cursor().hash.is_none());
  fold(base, first_batch());
  EXPECT_EQ(base.cursor().seq, Seq{1});
  EXPECT_EQ(base.shapes().size(), 4u);
  EXPECT_EQ(rows_of(base.db(), "SELECT * FROM item"), Rows{"1|'a'|10"});
}

// A crash after the first batch was published and before it was folded.
TEST_F(BaseTest, TheFirstBatchFindsTheTablesThatItWasMadeFrom) {
  test::TempDir dir(test::TempDir::Where::kMemory);
  Base base(dir / "base.db");
  base.apply_schema(ann_.schema_json());
  fold(base, first_batch());
  EXPECT_EQ(base.cursor().seq, Seq{1});
  EXPECT_EQ(base.shapes().size(), 4u);
  EXPECT_EQ(rows_of(base.db(), "SELECT * FROM item"), Rows{"1|'a'|10"});
}

TEST_F(BaseTest, AFirstBatchWithOtherTablesThanThoseThereIsDiverged) {
  test::TempDir dir(test::TempDir::Where::kMemory);
  Base base(dir / "base.db");
  ShareSchema other = parse_share_schema(ann_.schema_json());
  other.tables.pop_back();
  base.apply_schema(to_json(other));
  EXPECT_ERROR(base.apply_schema(ann_.schema_json()), ErrorCode::kDiverged);
  // And in the middle of a log.
  EXPECT_ERROR(ann_.base().apply_schema(ann_.schema_json()), ErrorCode::kDiverged);
}

TEST_F(BaseTest, ASchemaThatIsRolledBackLeavesAnEmptyBaseCopy) {
  test::TempDir dir(test::TempDir::Where::kMemory);
  Base base(dir / "base.db");
  {
    Transaction change(base.db(), Transaction::Kind::kImmediate);
    base.apply_schema(ann_.schema_json());
    base.table(kFirstTableId).count();
  }
  base.reload();
  EXPECT_TRUE(base.shapes().empty());
  Transaction change(base.db(), Transaction::Kind::kImmediate);
  base.apply_schema(ann_.schema_json());
  change.commit();
  EXPECT_EQ(base.shapes().size(), 4u);
}

TEST_F(BaseTest, TheChainIsWalkedFromTheCursorBackwards) {
  for (int i = 0; i < 4; ++i) {
    fold(bob_.base(), publish("UPDATE item SET price = price + 1 WHERE id = 1"));
  }
  const auto links = bob_.base().last_links(3);
  ASSERT_EQ(links.size(), 3u);
  EXPECT_EQ(links[0].at, bob_.base().cursor());
  EXPECT_EQ(links[1].at.hash, links[0].prev);
  EXPECT_EQ(links[2].at.seq, Seq{3});
  EXPECT_EQ(links[0].node, "ann");
  EXPECT_EQ(bob_.base().last_links(100).size(), 5u) << "as many as there are";
  EXPECT_EQ(bob_.base().find_link(digest_of("unknown")), std::nullopt);
}

TEST_F(BaseTest, ALinkThatWasTakenAwayIsStillRemembered) {
  const MiniBatch batch = publish("UPDATE item SET price = 11 WHERE id = 1");
  fold(bob_.base(), batch);
  fold(bob_.base(), batch, FoldDirection::kBackward);
  EXPECT_TRUE(bob_.base().find_link(batch.link.at.hash));
  EXPECT_EQ(bob_.base().last_links(9).size(), 1u) << "but it is no part of the lineage";
}

TEST_F(BaseTest, FoldingNotesEveryKeyWithItsStateBefore) {
  const MiniBatch batch =
      publish("UPDATE item SET price = 11 WHERE id = 1; INSERT INTO item VALUES (4, 'd', 40)");
  Scratch touched;
  Transaction change(bob_.base().db(), Transaction::Kind::kImmediate);
  ChangeListSource source(*batch.changes);
  bob_.base().fold(batch.header, batch.link, source, FoldDirection::kForward, &touched, 7);
  const std::uint32_t item = bob_.id("item");
  EXPECT_EQ(touched.count_touched(item), 2u);
  const auto edited = touched.find_touched(item, integer_key(1));
  ASSERT_TRUE(edited);
  EXPECT_EQ(edited->base, image({ValueView::of(1), ValueView::text("a"), ValueView::of(10)}));
  EXPECT_EQ(edited->stamps.at(0).batch, 7u);
  EXPECT_EQ(edited->stamps.at(0).column, 2);
  EXPECT_EQ(touched.find_touched(item, integer_key(4))->base, std::nullopt);
}

TEST_F(BaseTest, TablesAreFoundByNameWithoutRegardToCaseAndByNumber) {
  EXPECT_TRUE(bob_.base().find_shape("ITEM"));
  EXPECT_FALSE(bob_.base().find_shape("nothing"));
  EXPECT_EQ(bob_.base().table(bob_.id("item")).shape().name, "item");
  EXPECT_ERROR(bob_.base().table(999), ErrorCode::kInternal);
}

TEST_F(BaseTest, NotesAreKeptByName) {
  bob_.base().set_state("last_check", "today");
  EXPECT_EQ(bob_.base().get_state("last_check"), "today");
  EXPECT_EQ(bob_.base().get_state("nothing", "none"), "none");
}

}  // namespace
}  // namespace tidesync
