#include "merge/stamp_format.h"

#include <cmath>
#include <cstdio>
#include <string>

#include "base/text.h"
#include "merge/effective_time.h"

namespace tidesync {
namespace {

constexpr std::size_t kDateBytes = 10;    // 2026-11-21
constexpr std::size_t kMinuteBytes = 16;  // 2026-11-21 10:00
constexpr std::size_t kSecondBytes = 19;  // 2026-11-21 10:00:05
constexpr double kDayMs = 86'400'000.0;
constexpr double kJulianDayOf1970 = 2440587.5;
constexpr double kTicksFrom = 1e17;  // .NET ticks from here on: 100 ns since the year 1
constexpr std::int64_t kTicksOf1970 = 621'355'968'000'000'000;

// Bytes of the text before its zone.
std::size_t clock_bytes(std::string_view text) {
  if (text.size() <= kDateBytes) return text.size();
  if (text.size() < kSecondBytes || text[kMinuteBytes] != ':') return kMinuteBytes;
  std::size_t end = kSecondBytes;
  if (end < text.size() && (text[end] == '.' || text[end] == ',')) {
    ++end;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
  }
  return end;
}

// Cut or filled up to `count` digits.
std::string fraction_digits(std::int64_t ms, std::size_t count) {
  char digits[8];
  std::snprintf(digits, sizeof digits, "%03d", static_cast<int>(ms));
  std::string text(digits);
  text.resize(count, '0');
  return text;
}

Value text_like(std::string_view example, std::int64_t utc_ms) {
  const std::size_t clock = clock_bytes(example);
  const std::string_view zone = example.substr(clock);
  // Read without its zone the example is off by just that zone.
  const auto as_utc = parse_stamp(ValueView::text(example.substr(0, clock)));
  const auto in_zone = parse_stamp(ValueView::text(example));
  const std::int64_t east_ms = as_utc && in_zone ? *as_utc - *in_zone : 0;
  const std::string iso = iso_utc(utc_ms + east_ms);  // 2026-11-21T10:00:05.123Z
  std::string text = iso.substr(0, std::min(clock, kSecondBytes));
  if (clock > kDateBytes) text[kDateBytes] = example[kDateBytes];
  if (clock > kSecondBytes) {
    const std::int64_t ms = std::stoll(iso.substr(kSecondBytes + 1, 3));
    text += example[kSecondBytes] + fraction_digits(ms, clock - kSecondBytes - 1);
  }
  return Value::text(text.append(zone));
}

bool is_julian_day(double number) {
  return number < 1e8;  // parse_stamp() accepts nothing else below
}

Value integer_like(std::int64_t example, std::int64_t utc_ms) {
  const auto size = static_cast<double>(example);
  if (is_julian_day(size)) {
    const double day = static_cast<double>(utc_ms) / kDayMs + kJulianDayOf1970;
    return Value::of(static_cast<std::int64_t>(std::floor(day)));
  }
  if (size < 1e11) return Value::of(utc_ms / 1000);
  if (size < kTicksFrom) return Value::of(size < 1e14 ? utc_ms : utc_ms * 1000);
  return Value::of(utc_ms * 10'000 + kTicksOf1970);
}

Value real_like(double example, std::int64_t utc_ms) {
  const auto now = static_cast<double>(utc_ms);
  if (is_julian_day(example)) return Value(ValueView::of_real(now / kDayMs + kJulianDayOf1970));
  if (example < 1e11) return Value(ValueView::of_real(now / 1000));
  if (example < kTicksFrom) return Value(ValueView::of_real(example < 1e14 ? now : now * 1000));
  return Value(ValueView::of_real(now * 10'000 + static_cast<double>(kTicksOf1970)));
}

}  // namespace

std::optional<Value> stamp_like(const ValueView& example, std::int64_t utc_ms) {
  if (!parse_stamp(example)) return std::nullopt;
  if (example.type == ValueType::kText) return text_like(example.bytes, utc_ms);
  if (example.type == ValueType::kInteger) return integer_like(example.integer, utc_ms);
  return real_like(example.real, utc_ms);
}

}  // namespace tidesync
