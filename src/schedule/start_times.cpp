#include "schedule/start_times.h"

#include <algorithm>
#include <map>

#include "base/digest.h"

namespace tidesync {
namespace {

constexpr std::int64_t kHourMinutes = 60;
constexpr std::int64_t kDaySeconds = kDayMinutes * 60;
constexpr int kMondayDaysFrom1970 = 20458;  // 2026-01-05

std::int64_t days_from_1970(const std::tm& day) {
  // Years begin with March here, so that the leap day is the last.
  const std::int64_t month = day.tm_mon >= 2 ? day.tm_mon - 2 : day.tm_mon + 10;
  const std::int64_t year = day.tm_year + 1900 - (day.tm_mon >= 2 ? 0 : 1);
  return year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day.tm_mday -
         719469;
}

std::vector<int> all_below(int end) {
  std::vector<int> numbers(end);
  for (int i = 0; i < end; ++i) numbers[i] = i;
  return numbers;
}

}  // namespace

bool StartTimes::is_regular() const {
  return every_minutes == kWeekMinutes || kDayMinutes % every_minutes == 0;
}

std::int64_t StartTimes::first_s() const {
  return (every_minutes >= kDayMinutes ? kDaySeconds / 2 : 0) + offset_s;
}

StartTimes start_times(std::int64_t every_minutes, const std::string& node,
                       const std::string& database) {
  const std::string hex = digest_of("tidesync start " + node + '\n' + database).hex();
  const std::int64_t spread_s = std::min(every_minutes, kHourMinutes) * 60;
  const auto number = static_cast<std::int64_t>(std::stoull(hex.substr(0, 12), nullptr, 16));
  return {every_minutes, number % spread_s};
}

RegularNeighbours regular_neighbours(std::int64_t every_minutes) {
  RegularNeighbours found;
  for (std::int64_t minutes = 1; minutes <= kWeekMinutes; ++minutes) {
    if (!StartTimes{minutes, 0}.is_regular()) continue;
    if (minutes <= every_minutes) found.below = minutes;
    if (minutes >= every_minutes && !found.above) found.above = minutes;
  }
  return found;
}

std::vector<DayTimes> day_times(const StartTimes& times) {
  std::map<int, std::vector<int>> hours_of_minute;
  const std::int64_t step = std::min(times.every_minutes, kDayMinutes);
  const std::int64_t first = times.first_s() / 60;
  for (std::int64_t at = 0; at < kDayMinutes; at += step) {
    const auto minute_of_day = static_cast<int>((first + at) % kDayMinutes);
    hours_of_minute[minute_of_day % 60].push_back(minute_of_day / 60);
  }
  std::map<std::vector<int>, std::vector<int>> minutes_of_hours;
  for (auto& [minute, hours] : hours_of_minute) {
    std::sort(hours.begin(), hours.end());
    minutes_of_hours[hours].push_back(minute);
  }
  std::vector<DayTimes> parts;
  for (const auto& [hours, minutes] : minutes_of_hours) {
    DayTimes part;
    if (hours != all_below(24)) part.hours = hours;
    if (minutes != all_below(60)) part.minutes = minutes;
    parts.push_back(part);
  }
  return parts;
}

std::int64_t seconds_to_next(const StartTimes& times, const std::tm& local) {
  const std::int64_t now_s = (days_from_1970(local) - kMondayDaysFrom1970) * kDaySeconds +
                             local.tm_hour * 3600 + local.tm_min * 60 + local.tm_sec;
  const std::int64_t period_s = times.every_minutes * 60;
  const std::int64_t since = (now_s - times.first_s()) % period_s;
  return period_s - (since < 0 ? since + period_s : since);
}

std::string interval_text(std::int64_t minutes) {
  if (minutes % kDayMinutes == 0) return std::to_string(minutes / kDayMinutes) + "d";
  if (minutes % kHourMinutes == 0) return std::to_string(minutes / kHourMinutes) + "h";
  return std::to_string(minutes) + "m";
}

}  // namespace tidesync
