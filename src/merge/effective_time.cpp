#include "merge/effective_time.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

namespace tidesync {
namespace {

struct Stamp {
  std::int64_t utc_ms = 0;
  bool zoned = true;  // false: a text without a zone, read as UTC
};

// Days from 1970-01-01 in the proleptic Gregorian calendar.
std::int64_t days_from_civil(std::int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

// Exactly `count` digits at `at`, or false.
bool digits(std::string_view text, std::size_t at, std::size_t count, int& number) {
  if (text.size() < at + count) return false;
  number = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    number = number * 10 + (text[i] - '0');
  }
  return true;
}

// "", "Z", "+hh:mm", "+hhmm", "+hh"; minutes east of UTC.
bool parse_zone(std::string_view text, int& minutes_east) {
  minutes_east = 0;
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  if (text.empty() || text == "Z" || text == "z" || text == "UTC") return true;
  if (text[0] != '+' && text[0] != '-') return false;
  int hours = 0;
  int minutes = 0;
  if (!digits(text, 1, 2, hours)) return false;
  std::string_view rest = text.substr(3);
  if (!rest.empty() && rest[0] == ':') rest.remove_prefix(1);
  if (!rest.empty() && (rest.size() != 2 || !digits(rest, 0, 2, minutes))) return false;
  minutes_east = (hours * 60 + minutes) * (text[0] == '-' ? -1 : 1);
  return hours < 24 && minutes < 60;
}

std::optional<Stamp> parse_text(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!digits(text, 0, 4, year) || text.size() < 10 || text[4] != '-' || text[7] != '-' ||
      !digits(text, 5, 2, month) || !digits(text, 8, 2, day)) {
    return std::nullopt;
  }
  if (year == 0 || month < 1 || month > 12 || day < 1 || day > 31) return std::nullopt;
  std::int64_t fraction_ms = 0;
  bool zoned = false;
  std::string_view rest = text.substr(10);
  if (!rest.empty()) {
    if ((rest[0] != ' ' && rest[0] != 'T') || !digits(rest, 1, 2, hour) || rest.size() < 6 ||
        rest[3] != ':' || !digits(rest, 4, 2, minute)) {
      return std::nullopt;
    }
    rest.remove_prefix(6);
    if (!rest.empty() && rest[0] == ':') {
      if (!digits(rest, 1, 2, second)) return std::nullopt;
      rest.remove_prefix(3);
      if (!rest.empty() && (rest[0] == '.' || rest[0] == ',')) {
        rest.remove_prefix(1);
        for (std::int64_t weight = 100; !rest.empty() && rest[0] >= '0' && rest[0] <= '9';
             weight /= 10) {
          fraction_ms += (rest[0] - '0') * weight;
          rest.remove_prefix(1);
        }
      }
    }
    int minutes_east = 0;
    zoned = rest.find_first_not_of(' ') != std::string_view::npos;
    if (minute > 59 || !parse_zone(rest, minutes_east)) return std::nullopt;
    minute -= minutes_east;
  }
  if (hour > 24 || second > 60) return std::nullopt;
  const std::int64_t minutes = (days_from_civil(year, month, day) * 24 + hour) * 60 + minute;
  return Stamp{minutes * 60'000 + second * 1000 + fraction_ms, zoned};
}

std::optional<std::int64_t> parse_number(double number) {
  if (!(number > 0)) return std::nullopt;
  if (number >= 2'000'000 && number < 4'000'000) {
    return static_cast<std::int64_t>(std::llround((number - 2440587.5) * 86'400'000.0));
  }
  if (number < 1e8) return std::nullopt;                  // not a time of our days
  if (number < 1e11) return std::llround(number * 1000);  // seconds
  if (number < 1e14) return std::llround(number);         // milliseconds
  if (number < 1e17) return std::llround(number / 1000);  // microseconds
  // .NET: 100 ns since the year 1; those of 1970 to about 2500.
  constexpr double kTicksOf1970 = 621'355'968e9;
  if (number < kTicksOf1970 || number > 8e17) return std::nullopt;
  return std::llround((number - kTicksOf1970) / 10'000);
}

std::optional<Stamp> parse(const ValueView& value) {
  std::optional<std::int64_t> utc_ms;
  if (value.type == ValueType::kText) return parse_text(value.bytes);
  if (value.type == ValueType::kInteger) utc_ms = parse_number(static_cast<double>(value.integer));
  if (value.type == ValueType::kReal) utc_ms = parse_number(value.real);
  return utc_ms ? std::optional(Stamp{*utc_ms}) : std::nullopt;
}

bool is_about(std::int64_t a, std::int64_t b) {
  return std::llabs(a - b) <= kStampToleranceMs;
}

// The stamp is the local time of the capture.
bool is_local(const Stamp& stamp, std::int64_t captured_ms, std::int64_t offset_ms) {
  constexpr std::int64_t kQuarterOfAnHourMs = 15 * 60'000;
  return !stamp.zoned && offset_ms % kQuarterOfAnHourMs == 0 &&
         is_about(stamp.utc_ms, captured_ms + offset_ms);
}

std::int64_t believed_time(const Stamp& stamp, std::int64_t captured_ms,
                           const UtcOffset& utc_offset) {
  constexpr std::int64_t kHourMs = 3'600'000;
  if (!stamp.zoned && utc_offset) {
    // Where clocks are put forward or back, two offsets are possible: the capture says more.
    const std::int64_t before_ms = utc_offset(captured_ms - kHourMs);
    const std::int64_t after_ms = utc_offset(captured_ms + kHourMs);
    const std::int64_t offset_ms = utc_offset(captured_ms);
    if (before_ms != after_ms &&
        (is_local(stamp, captured_ms, before_ms) || is_local(stamp, captured_ms, after_ms))) {
      return captured_ms;
    }
    if (is_local(stamp, captured_ms, offset_ms)) return stamp.utc_ms - offset_ms;
  }
  return stamp.utc_ms > captured_ms + kStampToleranceMs ? captured_ms : stamp.utc_ms;
}

}  // namespace

std::optional<std::int64_t> parse_stamp(const ValueView& value) {
  const auto stamp = parse(value);
  return stamp ? std::optional(stamp->utc_ms) : std::nullopt;
}

EffectiveTime effective_time(const Edit& edit, std::int64_t now_ms, const UtcOffset& utc_offset) {
  const std::int64_t latest_ms = now_ms + kStampToleranceMs;
  EffectiveTime time{std::min(edit.captured_ms, latest_ms), edit.captured_ms > latest_ms};
  if (edit.new_stamp == edit.old_stamp) return time;  // the application did not touch it
  const auto stamp = parse(edit.new_stamp);
  if (stamp) time.at_ms = std::min(believed_time(*stamp, edit.captured_ms, utc_offset), latest_ms);
  return time;
}

}  // namespace tidesync
