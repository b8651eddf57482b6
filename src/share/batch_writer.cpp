#include <zstd.h>

#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "share/batch_format.h"

namespace tidesync {
namespace {

using namespace batch_format;

constexpr int kLevel = 3;  // zstd's default; the share is slower than any level's gain
constexpr std::uint32_t kSkippableMagic = 0x184D2A50;
constexpr std::uint64_t kSkippableHeadBytes = 8;

void remove_quietly(FileSystem& fs, const Path& path) {
  try {
    fs.remove(path);
  } catch (const std::exception& error) {
    log::debug(std::string("left behind: ") + error.what());
  }
}

// A spool with this name is what a crash of ours left: its name is made from the batch's.
std::unique_ptr<WriteHandle> create_spool(FileSystem& fs, const Path& path) {
  try {
    return fs.create_new(path);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kAlreadyExists) throw;
  }
  fs.remove(path);
  return fs.create_new(path);
}

void append_record(std::string& out, const Change& change) {
  out.push_back(static_cast<char>(change.kind));
  out.push_back(static_cast<char>(change.uid.empty() ? 0 : kRecordHasUid));
  append_u16(out, static_cast<std::uint16_t>(change.table));
  append_u64(out, static_cast<std::uint64_t>(change.at_ms));
  out.append(change.uid).append(change.key);
  if (change.kind == ChangeKind::kUpdate) {
    append_u16(out, static_cast<std::uint16_t>(change.columns.size()));
    for (const auto& column : change.columns) {
      append_u16(out, column.column);
      out.append(column.old_value).append(column.new_value);
    }
  } else {
    out.append(change.old_image).append(change.new_image);  // the one it has not is empty
  }
}

std::uint64_t value_bytes_of(const Change& change) {
  std::uint64_t sum = change.key.size() + change.old_image.size() + change.new_image.size();
  for (const auto& column : change.columns) {
    sum += column.old_value.size() + column.new_value.size();
  }
  return sum;
}

// A write handle that hashes what passes.
class HashingFile {
 public:
  explicit HashingFile(std::unique_ptr<WriteHandle> handle) : handle_(std::move(handle)) {}
  void write(std::string_view bytes) {
    hasher_.update(bytes);
    handle_->write(bytes);
    size_ += bytes.size();
  }
  // Ends the file; its hash.
  Digest close_durably() {
    const std::string trailer = make_trailer(hasher_, size_ + kBatchTrailerBytes);
    handle_->write(trailer);
    handle_->sync();
    handle_->close();
    return trailer_digest(trailer);
  }

 private:
  std::unique_ptr<WriteHandle> handle_;
  Hasher hasher_{Hasher::Checksum::kCrc32c};
  std::uint64_t size_ = 0;
};

}  // namespace

struct BatchWriter::Impl {
  FileSystem& fs;
  Path file;
  Path spool_path;
  std::string subject;
  std::vector<BatchTable> tables;
  std::vector<BatchCounts> counts{};
  std::uint64_t records = 0;
  std::uint64_t value_bytes = 0;
  std::uint64_t record_bytes = 0;  // of all records, before compression
  std::uint64_t stored_bytes = 0;  // in the spool
  bool finished = false;
  std::string pending{};                 // records not yet compressed: all, while there is no spool
  std::unique_ptr<WriteHandle> spool{};  // from the moment a body is too large to stay plain
  bool has_spool = false;                // its file exists
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> zstd{nullptr, &ZSTD_freeCCtx};
  std::string packed{};
  RecordParts parts{};

  [[noreturn]] void fail(ErrorCode code, const std::string& detail,
                         const std::string& hint = {}) const {
    throw Error(code, "write batch", subject, detail, hint);
  }

  void open_spool() {
    zstd.reset(ZSTD_createCCtx());
    if (!zstd) fail(ErrorCode::kInternal, "zstd does not start");
    ZSTD_CCtx_setParameter(zstd.get(), ZSTD_c_compressionLevel, kLevel);
    packed.resize(ZSTD_CStreamOutSize());
    spool = create_spool(fs, spool_path);
    has_spool = true;
  }

  void store(std::string_view bytes) {
    stored_bytes += bytes.size();
    if (stored_bytes > kMaxBodyBytes) {
      fail(ErrorCode::kGuard,
           "the changes of one sync take more than 1 GiB when compressed; nothing was published "
           "and the database is unchanged",
           "sync after fewer changes, or exclude the table with the large values");
    }
    spool->write(bytes);
  }

  void compress_pending(ZSTD_EndDirective directive) {
    ZSTD_inBuffer in{pending.data(), pending.size(), 0};
    for (;;) {
      ZSTD_outBuffer out{packed.data(), packed.size(), 0};
      const std::size_t left = ZSTD_compressStream2(zstd.get(), &out, &in, directive);
      if (ZSTD_isError(left)) fail(ErrorCode::kInternal, ZSTD_getErrorName(left));
      if (out.pos > 0) store({packed.data(), out.pos});
      if (directive == ZSTD_e_end ? left == 0 : in.pos == in.size) break;
    }
    pending.clear();
    // One huge row must not keep its memory for the rest of the batch.
    if (pending.capacity() > 16 * kChunkBytes) pending.shrink_to_fit();
  }

  // Readers refuse a body that grows more than 200-fold (beyond 64 MiB), which a million equal
  // rows do. A skippable frame, which decompressors pass over, brings it back into the limit.
  void pad_to_ratio() {
    if (record_bytes <= max_record_bytes(stored_bytes)) return;
    const std::uint64_t wanted = (record_bytes + kMaxRatio - 1) / kMaxRatio - stored_bytes;
    std::uint64_t left = wanted > kSkippableHeadBytes ? wanted - kSkippableHeadBytes : 0;
    std::string head;
    append_u32(head, kSkippableMagic);
    append_u32(head, static_cast<std::uint32_t>(left));
    store(head);
    const std::string zeros(kChunkBytes, '\0');
    while (left > 0) {
      const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(left, zeros.size()));
      store({zeros.data(), piece});
      left -= piece;
    }
  }

  std::string make_header(BatchHeader header) {
    header.tables = tables;
    header.counts = counts;
    std::string json = write_header(header, record_bytes);
    if (json.size() > kMaxHeaderBytes) {
      fail(ErrorCode::kSchema, "the names of tables and columns take more than 4 MiB",
           "sync fewer tables");
    }
    try {
      parse_header(json, subject);  // never write what a reader refuses
    } catch (const Error& error) {
      fail(ErrorCode::kInternal, error.detail());
    }
    return json;
  }

  void copy_spool(HashingFile& out) {
    const auto handle = fs.open_read(spool_path);
    if (!handle) fail(ErrorCode::kNotFound, "its spool was removed while it was in use");
    std::string chunk(kChunkBytes, '\0');
    std::uint64_t copied = 0;
    for (std::size_t got = chunk.size(); got == chunk.size(); copied += got) {
      got = handle->read(chunk.data(), chunk.size());
      out.write({chunk.data(), got});
    }
    if (copied != stored_bytes) fail(ErrorCode::kDamaged, "its spool changed while it was in use");
  }

  Digest write_file(const std::string& json) {
    std::string fixed(kMagic);
    append_u32(fixed, static_cast<std::uint32_t>(json.size()));
    append_u32(fixed, has_spool ? kFlagZstd : 0);
    HashingFile out(fs.create_new(file));
    try {
      out.write(fixed);
      out.write(json);
      if (has_spool) {
        copy_spool(out);
      } else {
        out.write(pending);
      }
      return out.close_durably();
    } catch (...) {
      remove_quietly(fs, file);
      throw;
    }
  }

  void remove_spool() {
    spool.reset();
    if (has_spool) remove_quietly(fs, spool_path);
    has_spool = false;
  }
};

BatchWriter::BatchWriter(FileSystem& fs, Path file, std::vector<BatchTable> tables) {
  Path spool_path = file;
  spool_path += ".body";
  std::string subject = to_utf8(file);
  impl_.reset(
      new Impl{fs, std::move(file), std::move(spool_path), std::move(subject), std::move(tables)});
  if (impl_->tables.size() > kMaxTables) impl_->fail(ErrorCode::kSchema, "too many tables");
  impl_->counts.resize(impl_->tables.size());
}

BatchWriter::~BatchWriter() {
  impl_->remove_spool();
}

void BatchWriter::add(const Change& change) {
  Impl& w = *impl_;
  if (w.finished) w.fail(ErrorCode::kInternal, "a record after the end");
  if (change.table >= w.tables.size()) w.fail(ErrorCode::kInternal, "a record of no table");
  if (const char* fault = find_fault(w.tables[change.table], change, w.parts)) {
    w.fail(ErrorCode::kInternal, std::string(fault) + " (" + w.tables[change.table].name + ")");
  }
  const std::size_t before = w.pending.size();
  append_record(w.pending, change);
  w.record_bytes += w.pending.size() - before;
  w.value_bytes += value_bytes_of(change);
  ++w.records;
  count(w.counts[change.table], change.kind);
  if (!w.spool && w.pending.size() > kPlainBodyBytes) w.open_spool();
  if (w.spool && w.pending.size() >= kChunkBytes) w.compress_pending(ZSTD_e_continue);
}

std::uint64_t BatchWriter::record_count() const {
  return impl_->records;
}

const std::vector<BatchTable>& BatchWriter::tables() const {
  return impl_->tables;
}

const std::vector<BatchCounts>& BatchWriter::counts() const {
  return impl_->counts;
}

std::uint64_t BatchWriter::value_bytes() const {
  return impl_->value_bytes;
}

Digest BatchWriter::finish(BatchHeader header) {
  Impl& w = *impl_;
  if (w.finished) w.fail(ErrorCode::kInternal, "finished twice");
  w.finished = true;
  const std::string json = w.make_header(std::move(header));
  if (w.spool) {
    w.compress_pending(ZSTD_e_end);
    w.pad_to_ratio();
    w.spool->close();
    w.spool.reset();
  }
  const Digest hash = w.write_file(json);
  w.remove_spool();
  return hash;
}

}  // namespace tidesync
