// The bounds of what a sync may cost on the share, whatever the size of the database and the number
// of changed rows. Counted, not timed; bench/ measures the time.
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
constexpr std::uint64_t kMostBytesPerValueByte = 3;

// What had been written to the share when the copy for people was next.
class BeforeMaster : public Steps {
 public:
  explicit BeforeMaster(const CountingFileSystem& counted) : counted_(counted) {}
  void reached(Step step, std::uint64_t, std::uint64_t) override {
    if (step == Step::kRefreshMaster) bytes_written = counted_.bytes_written();
  }
  std::uint64_t bytes_written = 0;

 private:
  const CountingFileSystem& counted_;
};

class ShareBounds : public CliFixture {
 protected:
  // Rows of two texts and a number, on two computers.
  void start(int rows) {
    make("anna",
         "CREATE TABLE part (id INTEGER PRIMARY KEY, name TEXT, note TEXT, stock INTEGER);"
         "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
             std::to_string(rows) +
             ") INSERT INTO part SELECT i, 'part ' || i, hex(randomblob(20)), i FROM n");
    Environment env = environment("anna");
    InitOptions init;
    init.database = db("anna");
    init.share = share();
    init.node = init.user = "anna";
    init_dataset(env, init);
    JoinOptions join;
    join.database = db("ben");
    join.share = share();
    join.node = join.user = "ben";
    Environment of_ben = environment("ben");
    join_dataset(of_ben, join);
  }

  Environment environment(const std::string& name) {
    return {counted_, disk_, clock_, random_, "host", name, "tidesync test"};
  }

  SyncResult sync(const std::string& name) {
    Environment env = environment(name);
    counted_.reset();
    BeforeMaster steps(counted_);
    SyncOptions options;
    options.steps = &steps;
    SyncResult result = sync_now(env, db(name), options);
    EXPECT_EQ(to_string(result.status), "success")
        << (result.error ? result.error->what() : "no error");
    before_master_ = steps.bytes_written;
    return result;
  }

  // Of every second row from `first` on. Returns the bytes of keys and new values.
  std::uint64_t edit(const std::string& name, int first, int count) {
    sql(db(name), "UPDATE part SET note = hex(randomblob(20)), stock = stock + 1 WHERE id % 2 = " +
                      std::to_string(first % 2) + " AND id BETWEEN " + std::to_string(first) +
                      " AND " + std::to_string(first + 2 * count - 1));
    constexpr std::uint64_t kKey = 8, kNote = 40, kStock = 8;
    return static_cast<std::uint64_t>(count) * (kKey + kNote + kStock);
  }

  DiskFileSystem disk_;
  CountingFileSystem counted_{disk_};
  SystemClock clock_;
  Random random_{20260411};
  std::uint64_t before_master_ = 0;
};

class ShareBoundsBySize : public ShareBounds, public ::testing::WithParamInterface<int> {};

TEST_P(ShareBoundsBySize, NothingToDo) {
  start(GetParam());
  sync("anna");
  sync("ben");
  for (const std::string name : {"anna", "ben"}) {
    sync(name);
    EXPECT_LE(counted_.total(), kMostWithNothingToDo) << counted_.table();
    EXPECT_EQ(counted_.bytes_written(), 0U);
  }
}

INSTANTIATE_TEST_SUITE_P(, ShareBoundsBySize, ::testing::Values(10, 30000));

TEST_F(ShareBounds, OperationsAndBytesForAnyNumberOfRowsEachWay) {
  start(12000);
  sync("ben");
  for (const int rows : {300, 5000}) {
    SCOPED_TRACE(rows);
    edit("anna", 1, rows);
    sync("anna");
    const std::uint64_t value_bytes = edit("ben", 2, rows);
    const SyncResult result = sync("ben");
    EXPECT_EQ(result.pulled, static_cast<std::uint64_t>(rows));
    EXPECT_EQ(result.pushed, static_cast<std::uint64_t>(rows));
    EXPECT_EQ(result.master_seq, result.seq_after);
    EXPECT_LE(counted_.total(), kMostWithMaster) << counted_.table();
    EXPECT_GT(before_master_, 0U);
    EXPECT_LE(before_master_, kMostBytesPerValueByte * value_bytes);
    RecordProperty("operations_" + std::to_string(rows), std::to_string(counted_.total()));
    RecordProperty("bytes_" + std::to_string(rows), std::to_string(before_master_));
    sync("anna");
  }
}

}  // namespace
}  // namespace tidesync::test
