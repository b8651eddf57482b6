// Whether a contender did what it should: the whole contents of databases, as digests.
#pragma once

#include <cstdint>

#include "base/file_system.h"

namespace tidesync::bench {

// Of all rows of the quoting tables, values by type and bytes.
std::uint64_t digest_of(const Path& database);

}  // namespace tidesync::bench
