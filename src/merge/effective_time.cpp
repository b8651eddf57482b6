#include "merge/effective_time.h"

#include <cmath>
#include <cstdio>
#include <string>

namespace tidesync {
namespace {

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

std::optional<std::int64_t> parse_text(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!digits(text, 0, 4, year) || text.size() < 10 || text[4] != '-' || text[7] != '-' ||
      !digits(text, 5, 2, month) || !digits(text, 8, 2, day)) {
    return std::nullopt;
  }
  if (year == 0 || month < 1 || month > 12 || day < 1 || day > 31) return std::nullopt;
  std::int64_t fraction_ms = 0;
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
    if (minute > 59 || !parse_zone(rest, minutes_east)) return std::nullopt;
    minute -= minutes_east;
  }
  if (hour > 24 || second > 60) return std::nullopt;
  return ((days_from_civil(year, month, day) * 24 + hour) * 60 + minute) * 60'000 + second * 1000 +
         fraction_ms;
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
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> parse_stamp(const ValueView& value) {
  switch (value.type) {
    case ValueType::kText:
      return parse_text(value.bytes);
    case ValueType::kInteger:
      return parse_number(static_cast<double>(value.integer));
    case ValueType::kReal:
      return parse_number(value.real);
    default:
      return std::nullopt;
  }
}

std::int64_t effective_time(const ValueView& old_stamp, const ValueView& new_stamp,
                            std::int64_t captured_ms) {
  if (new_stamp == old_stamp) return captured_ms;  // the application did not touch it
  const auto stamp = parse_stamp(new_stamp);
  if (!stamp || *stamp > captured_ms + kStampToleranceMs) return captured_ms;
  return *stamp;
}

}  // namespace tidesync
