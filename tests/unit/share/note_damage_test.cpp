// format.json and the notes, cut to every length and with every bit flipped: each is what it was,
// something else that its rules allow, or refused with a reason. Nothing worse.
#include <gtest/gtest.h>

#include "base/error.h"
#include "share/archive.h"
#include "share/dataset_format.h"
#include "share/notes.h"
#include "unit/share/damage.h"

namespace tidesync {
namespace {

using Use = std::function<void(const std::string&, const std::string&)>;

void for_each_damage(const std::string& whole, const Use& use) {
  test::for_each_cut(whole, use);
  test::for_each_flipped_bit(whole, use);
  // As deep as a note can be.
  use(std::string(kMaxNoteTextBytes, '['), "only brackets");
  std::string deep = "{\"seq\":";
  for (int i = 0; i < 10000; ++i) deep += "{\"seq\":";
  use(deep, "only the beginnings of objects");
}

DatasetFormat sample_format() {
  DatasetFormat format;
  format.share_id = std::string(32, 'a');
  format.created = "2026-01-01T00:00:00Z";
  format.created_by = "tidesync 1";
  return format;
}

TEST(NoteDamage, FormatOfADatasetIsReadOrRefused) {
  const std::string whole = dataset_format::to_json(sample_format());
  int accepted = 0;
  for_each_damage(whole, [&](const std::string& text, const std::string& what) {
    try {
      const DatasetFormat format = dataset_format::parse(text, "format.json");
      EXPECT_EQ(format.share_id.size(), 32u) << what;
      EXPECT_LE(format.min_reader, kShareFormatVersion) << what;
      ++accepted;
    } catch (const Error& error) {
      const bool expected =
          error.code() == ErrorCode::kDamaged || error.code() == ErrorCode::kTooNew;
      EXPECT_TRUE(expected) << what << ": " << error.what();
      EXPECT_FALSE(error.detail().empty());
    }
  });
  EXPECT_GT(accepted, 0);
}

NodeNote sample_node_note() {
  NodeNote note;
  note.node = NodeId{"anna"};
  note.incarnation = std::string(32, 'b');
  note.user = "Änna";
  note.host = "pc";
  note.tool = "tidesync 1";
  note.seq = Seq{17};
  note.hash = digest_of("17");
  note.state = digest_of("rows");
  note.at_ms = 1700000000000;
  note.clock_offset_ms = -12;
  note.last_run = NodeNote::LastRun{std::string(32, 'c'), "success", 1700000000000};
  note.pending = 3;
  note.conflicts = 0;
  note.behind = 1;
  return note;
}

TEST(NoteDamage, NoteOfANodeIsReadOrNone) {
  const std::string whole = to_json(sample_node_note());
  ASSERT_TRUE(parse_node_note(whole, NodeId{"anna"}).note);
  for_each_damage(whole, [&](const std::string& text, const std::string& what) {
    const auto parsed = parse_node_note(text, NodeId{"anna"});
    EXPECT_EQ(parsed.note.has_value(), parsed.problem.empty()) << what;
    if (parsed.note) {
      EXPECT_EQ(parsed.note->node.value, "anna") << what;
    }
  });
}

TEST(NoteDamage, NoteOfTheMasterIsReadOrNone) {
  MasterNote note;
  note.seq = Seq{17};
  note.state = digest_of("rows");
  note.digest = digest_of("file");
  note.size = 4096;
  note.built_by = "anna";
  note.built_at_ms = 1700000000000;
  const std::string whole = to_json(note);
  ASSERT_TRUE(parse_master_note(whole).note);
  for_each_damage(whole, [&](const std::string& text, const std::string& what) {
    const auto parsed = parse_master_note(text);
    EXPECT_EQ(parsed.note.has_value(), parsed.problem.empty()) << what;
  });
}

TEST(NoteDamage, NoteOfASnapshotIsReadOrNone) {
  SnapshotNote note;
  note.name = "00000017-abcdef";
  note.share_id = std::string(32, 'a');
  note.seq = Seq{17};
  note.hash = digest_of("17");
  note.state = digest_of("rows");
  note.digest = digest_of("file");
  note.size = 4096;
  note.made_by = "anna";
  note.made_at = "2026-01-01T00:00:00Z";
  const std::string whole = to_json(note);
  ASSERT_TRUE(parse_snapshot_note(whole, note.name));
  for_each_damage(whole, [&](const std::string& text, const std::string& what) {
    const auto parsed = parse_snapshot_note(text, note.name);
    if (parsed) {
      EXPECT_EQ(parsed->seq, Seq{17}) << what;
    }
  });
}

TEST(NoteDamage, FloorIsReadOrNone) {
  Floor floor;
  floor.seq = Seq{1000};
  floor.before = digest_of("999");
  floor.snapshot = "00001017-abcdef";
  floor.made_by = "anna";
  floor.made_at_ms = 1700000000000;
  const std::string whole = to_json(floor);
  ASSERT_TRUE(parse_floor(whole));
  for_each_damage(whole, [&](const std::string& text, const std::string& what) {
    const auto parsed = parse_floor(text);
    if (parsed) {
      EXPECT_TRUE(parse_snapshot_name(parsed->snapshot)) << what;
    }
  });
}

}  // namespace
}  // namespace tidesync
