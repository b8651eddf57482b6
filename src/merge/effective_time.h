// When was a row changed? The application's `updated_at` if it can be believed, else the time at
// which the change was captured. Only used to choose between true rivals.
#pragma once

#include <cstdint>
#include <optional>

#include "base/value.h"

namespace tidesync {

// A stamp is believed when it is not later than the capture by more than this.
inline constexpr std::int64_t kStampToleranceMs = 120'000;

// UTC milliseconds of a stamp in any common form; nullopt when it is none:
//   text   YYYY-MM-DD[ T]HH:MM[:SS[.f...]] with Z, +hh:mm or nothing (taken as UTC); YYYY-MM-DD
//   number epoch seconds, milliseconds, microseconds by magnitude; Julian day for
//   2,000,000-4,000,000
std::optional<std::int64_t> parse_stamp(const ValueView& value);

// `old_stamp` and `new_stamp`: updated_at before and after the change (null view: no such column or
// row). `captured_ms`: when our trigger saw the change, or when it was found. Result on the local
// scale.
std::int64_t effective_time(const ValueView& old_stamp, const ValueView& new_stamp,
                            std::int64_t captured_ms);

}  // namespace tidesync
