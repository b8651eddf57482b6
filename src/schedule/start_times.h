// When a task starts: every so many minutes, shifted by an offset that differs from computer to
// computer, so that a fleet does not want the share in the same second. On the clock on the wall of
// the computer. Pure.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <vector>

namespace tidesync {

inline constexpr std::int64_t kDayMinutes = 24 * 60;
inline constexpr std::int64_t kWeekMinutes = 7 * kDayMinutes;

struct StartTimes {
  std::int64_t every_minutes = 0;
  std::int64_t offset_s = 0;  // below `every_minutes`, and below an hour

  // Whether every day (or week, at the same weekday) has the same times. Only such can be written
  // as times of the day; 7m or 50h cannot.
  bool is_regular() const;
  int second() const { return static_cast<int>(offset_s % 60); }
  // The first start after a Monday's beginning, in seconds. From a day on it is noon, when
  // computers are on.
  std::int64_t first_s() const;
};

// The same for the same node and database at any time, spread evenly over others.
StartTimes start_times(std::int64_t every_minutes, const std::string& node,
                       const std::string& database);

// The regular intervals just below and above one that is not; nullopt beyond the ends.
struct RegularNeighbours {
  std::optional<std::int64_t> below, above;
};
RegularNeighbours regular_neighbours(std::int64_t every_minutes);

// Times of a day: each of the minutes in each of the hours. Empty stands for all.
struct DayTimes {
  std::vector<int> hours, minutes;
};
// All times of a day of a regular interval, in as few parts as possible. A week's is a Monday.
std::vector<DayTimes> day_times(const StartTimes& times);

// From `local`, a time on the computer's clock, to the next start counted from Mondays (or, for an
// interval that is not regular, from the Monday 2026-01-05). Never 0.
std::int64_t seconds_to_next(const StartTimes& times, const std::tm& local);

// "15m", "2h", "1d": the shortest that parse_interval_minutes reads.
std::string interval_text(std::int64_t minutes);

}  // namespace tidesync
