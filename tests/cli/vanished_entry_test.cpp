// The share loses an entry between the listing that shows it and the moment it is opened.
#include <boost/filesystem/operations.hpp>

#include "base/clock.h"
#include "base/random.h"
#include "cli/cli_fixture.h"
#include "share/layout.h"
#include "support/faulty_file_system.h"
#include "sync/session.h"
#include "sync/setup.h"

namespace tidesync::test {
namespace {

class VanishedEntry : public CliFixture {
 protected:
  Environment environment(const std::string& name) {
    return {faulty_, disk_, clock_, random_, "host", name, "tidesync test"};
  }
  void SetUp() override {
    CliFixture::SetUp();
    make("anna", "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT)");
    InitOptions init;
    init.database = db("anna");
    init.share = share();
    init.node = init.user = "anna";
    Environment anna = environment("anna");
    init_dataset(anna, init);
    JoinOptions join;
    join.database = db("ben");
    join.share = share();
    join.node = join.user = "ben";
    Environment ben = environment("ben");
    join_dataset(ben, join);
  }
  SyncResult sync_here(const std::string& name) {
    Environment env = environment(name);
    return sync_now(env, db(name), {});
  }
  // An entry with one row; its file.
  Path publish_as_anna(const std::string& item) {
    sql(db("anna"), "INSERT INTO item (name) VALUES ('" + item + "')");
    return share() / layout::entry_path(sync_here("anna").seq_after);
  }
  void lose_when_opened(const Path& entry) {
    faulty_.set_hook([this, entry](const FsCall& call) {
      const bool is_first = call.op == FsOp::kOpenRead && call.path == entry && !is_lost_;
      if (is_first) is_lost_ = boost::filesystem::remove(entry);
      return FaultAction::pass();
    });
  }

  bool is_lost_ = false;
  DiskFileSystem disk_;
  FaultyFileSystem faulty_{disk_};
  SystemClock clock_;
  Random random_{20261122};
};

TEST_F(VanishedEntry, ThatALaterOneStandsOnIsNotReplacedByWhoeverOnlySawItListed) {
  const Path first = publish_as_anna("pen");
  const Path second = publish_as_anna("ink");
  sql(db("ben"), "INSERT INTO item (name) VALUES ('paper')");
  lose_when_opened(first);
  const SyncResult result = sync_here("ben");
  faulty_.set_hook({});
  EXPECT_EQ(to_string(result.status), "partial");
  EXPECT_EQ(result.pushed, 0U);
  EXPECT_FALSE(boost::filesystem::exists(first));
  EXPECT_TRUE(boost::filesystem::exists(second));

  sync_here("anna");
  EXPECT_TRUE(boost::filesystem::exists(first));
  EXPECT_EQ(sync_here("ben").pushed, 1U);
  EXPECT_EQ(ask(db("ben"), "SELECT name FROM item ORDER BY name"), "ink\npaper\npen");
}

TEST_F(VanishedEntry, ThatWasTheLastLeavesItsPlaceToOthers) {
  const Path last = publish_as_anna("pen");
  sql(db("ben"), "INSERT INTO item (name) VALUES ('paper')");
  lose_when_opened(last);
  EXPECT_EQ(sync_here("ben").pushed, 1U);
  faulty_.set_hook({});
  sync_here("anna");
  sync_here("ben");
  EXPECT_EQ(ask(db("anna"), "SELECT name FROM item ORDER BY name"), "paper\npen");
  EXPECT_EQ(ask(db("ben"), "SELECT name FROM item ORDER BY name"), "paper\npen");
}

// What the tables were before is what the others' entries are about.
TEST_F(VanishedEntry, ThatBroughtAColumnIsLeftWithItsColumn) {
  publish_as_anna("pen");
  sync_here("ben");
  sql(db("anna"), "ALTER TABLE item ADD COLUMN price");
  const Path lost = publish_as_anna("ink");
  boost::filesystem::remove(lost);
  sql(db("ben"), "UPDATE item SET name = 'pencil' WHERE id = 1");
  EXPECT_EQ(sync_here("ben").pushed, 1U);
  sql(db("anna"), "UPDATE item SET price = 3 WHERE id = 1");
  EXPECT_EQ(sync_here("anna").pushed, 2U);
  EXPECT_EQ(ask(db("anna"), "SELECT id, name, price FROM item ORDER BY id"),
            "1|pencil|3\n2|ink|NULL");
  sql(db("ben"), "ALTER TABLE item ADD COLUMN price");
  EXPECT_EQ(to_string(sync_here("ben").status), "success");
  EXPECT_EQ(ask(db("ben"), "SELECT id, name, price FROM item ORDER BY id"),
            "1|pencil|3\n2|ink|NULL");
}

}  // namespace
}  // namespace tidesync::test
