#include "base/clock.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace tidesync {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kWinter = 1'795'255'200'000;  // 2026-11-21T10:00:00Z
constexpr std::int64_t kSummer = 1'782'000'000'000;  // 2026-06-21T00:00:00Z

#ifndef _WIN32
// The rest of the process has the time zone it had.
class TimeZone {
 public:
  explicit TimeZone(const char* rule) {
    const char* present = std::getenv("TZ");
    if (present) before_ = present;
    ::setenv("TZ", rule, 1);
    ::tzset();
  }
  ~TimeZone() {
    before_.empty() ? ::unsetenv("TZ") : ::setenv("TZ", before_.c_str(), 1);
    ::tzset();
  }

 private:
  std::string before_;
};

TEST(SystemClockTest, TheLocalTimesDistanceFromUtcFollowsTheSeason) {
  SystemClock clock;
  {
    const TimeZone berlin("CET-1CEST,M3.5.0,M10.5.0/3");
    EXPECT_EQ(clock.utc_offset_ms(kWinter), kHourMs);
    EXPECT_EQ(clock.utc_offset_ms(kSummer), 2 * kHourMs);
    EXPECT_EQ(clock.utc_offset_ms(kWinter + 999), kHourMs);
    EXPECT_EQ(clock.utc_offset_ms(-1), kHourMs);
  }
  {
    const TimeZone new_york("EST5EDT,M3.2.0,M11.1.0");
    EXPECT_EQ(clock.utc_offset_ms(kWinter), -5 * kHourMs);
  }
  const TimeZone nepal("<+0545>-5:45");
  EXPECT_EQ(clock.utc_offset_ms(kSummer), 5 * kHourMs + 45 * 60'000);
}
#endif

TEST(SystemClockTest, TheDistanceIsAQuarterOfAnHourTimesSomething) {
  EXPECT_EQ(SystemClock().utc_offset_ms(kWinter) % (15 * 60'000), 0);
}

}  // namespace
}  // namespace tidesync
