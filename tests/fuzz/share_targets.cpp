// What stands in files of the share.
#include "fuzz/expect.h"
#include "fuzz/targets.h"
#include "share/archive.h"
#include "share/batch_format.h"
#include "share/dataset_format.h"
#include "share/notes.h"
#include "support/one_file.h"

namespace tidesync::test {
namespace {

// Read twice, as a fold and a later look do.
void read_batch(OneFile& fs) {
  BatchReader reader(fs, "entry");
  demand(is_uuid(reader.header().share_id), "a share_id");
  demand(is_node_id(reader.header().node.value), "a node's name");
  std::uint64_t records = 0;
  for (Change change; reader.next(change); ++records) {
    demand(change.table < reader.header().tables.size(), "a table of the header");
  }
  reader.rewind();
  for (Change change; reader.next(change);) --records;
  demand(records == 0, "as many records again");
}

}  // namespace

void fuzz_batch(std::string_view bytes) {
  OneFile fs;
  fs.content = bytes;
  done_or_refused({ErrorCode::kDamaged, ErrorCode::kTooNew}, [&] { read_batch(fs); });
}

void fuzz_sealed_batch(std::string_view bytes) {
  OneFile fs;
  Hasher hasher{Hasher::Checksum::kCrc32c};
  hasher.update(bytes);
  fs.content = bytes;
  fs.content += batch_format::make_trailer(hasher, bytes.size() + kBatchTrailerBytes);
  done_or_refused({ErrorCode::kDamaged, ErrorCode::kTooNew}, [&] { read_batch(fs); });
}

void fuzz_format(std::string_view bytes) {
  done_or_refused({ErrorCode::kDamaged, ErrorCode::kTooNew}, [&] {
    const DatasetFormat format = dataset_format::parse(bytes, "format.json");
    demand(is_uuid(format.share_id), "a share_id");
    demand(format.min_reader <= kShareFormatVersion, "a version that can be read");
  });
}

void fuzz_notes(std::string_view bytes) {
  const NodeId node{"anna"};
  const auto parsed = parse_node_note(bytes, node);
  demand(parsed.note.has_value() == parsed.problem.empty(), "a note or a problem");
  if (parsed.note) {
    const auto again = parse_node_note(to_json(*parsed.note), node);
    demand(again.note && again.note->seq == parsed.note->seq, "the note as it was written");
  }
  const auto master = parse_master_note(bytes);
  demand(master.note.has_value() == master.problem.empty(), "a note or a problem");
  if (master.note) {
    const auto again = parse_master_note(to_json(*master.note));
    demand(again.note && again.note->state == master.note->state, "the note as it was written");
  }
}

void fuzz_archive_notes(std::string_view bytes) {
  const auto snapshot = parse_snapshot_note(bytes, "00000017-abcdef");
  demand(!snapshot || snapshot->size <= kMaxSnapshotBytes, "a size that can be");
  const auto floor = parse_floor(bytes);
  demand(!floor || parse_snapshot_name(floor->snapshot), "a name that is safe as a path");
}

}  // namespace tidesync::test
