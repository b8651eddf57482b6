// doctor and setup in places that tests cannot mount: mounts and clocks are told, not real.
#include <gtest/gtest.h>

#include "inspect/doctor.h"
#include "sqlite/database.h"
#include "support/expect_error.h"
#include "support/memory_file_system.h"
#include "support/temp_dir.h"
#include "sync/setup.h"

namespace tidesync {
namespace {

class OffsetClock : public Clock {
 public:
  std::int64_t now_ms() override { return now + offset_ms; }
  std::int64_t monotonic_ms() override { return now; }
  void sleep_ms(std::int64_t duration_ms) override { now += duration_ms; }
  std::int64_t now = 1'795'255'200'000;
  std::int64_t offset_ms = 0;
};

MountFacts mounted(const std::string& type, std::vector<std::string> options = {}) {
  MountFacts mount;
  mount.known = true;
  mount.type = type;
  mount.source = "nas:/vol1";
  mount.remote = is_remote_type(type);
  mount.options = std::move(options);
  mount.free_bytes = std::uint64_t{1} << 40;
  return mount;
}

class PlacesTest : public ::testing::Test {
 protected:
  PlacesTest() {
    share_.create_directory("/nas");
    Database::open(database_, OpenMode::kCreate)
        .exec("CREATE TABLE item (id INTEGER PRIMARY KEY, name); INSERT INTO item VALUES (1, 'a')");
    env_.mount_of = [this](const Path& path) {
      return path == Path("/nas") ? share_mount_ : database_mount_;
    };
  }
  SetupResult init() {
    InitOptions options;
    options.database = database_;
    options.share = "/nas";
    options.node = "ann";
    return init_dataset(env_, options);
  }
  SetupResult join(const Path& database) {
    JoinOptions options;
    options.database = database;
    options.share = "/nas";
    options.node = "ben";
    return join_dataset(env_, options);
  }
  Check check(const std::string& name) {
    Check worst;
    for (const Check& one : examine(env_, database_).checks) {
      if (one.name == name && (worst.name.empty() || one.verdict > worst.verdict)) worst = one;
    }
    EXPECT_EQ(worst.name, name);
    return worst;
  }

  test::TempDir dir_{test::TempDir::Where::kMemory};
  Path database_ = dir_ / "app.db";
  DiskFileSystem disk_;
  OffsetClock clock_, share_clock_;
  test::MemoryFileSystem share_{share_clock_};
  Random random_{7};
  Environment env_{share_, disk_, clock_, random_, "host", "ann", "tidesync test"};
  MountFacts share_mount_ = mounted("nfs4", {"hard"});
  MountFacts database_mount_ = mounted("ext4");
};

TEST_F(PlacesTest, SharesThatLoseChangesAreRefusedAndNothingIsMade) {
  for (const char* type : {"davfs", "fuse.rclone", "fuse.smbnetfs", "fuse.gvfsd-fuse"}) {
    share_mount_ = mounted(type);
    EXPECT_ERROR(init(), ErrorCode::kUsage);
    EXPECT_TRUE(share_.list("/nas").empty()) << type;
    EXPECT_FALSE(disk_.stat(dir_ / "app.db.tidesync")) << type;
  }
  share_mount_ = mounted("nfs4");
  init();
  share_mount_ = mounted("davfs");
  EXPECT_ERROR(join(dir_ / "ben.db"), ErrorCode::kUsage);
  EXPECT_FALSE(disk_.stat(dir_ / "ben.db"));
  EXPECT_EQ(check("share_place").verdict, CheckVerdict::kProblem);
}

TEST_F(PlacesTest, AnUnknownKindOfShareIsAWarning) {
  share_mount_ = mounted("fuse.something");
  const SetupResult result = init();
  ASSERT_EQ(result.warnings.size(), 1U);
  EXPECT_NE(result.warnings.front().find("fuse.something"), std::string::npos);
  EXPECT_EQ(check("share_place").verdict, CheckVerdict::kWarning);
}

TEST_F(PlacesTest, ADatabaseOnANetworkIsRefusedAtFirstAndAWarningLater) {
  database_mount_ = mounted("cifs");
  EXPECT_ERROR(init(), ErrorCode::kUsage);
  EXPECT_TRUE(share_.list("/nas").empty());
  database_mount_ = mounted("ext4");
  init();
  EXPECT_EQ(check("database_place").verdict, CheckVerdict::kOk);
  database_mount_ = mounted("cifs");
  EXPECT_EQ(check("database_place").verdict, CheckVerdict::kWarning);
  EXPECT_ERROR(join(dir_ / "ben.db"), ErrorCode::kUsage);
}

TEST_F(PlacesTest, ClocksThatDiffer) {
  init();
  EXPECT_EQ(check("clock").verdict, CheckVerdict::kOk);
  const struct {
    std::int64_t offset_ms;
    CheckVerdict verdict;
  } cases[] = {{30 * 1000, CheckVerdict::kOk},
               {-3 * 60 * 1000, CheckVerdict::kWarning},
               {3 * 60 * 1000, CheckVerdict::kWarning},
               {25LL * 60 * 60 * 1000, CheckVerdict::kProblem},
               {-25LL * 60 * 60 * 1000, CheckVerdict::kProblem}};
  for (const auto& one : cases) {
    clock_.offset_ms = one.offset_ms;
    const Check found = check("clock");
    EXPECT_EQ(found.verdict, one.verdict) << found.text;
    EXPECT_NE(found.text.find(one.offset_ms > 0 ? "ahead of" : "behind"), std::string::npos);
  }
}

TEST(DatabaseHeaderTest, TellsTheJournalAndWhoWrote) {
  const test::TempDir dir(test::TempDir::Where::kMemory);
  DiskFileSystem disk;
  const Path file = dir / "a.db";
  Database::open(file, OpenMode::kCreate).exec("CREATE TABLE t (a)");
  const auto header = parse_database_header(read_file(disk, file, 1u << 20).value());
  EXPECT_TRUE(header.is_database);
  EXPECT_FALSE(header.write_ahead_log);
  EXPECT_GT(header.written_by, 3007000U);
  Database::open(file, OpenMode::kReadWrite).exec("PRAGMA journal_mode = WAL");
  EXPECT_TRUE(parse_database_header(read_file(disk, file, 1u << 20).value()).write_ahead_log);
  EXPECT_FALSE(parse_database_header("SQLite format 3").is_database);
  EXPECT_FALSE(parse_database_header(std::string(200, 'x')).is_database);
  EXPECT_FALSE(parse_database_header("").is_database);
}

TEST(DatabaseHeaderTest, VersionsWithTheWalResetBug) {
  for (const std::uint32_t version : {3007000U, 3040001U, 3051002U})
    EXPECT_TRUE(has_wal_reset_bug(version)) << version;
  for (const std::uint32_t version : {0U, 3006023U, 3051003U, 3052000U})
    EXPECT_FALSE(has_wal_reset_bug(version)) << version;
}

}  // namespace
}  // namespace tidesync
