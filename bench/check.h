// Whether a contender did what it should: the whole contents of databases, as digests.
#pragma once

#include <cstdint>

#include "base/file_system.h"
#include "quoting.h"

namespace tidesync::bench {

// Of all rows of the quoting tables, values by type and bytes.
std::uint64_t digest_of(const Path& database);

// Edits and records that are gone from `database` without a trace, where both sides edited some of
// the same lines. `pristine` is what both started from.
std::uint64_t lost_in(const Path& database, const Path& pristine, const Edits& edits);

}  // namespace tidesync::bench
