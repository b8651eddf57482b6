// Days as dates: the steps of the charts.
#include <cstdio>

#include "inspect/report_parts.h"

namespace tidesync {
namespace {

constexpr std::int64_t kDayMs = 24LL * 60 * 60 * 1000;
constexpr std::int64_t kLongestInDays = 62 * kDayMs;
constexpr std::int64_t kLongestInWeeks = 430 * kDayMs;
constexpr std::size_t kMaxDays = 1000;  // a clock that was years off must not make years of bars

struct Date {
  int year = 0, month = 0, day = 0;
};

bool parse(const std::string& text, Date& date) {
  return std::sscanf(text.c_str(), "%4d-%2d-%2d", &date.year, &date.month, &date.day) == 3;
}

int days_of_month(int year, int month) {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

void add_day(Date& date) {
  if (++date.day <= days_of_month(date.year, date.month)) return;
  date.day = 1;
  if (++date.month <= 12) return;
  date.month = 1;
  ++date.year;
}

std::string text_of(const Date& date) {
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d", date.year, date.month, date.day);
  return text;
}

}  // namespace

ReportStep step_of(std::int64_t period_ms) {
  if (period_ms <= kLongestInDays) return ReportStep::kDay;
  return period_ms <= kLongestInWeeks ? ReportStep::kWeek : ReportStep::kMonth;
}

std::string next_day(const std::string& day, ReportStep step) {
  Date date;
  if (!parse(day, date)) return {};
  const int days = step == ReportStep::kDay    ? 1
                   : step == ReportStep::kWeek ? 7
                                               : days_of_month(date.year, date.month);
  for (int i = 0; i < days; ++i) add_day(date);
  return text_of(date);
}

std::vector<std::string> days_between(const std::string& first, const std::string& last,
                                      ReportStep step) {
  std::vector<std::string> days;
  for (std::string day = first; !day.empty() && day <= last; day = next_day(day, step)) {
    days.push_back(day);
    if (days.size() == kMaxDays) break;
  }
  return days;
}

}  // namespace tidesync
