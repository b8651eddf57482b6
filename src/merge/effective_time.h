// When was a row changed? The application's `updated_at` if it can be believed, else the time at
// which the change was captured. Only used to choose between true rivals; the column itself is
// never rewritten. docs/merge-rules.md says it in words. Pure: what the host knows comes in.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "base/value.h"

namespace tidesync {

// A stamp is believed when it is not later than the capture by more than this, and no time is later
// than now by more than this: a clock that is fast cannot win for ever.
inline constexpr std::int64_t kStampToleranceMs = 120'000;

// By how much the host's local time was ahead of UTC at that moment; empty: not at all.
using UtcOffset = std::function<std::int64_t(std::int64_t utc_ms)>;

// UTC milliseconds of a stamp in any common form; nullopt when it is none:
//   text   YYYY-MM-DD[ T]HH:MM[:SS[.f...]] with Z, +hh:mm or nothing (taken as UTC); YYYY-MM-DD
//   number epoch seconds, milliseconds, microseconds or .NET ticks by magnitude; Julian day for
//   2,000,000-4,000,000
std::optional<std::int64_t> parse_stamp(const ValueView& value);

// What happened to one row: `old_stamp` and `new_stamp` are updated_at before and after the change
// (null view: no such column or row), `captured_ms` is when our trigger saw the change, or when it
// was found. All times are those of the local clock.
struct Edit {
  ValueView old_stamp;
  ValueView new_stamp;
  std::int64_t captured_ms = 0;
};

struct EffectiveTime {
  std::int64_t at_ms = 0;  // on the local scale
  bool clamped = false;    // it was captured by a clock that is ahead of the present one
};

// A text without a zone is local time where that, and not UTC, is the moment of the capture.
EffectiveTime effective_time(const Edit& edit, std::int64_t now_ms, const UtcOffset& utc_offset);

}  // namespace tidesync
