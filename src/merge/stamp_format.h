// Writes a time the way a column writes its times. An edit of ours must look like one of the
// application's: its updated_at is now, in the form of the value that stands there. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "base/value.h"

namespace tidesync {

// `utc_ms` in the form of `example`: text with T or blank, seconds or not, as many digits of
// fraction, in the same zone (none is UTC); seconds, milliseconds or microseconds since 1970; .NET
// ticks; Julian day.
// nullopt when the example is no time that parse_stamp() reads: then nobody knows the form.
std::optional<Value> stamp_like(const ValueView& example, std::int64_t utc_ms);

}  // namespace tidesync
