// When tasks start: the same times every day, each computer at its own second, the next one found
// from any moment.
#include "schedule/start_times.h"

#include <gtest/gtest.h>

#include <set>

namespace tidesync {
namespace {

std::vector<std::int64_t> regular_intervals() {
  std::vector<std::int64_t> found;
  for (std::int64_t minutes = 1; minutes <= 31 * kDayMinutes; ++minutes) {
    if (StartTimes{minutes, 0}.is_regular()) found.push_back(minutes);
  }
  return found;
}

// All seconds of a day at which such times start.
std::set<std::int64_t> seconds_of_day(const StartTimes& times) {
  std::set<std::int64_t> seconds;
  for (const DayTimes& part : day_times(times)) {
    for (int hour = 0; hour < 24; ++hour) {
      for (int minute = 0; minute < 60; ++minute) {
        const auto has = [](const std::vector<int>& list, int number) {
          return list.empty() || std::count(list.begin(), list.end(), number) > 0;
        };
        if (!has(part.hours, hour) || !has(part.minutes, minute)) continue;
        EXPECT_TRUE(seconds.insert(hour * 3600 + minute * 60 + times.second()).second)
            << "written twice";
      }
    }
  }
  return seconds;
}

std::tm moment(int year, int month, int day, std::int64_t second_of_day) {
  std::tm time{};
  time.tm_year = year - 1900;
  time.tm_mon = month - 1;
  time.tm_mday = day;
  time.tm_hour = static_cast<int>(second_of_day / 3600);
  time.tm_min = static_cast<int>(second_of_day / 60 % 60);
  time.tm_sec = static_cast<int>(second_of_day % 60);
  return time;
}

TEST(StartTimes, EveryRegularIntervalIsWrittenWithEqualGaps) {
  const auto intervals = regular_intervals();
  EXPECT_EQ(intervals.size(), 37U);  // the divisors of 1440, and the week
  for (const std::int64_t every : intervals) {
    for (const std::int64_t offset_s : {0, 59, 60, 1000, 3599}) {
      const StartTimes times{every, offset_s % (std::min<std::int64_t>(every, 60) * 60)};
      const auto seconds = seconds_of_day(times);
      const std::int64_t gap_s = std::min(every, kDayMinutes) * 60;
      ASSERT_EQ(seconds.size(), static_cast<std::size_t>(86400 / gap_s)) << every;
      for (const std::int64_t second : seconds)
        EXPECT_EQ((second - times.first_s()) % gap_s, 0) << every << " " << second;
    }
  }
}

TEST(StartTimes, WhatACrontabCannotSayIsNotRegular) {
  for (const std::int64_t every : {7L, 11L, 50L * 60, 2 * kDayMinutes, 31 * kDayMinutes})
    EXPECT_FALSE((StartTimes{every, 0}.is_regular())) << every;
  EXPECT_EQ(regular_neighbours(7).below, 6);
  EXPECT_EQ(regular_neighbours(7).above, 8);
  EXPECT_EQ(regular_neighbours(50 * 60).below, kDayMinutes);
  EXPECT_EQ(regular_neighbours(50 * 60).above, kWeekMinutes);
  EXPECT_EQ(regular_neighbours(31 * kDayMinutes).below, kWeekMinutes);
  EXPECT_FALSE(regular_neighbours(31 * kDayMinutes).above);
}

TEST(StartTimes, AFleetDoesNotStartInTheSameSecond) {
  std::set<std::int64_t> seconds;
  for (int node = 0; node < 50; ++node) {
    const StartTimes times = start_times(15, "node-" + std::to_string(node), "/home/x/quotes.db");
    EXPECT_GE(times.offset_s, 0);
    EXPECT_LT(times.offset_s, 15 * 60);
    seconds.insert(times.offset_s);
  }
  EXPECT_GE(seconds.size(), 47U) << "of 900 seconds, 50 computers take nearly as many";
  EXPECT_EQ(start_times(15, "anna", "/a.db").offset_s, start_times(15, "anna", "/a.db").offset_s);
  EXPECT_NE(start_times(15, "anna", "/a.db").offset_s, start_times(15, "anna", "/b.db").offset_s);
  EXPECT_LT(start_times(1, "anna", "/a.db").offset_s, 60);
  EXPECT_LT(start_times(kWeekMinutes, "anna", "/a.db").offset_s, 3600);
}

TEST(StartTimes, TheNextStartIsFoundFromAnyMoment) {
  for (const std::int64_t every : regular_intervals()) {
    if (every == kWeekMinutes) continue;
    const StartTimes times{every, (every * 60 - 1) % 3600};
    const auto seconds = seconds_of_day(times);
    for (const std::int64_t now : {0, 1, 3598, 3599, 3600, 43199, 43200, 86399}) {
      const std::int64_t wait = seconds_to_next(times, moment(2026, 2, 28, now));
      auto next = seconds.upper_bound(now);
      const std::int64_t expected = next == seconds.end() ? *seconds.begin() + 86400 : *next;
      EXPECT_EQ(now + wait, expected) << every << " at " << now;
    }
  }
}

TEST(StartTimes, AWeekIsCountedFromMondayNoon) {
  const StartTimes times{kWeekMinutes, 90};
  // 2026-11-23 is a Monday.
  EXPECT_EQ(seconds_to_next(times, moment(2026, 11, 23, 12 * 3600)), 90);
  EXPECT_EQ(seconds_to_next(times, moment(2026, 11, 23, 12 * 3600 + 90)), 7 * 86400);
  EXPECT_EQ(seconds_to_next(times, moment(2026, 11, 22, 12 * 3600)), 86400 + 90);
}

TEST(StartTimes, IntervalsAreWrittenAsTheyAreRead) {
  EXPECT_EQ(interval_text(15), "15m");
  EXPECT_EQ(interval_text(90), "90m");
  EXPECT_EQ(interval_text(120), "2h");
  EXPECT_EQ(interval_text(50 * 60), "50h");
  EXPECT_EQ(interval_text(kWeekMinutes), "7d");
}

}  // namespace
}  // namespace tidesync
