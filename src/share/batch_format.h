// What the writer and the reader of batch files share: constants, limits, the header as JSON, and
// the rules a record must keep. Private to share/.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "share/batch_file.h"

namespace tidesync::batch_format {

inline constexpr std::string_view kMagic = "TIDEB001";
inline constexpr std::string_view kEndMagic = "TIDEEND1";
inline constexpr std::size_t kFixedBytes = 16;  // magic, header length, flags
inline constexpr std::uint32_t kFlagZstd = 1;
inline constexpr std::uint8_t kRecordHasUid = 1;
inline constexpr std::size_t kUidBytes = 16;

inline constexpr std::uint64_t kMaxHeaderBytes = 4u << 20;
inline constexpr std::uint64_t kMaxBodyBytes = 1u << 30;  // as stored
inline constexpr std::uint64_t kMaxFileBytes =
    kFixedBytes + kMaxHeaderBytes + kMaxBodyBytes + kBatchTrailerBytes;
inline constexpr std::uint64_t kMaxRatio = 200;
inline constexpr std::uint64_t kAlwaysAllowedBytes = 64u << 20;  // whatever the ratio
inline constexpr std::size_t kMaxTables = 65535;
inline constexpr std::size_t kMaxColumns = 32767;     // SQLite's own limit
inline constexpr std::size_t kPlainBodyBytes = 4096;  // bodies up to this are not compressed
// A zstd frame that wants a larger window (8 MiB) is refused, so that a reader's memory is bounded.
inline constexpr int kMaxWindowLog = 23;
inline constexpr std::size_t kChunkBytes = 128u << 10;

// The most record bytes a compressed body of `stored_bytes` may stand for.
constexpr std::uint64_t max_record_bytes(std::uint64_t stored_bytes) {
  const std::uint64_t by_ratio = stored_bytes * kMaxRatio;
  return by_ratio > kAlwaysAllowedBytes ? by_ratio : kAlwaysAllowedBytes;
}

// A header and what it says about the body: the records have `record_bytes` bytes before
// compression ("body_len").
struct ParsedHeader {
  BatchHeader header;
  std::uint64_t record_bytes = 0;
};

// One line of JSON. Throws kSchema when a name is not UTF-8, which JSON cannot hold.
std::string write_header(const BatchHeader& header, std::uint64_t record_bytes);
// Throws kDamaged or kTooNew about `file`, and nothing else.
ParsedHeader parse_header(std::string_view json, const std::string& file);

// The last 52 bytes; `hasher` has seen all bytes before them.
std::string make_trailer(Hasher& hasher, std::uint64_t file_size);
// The digest and the CRC of a trailer, as they stand there.
Digest trailer_digest(std::string_view trailer);
std::uint32_t trailer_crc32c(std::string_view trailer);

// Reused between records, to spare allocations.
struct RecordParts {
  std::vector<std::string_view> key, old_row, new_row;
};

// nullptr when `change` is a possible change of `table`; else what is wrong with it. The writer
// and the reader both ask, so that nothing is written that would be refused. Images must be whole
// values.
const char* find_fault(const BatchTable& table, const Change& change, RecordParts& parts);

void count(BatchCounts& counts, ChangeKind kind);

}  // namespace tidesync::batch_format
