// What a sync costs, counted: operations on the share, as calls of the FileSystem seam. In process,
// through the same functions that the commands call.
#include <chrono>
#include <iostream>

#include "base/clock.h"
#include "base/random.h"
#include "cli/cli_fixture.h"
#include "support/counting_file_system.h"
#include "sync/session.h"
#include "sync/setup.h"

namespace tidesync::test {
namespace {

constexpr std::uint64_t kMostWithNothingToDo = 6;
constexpr std::uint64_t kMostWithMaster = 40;
constexpr std::uint64_t kChunkBytes = 1u << 20;

class Operations : public CliFixture {
 protected:
  Environment environment(const std::string& name) {
    return {counted_, disk_, clock_, random_, "host", name, "tidesync test"};
  }
  void init_here(const std::string& name) {
    Environment env = environment(name);
    InitOptions options;
    options.database = db(name);
    options.share = share();
    options.node = options.user = name;
    expect_success(init_dataset(env, options).sync);
  }
  void join_here(const std::string& name) {
    Environment env = environment(name);
    JoinOptions options;
    options.database = db(name);
    options.share = share();
    options.node = options.user = name;
    expect_success(join_dataset(env, options).sync);
  }
  SyncResult sync_here(const std::string& name) {
    Environment env = environment(name);
    counted_.reset();
    const auto start = std::chrono::steady_clock::now();
    const SyncResult result = sync_now(env, db(name), {});
    took_ms_ =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    expect_success(result);
    return result;
  }
  static void expect_success(const SyncResult& result) {
    ASSERT_EQ(to_string(result.status), "success")
        << (result.error ? result.error->what() : "") << result.notes.size();
  }
  // Operations whose number depends on the bytes to move, one for a chunk.
  std::uint64_t chunks() const {
    return counted_.count(FsOp::kRead) + counted_.count(FsOp::kWrite);
  }
  void show(const std::string& what) const {
    std::cout << what << ":\n" << counted_.table();
    RecordProperty(what, std::to_string(counted_.total()));
  }

  DiskFileSystem disk_;
  CountingFileSystem counted_{disk_};
  SystemClock clock_;
  Random random_{20260108};
  double took_ms_ = 0;
};

TEST_F(Operations, NothingToDoCostsAConstantHandful) {
  give("anna", sample("quoting.db"));
  init_here("anna");
  join_here("ben");
  for (const std::string name : {"anna", "ben"}) {
    for (int i = 0; i < 3; ++i) {
      sync_here(name);
      EXPECT_LE(counted_.total(), kMostWithNothingToDo) << counted_.table();
      EXPECT_EQ(counted_.bytes_written(), 0U);
    }
  }
  show("nothing to do");
}

// Also when hundreds of entries are in the log.
TEST_F(Operations, NothingToDoCostsTheSameAfterManySyncs) {
  make("anna", "CREATE TABLE t (id INTEGER PRIMARY KEY, v)");
  sql(db("anna"), "INSERT INTO t VALUES (1, 0)");
  init_here("anna");
  sync_here("anna");
  const std::uint64_t before = counted_.total();
  for (int i = 0; i < 130; ++i) {
    sql(db("anna"), "UPDATE t SET v = v + 1");
    sync_here("anna");
  }
  sync_here("anna");
  EXPECT_EQ(counted_.total(), before) << counted_.table();
}

TEST_F(Operations, PullPushAndRefreshOfATwentyMegabyteMaster) {
  give("anna", sample("quoting.db"));
  sql(db("anna"),
      "CREATE TABLE drawing (id INTEGER PRIMARY KEY, bytes BLOB);"
      "INSERT INTO drawing (bytes) SELECT randomblob(20000) FROM components");
  init_here("anna");
  join_here("ben");
  sql(db("anna"), "UPDATE components SET stock = stock + 1 WHERE id <= 50");
  sync_here("anna");
  sql(db("ben"), "UPDATE components SET stock = stock + 1 WHERE id BETWEEN 51 AND 100");
  const SyncResult result = sync_here("ben");
  EXPECT_EQ(result.pulled, 50U);
  EXPECT_EQ(result.pushed, 50U);
  EXPECT_EQ(result.master_seq, result.seq_after);
  EXPECT_GE(snapshot(master()).at(master().string()).size(), 20u << 20);
  show("pull one, push one, master of 20 MB");
  EXPECT_LE(counted_.total(), kMostWithMaster) << counted_.table();
}

TEST_F(Operations, NumberDoesNotGrowWithTheRows) {
  make("anna", R"(
    CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, v);
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)
    INSERT INTO t SELECT i, 'row ' || i, 0 FROM n)");
  init_here("anna");
  join_here("ben");
  std::uint64_t calls[2] = {};
  int at = 0;
  for (const int rows : {10, 10000}) {
    const std::string number = std::to_string(rows);
    sql(db("anna"), "UPDATE t SET v = v + 1 WHERE id <= " + number);
    sync_here("anna");
    sql(db("ben"), "UPDATE t SET v = v + 1 WHERE id BETWEEN 15000 AND 14999 + " + number);
    const SyncResult result = sync_here("ben");
    EXPECT_EQ(result.pulled, static_cast<std::uint64_t>(rows));
    EXPECT_EQ(result.pushed, static_cast<std::uint64_t>(rows));
    show(number + " rows each way");
    calls[at++] = counted_.total() - chunks();
    const std::uint64_t bytes = counted_.bytes_read() + counted_.bytes_written();
    // A last, short chunk for every file read or written.
    EXPECT_LE(chunks(), 2 * bytes / kChunkBytes + 24) << counted_.table();
  }
  EXPECT_EQ(calls[0], calls[1]);
}

// 1,000 components and 500 quotes, 5 % of the rows changed on each of five nodes. The times are
// reported and not judged: they mean little on a shared machine.
TEST_F(Operations, FiveNodesWithFivePercentChanged) {
  const Names names{"anna", "ben", "carla", "dora", "emil"};
  give("anna", sample("quoting.db"));
  init_here("anna");
  for (std::size_t i = 1; i < names.size(); ++i) join_here(names[i]);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string part = std::to_string(i);
    for (const std::string set :
         {"components SET list_price = list_price * 1.05", "quotes SET title = title || ' (new)'",
          "quote_lines SET description = description || '.'"}) {
      sql(db(names[i]),
          "UPDATE " + set + ", updated_at = CURRENT_TIMESTAMP WHERE id % 20 = " + part);
    }
  }
  double slowest_ms = 0;
  for (int round = 0; round < 2; ++round) {
    for (const std::string& name : names) {
      const SyncResult result = sync_here(name);
      slowest_ms = std::max(slowest_ms, took_ms_);
      std::cout << "  " << name << ": " << result.pulled << " in, " << result.pushed << " out, "
                << took_ms_ << " ms, " << counted_.total() << " operations\n";
    }
  }
  RecordProperty("slowest_ms", std::to_string(slowest_ms));
  settle_and_expect_all_equal(names);
  EXPECT_EQ(conflicts("anna"), "");
}

}  // namespace
}  // namespace tidesync::test
