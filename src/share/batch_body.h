// The records of a batch file as a stream of bytes, decompressed when needed. Private to share/.
//
// Keeps the bytes of the current record and a chunk or two. Whatever a length claims, memory grows
// only by bytes that are really there: a lie is found when the body ends (kDamaged).
// Thread rule: one thread. The handle belongs to the caller and outlives the object.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/file_system.h"

namespace tidesync {

class BatchBody {
 public:
  struct Extent {
    std::uint64_t offset = 0;        // of the body in the file
    std::uint64_t stored_bytes = 0;  // as it is in the file
    std::uint64_t record_bytes = 0;  // decompressed
  };
  // A place in the buffer, from the start of the current record.
  struct Span {
    std::size_t offset = 0;
    std::size_t size = 0;
  };

  BatchBody(ReadHandle& handle, const Extent& extent, bool compressed, std::string subject);
  ~BatchBody();

  // Goes to the first record.
  void rewind();
  // All bytes were taken.
  bool at_end() const { return taken_ == extent_.record_bytes; }
  // Throws kDamaged unless the stored bytes end with the records.
  void check_end();

  // Views given so far become invalid.
  void begin_record();
  // The next bytes; each throws kDamaged at the end of the body.
  std::uint8_t u8();
  std::uint16_t u16();
  std::uint64_t u64();
  Span bytes(std::size_t count);
  // That many encoded values, one after the other.
  Span values(std::size_t count);
  // Valid until the next read.
  std::string_view view(const Span& span) const;

 private:
  struct Zstd;

  [[noreturn]] void damaged(const char* detail) const;
  const char* take(std::size_t count);
  void fill();
  void fill_plain();
  void fill_decompressed();
  bool decompress(char* to, std::size_t room, std::size_t& got);
  // Next piece of the stored body; empty at its end.
  std::string_view read_stored();

  ReadHandle& handle_;
  Extent extent_;
  std::string subject_;
  std::unique_ptr<Zstd> zstd_;  // null for a plain body
  std::string stored_;          // buffer of read_stored
  std::uint64_t stored_done_ = 0;
  std::string buffer_;
  std::size_t record_start_ = 0;  // in buffer_
  std::size_t position_ = 0;      // in buffer_
  std::uint64_t taken_ = 0;
};

}  // namespace tidesync
