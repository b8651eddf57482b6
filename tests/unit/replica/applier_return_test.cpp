// A record that was deleted comes back, because somebody who did not know edited it or still needs
// it. Meanwhile its number may have been given to another record.
#include <gtest/gtest.h>

#include "support/mini_fleet.h"

namespace tidesync {
namespace {

using test::MiniLog;
using test::MiniNode;
using test::Rows;

constexpr const char* kQuotes =
    "CREATE TABLE quote (id INTEGER PRIMARY KEY, title, price);"
    "CREATE TABLE line (id INTEGER PRIMARY KEY, quote INTEGER REFERENCES quote (id), note);"
    "INSERT INTO quote VALUES (1, 'old', 10)";
constexpr const char* kAllQuotes = "SELECT * FROM quote ORDER BY id";

class ReturnTest : public ::testing::Test {
 protected:
  // All take in what the others published, until nobody has anything to say.
  void settle() {
    std::size_t before = 0;
    do {
      before = log_.size();
      for (MiniNode* node : {&ann_, &bob_, &cem_, &dora_}) node->sync(log_);
    } while (log_.size() != before);
    for (MiniNode* node : {&bob_, &cem_, &dora_}) {
      EXPECT_EQ(node->rows(kAllQuotes), ann_.rows(kAllQuotes)) << node->name();
      EXPECT_EQ(node->rows("SELECT * FROM line"), ann_.rows("SELECT * FROM line")) << node->name();
    }
  }
  Rows kept() { return ann_.rows("SELECT kind FROM sync_conflicts ORDER BY kind"); }
  Rows quotes() { return ann_.rows(kAllQuotes); }
  void does(MiniNode& node, const std::string& sql) {
    node.act(sql);
    node.sync(log_);
  }

  MiniLog log_;
  MiniNode ann_{"ann", kQuotes}, bob_{"bob", kQuotes}, cem_{"cem", kQuotes}, dora_{"dora", kQuotes};
};

TEST_F(ReturnTest, AnOlderRecordComesBackUnderTheNumberOfOneThatIsEditedHere) {
  does(ann_, "DELETE FROM quote");
  does(ann_, "INSERT INTO quote VALUES (1, 'another', 20)");
  dora_.sync(log_);
  does(ann_, "DELETE FROM quote");
  does(bob_, "UPDATE quote SET price = 11");  // knew nothing of all that
  does(dora_, "UPDATE quote SET price = 21; INSERT INTO line VALUES (1, 1, 'of another')");
  settle();
  EXPECT_EQ(quotes(), (Rows{"1|'old'|11", "2|'another'|21"}));
  EXPECT_EQ(ann_.rows("SELECT * FROM line"), Rows{"1|2|'of another'"});
  EXPECT_EQ(ann_.rows("SELECT loser_node FROM sync_conflicts WHERE winner_node = 'dora'"),
            Rows{"'ann'"})
      << "who deleted it, not who brought the older one back";
}

TEST_F(ReturnTest, AnOlderRecordComesBackWhileTheNextOneOnlyGetsAChildHere) {
  does(ann_, "DELETE FROM quote");
  does(ann_, "INSERT INTO quote VALUES (1, 'another', 20)");
  dora_.sync(log_);
  does(ann_, "DELETE FROM quote");
  does(bob_, "UPDATE quote SET price = 11");
  does(dora_, "INSERT INTO line VALUES (1, 1, 'of another')");
  settle();
  EXPECT_EQ(quotes(), (Rows{"1|'old'|11", "2|'another'|20"}));
  EXPECT_EQ(ann_.rows("SELECT * FROM line"), Rows{"1|2|'of another'"});
}

TEST_F(ReturnTest, TheRecordThatIsEditedHereIsDeletedAndComesBack) {
  does(ann_, "DELETE FROM quote");
  does(bob_, "UPDATE quote SET price = 11");
  does(dora_, "UPDATE quote SET title = 'new'");
  settle();
  EXPECT_EQ(quotes(), Rows{"1|'new'|10"}) << "one record";
  EXPECT_EQ(kept(), (Rows{"'edit_delete'", "'whole_row'"})) << "bob's edit is in a conflict";
}

// It was inserted here, too, and nobody heard yet that its batch had got its place.
TEST_F(ReturnTest, ARecordWithWorkInAColumnThatOnlyWeHaveStaysThoughItIsDeletedElsewhere) {
  does(bob_, "INSERT INTO quote VALUES (2, 'new', 20)");
  KeyImage key;
  append_value(key, ValueView::of(2));
  bob_.local().add_hint(bob_.id("quote"), key, HintKind::kInserted, 500);
  bob_.act("ALTER TABLE quote ADD COLUMN note", 1000);
  bob_.act("UPDATE quote SET note = 'ours' WHERE id = 2", 1000);
  ann_.sync(log_);
  ann_.act("DELETE FROM quote WHERE id = 2", 5000);
  ann_.sync(log_);
  bob_.sync(log_);
  EXPECT_EQ(bob_.rows("SELECT title, note FROM quote WHERE id = 2"), Rows{"'new'|'ours'"});
}

TEST_F(ReturnTest, TwoWhoKeptOneRecordStillMeanOneWhenTheirPublishingHadToWait) {
  does(ann_, "DELETE FROM quote");
  bob_.act("UPDATE quote SET price = 11");
  bob_.pull(log_);
  cem_.act("UPDATE quote SET title = 'new'");
  cem_.pull(log_);
  settle();
  EXPECT_EQ(quotes().size(), 1u);
}

TEST_F(ReturnTest, TwoRecordsOfOneNumberWereKeptAndBothComeBack) {
  does(ann_, "DELETE FROM quote");
  bob_.act("UPDATE quote SET price = 11");
  bob_.pull(log_);  // keeps the old one, and cannot say so yet
  does(ann_, "INSERT INTO quote VALUES (1, 'another', 20)");
  cem_.sync(log_);
  does(ann_, "DELETE FROM quote");
  cem_.act("UPDATE quote SET price = 21");
  cem_.sync(log_);  // keeps the other one
  settle();
  EXPECT_EQ(quotes(), (Rows{"1|'another'|21", "2|'old'|11"}));
}

TEST_F(ReturnTest, ARecordThatCameBackElsewhereIsDeletedOnceMoreBeforeItIsPublishedHere) {
  does(ann_, "DELETE FROM quote");
  bob_.act("UPDATE quote SET price = 11");
  bob_.pull(log_);
  does(cem_, "UPDATE quote SET title = 'new'");
  dora_.sync(log_);  // has it as cem brought it back
  ann_.sync(log_);
  does(ann_, "DELETE FROM quote");
  bob_.sync(log_);
  does(dora_, "UPDATE quote SET title = 'newest'");
  settle();
  EXPECT_EQ(quotes(), Rows{"1|'newest'|10"}) << "one record throughout";
  EXPECT_EQ(kept(), (Rows{"'edit_delete'", "'edit_delete'", "'whole_row'"}));
}

}  // namespace
}  // namespace tidesync
