#include "sync/config_units.h"

#include <algorithm>

namespace tidesync {
namespace {

// Decimal, as networks are measured.
constexpr DurationUnits kRateUnits{{{"GB/s", 1'000'000'000}, {"MB/s", 1'000'000}, {"kB/s", 1000}}};
constexpr std::int64_t kMaxRate = 10'000'000'000;

constexpr std::string_view kDigits = "0123456789";

// The number in front of `text`, which is shortened by it; nullopt when there is none or it is
// longer than anybody means.
std::optional<std::int64_t> take_number(std::string_view& text) {
  const std::size_t digits = std::min(text.find_first_not_of(kDigits), text.size());
  if (digits == 0 || digits > 9) return std::nullopt;
  const std::int64_t number = std::stoll(std::string(text.substr(0, digits)));
  text.remove_prefix(digits);
  return number;
}

// ".5" in front of `text` as tenths; 0 when there is none.
std::optional<std::int64_t> take_tenths(std::string_view& text) {
  if (text.empty() || text[0] != '.') return 0;
  if (text.size() < 2 || kDigits.find(text[1]) == std::string_view::npos) return std::nullopt;
  const std::int64_t tenths = text[1] - '0';
  text.remove_prefix(2);
  return tenths;
}

}  // namespace

std::optional<std::int64_t> parse_duration(std::string_view text, const DurationUnits& units,
                                           std::int64_t max) {
  const auto number = take_number(text);
  if (!number) return std::nullopt;
  for (const DurationUnit& unit : units) {
    if (text != unit.name) continue;
    return *number > max / unit.size ? std::nullopt : std::optional(*number * unit.size);
  }
  return std::nullopt;
}

std::string print_duration(std::int64_t duration, const DurationUnits& units) {
  for (const DurationUnit& unit : units) {
    if (duration != 0 && duration % unit.size == 0)
      return std::to_string(duration / unit.size) + std::string(unit.name);
  }
  return std::to_string(duration) + std::string(units.back().name);
}

std::optional<std::int64_t> parse_rate(std::string_view text) {
  if (text == "off") return 0;
  const auto number = take_number(text);
  const auto tenths = take_tenths(text);
  if (!number || !tenths) return std::nullopt;
  if (!text.empty() && text[0] == ' ') text.remove_prefix(1);
  for (const DurationUnit& unit : kRateUnits) {
    if (text != unit.name) continue;
    if (*number > kMaxRate / unit.size) return std::nullopt;
    const std::int64_t rate = *number * unit.size + *tenths * unit.size / 10;
    return rate < 1000 || rate > kMaxRate ? std::nullopt : std::optional(rate);
  }
  return std::nullopt;
}

std::string print_rate(std::int64_t bytes_per_s) {
  if (bytes_per_s == 0) return "off";
  for (const DurationUnit& unit : kRateUnits) {
    const std::int64_t tenths = bytes_per_s / (unit.size / 10);
    if (tenths < 10) continue;
    std::string number = std::to_string(tenths / 10);
    if (tenths % 10 != 0) number += "." + std::to_string(tenths % 10);
    return number + " " + std::string(unit.name);
  }
  return "1 kB/s";
}

}  // namespace tidesync
