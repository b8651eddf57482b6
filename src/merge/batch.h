// What a batch says of itself: author, place in the log, tables and counts. Where it lies and in
// which bytes is the share's business (share/batch_file.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/ids.h"
#include "merge/change.h"

namespace tidesync {

inline constexpr std::uint32_t kBatchFormatVersion = 1;

// Numbers of one table in a batch.
struct BatchCounts {
  std::uint64_t inserts = 0, updates = 0, deletes = 0;  // a replace counts as an update
  std::uint64_t total() const { return inserts + updates + deletes; }
  bool operator==(const BatchCounts&) const = default;
};

struct BatchHeader {
  Uuid share_id;
  Seq seq;
  Digest prev;  // hash of batch seq-1; none for the first
  Uuid uuid;    // of this publish attempt
  NodeId node;
  Uuid incarnation;
  std::string host, user, tool;
  std::int64_t made_at_ms = 0;       // author's UTC
  std::int64_t clock_offset_ms = 0;  // share's clock minus the author's, as last measured
  Digest base_state;                 // state digest before
  Digest post_state;                 // and after
  std::vector<BatchTable> tables;
  std::vector<BatchCounts> counts;  // one per table
  std::string schema;               // JSON text of schema operations, "" when there are none
};

}  // namespace tidesync
