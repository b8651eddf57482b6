// The application goes on writing while a run publishes a new column, and then what the column
// holds.
#include "base/clock.h"
#include "base/random.h"
#include "cli/cli_fixture.h"
#include "sync/session.h"
#include "sync/setup.h"

namespace tidesync::test {
namespace {

class WriteDuringUpgrade : public CliFixture, public Steps {
 protected:
  void SetUp() override {
    CliFixture::SetUp();
    make("anna",
         "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT);"
         "INSERT INTO item VALUES (1, 'pen'), (2, 'ink')");
    InitOptions init;
    init.database = db("anna");
    init.share = share();
    init.node = init.user = "anna";
    init_dataset(environment_, init);
    JoinOptions join;
    join.database = db("ben");
    join.share = share();
    join.node = join.user = "ben";
    join_dataset(environment_, join);
  }
  void reached(Step step, std::uint64_t, std::uint64_t) override {
    publishes_ += step == Step::kPublish;
    // Right after the first batch, and while the second is on its way.
    if (step == Step::kOwnBaseCommitted && publishes_ == 1) set_price(1);
    if (step == Step::kPublish && publishes_ == 2) set_price(2);
  }
  void set_price(int id) {
    sql(db("anna"), "UPDATE item SET price = 10 WHERE id = " + std::to_string(id));
  }
  SyncResult sync_here(const std::string& name, Steps* steps = nullptr) {
    SyncOptions options;
    options.steps = steps;
    return sync_now(environment_, db(name), options);
  }

  int publishes_ = 0;
  DiskFileSystem disk_;
  SystemClock clock_;
  Random random_{20261123};
  Environment environment_{disk_, disk_, clock_, random_, "host", "user", "tidesync test"};
};

TEST_F(WriteDuringUpgrade, ThatCameWithTheSecondBatchOfTheRunGoesOutWithTheNextRun) {
  sql(db("anna"),
      "ALTER TABLE item ADD COLUMN price; UPDATE item SET name = 'PEN' WHERE id = 1;"
      "UPDATE item SET name = 'INK' WHERE id = 2; INSERT INTO item (name) VALUES ('paper')");
  sync_here("anna", this);
  EXPECT_EQ(publishes_, 2);
  EXPECT_EQ(sync_here("anna").pushed, 1U);
  sql(db("ben"), "ALTER TABLE item ADD COLUMN price");
  sync_here("ben");
  EXPECT_EQ(ask(db("ben"), "SELECT id, price FROM item ORDER BY id"), "1|10\n2|10\n3|NULL");
}

}  // namespace
}  // namespace tidesync::test
