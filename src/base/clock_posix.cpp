#include <date/date.h>

#include <ctime>

#include "base/clock.h"

namespace tidesync {

std::int64_t SystemClock::utc_offset_ms(std::int64_t utc_ms) {
  using namespace std::chrono;
  const auto utc_s = static_cast<std::time_t>(floor<seconds>(milliseconds(utc_ms)).count());
  std::tm local{};
  if (!::localtime_r(&utc_s, &local)) return 0;
  const date::sys_days day = date::year(local.tm_year + 1900) /
                             date::month(static_cast<unsigned>(local.tm_mon + 1)) /
                             date::day(static_cast<unsigned>(local.tm_mday));
  const auto local_s =
      day.time_since_epoch() + hours(local.tm_hour) + minutes(local.tm_min) + seconds(local.tm_sec);
  return duration_cast<milliseconds>(local_s - seconds(utc_s)).count();
}

}  // namespace tidesync
