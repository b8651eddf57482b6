// verify on a log that no longer begins with its first entry.
#include <gtest/gtest.h>

#include "inspect/doctor.h"
#include "inspect/verify.h"
#include "replica/snapshot.h"
#include "share/archive.h"
#include "share/layout.h"
#include "support/memory_file_system.h"
#include "support/temp_dir.h"
#include "sync/session.h"
#include "sync/setup.h"

namespace tidesync {
namespace {

class StillClock : public Clock {
 public:
  std::int64_t now_ms() override { return now += 1000; }
  std::int64_t monotonic_ms() override { return now; }
  void sleep_ms(std::int64_t duration_ms) override { now += duration_ms; }
  std::int64_t now = 1'795'255'200'000;
};

class RetiredLogTest : public ::testing::Test {
 protected:
  RetiredLogTest() {
    share_.create_directory("/nas");
    Database::open(database_, OpenMode::kCreate)
        .exec("CREATE TABLE item (id INTEGER PRIMARY KEY, name); INSERT INTO item VALUES (1, 'a')");
    InitOptions options;
    options.database = database_;
    options.share = "/nas";
    options.node = "ann";
    init_dataset(env_, options);
    edit("b");
    keep_a_snapshot();
    edit("c");
  }
  void edit(const std::string& name) {
    Database::open(database_, OpenMode::kReadWrite).exec("UPDATE item SET name = '" + name + "'");
    EXPECT_EQ(to_string(sync_now(env_, database_, {}).status), "success");
  }
  // Entries 1 and 2 are replaced by the state after them.
  void keep_a_snapshot() {
    Base base(paths_.base);
    ASSERT_EQ(base.cursor().seq, Seq{2});
    const Path file = dir_ / "snapshot.db";
    export_state(base, file);
    Dataset dataset(share_, "/nas", clock_, random_, NodeId{"ann"});
    Archive archive(share_, dataset, random_);
    SnapshotNote note;
    note.share_id = dataset.open("").share_id;
    note.seq = base.cursor().seq;
    note.hash = base.cursor().hash;
    note.state = base.state();
    note.made_by = "ann";
    note = archive.put_snapshot(note, disk_, file);
    floor_ = {Seq{3}, base.cursor().hash, note.name, "ann", clock_.now};
  }
  void retire() {
    Dataset dataset(share_, "/nas", clock_, random_, NodeId{"ann"});
    dataset.open("");
    ASSERT_TRUE(Archive(share_, dataset, random_).raise_floor(floor_));
    for (const std::uint64_t seq : {1, 2})
      ASSERT_TRUE(share_.remove(Path("/nas") / layout::entry_path(Seq{seq})));
  }
  VerifyReport verify_deep() {
    VerifyOptions options;
    options.deep = true;
    return verify(env_, database_, options);
  }

  test::TempDir dir_{test::TempDir::Where::kMemory};
  Path database_ = dir_ / "app.db";
  LocalPaths paths_{database_};
  DiskFileSystem disk_;
  StillClock clock_;
  test::MemoryFileSystem share_{clock_};
  Random random_{7};
  Environment env_{share_, disk_, clock_, random_, "host", "ann", "tidesync test"};
  Floor floor_;
};

TEST_F(RetiredLogTest, IsAddedUpFromTheSnapshot) {
  EXPECT_EQ(verify_deep().entries_read, 3U);
  retire();
  const VerifyReport report = verify_deep();
  EXPECT_EQ(report.differences(), 0U) << report.findings.front().what;
  EXPECT_EQ(report.entries_read, 1U);
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_NE(report.findings.front().what.find("snapshot of batch 2"), std::string::npos);
}

TEST_F(RetiredLogTest, DifferencesAreStillFound) {
  retire();
  Database::open(paths_.base, OpenMode::kReadWrite).exec("UPDATE item SET name = 'x'");
  EXPECT_GT(verify_deep().differences(), 0U);
}

TEST_F(RetiredLogTest, EntriesBelowTheFloorAreNotMissed) {
  retire();
  for (const Check& check : examine(env_, database_).checks)
    EXPECT_NE(check.verdict, CheckVerdict::kProblem) << check.name << ": " << check.text;
}

TEST_F(RetiredLogTest, WithoutTheFloorTheyAreMissed) {
  share_.remove(Path("/nas") / layout::entry_path(Seq{1}));
  EXPECT_GT(verify_deep().differences(), 0U);
  EXPECT_GT(examine(env_, database_).count(CheckVerdict::kProblem), 0U);
}

}  // namespace
}  // namespace tidesync
