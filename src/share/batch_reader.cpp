#include <algorithm>

#include "base/error.h"
#include "share/batch_body.h"
#include "share/batch_format.h"

namespace tidesync {
namespace {

using namespace batch_format;

constexpr std::string_view kMagicOfAnyVersion = "TIDEB";

// A record as places in the body's buffer, which may move while the record is being read.
struct ColumnSpans {
  std::uint16_t column;
  BatchBody::Span old_value, new_value;
};

}  // namespace

struct BatchReader::Impl {
  FileSystem& fs;
  std::string subject;
  std::unique_ptr<ReadHandle> handle;
  std::uint64_t size = 0;
  Digest hash{};
  ParsedHeader parsed{};
  std::unique_ptr<BatchBody> body{};
  bool at_end = false;
  std::uint64_t records = 0;
  std::vector<BatchCounts> counts{};
  std::vector<ColumnSpans> spans{};
  RecordParts parts{};

  [[noreturn]] void damaged(const std::string& detail) const {
    throw Error(ErrorCode::kDamaged, "read batch", subject, detail);
  }
  [[noreturn]] void too_new(const std::string& what) const {
    throw Error(
        ErrorCode::kTooNew, "read batch", subject,
        "it was written by a newer version of tidesync (" + what + "); nothing of it was applied",
        "update tidesync on this computer");
  }

  std::string read_exactly(std::uint64_t offset, std::size_t bytes) {
    std::string out(bytes, '\0');
    handle->seek(offset);
    if (handle->read(out.data(), bytes) != bytes) damaged("the file ends too early");
    return out;
  }

  // Length, digest and CRC of the whole file.
  void verify() {
    size = handle->size();
    if (size < kFixedBytes + kBatchTrailerBytes) damaged("the file is too short for a batch");
    if (size > kMaxFileBytes) damaged("the file is larger than a batch can be");
    // One byte more is asked for: a file that goes on after its trailer is not ours.
    std::string trailer(kBatchTrailerBytes + 1, '\0');
    handle->seek(size - kBatchTrailerBytes);
    trailer.resize(handle->read(trailer.data(), trailer.size()));
    try {
      hash = parse_batch_trailer(trailer, size).hash;
    } catch (const Error& error) {
      damaged(error.detail());
    }
    Hasher hasher{Hasher::Checksum::kCrc32c};
    hash_up_to(hasher, size - kBatchTrailerBytes);
    if (make_trailer(hasher, size) != trailer) {
      damaged(hasher.crc32c() != trailer_crc32c(trailer) ? "its checksum is wrong"
                                                         : "its digest is wrong");
    }
  }

  void hash_up_to(Hasher& hasher, std::uint64_t end) {
    std::string chunk(static_cast<std::size_t>(std::min<std::uint64_t>(end, kChunkBytes)), '\0');
    handle->seek(0);
    for (std::uint64_t done = 0; done < end;) {
      const auto wanted =
          static_cast<std::size_t>(std::min<std::uint64_t>(end - done, kChunkBytes));
      if (handle->read(chunk.data(), wanted) != wanted) damaged("the file ends too early");
      hasher.update({chunk.data(), wanted});
      done += wanted;
    }
  }

  void read_header() {
    const std::string fixed = read_exactly(0, kFixedBytes);
    const std::string_view magic(fixed.data(), kMagic.size());
    if (magic != kMagic) {
      if (magic.substr(0, kMagicOfAnyVersion.size()) == kMagicOfAnyVersion) {
        too_new("format " + std::string(magic.substr(kMagicOfAnyVersion.size())));
      }
      damaged("this is no batch");
    }
    const std::uint64_t header_bytes = load_u32(fixed.data() + 8);
    const std::uint32_t flags = load_u32(fixed.data() + 12);
    if ((flags & ~kFlagZstd) != 0) too_new("flags " + std::to_string(flags));
    const std::uint64_t room = size - kFixedBytes - kBatchTrailerBytes;
    if (header_bytes > kMaxHeaderBytes || header_bytes > room) damaged("its header is too long");
    const std::uint64_t stored = room - header_bytes;
    if (stored > kMaxBodyBytes) damaged("its body is too long");
    parsed =
        parse_header(read_exactly(kFixedBytes, static_cast<std::size_t>(header_bytes)), subject);
    const bool compressed = (flags & kFlagZstd) != 0;
    if (compressed ? parsed.record_bytes > max_record_bytes(stored)
                   : parsed.record_bytes != stored) {
      damaged("its body does not have the length its header says");
    }
    body = std::make_unique<BatchBody>(
        *handle, BatchBody::Extent{kFixedBytes + header_bytes, stored, parsed.record_bytes},
        compressed, subject);
  }

  void restart() {
    body->rewind();
    counts.assign(parsed.header.tables.size(), {});
    records = 0;
    at_end = false;
  }

  void check_end() {
    body->check_end();
    if (counts != parsed.header.counts) damaged("its records are not as many as its header says");
  }

  const BatchTable& table_of(std::size_t table) const {
    if (table >= parsed.header.tables.size()) damaged("a record of an unknown table");
    return parsed.header.tables[table];
  }

  void read_columns(Change& change) {
    const std::uint16_t number = body->u16();
    for (std::uint16_t i = 0; i < number; ++i) {
      const std::uint16_t column = body->u16();
      const auto old_value = body->values(1);
      spans.push_back({column, old_value, body->values(1)});
    }
    for (const auto& span : spans) {
      change.columns.push_back(
          {span.column, body->view(span.old_value), body->view(span.new_value)});
    }
  }

  void read_record(Change& change) {
    body->begin_record();
    change.columns.clear();
    spans.clear();
    change.old_image = change.new_image = {};
    const std::uint8_t kind = body->u8();
    const std::uint8_t flags = body->u8();
    change.kind = static_cast<ChangeKind>(kind);
    change.table = body->u16();
    const BatchTable& table = table_of(change.table);
    change.at_ms = static_cast<std::int64_t>(body->u64());
    if (kind < 1 || kind > 4) damaged("a record of an unknown kind");
    if ((flags & ~kRecordHasUid) != 0) damaged("a record with an unknown flag");
    const BatchBody::Span uid = body->bytes(flags != 0 ? kUidBytes : 0);
    const BatchBody::Span key = body->values(table.key.size());
    const bool updates = change.kind == ChangeKind::kUpdate;
    const bool has_old = change.kind == ChangeKind::kDelete || change.kind == ChangeKind::kReplace;
    const bool has_new = change.kind == ChangeKind::kInsert || change.kind == ChangeKind::kReplace;
    const auto old_row = body->values(has_old ? table.columns.size() : 0);
    const auto new_row = body->values(has_new ? table.columns.size() : 0);
    if (updates) read_columns(change);
    // Only now: reading on may have moved the buffer.
    change.uid = std::string(body->view(uid));
    change.key = body->view(key);
    change.old_image = body->view(old_row);
    change.new_image = body->view(new_row);
    if (const char* fault = find_fault(table, change, parts)) {
      damaged("record " + std::to_string(records) + " (" + table.name + "): " + fault);
    }
    if (has_new && change.uid.empty()) change.uid = derived_uid(parsed.header.uuid, records);
  }
};

BatchReader::BatchReader(FileSystem& fs, const Path& file)
    : impl_(new Impl{fs, to_utf8(file), fs.open_read(file)}) {
  if (!impl_->handle) {
    throw Error(ErrorCode::kNotFound, "read batch", impl_->subject, "there is no such file");
  }
  impl_->verify();
  impl_->read_header();
  impl_->restart();
}

BatchReader::~BatchReader() = default;

const BatchHeader& BatchReader::header() const {
  return impl_->parsed.header;
}

Digest BatchReader::hash() const {
  return impl_->hash;
}

std::uint64_t BatchReader::file_size() const {
  return impl_->size;
}

bool BatchReader::next(Change& change) {
  Impl& r = *impl_;
  if (r.at_end) return false;
  if (r.body->at_end()) {
    r.check_end();
    r.at_end = true;
    return false;
  }
  r.read_record(change);
  count(r.counts[change.table], change.kind);
  ++r.records;
  return true;
}

void BatchReader::rewind() {
  impl_->restart();
}

}  // namespace tidesync
