// Whose number is it: which record stands under a key after several batches took it away, gave it
// to another one, or brought one back.
//
// An insert that brings a record back says which deletion had taken it. Without that, a node that
// has the number's next owner could not tell whether its own record or an older one came back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "merge/change.h"

namespace tidesync {

// The batch that deleted a record: the first six bytes of its digest, so that it fits into a hint.
using DeletionId = std::uint64_t;
inline constexpr DeletionId kUnknownDeletion = 0;

DeletionId deletion_by(const Digest& batch);

// Row identity of an insert that brings a record back: eight bytes of zero, then the deletion.
// Two nodes that bring a record back at once name one deletion and mean one record.
std::string uid_of_return(DeletionId deletion);
bool is_return(std::string_view uid);
DeletionId deletion_of_return(std::string_view uid);

// What a batch did to one key, as bytes; those of later batches are appended. Nothing for an
// update. `batch` is its deletion. Undone: the batch is taken away again.
std::string notes_of(const Change& change, DeletionId batch, bool undone);

struct KeyOwner {
  // The record that the reader knows under the key: that of its base copy, or, where that has none,
  // its own that was deleted elsewhere before.
  bool is_known = false;
  DeletionId gone_by = kUnknownDeletion;  // the last deletion of that record
};

// `present`: the base copy had the record before all this; else `gone_by` had taken it. A return
// that names no deletion is taken for that of the known record.
KeyOwner follow_notes(std::string_view notes, bool present, DeletionId gone_by);

}  // namespace tidesync
