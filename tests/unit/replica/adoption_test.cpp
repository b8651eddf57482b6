#include "replica/adoption.h"

#include "support/mini_fleet.h"

namespace tidesync::test {
namespace {

constexpr const char* kSql =
    "CREATE TABLE item (id INTEGER PRIMARY KEY, name, updated_at INTEGER);"
    "INSERT INTO item VALUES (1, 'old', 1700000000000)";

// What the share has by now stands in the base copy, folded there without a merge.
class AdoptionTest : public ::testing::Test {
 protected:
  void adopt() {
    ann_.sync(log_);
    Scratch scratch;
    Transaction base_change(ben_.base().db(), Transaction::Kind::kImmediate);
    ChangeListSource source(*log_[0].changes);
    ben_.base().fold(log_[0].header, log_[0].link, source, FoldDirection::kForward);
    Transaction local_change(ben_.local().db(), Transaction::Kind::kImmediate);
    ben_.local().load_hints(0, scratch);
    touch_differences(ben_.local(), ben_.base(), scratch, true);
    MergeContext context;
    context.me = {0, "ben", "", "ben"};
    context.now_ms = MiniNode::kNow;
    context.adds_up = false;
    context.batch_authors.push_back({0, "share", "", "share"});
    Applier(ben_.local(), ben_.base(), scratch, context).run();
    local_change.commit();
    base_change.commit();
  }

  MiniLog log_;
  MiniNode ann_{"ann", kSql};
  MiniNode ben_{"ben", kSql};
};

TEST_F(AdoptionTest, RowThatCameAndWentHereDoesNotDeleteTheRowOfTheShareWithItsNumber) {
  ann_.act("INSERT INTO item VALUES (2, 'hers', 1000)", 1000);
  ben_.act("INSERT INTO item VALUES (2, 'his', 5000)", 5000);
  ben_.act("DELETE FROM item WHERE id = 2", 6000);
  adopt();
  EXPECT_EQ(ben_.rows("SELECT name FROM item WHERE id = 2"), Rows{"'hers'"});
}

TEST_F(AdoptionTest, RowDeletedHereThatSomebodyHadEditedBeforeIsKeptInTheConflict) {
  ann_.act("UPDATE item SET name = 'edited', updated_at = 1000 WHERE id = 1", 1000);
  ben_.act("DELETE FROM item WHERE id = 1", 5000);
  adopt();
  EXPECT_EQ(ben_.rows("SELECT count(*) FROM item"), Rows{"0"});
  EXPECT_EQ(ben_.rows("SELECT count(*) FROM sync_conflicts WHERE kind = 'edit_delete' AND"
                      " instr(loser_row, 'edited')"),
            Rows{"1"});
}

}  // namespace
}  // namespace tidesync::test
