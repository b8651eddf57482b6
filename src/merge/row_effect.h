// What several changes of one row come to: the state before the first of them and after the last,
// as far as they tell. To take a run back, its effect on each row is what counts, not the steps.
// Pure; plain values.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/value.h"
#include "merge/change.h"

namespace tidesync {

struct RowEffect {
  enum class Kind : std::uint8_t {
    kNone = 0,  // no row before, none after
    kInserted,
    kUpdated,
    kDeleted,
    kReplaced,  // another record with the same key, or a row that came back
  };
  struct Column {
    std::string before, after;  // encoded
  };

  Kind kind = Kind::kNone;
  RowImage before;                          // kDeleted, kReplaced
  RowImage after;                           // kInserted, kReplaced
  std::map<std::uint16_t, Column> columns;  // kUpdated: columns that were written
};

// Adds a later change of the same row. Throws Error kDamaged when it cannot follow.
void add_change(RowEffect& effect, const Change& change);

// As bytes, and back; throws kDamaged.
std::string encode_effect(const RowEffect& effect);
RowEffect decode_effect(std::string_view bytes);

}  // namespace tidesync
