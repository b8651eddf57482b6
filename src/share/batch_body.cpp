#include "share/batch_body.h"

#include <zstd.h>

#include <algorithm>

#include "base/error.h"
#include "share/batch_format.h"

namespace tidesync {

using namespace batch_format;

struct BatchBody::Zstd {
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context{ZSTD_createDCtx(), &ZSTD_freeDCtx};
  ZSTD_inBuffer in{nullptr, 0, 0};
  bool at_frame_end = false;
  std::uint64_t produced = 0;
};

BatchBody::BatchBody(ReadHandle& handle, const Extent& extent, bool compressed, std::string subject)
    : handle_(handle), extent_(extent), subject_(std::move(subject)) {
  if (!compressed) return;
  zstd_ = std::make_unique<Zstd>();
  if (!zstd_->context) {
    throw Error(ErrorCode::kInternal, "read batch", subject_, "zstd does not start");
  }
  ZSTD_DCtx_setParameter(zstd_->context.get(), ZSTD_d_windowLogMax, kMaxWindowLog);
}

BatchBody::~BatchBody() = default;

void BatchBody::damaged(const char* detail) const {
  throw Error(ErrorCode::kDamaged, "read batch", subject_, detail);
}

void BatchBody::rewind() {
  stored_done_ = 0;
  taken_ = 0;
  buffer_.clear();
  record_start_ = position_ = 0;
  if (zstd_) {
    ZSTD_DCtx_reset(zstd_->context.get(), ZSTD_reset_session_only);
    zstd_->in = {nullptr, 0, 0};
    zstd_->at_frame_end = false;
    zstd_->produced = 0;
  }
}

std::string_view BatchBody::read_stored() {
  const auto wanted = static_cast<std::size_t>(
      std::min<std::uint64_t>(extent_.stored_bytes - stored_done_, kChunkBytes));
  stored_.resize(wanted);
  handle_.seek(extent_.offset + stored_done_);
  if (handle_.read(stored_.data(), wanted) != wanted) damaged("the file ends too early");
  stored_done_ += wanted;
  return stored_;
}

void BatchBody::fill_plain() {
  buffer_.append(read_stored());
}

// One step of the decompressor; false when it neither took nor gave anything. It may give more
// after it took the last input, so it is asked once more then.
bool BatchBody::decompress(char* to, std::size_t room, std::size_t& got) {
  if (zstd_->in.pos == zstd_->in.size) {
    const std::string_view stored = read_stored();
    zstd_->in = {stored.data(), stored.size(), 0};
  }
  const std::size_t before = zstd_->in.pos;
  ZSTD_outBuffer out{to, room, 0};
  const std::size_t result = ZSTD_decompressStream(zstd_->context.get(), &out, &zstd_->in);
  if (ZSTD_isError(result)) damaged("its compressed body cannot be decompressed");
  got = out.pos;
  const bool moved = got > 0 || zstd_->in.pos > before;
  if (moved || result == 0) zstd_->at_frame_end = result == 0;
  return moved;
}

void BatchBody::fill_decompressed() {
  const std::size_t before = buffer_.size();
  buffer_.resize(before + kChunkBytes);
  std::size_t got = 0;
  while (got == 0) {
    if (!decompress(buffer_.data() + before, kChunkBytes, got)) {
      damaged("its compressed body ends too early");
    }
  }
  buffer_.resize(before + got);
  zstd_->produced += got;
  if (zstd_->produced > extent_.record_bytes) damaged("its body is longer than its header says");
}

void BatchBody::fill() {
  if (zstd_) {
    fill_decompressed();
  } else {
    fill_plain();
  }
}

void BatchBody::check_end() {
  if (!zstd_) return;  // the caller compared the lengths
  char extra = 0;
  std::size_t got = 0;
  while (decompress(&extra, 1, got)) {
    if (got != 0) damaged("its body is longer than its header says");
  }
  if (!zstd_->at_frame_end) damaged("its compressed body ends too early");
}

void BatchBody::begin_record() {
  // Moving the rest down costs little while it is shorter than what was read before it.
  if (position_ >= kChunkBytes || position_ == buffer_.size()) {
    buffer_.erase(0, position_);
    position_ = 0;
    // One huge row must not keep its memory for the rest of the batch.
    if (buffer_.capacity() > 16 * kChunkBytes && buffer_.size() < kChunkBytes) {
      buffer_.shrink_to_fit();
    }
  }
  record_start_ = position_;
}

const char* BatchBody::take(std::size_t count) {
  if (count > extent_.record_bytes - taken_) damaged("a record goes on beyond the body");
  while (buffer_.size() - position_ < count) fill();
  const char* start = buffer_.data() + position_;
  position_ += count;
  taken_ += count;
  return start;
}

std::uint8_t BatchBody::u8() {
  return static_cast<std::uint8_t>(*take(1));
}

std::uint16_t BatchBody::u16() {
  return load_u16(take(2));
}

std::uint64_t BatchBody::u64() {
  return load_u64(take(8));
}

BatchBody::Span BatchBody::bytes(std::size_t count) {
  const Span span{position_ - record_start_, count};
  take(count);
  return span;
}

BatchBody::Span BatchBody::values(std::size_t count) {
  const std::size_t start = position_;
  for (std::size_t i = 0; i < count; ++i) {
    switch (static_cast<ValueType>(u8())) {
      case ValueType::kNull:
        break;
      case ValueType::kInteger:
      case ValueType::kReal:
        take(8);
        break;
      case ValueType::kText:
      case ValueType::kBlob:
        take(load_u32(take(4)));
        break;
      default:
        damaged("a value of an unknown type");
    }
  }
  return Span{start - record_start_, position_ - start};
}

std::string_view BatchBody::view(const Span& span) const {
  return std::string_view(buffer_).substr(record_start_ + span.offset, span.size);
}

}  // namespace tidesync
