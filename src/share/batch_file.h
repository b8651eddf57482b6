// A batch as a file: the changes of one sync, immutable once it is on the share.
//
//   offset 0   8  magic "TIDEB001"          8  4  header length, LE     12  4  flags: bit 0 zstd
//   body
//         16   .  header: UTF-8 JSON, one line
//          .   .  body: records, see below (zstd stream when flagged; bodies over 4 KiB are)
//     end-52   8  total file length, LE
//     end-44   8  magic "TIDEEND1"
//     end-36  32  BLAKE2b-256 of all bytes before it
//      end-4   4  CRC32C of all bytes before it
//
// The hash of a batch, which its successor carries as `prev`, is the BLAKE2b-256 in its trailer: it
// covers everything but itself and the CRC. (protocol.md 4.2 hashed the whole file; hashing what
// the trailer already covers lets a reader learn the hash of an entry from its last 52 bytes.)
//
// Record: kind u8 | flags u8 (bit 0: explicit row identity) | table u16 | at i64 ms | uid 16 if
// flagged | key values | then  insert: row image | update: count u16, count x (column u16, old
// value, new value) | delete: old row image | replace: old row image, new row image.  Values as in
// base/value.h. An insert or replace without explicit identity has the first 16 bytes of
// BLAKE2b(batch uuid, number of the record) as its identity.
//
// Order of records: any. A reader that applies them one by one may meet a UNIQUE value that a later
// record frees (two rows swap their numbers) and must set such a row aside until the end.
//
// Writing and reading stream: memory does not grow with the number of records. Everything read is
// bounded before it is used, because the bytes come from a share: header <= 4 MiB, body <= 1 GiB,
// decompressed <= 200 times the compressed size (at least 64 MiB allowed).
// Thread rule: an object belongs to one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/file_system.h"
#include "base/ids.h"
#include "merge/batch.h"
#include "merge/change.h"

namespace tidesync {

// Collects records, then writes the file. Records are spooled (compressed) beside the file while
// they are added, since the header, which comes first, holds their counts.
class BatchWriter : public ChangeSink {
 public:
  // `file` is created by finish(); `file` + ".body" is used meanwhile and removed. Both on local
  // disk.
  BatchWriter(FileSystem& fs, Path file, std::vector<BatchTable> tables);
  ~BatchWriter() override;  // removes the spool; the finished file stays

  void add(const Change& change) override;
  std::uint64_t record_count() const;
  const std::vector<BatchTable>& tables() const;
  const std::vector<BatchCounts>& counts() const;  // one per table
  // Bytes of keys and values added so far, before compression.
  std::uint64_t value_bytes() const;

  // Writes the file durably; header.tables and header.counts are filled in here. Returns its hash.
  Digest finish(BatchHeader header);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class BatchReader : public ChangeSource {
 public:
  // Checks the whole file (length, trailer, digest, CRC) in one streaming pass, then parses the
  // header. Throws Error kDamaged (what is wrong, in which file), kTooNew for a newer version or a
  // section that must be understood and is not, kNotFound.
  BatchReader(FileSystem& fs, const Path& file);
  ~BatchReader() override;

  const BatchHeader& header() const;
  Digest hash() const;
  std::uint64_t file_size() const;

  // The next record, false after the last. Throws kDamaged for a record that cannot be (unknown
  // kind or table, key that differs from the row's, column out of range, counts that do not add up
  // at the end).
  bool next(Change& change) override;
  // Starts again with the first record.
  void rewind();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// What the last 52 bytes of an entry say, without reading the rest.
struct BatchTrailer {
  std::uint64_t file_size = 0;
  Digest hash;
};
inline constexpr std::size_t kBatchTrailerBytes = 52;
// Throws kDamaged unless `bytes` are the trailer of a file of `file_size` bytes.
BatchTrailer parse_batch_trailer(std::string_view bytes, std::uint64_t file_size);

// Identity of a row whose record has none of its own.
std::string derived_uid(const Uuid& batch_uuid, std::uint64_t record_number);

}  // namespace tidesync
