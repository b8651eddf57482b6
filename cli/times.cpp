#include "cli/times.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "cli/system.h"

namespace tidesync {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;
constexpr std::int64_t kDayMs = 24 * kHourMs;

// "7d" -> milliseconds.
std::optional<std::int64_t> parse_span(const std::string& text) {
  const std::size_t digits = text.find_first_not_of("0123456789");
  if (digits == 0 || digits > 6 || digits + 1 != text.size()) return std::nullopt;
  const std::int64_t number = std::stoll(text.substr(0, digits));
  switch (text.back()) {
    case 'm':
      return number * kMinuteMs;
    case 'h':
      return number * kHourMs;
    case 'd':
      return number * kDayMs;
    case 'w':
      return number * 7 * kDayMs;
    default:
      return std::nullopt;
  }
}

// Whether `text` has the form, where 0 stands for any digit.
bool has_form(const std::string& text, std::string_view form) {
  if (text.size() != form.size()) return false;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (form[i] == '0' ? !digit : text[i] != form[i]) return false;
  }
  return true;
}

// A day, or a day and a time, on the local clock.
std::optional<std::int64_t> parse_local(std::string text, int more_days = 0) {
  if (text.size() > 10 && text[10] == ' ') text[10] = 'T';
  std::string full = text;
  if (has_form(text, "0000-00-00")) full += "T00:00:00";
  if (has_form(text, "0000-00-00T00:00")) full += ":00";
  std::int64_t ignored = 0;
  if (!has_form(full, "0000-00-00T00:00:00") || !parse_iso_utc(full + ".000Z", ignored)) {
    return std::nullopt;
  }
  std::tm calendar{};
  if (std::sscanf(full.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d", &calendar.tm_year, &calendar.tm_mon,
                  &calendar.tm_mday, &calendar.tm_hour, &calendar.tm_min, &calendar.tm_sec) != 6) {
    return std::nullopt;
  }
  calendar.tm_year -= 1900;
  calendar.tm_mon -= 1;
  calendar.tm_mday += more_days;
  calendar.tm_isdst = -1;
  const std::time_t at = std::mktime(&calendar);
  return at == -1 ? std::nullopt : std::optional<std::int64_t>(std::int64_t{at} * 1000);
}

std::int64_t parse_time(const std::string& text, std::int64_t now_ms, const char* operation) {
  std::int64_t utc_ms = 0;
  // Nothing is older than 1970, also when somebody asks for the last 999999 weeks.
  if (const auto span = parse_span(text)) return std::max<std::int64_t>(now_ms - *span, 0);
  if (parse_iso_utc(text, utc_ms)) return utc_ms;
  if (const auto local = parse_local(text)) return *local;
  throw Error(ErrorCode::kUsage, operation, "", quote_name(printable(text)) + " is no time",
              "write a day (2026-11-01), a time (\"2026-11-01 14:30\") or a span (7d, 24h, 90m)");
}

std::string ago(std::int64_t number, const std::string& unit) {
  return std::to_string(number) + " " + unit + (number == 1 ? "" : "s") + " ago";
}

}  // namespace

std::int64_t parse_since(const std::string& text, std::int64_t now_ms) {
  return parse_time(text, now_ms, "read --since");
}

std::int64_t parse_until(const std::string& text, std::int64_t now_ms) {
  const bool is_day = has_form(text, "0000-00-00");
  if (const auto end = is_day ? parse_local(text, 1) : std::nullopt) return *end;
  return parse_time(text, now_ms, "read --until");
}

std::string local_time(std::int64_t utc_ms) {
  const std::int64_t utc_s = utc_ms / 1000 - (utc_ms % 1000 < 0 ? 1 : 0);
  const std::tm calendar = local_calendar(static_cast<std::time_t>(utc_s));
  std::array<char, 40> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &calendar);
  return text.data();
}

std::string local_time(const std::string& iso_utc) {
  std::int64_t utc_ms = 0;
  return parse_iso_utc(iso_utc, utc_ms) ? local_time(utc_ms) : iso_utc;
}

std::string utc_time(const std::string& iso_utc) {
  std::int64_t utc_ms = 0;
  if (!parse_iso_utc(iso_utc, utc_ms)) return iso_utc;
  return iso_utc.substr(0, 10) + " " + iso_utc.substr(11, 8);
}

std::string time_zone(std::int64_t utc_ms) {
  const std::tm calendar = local_calendar(static_cast<std::time_t>(utc_ms / 1000));
  std::array<char, 80> text{};
  std::strftime(text.data(), text.size(), "%Z", &calendar);
  return printable(text.data());
}

std::string time_ago(const std::string& iso_utc, std::int64_t now_ms) {
  std::int64_t utc_ms = 0;
  if (!parse_iso_utc(iso_utc, utc_ms)) return {};
  const std::int64_t age_ms = now_ms - utc_ms;
  if (age_ms < -kMinuteMs) return "in the future";
  if (age_ms < kMinuteMs) return "just now";
  if (age_ms < 2 * kHourMs) return ago(age_ms / kMinuteMs, "minute");
  if (age_ms < 2 * kDayMs) return ago(age_ms / kHourMs, "hour");
  return ago(age_ms / kDayMs, "day");
}

}  // namespace tidesync
