// The state as a file of its own: out of one base copy, into another, and compared with a third.
#include "replica/snapshot.h"

#include <boost/filesystem/operations.hpp>

#include "support/expect_error.h"
#include "support/mini_fleet.h"

namespace tidesync {
namespace {

using test::MiniNode;

constexpr const char* kTables =
    "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE UNIQUE, x);"
    "CREATE TABLE part (code TEXT PRIMARY KEY COLLATE NOCASE, price REAL, updated_at TEXT);"
    "INSERT INTO customer VALUES (1, 'Anna', 1), (2, 'Bert', -0.0), (3, 'Carl', x'00ff');"
    "INSERT INTO part VALUES ('a', 1.5, '2026-01-01 00:00:00'), ('B', 2, NULL);";

class SnapshotTest : public ::testing::Test {
 protected:
  // The state of `node` as a file.
  Path export_of(MiniNode& node) {
    const Path file = dir_.path() / ("snap-" + std::to_string(++files_) + ".db");
    export_state(node.base(), file);
    return file;
  }
  std::unique_ptr<Base> import(const Path& file, const Cursor& at, const Digest& state) {
    auto base = std::make_unique<Base>(dir_.path() / ("base-" + std::to_string(++files_) + ".db"));
    Database snapshot = Database::open_untrusted(file);
    Transaction transaction(base->db(), Transaction::Kind::kImmediate);
    base->take_snapshot(snapshot, at, state);
    transaction.commit();
    return base;
  }

  test::TempDir dir_;
  int files_ = 0;
  MiniNode anna_{"anna", kTables};
  MiniNode bob_{"bob", kTables};
  test::MiniLog log_;
};

TEST_F(SnapshotTest, BaseCopyFromASnapshotIsTheOneThatWasExported) {
  anna_.act("UPDATE customer SET x = 'new' WHERE id = 2; DELETE FROM part WHERE code = 'B'");
  anna_.sync(log_);
  const auto base = import(export_of(anna_), anna_.base().cursor(), anna_.base().state());
  EXPECT_EQ(base->state(), anna_.base().state());
  EXPECT_EQ(base->cursor(), anna_.base().cursor());
  EXPECT_EQ(base->shapes().size(), anna_.base().shapes().size());
  EXPECT_TRUE(base->lineage_has({Seq{1}, digest_of("first")}));
  EXPECT_FALSE(base->lineage_has({Seq{1}, digest_of("other")}));
  EXPECT_EQ(base->last_links(10).size(), 2u);
  EXPECT_EQ(test::rows_of(base->db(), "SELECT * FROM customer"),
            test::rows_of(anna_.base().db(), "SELECT * FROM customer"));
}

TEST_F(SnapshotTest, NothingPrivateLeavesTheComputer) {
  anna_.base().set_state("heartbeat_ms", "17");
  Database db = Database::open_untrusted(export_of(anna_));
  EXPECT_EQ(db.get_int("SELECT count(*) FROM tidesync_state WHERE k = 'heartbeat_ms'"), 0);
  EXPECT_FALSE(db.has_table("tidesync_held"));
  EXPECT_FALSE(db.has_table("tidesync_moved"));
}

TEST_F(SnapshotTest, CopiedPageByPageItIsTheSameState) {
  anna_.act("UPDATE customer SET x = 'new' WHERE id = 2; DELETE FROM part WHERE code = 'B'");
  anna_.sync(log_);
  const Path file = dir_.path() / "pages.db";
  export_state(anna_.base(), file, ExportWay::kPages);
  const auto base = import(file, anna_.base().cursor(), anna_.base().state());
  EXPECT_EQ(base->state(), anna_.base().state());
  Database db = Database::open_untrusted(file);
  EXPECT_EQ(db.get_text("PRAGMA integrity_check"), "ok");
  EXPECT_EQ(db.get_text("PRAGMA journal_mode"), "delete");
}

// A row that waits here is in the pages that are copied.
TEST_F(SnapshotTest, CopiedPageByPageNothingPrivateCanBeReadInTheFile) {
  anna_.base().db().exec(
      "CREATE TABLE secrets (x); DROP TABLE secrets;"
      "INSERT INTO tidesync_moved (t, k_from, at, k_to) VALUES (11, 'a-private-word', 1, 'x')");
  const auto exported = [&](ExportWay way) {
    const Path file = dir_.path() / (way == ExportWay::kPages ? "pages.db" : "compact.db");
    export_state(anna_.base(), file, way);
    DiskFileSystem disk;
    return read_file(disk, file, 1u << 24).value();
  };
  EXPECT_EQ(exported(ExportWay::kPages).find("a-private-word"), std::string::npos);
  EXPECT_EQ(exported(ExportWay::kCompact).find("a-private-word"), std::string::npos);
}

TEST_F(SnapshotTest, PagesThatAreMostlyEmptyAreWrittenAnew) {
  anna_.base().db().exec(
      "CREATE TABLE large (x); WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n LIMIT 500)"
      " INSERT INTO large SELECT zeroblob(4000) FROM n; DROP TABLE large");
  const Path file = dir_.path() / "pages.db";
  export_state(anna_.base(), file, ExportWay::kPages);
  EXPECT_LT(boost::filesystem::file_size(file), 500'000u);
}

TEST_F(SnapshotTest, RowChangedInTheFileIsFoundByTheStateDigest) {
  const Path file = export_of(anna_);
  Database::open(file, OpenMode::kReadWrite).exec("UPDATE customer SET x = 2 WHERE id = 1");
  EXPECT_ERROR(import(file, anna_.base().cursor(), anna_.base().state()), ErrorCode::kDamaged);
}

TEST_F(SnapshotTest, FileOfAnotherLineageIsRefused) {
  const Path file = export_of(anna_);
  EXPECT_ERROR(import(file, {Seq{1}, digest_of("other")}, anna_.base().state()),
               ErrorCode::kDamaged);
}

// A view in place of a table could compute anything, a trigger could do anything.
TEST_F(SnapshotTest, ViewInPlaceOfATableIsRefused) {
  const Path file = export_of(anna_);
  Database::open(file, OpenMode::kReadWrite)
      .exec("ALTER TABLE customer RENAME TO c2; CREATE VIEW customer AS SELECT * FROM c2");
  EXPECT_THROW(import(file, anna_.base().cursor(), anna_.base().state()), Error);
}

TEST_F(SnapshotTest, DifferenceBringsAnOldBaseCopyToTheSnapshot) {
  bob_.act(
      "UPDATE customer SET name = 'anna', x = 1.0 WHERE id = 1; DELETE FROM customer WHERE id = 2;"
      "INSERT INTO customer VALUES (9, 'Bert', NULL);"
      "UPDATE part SET code = 'A', price = 3, updated_at = '2026-02-01 00:00:00' WHERE code = 'a'");
  bob_.sync(log_);
  const Path file = export_of(bob_);
  test::ChangeList changes;
  Database snapshot = Database::open_untrusted(file);
  write_difference(anna_.base(), snapshot, 77, changes);

  BatchHeader header;
  header.seq = bob_.base().cursor().seq;
  header.post_state = bob_.base().state();
  for (const TableShape& shape : anna_.base().shapes())
    header.tables.push_back(batch_table_of(shape));
  Transaction transaction(anna_.base().db(), Transaction::Kind::kImmediate);
  const ChainLink link{bob_.base().cursor(), anna_.base().cursor().hash, "leap", "share", 1};
  test::ChangeListSource source(changes);
  anna_.base().fold(header, link, source, FoldDirection::kForward);
  anna_.base().take_chain(snapshot, bob_.base().cursor());
  transaction.commit();
  EXPECT_EQ(anna_.base().state(), bob_.base().state());
  EXPECT_EQ(anna_.base().find_link(bob_.base().cursor().hash)->prev, digest_of("first"));
}

TEST_F(SnapshotTest, EqualStatesHaveNoDifference) {
  test::ChangeList changes;
  Database snapshot = Database::open_untrusted(export_of(anna_));
  write_difference(bob_.base(), snapshot, 77, changes);
  EXPECT_EQ(changes.changes().size(), 0u);
}

}  // namespace
}  // namespace tidesync
