// Durations and rates as people write them in config.toml: "90m", "5s", "2 MB/s". Private to this
// room.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidesync {

struct DurationUnit {
  std::string_view name;
  std::int64_t size;
};
using DurationUnits = std::array<DurationUnit, 3>;  // the largest first
inline constexpr DurationUnits kMinuteUnits{{{"d", 24 * 60}, {"h", 60}, {"m", 1}}};
inline constexpr DurationUnits kMsUnits{{{"m", 60'000}, {"s", 1000}, {"ms", 1}}};

// "90m" in the smallest unit; nullopt for anything else, and above `max`.
std::optional<std::int64_t> parse_duration(std::string_view text, const DurationUnits& units,
                                           std::int64_t max);
std::string print_duration(std::int64_t duration, const DurationUnits& units);

// "2 MB/s", "500 kB/s", "1.5MB/s" in bytes a second; "off" is 0. From 1 kB/s to 10 GB/s.
std::optional<std::int64_t> parse_rate(std::string_view text);
std::string print_rate(std::int64_t bytes_per_s);

}  // namespace tidesync
