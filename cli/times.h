// Times as people write and read them: on the clock of their own computer.
#pragma once

#include <cstdint>
#include <string>

namespace tidesync {

// "7d", "24h", "90m", "2w" before now; "2026-11-01", "2026-11-01 14:30" in local time;
// "2026-11-01T13:30:00.000Z". UTC milliseconds. Throws Error kUsage for anything else.
std::int64_t parse_since(const std::string& text, std::int64_t now_ms);

// The same as the end of a period, not included: the day after, for a day.
std::int64_t parse_until(const std::string& text, std::int64_t now_ms);

// "2026-11-21 10:00:05", local.
std::string local_time(std::int64_t utc_ms);
// The same of a stamp in UTC ("2026-11-21T09:00:05.123Z"); another text stays as it is.
std::string local_time(const std::string& iso_utc);
// The same on the clock of the share: "2026-11-21 09:00:05".
std::string utc_time(const std::string& iso_utc);
// "CET": the zone of this computer, as the system names it then.
std::string time_zone(std::int64_t utc_ms);
// "3 minutes ago", "in the future" for a stamp after now; "" when it is no stamp.
std::string time_ago(const std::string& iso_utc, std::int64_t now_ms);

}  // namespace tidesync
