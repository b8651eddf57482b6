// Files of format version 1, kept for ever: every later version must read them.
//
// They were written by this program with TIDESYNC_WRITE_GOLDEN=1, which refuses to touch a file
// that exists. A new version of the format gets new files beside them.
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/text.h"
#include "support/memory_file_system.h"
#include "unit/share/batch_builder.h"

namespace tidesync {
namespace {

using test::OwnedChange;

const Path kGolden = TIDESYNC_GOLDEN_DIR;

std::vector<OwnedChange> many_changes() {
  auto changes = test::all_kinds();
  for (std::int64_t id = 100; id < 300; ++id) {
    changes.push_back(test::insert_quote(id, "body of quote " + std::to_string(id)));
  }
  return changes;
}

// What a reader gives for what a writer got: identities that were left out are filled in.
std::vector<OwnedChange> with_derived_uids(std::vector<OwnedChange> changes) {
  std::uint64_t number = 0;
  for (OwnedChange& change : changes) {
    const bool has_identity =
        change.kind == ChangeKind::kInsert || change.kind == ChangeKind::kReplace;
    if (has_identity && change.uid.empty()) {
      change.uid = derived_uid(std::string(32, 'b'), number);
    }
    ++number;
  }
  return changes;
}

TEST(BatchGoldenTest, FilesAreWrittenOnceOnRequest) {
  if (std::getenv("TIDESYNC_WRITE_GOLDEN") == nullptr) GTEST_SKIP() << "not asked for";
  DiskFileSystem disk;
  test::write_batch(disk, kGolden / "batch-v1-plain.tideb", test::all_kinds());
  test::write_batch(disk, kGolden / "batch-v1-zstd.tideb", many_changes());
}

TEST(BatchGoldenTest, PlainFileOfVersion1IsReadAsItWasMeant) {
  using namespace std::literals;
  DiskFileSystem disk;
  BatchReader reader(disk, kGolden / "batch-v1-plain.tideb");
  EXPECT_EQ(reader.hash().hex(),
            "7d555463db22111c282d0ff98b662c0c2dffaf290f3cf18bbbd15be746596f9a");
  const BatchHeader& header = reader.header();
  EXPECT_EQ(header.share_id, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
  EXPECT_EQ(header.seq.value, 7u);
  EXPECT_EQ(header.prev, digest_of("entry 6"));
  EXPECT_EQ(header.uuid, "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
  EXPECT_EQ(header.node.value, "alice");
  EXPECT_EQ(header.incarnation, "cccccccccccccccccccccccccccccccc");
  EXPECT_EQ(header.host, "alice-pc");
  EXPECT_EQ(header.user, "Älice \"A\"");
  EXPECT_EQ(header.tool, "tidesync 0.1.0");
  EXPECT_EQ(header.made_at_ms, 1700000000123);
  EXPECT_EQ(header.clock_offset_ms, -250);
  EXPECT_EQ(header.base_state, digest_of("before"));
  EXPECT_EQ(header.post_state, digest_of("after"));
  EXPECT_EQ(header.schema,
            "[{\"op\":\"add_column\",\"table\":\"quotes\",\"ddl\":\"\\\"x\\\" TEXT\"}]");
  EXPECT_EQ(header.tables, test::two_tables());
  EXPECT_EQ(header.counts, (std::vector<BatchCounts>{{2, 1, 0}, {0, 1, 1}}));

  Change change;
  ASSERT_TRUE(reader.next(change));
  EXPECT_EQ(change.kind, ChangeKind::kInsert);
  EXPECT_EQ(change.table, 0u);
  EXPECT_EQ(to_hex(change.uid), "9f7db0763497267891226e5d6c58d1c6");
  EXPECT_EQ(to_hex(change.key), "010000000000000080");
  EXPECT_EQ(change.new_image.substr(9 + 5 + 22), "\x03\x10\x00\x00\x00with NUL \x00 and \xff"sv);
  ASSERT_TRUE(reader.next(change));
  EXPECT_EQ(to_hex(change.uid), "000102030405060708090a0b0c0d0e0f");
  EXPECT_EQ(to_hex(change.new_image),
            "010200000000000000"
            "0303000000512d32"
            "0300000000");
  ASSERT_TRUE(reader.next(change));
  EXPECT_EQ(change.kind, ChangeKind::kUpdate);
  EXPECT_EQ(change.at_ms, -5);
  EXPECT_EQ(change.uid, "");
  ASSERT_EQ(change.columns.size(), 2u);
  EXPECT_EQ(change.columns[0].column, 1);
  EXPECT_EQ(to_hex(change.columns[0].old_value), "00");
  EXPECT_EQ(to_hex(change.columns[0].new_value), "010100000000000000");
  EXPECT_EQ(change.columns[1].column, 2);
  EXPECT_EQ(to_hex(change.columns[1].new_value), "02000000000000f03f");
  ASSERT_TRUE(reader.next(change));
  EXPECT_EQ(change.kind, ChangeKind::kDelete);
  EXPECT_EQ(change.table, 1u);
  EXPECT_EQ(to_hex(change.old_image.substr(23)), "020000000000000080");
  ASSERT_TRUE(reader.next(change));
  EXPECT_EQ(change.kind, ChangeKind::kReplace);
  EXPECT_EQ(change.uid, "uuuuuuuuuuuuuuuu");
  EXPECT_EQ(to_hex(change.new_image.substr(23)), "04030000000001fe");
  EXPECT_FALSE(reader.next(change));
}

TEST(BatchGoldenTest, CompressedFileOfVersion1HasAllItsRecords) {
  DiskFileSystem disk;
  EXPECT_EQ(test::read_batch(disk, kGolden / "batch-v1-zstd.tideb"),
            with_derived_uids(many_changes()));
  BatchReader reader(disk, kGolden / "batch-v1-zstd.tideb");
  EXPECT_EQ(reader.hash().hex(),
            "9cdd070d7c476e57fc178b0501a6721d1984dffc792938d14343e12d0bb15cf2");
}

TEST(BatchGoldenTest, SameInputGivesTheSamePlainFileAgain) {
  DiskFileSystem disk;
  test::MemoryFileSystem memory;
  const Digest hash = test::write_batch(memory, "again", test::all_kinds());
  EXPECT_EQ(hash, BatchReader(disk, kGolden / "batch-v1-plain.tideb").hash());
  EXPECT_EQ(read_file(memory, "again", 1u << 20),
            read_file(disk, kGolden / "batch-v1-plain.tideb", 1u << 20));
}

}  // namespace
}  // namespace tidesync
