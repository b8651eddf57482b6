// master.db as a file that somebody hands us: what is opened, and what is refused with which words.
#include "inspect/master_file.h"

#include <gtest/gtest.h>

#include <boost/filesystem/operations.hpp>
#include <cstdlib>
#include <fstream>
#include <string>

#include "replica/base.h"
#include "replica/snapshot.h"
#include "support/expect_error.h"
#include "support/temp_dir.h"

namespace tidesync {
namespace {

using test::TempDir;

class MasterFileTest : public ::testing::Test {
 protected:
  // As a node writes it: the state of a base copy.
  Path make_master(const std::string& name = "master.db") {
    Base base(dir_.path() / from_utf8(name + ".base"));
    base.db().exec(
        "INSERT OR REPLACE INTO tidesync_state VALUES ('seq', '7');"
        "CREATE TABLE IF NOT EXISTS sync_log (id INTEGER PRIMARY KEY, timestamp TEXT, direction "
        "TEXT, status TEXT, records_pulled, records_pushed, conflicts, error_message, duration_ms, "
        "run_id, node, user, seq_before, seq_after);"
        "CREATE TABLE IF NOT EXISTS sync_conflicts (id, table_name, row_key, kind, base_row, "
        "winner_row, loser_row, winner_node, loser_node, winner_user, loser_user, "
        "winner_updated_at, loser_updated_at, rule, created_at, resolved_at, resolved_by, "
        "resolution);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) "
        "INSERT INTO sync_log SELECT i, '2026-11-21T10:00:00.000Z', 'pull', 'success', 1, 2, 0, "
        "NULL, 30, hex(randomblob(8)), 'ann', 'Ann', 1, 2 FROM n");
    const Path file = dir_.path() / from_utf8(name);
    export_state(base, file);
    return file;
  }
  Path write(const std::string& name, const std::string& bytes) {
    const Path file = dir_.path() / name;
    std::ofstream(file.string(), std::ios::binary) << bytes;
    return file;
  }
  void change(const Path& file, const std::string& sql) {
    Database::open(file, OpenMode::kReadWrite).exec(sql);
  }
  std::string refusal(ErrorCode code, const Path& file) {
    try {
      open_master_file(file);
    } catch (const Error& error) {
      EXPECT_EQ(to_string(error.code()), to_string(code)) << error.what();
      EXPECT_FALSE(error.hint().empty()) << error.what();
      EXPECT_NE(std::string(error.what()).find(to_utf8(file)), std::string::npos) << error.what();
      return error.detail();
    }
    ADD_FAILURE() << "it was opened";
    return {};
  }

  TempDir dir_{TempDir::Where::kMemory};
};

TEST_F(MasterFileTest, MasterOfANodeIsOpenedAndKnowsItsBatch) {
  Database master = open_master_file(make_master());
  EXPECT_EQ(seq_of_master(master), Seq{7});
  EXPECT_EQ(master.get_int("SELECT count(*) FROM sync_log"), 2000);
}

TEST_F(MasterFileTest, NameWithMarksOfAUriIsOnlyAName) {
  const Path file = make_master("m\xC3\xA4rz 100%?x=1#y&.db");
  EXPECT_EQ(open_master_file(file).get_int("SELECT count(*) FROM sync_log"), 2000);
}

TEST_F(MasterFileTest, NothingIsMadeBesideItAndNobodyIsWaitedFor) {
  const Path file = make_master();
  Database other = Database::open(file, OpenMode::kReadWrite);
  other.exec("BEGIN EXCLUSIVE");
  Database master = open_master_file(file);
  EXPECT_EQ(master.get_int("SELECT count(*) FROM sync_log"), 2000);
  EXPECT_FALSE(boost::filesystem::exists(to_utf8(file) + "-shm"));
  EXPECT_FALSE(boost::filesystem::exists(to_utf8(file) + "-wal"));
}

TEST_F(MasterFileTest, CopyLeftInWriteAheadModeIsReadWithoutFilesBesideIt) {
  const Path file = make_master();
  change(file, "PRAGMA journal_mode = WAL");
  Database master = open_master_file(file);
  EXPECT_EQ(master.get_int("SELECT count(*) FROM sync_log"), 2000);
  EXPECT_FALSE(boost::filesystem::exists(to_utf8(file) + "-shm"));
}

TEST_F(MasterFileTest, RowsThatSomebodyWritesByHandAreSeenOrRefused) {
  const Path file = make_master();
  Database other = Database::open(file, OpenMode::kReadWrite);
  other.exec("PRAGMA journal_mode = WAL; DELETE FROM sync_log WHERE id > 5");
  Database master = open_master_file(file);
  EXPECT_EQ(master.get_int("SELECT count(*) FROM sync_log"), 5);
  const Path alone = make_master("alone.db");
  write("alone.db-journal", std::string(4096, '\0'));  // of a change that was completed
  EXPECT_EQ(open_master_file(alone).get_int("SELECT count(*) FROM sync_log"), 2000);
  write("alone.db-journal", std::string(4096, 'x'));
  refusal(ErrorCode::kBusy, alone);
}

TEST_F(MasterFileTest, SomebodyInTheMiddleOfAChangeIsNotWaitedForForLong) {
  const Path file = make_master();
  Database other = Database::open(file, OpenMode::kReadWrite);
  other.exec("PRAGMA cache_size = 1; BEGIN EXCLUSIVE; UPDATE sync_log SET user = 'somebody else'");
  EXPECT_EQ(refusal(ErrorCode::kBusy, file),
            "somebody is changing it by hand, or was stopped while doing so");
}

TEST_F(MasterFileTest, MissingFolderEmptyAndTextAreRefused) {
  EXPECT_EQ(refusal(ErrorCode::kNotFound, dir_.path() / "gone.db"), "there is no such file");
  EXPECT_EQ(refusal(ErrorCode::kNotADatabase, dir_.path()), "it is a folder");
  EXPECT_EQ(refusal(ErrorCode::kNotADatabase, write("empty.db", "")), "it is empty");
  EXPECT_EQ(refusal(ErrorCode::kNotADatabase, write("text.db", std::string(9000, 'a'))),
            "it is no SQLite database, or it is encrypted");
}

TEST_F(MasterFileTest, DatabaseOfAnotherProgramIsRefused) {
  const Path other = dir_.path() / "other.db";
  Database::open(other, OpenMode::kCreate).exec("CREATE TABLE item (a)");
  EXPECT_EQ(refusal(ErrorCode::kNotADatabase, other),
            "it is no master file of tidesync: there is no table sync_log");
  change(other, "CREATE TABLE sync_log (id, what)");
  EXPECT_EQ(refusal(ErrorCode::kNotADatabase, other),
            "it is no master file of tidesync: columns of table sync_log are missing");
}

TEST_F(MasterFileTest, ViewsInPlaceOfTablesAreRefused) {
  const Path file = make_master();
  change(file, "ALTER TABLE sync_log RENAME TO x; CREATE VIEW sync_log AS SELECT * FROM x");
  EXPECT_EQ(refusal(ErrorCode::kNotADatabase, file),
            "it is no master file of tidesync: there is no table sync_log");
}

TEST_F(MasterFileTest, SyncedDatabaseIsToldToBeNamedWithDb) {
  const Path file = dir_.path() / "quotes.db";
  Database::open(file, OpenMode::kCreate)
      .exec("CREATE TABLE tidesync_meta (k, v); CREATE TABLE sync_log (id)");
  EXPECT_EQ(refusal(ErrorCode::kNotADatabase, file),
            "it is a database that is synced, not the master file of all");
}

TEST_F(MasterFileTest, NewerFormIsRefusedWhateverElseIsInIt) {
  const Path file = make_master();
  change(file, "UPDATE tidesync_state SET v = 2 WHERE k = 'format'; DROP TABLE sync_log");
  EXPECT_EQ(refusal(ErrorCode::kTooNew, file), "it was written by a newer version of tidesync");
}

TEST_F(MasterFileTest, MasterOfAVersionThatDidNotSayItsFormIsOpened) {
  const Path file = make_master();
  change(file, "DELETE FROM tidesync_state WHERE k = 'format'");
  Database master = open_master_file(file);
  EXPECT_EQ(seq_of_master(master), Seq{7});
}

TEST_F(MasterFileTest, CutAndOverwrittenFilesAreDamaged) {
  const Path cut = make_master("cut.db");
  boost::filesystem::resize_file(cut, 40'000);
  EXPECT_TRUE(refusal(ErrorCode::kDamaged, cut).starts_with("it is damaged or only a part"));

  const Path file = make_master("overwritten.db");
  const auto size = boost::filesystem::file_size(file);
  {
    std::fstream bytes(file.string(), std::ios::binary | std::ios::in | std::ios::out);
    bytes.seekp(20'480);
    bytes << std::string(size - 20'480, '\x55');
  }
  const auto read = [](Database& db) { db.get_text("SELECT max(node || user) FROM sync_log"); };
  EXPECT_ERROR(read_master_file(file, read), ErrorCode::kDamaged);
}

}  // namespace
}  // namespace tidesync
