// Shares that are full or read-only: in process with faults at every place, and, where this account
// may mount file systems, on a real one.
#include <boost/filesystem/operations.hpp>
#include <cstdlib>
#include <fstream>

#include "base/clock.h"
#include "base/random.h"
#include "cli/cli_fixture.h"
#include "support/faulty_file_system.h"
#include "sync/config.h"
#include "sync/session.h"
#include "sync/setup.h"

namespace tidesync::test {
namespace {

class ShareTrouble : public CliFixture {
 protected:
  Environment environment(const std::string& name) {
    return {faulty_, disk_, clock_, random_, "host", name, "tidesync test"};
  }
  void start(const Names& names) {
    for (const std::string& name : names) {
      Environment env = environment(name);
      if (name == names.front()) {
        make(name,
             "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, price);"
             "INSERT INTO item VALUES (1, 'pen', 10), (2, 'ink', 20)");
        InitOptions options;
        options.database = db(name);
        options.share = share();
        options.node = options.user = name;
        expect_success(init_dataset(env, options).sync);
      } else {
        JoinOptions options = join_options(name);
        expect_success(join_dataset(env, options).sync);
      }
    }
    // One round more: what they tell of their own runs.
    for (const std::string& name : names) expect_success(sync_here(name));
  }
  JoinOptions join_options(const std::string& name) {
    JoinOptions options;
    options.database = db(name);
    options.share = share();
    options.node = options.user = name;
    return options;
  }
  SyncResult sync_here(const std::string& name) {
    Environment env = environment(name);
    return sync_now(env, db(name), {});
  }
  static void expect_success(const SyncResult& result) {
    EXPECT_EQ(to_string(result.status), "success") << (result.error ? result.error->what() : "");
  }
  std::size_t entries() {
    return snapshot(share() / "log").size() - 1;  // without the folder of the thousand
  }
  // Batches beside the database: taken in, published, or left by a run that failed.
  std::size_t kept_by(const std::string& name) {
    const LocalPaths paths(db(name));
    return snapshot(paths.spool).size() + snapshot(paths.staging).size();
  }
  std::size_t staged() { return snapshot(share() / "tmp").size(); }
  // What everybody reads; a computer may still find room to say how it fares.
  std::map<std::string, std::string> published() {
    auto files = snapshot(share());
    std::erase_if(files,
                  [](const auto& file) { return file.first.find("nodes") != std::string::npos; });
    return files;
  }

  DiskFileSystem disk_;
  FaultyFileSystem faulty_{disk_};
  SystemClock clock_;
  Random random_{20261121};
};

TEST_F(ShareTrouble, AFullShareAtWriteSyncOrCloseOfABatchPublishesNothing) {
  start({"anna", "ben"});
  int price = 100;
  for (const FsOp op : {FsOp::kWrite, FsOp::kSync, FsOp::kClose}) {
    sql(db("anna"), "UPDATE item SET price = " + std::to_string(++price) + " WHERE id = 1");
    const auto share_before = published();
    const auto rows_before = ask(db("anna"), "SELECT * FROM item");
    const auto kept_before = kept_by("anna");
    faulty_.set_hook(disk_full_at(op));
    const SyncResult result = sync_here("anna");
    EXPECT_EQ(to_string(result.status), "error");
    ASSERT_TRUE(result.error);
    EXPECT_EQ(to_string(result.error->code()), "disk_full") << result.error->what();
    EXPECT_NE(result.error->detail().find("local changes are kept"), std::string::npos)
        << result.error->detail();
    EXPECT_NE(result.error->hint().find("free space"), std::string::npos) << result.error->hint();
    EXPECT_TRUE(published() == share_before);
    EXPECT_EQ(ask(db("anna"), "SELECT * FROM item"), rows_before);
    EXPECT_EQ(kept_by("anna"), kept_before) << "a month of failing runs would fill this disk, too";

    faulty_.set_hook({});
    const SyncResult again = sync_here("anna");
    expect_success(again);
    EXPECT_EQ(again.pushed, 1U);
    EXPECT_EQ(staged(), 0U);
    EXPECT_EQ(sync_here("ben").pulled, 1U);
    EXPECT_EQ(ask(db("ben"), "SELECT price FROM item WHERE id = 1"), std::to_string(price));
  }
}

// The batch found room, the copy for people does not.
TEST_F(ShareTrouble, AFullShareAtTheMasterPublishesOnceAndSaysSo) {
  start({"anna", "ben"});
  const auto is_master_upload = [](const FsCall& call) {
    // Everything large in tmp/ that is no batch of these few bytes.
    return call.bytes > 8192;
  };
  sql(db("anna"), "UPDATE item SET price = 11 WHERE id = 1");
  const auto master_before = snapshot(master());
  const std::size_t entries_before = entries();
  faulty_.set_hook([&](const FsCall& call) {
    return call.op == FsOp::kWrite && is_master_upload(call)
               ? FaultAction::fail_halfway(ErrorCode::kDiskFull)
               : FaultAction::pass();
  });
  const SyncResult result = sync_here("anna");
  expect_success(result);
  EXPECT_EQ(result.pushed, 1U);
  ASSERT_EQ(result.notes.size(), 1U);
  EXPECT_NE(result.notes.front().find("master.db on the share could not be refreshed"),
            std::string::npos);
  EXPECT_EQ(entries(), entries_before + 1);
  EXPECT_EQ(changed_since(master_before, master()), "");
  EXPECT_EQ(staged(), 0U);
  faulty_.set_hook({});
  EXPECT_EQ(sync_here("anna").pushed, 0U);
  expect_success(sync_here("ben"));  // takes something in, and refreshes the copy
  EXPECT_EQ(ask(master(), "SELECT price FROM item WHERE id = 1"), "11");
}

// Each single call that fails for want of space: never a lost or doubled change, never leftovers
// but the one file whose removal could not be asked for.
TEST_F(ShareTrouble, EverySingleCallThatFindsTheShareFull) {
  start({"anna", "ben"});
  int price = 1000;
  for (std::uint64_t k = 1; k <= 60; ++k) {
    sql(db("anna"), "UPDATE item SET price = " + std::to_string(++price) + " WHERE id = 2");
    bool hit = false;
    faulty_.set_hook([&](const FsCall& call) {
      const bool writes = call.op == FsOp::kWrite || call.op == FsOp::kSync ||
                          call.op == FsOp::kClose || call.op == FsOp::kCreateNew;
      if (call.number != k || !writes) return FaultAction::pass();
      hit = true;
      return FaultAction::fail_before(ErrorCode::kDiskFull);
    });
    const std::size_t entries_before = entries();
    const SyncResult result = sync_here("anna");
    faulty_.set_hook({});
    EXPECT_EQ(entries() - entries_before, result.pushed) << "call " << k;
    const SyncResult again = sync_here("anna");
    expect_success(again);
    EXPECT_EQ(result.pushed + again.pushed, 1U) << "call " << k;
    EXPECT_EQ(staged(), 0U) << "call " << k;
    if (!hit) continue;
    expect_success(sync_here("ben"));
    EXPECT_EQ(ask(db("ben"), "SELECT price FROM item WHERE id = 2"), std::to_string(price));
  }
  expect_success(sync_here("ben"));
  expect_all_equal({"anna", "ben"});
}

TEST_F(ShareTrouble, AShareThatBecameReadOnlyIsStillReadFrom) {
  start({"anna", "ben"});
  sql(db("anna"), "UPDATE item SET price = 11 WHERE id = 1");
  expect_success(sync_here("anna"));
  sql(db("ben"), "UPDATE item SET price = 22 WHERE id = 2");
  faulty_.set_hook([](const FsCall& call) {
    const bool reads = call.op == FsOp::kList || call.op == FsOp::kStat ||
                       call.op == FsOp::kOpenRead || call.op == FsOp::kRead;
    return reads ? FaultAction::pass() : FaultAction::fail_before(ErrorCode::kReadOnly);
  });
  const SyncResult result = sync_here("ben");
  EXPECT_EQ(result.pulled, 1U);
  EXPECT_EQ(result.pushed, 0U);
  EXPECT_EQ(to_string(result.status), "error");
  ASSERT_TRUE(result.error);
  EXPECT_EQ(to_string(result.error->code()), "read_only") << result.error->what();
  EXPECT_NE(result.error->hint(), "");
  EXPECT_EQ(ask(db("ben"), "SELECT price FROM item ORDER BY id"), "11\n22");
  // Nothing to send: then there is nothing to complain about.
  const SyncResult reader = sync_here("anna");
  expect_success(reader);
  // And nobody becomes a node who could never send anything.
  Environment env = environment("carla");
  const JoinOptions options = join_options("carla");
  try {
    join_dataset(env, options);
    ADD_FAILURE() << "joined a share that it cannot write";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kReadOnly) << error.what();
    EXPECT_NE(error.hint(), "");
  }
  EXPECT_FALSE(boost::filesystem::exists(db("carla")));
  EXPECT_FALSE(boost::filesystem::exists(side("carla")));
  faulty_.set_hook({});
  expect_success(sync_here("ben"));
  expect_success(sync_here("anna"));
  expect_all_equal({"anna", "ben"});
}

TEST_F(ShareTrouble, JoiningNeedsThePrimitiveOfTheDataset) {
  start({"anna"});
  faulty_.set_hook(at_every(FsOp::kLink, FaultAction::answer(NameOutcome::kUnsupported)));
  Environment env = environment("ben");
  const JoinOptions options = join_options("ben");
  try {
    join_dataset(env, options);
    ADD_FAILURE() << "joined";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_NE(error.detail().find("hard links"), std::string::npos) << error.what();
  }
  EXPECT_FALSE(boost::filesystem::exists(db("ben")));
}

// The daily look at the whole log meets damage that it cannot repair at this moment.
TEST_F(ShareTrouble, ADamagedEntryOnAReadOnlyShareStopsNobody) {
  start({"anna", "ben"});
  sql(db("ben"), "UPDATE item SET price = 11 WHERE id = 1");
  expect_success(sync_here("ben"));
  const Path entry = share() / "log" / "0000000" / "00000001";
  std::string bytes = snapshot(entry).at(entry.string());
  bytes[bytes.size() / 2] ^= 0x20;
  std::ofstream(entry.string(), std::ios::binary | std::ios::trunc) << bytes;
  faulty_.set_hook([](const FsCall& call) {
    const bool reads = call.op == FsOp::kList || call.op == FsOp::kStat ||
                       call.op == FsOp::kOpenRead || call.op == FsOp::kRead;
    return reads ? FaultAction::pass() : FaultAction::fail_before(ErrorCode::kReadOnly);
  });
  Environment env = environment("anna");
  SyncOptions options;
  options.check_log = true;
  const SyncResult result = sync_now(env, db("anna"), options);
  EXPECT_EQ(result.pulled, 1U);
  EXPECT_EQ(to_string(result.status), "partial");
  ASSERT_FALSE(result.notes.empty());
  EXPECT_NE(result.notes.front().find("not put back from here: batch 1"), std::string::npos);
  faulty_.set_hook({});
  // Every call that can fail while it is put back: never a batch on top of a hole.
  for (std::uint64_t k = 1; k <= 60; ++k) {
    bytes = snapshot(entry).at(entry.string());
    bytes[bytes.size() / 2] ^= 0x20;
    boost::filesystem::remove(entry);
    std::ofstream(entry.string(), std::ios::binary | std::ios::trunc) << bytes;
    sql(db("anna"), "UPDATE item SET price = price + 1 WHERE id = 1");
    faulty_.set_hook(at_call(k, FaultAction::fail_before(ErrorCode::kIo)));
    Environment of_anna = environment("anna");
    sync_now(of_anna, db("anna"), options);
    faulty_.set_hook({});
    sync_now(of_anna, db("anna"), options);
    ASSERT_TRUE(boost::filesystem::exists(entry)) << "call " << k;
    expect_success(sync_here("ben"));
  }
  expect_success(sync_here("anna"));
  expect_success(sync_here("ben"));
  expect_all_equal({"anna", "ben"});
}

// Moved aside, and the share lost the copy that was put back: the newest batch is a hole now.
TEST_F(ShareTrouble, NothingIsPublishedOnTopOfABatchThatDidNotComeBack) {
  start({"anna"});
  const Path head = share() / "log" / "0000000" /
                    ("0000000" + ask(db("anna"),
                                     "SELECT v FROM tidesync_meta "
                                     "WHERE k = 'cursor_seq'"));
  const std::string whole = snapshot(head).at(head.string());
  std::string bytes = whole;
  bytes[bytes.size() / 2] ^= 0x20;
  boost::filesystem::remove(head);
  std::ofstream(head.string(), std::ios::binary | std::ios::trunc) << bytes;
  sql(db("anna"), "UPDATE item SET price = 11 WHERE id = 1");
  faulty_.set_hook(at_op(FsOp::kLink, 1, FaultAction::lose_and_say_done()));
  Environment env = environment("anna");
  SyncOptions options;
  options.check_log = true;
  const SyncResult result = sync_now(env, db("anna"), options);
  faulty_.set_hook({});
  ASSERT_TRUE(boost::filesystem::exists(head));
  EXPECT_EQ(snapshot(head).at(head.string()), whole);
  EXPECT_EQ(result.pushed, 1U);
}

// Real file systems -------------------------------------------------------------------------------

class Mounted {
 public:
  Mounted(const Path& folder, const std::string& command) : folder_(folder) {
    mounted_ = std::system((command + " 2>/dev/null").c_str()) == 0;
  }
  Mounted(const Mounted&) = delete;
  Mounted& operator=(const Mounted&) = delete;
  ~Mounted() {
    if (mounted_ && std::system(("umount '" + folder_.string() + "'").c_str()) != 0)
      ADD_FAILURE() << folder_ << " stays mounted";
  }
  explicit operator bool() const { return mounted_; }

 private:
  Path folder_;
  bool mounted_ = false;
};

TEST_F(ShareTrouble, ARealShareThatIsFull) {
  const std::string folder = "'" + share().string() + "'";
  const Mounted mounted(share(), "mount -t tmpfs -o size=1m none " + folder);
  if (!mounted) GTEST_SKIP() << "this account may not mount file systems";
  make("anna",
       "CREATE TABLE item (id INTEGER PRIMARY KEY, bytes BLOB); INSERT INTO item VALUES (1, 'x')");
  ASSERT_EQ(init("anna").exit_code, 0);
  sql(db("anna"), "INSERT INTO item VALUES (2, randomblob(1500000))");
  const auto before = published();
  const auto failed = now_with(1, "anna");
  EXPECT_EQ(failed["error"]["code"], "disk_full") << failed;
  EXPECT_NE(failed["error"]["hint"].get<std::string>().find("free space"), std::string::npos);
  EXPECT_TRUE(published() == before);
  EXPECT_EQ(command("anna", "doctor").exit_code, 0) << "a warning, no problem";
  EXPECT_NE(command("anna", "doctor").out.find("less than the"), std::string::npos);
  ASSERT_EQ(std::system(("mount -o remount,size=64m " + folder).c_str()), 0);
  EXPECT_EQ(now_ok("anna")["pushed"], 1);
  ASSERT_EQ(join("ben").exit_code, 0);
  expect_all_equal({"anna", "ben"});
}

TEST_F(ShareTrouble, ARealShareThatIsMountedReadOnly) {
  make("anna",
       "CREATE TABLE item (id INTEGER PRIMARY KEY, name); INSERT INTO item VALUES (1, 'x')");
  ASSERT_EQ(init("anna").exit_code, 0);
  ASSERT_EQ(join("ben").exit_code, 0);
  sql(db("anna"), "UPDATE item SET name = 'of anna'");
  now_ok("anna");
  sql(db("ben"), "INSERT INTO item VALUES (2, 'of ben')");
  {
    const std::string folder = "'" + share().string() + "'";
    const Mounted mounted(share(), "mount --bind " + folder + " " + folder +
                                       " && mount -o remount,bind,ro " + folder);
    if (!mounted) GTEST_SKIP() << "this account may not mount file systems";
    const auto result = now_with(1, "ben");
    EXPECT_EQ(result["pulled"], 1);
    EXPECT_EQ(result["error"]["code"], "read_only") << result;
    EXPECT_EQ(join("carla").exit_code, 1);
    const Outcome doctor = command("ben", "doctor");
    EXPECT_EQ(doctor.exit_code, 7);
    EXPECT_NE(doctor.out.find("mounted read-only"), std::string::npos) << doctor.text();
  }
  EXPECT_EQ(now_ok("ben")["pushed"], 1);
  settle_and_expect_all_equal({"anna", "ben"});
}

// Windows: a task runs as an account that does not have the mapped drive. Played here with a folder
// of that name.
TEST_F(ShareTrouble, AnAccountWithoutTheMappedDriveIsToldTheUncPath) {
  start({"anna"});
  const Path before = boost::filesystem::current_path();
  boost::filesystem::current_path(dir());
  boost::filesystem::create_directory("Z:");
  boost::filesystem::rename(share(), "Z:/quotes");
  configure("anna", "share", "\"Z:/quotes\"");
  MountFacts mapped;
  mapped.known = mapped.remote = true;
  mapped.source = "\\\\nas\\office";
  Environment env = environment("anna");
  env.mount_of = [&](const Path&) { return mapped; };
  expect_success(sync_now(env, db("anna"), {}));

  boost::filesystem::rename("Z:", "gone");
  env.mount_of = [](const Path&) { return MountFacts(); };
  env.user = "svc";
  const SyncResult result = sync_now(env, db("anna"), {});
  boost::filesystem::current_path(before);
  EXPECT_EQ(to_string(result.status), "offline");
  ASSERT_TRUE(result.error);
  EXPECT_NE(result.error->hint().find("Z: is not there for the account svc"), std::string::npos)
      << result.error->hint();
  EXPECT_NE(result.error->hint().find("share = '\\\\nas\\office/quotes'"), std::string::npos)
      << result.error->hint();
}

}  // namespace
}  // namespace tidesync::test
