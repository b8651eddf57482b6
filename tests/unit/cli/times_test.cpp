#include "cli/times.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "base/text.h"
#include "support/expect_error.h"

namespace tidesync {
namespace {

// All times below are read on a clock in Berlin.
class Times : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
#ifdef _WIN32
    _putenv_s("TZ", "CET-1CEST");
    _tzset();
#else
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
#endif
  }
  static std::int64_t utc(const char* iso) {
    std::int64_t ms = 0;
    EXPECT_TRUE(parse_iso_utc(iso, ms)) << iso;
    return ms;
  }
  const std::int64_t now_ = utc("2026-11-21T10:00:00.500Z");
};

TEST_F(Times, SinceTakesSpans) {
  EXPECT_EQ(iso_utc(parse_since("7d", now_)), "2026-11-14T10:00:00.500Z");
  EXPECT_EQ(iso_utc(parse_since("24h", now_)), "2026-11-20T10:00:00.500Z");
  EXPECT_EQ(iso_utc(parse_since("90m", now_)), "2026-11-21T08:30:00.500Z");
  EXPECT_EQ(iso_utc(parse_since("2w", now_)), "2026-11-07T10:00:00.500Z");
}

TEST_F(Times, SinceTakesLocalDaysAndTimes) {
  EXPECT_EQ(iso_utc(parse_since("2026-11-01", now_)), "2026-10-31T23:00:00.000Z");
  EXPECT_EQ(iso_utc(parse_since("2026-07-01", now_)), "2026-06-30T22:00:00.000Z");
  EXPECT_EQ(iso_utc(parse_since("2026-11-01 14:30", now_)), "2026-11-01T13:30:00.000Z");
  EXPECT_EQ(iso_utc(parse_since("2026-11-01T14:30:05", now_)), "2026-11-01T13:30:05.000Z");
  EXPECT_EQ(iso_utc(parse_since("2026-11-01T14:30:05.250Z", now_)), "2026-11-01T14:30:05.250Z");
}

TEST_F(Times, UntilADayIsItsEnd) {
  EXPECT_EQ(iso_utc(parse_until("2026-11-01", now_)), "2026-11-01T23:00:00.000Z");
  EXPECT_EQ(iso_utc(parse_until("2026-10-25", now_)), "2026-10-25T23:00:00.000Z");  // 25 hours
  EXPECT_EQ(iso_utc(parse_until("2026-12-31", now_)), "2026-12-31T23:00:00.000Z");
  EXPECT_EQ(iso_utc(parse_until("2026-11-01 14:30", now_)), "2026-11-01T13:30:00.000Z");
  EXPECT_EQ(iso_utc(parse_until("7d", now_)), "2026-11-14T10:00:00.500Z");
  EXPECT_ERROR(parse_until("2026-02-30", now_), ErrorCode::kUsage);
  EXPECT_ERROR(parse_until("", now_), ErrorCode::kUsage);
}

TEST_F(Times, SpanLongerThanAllTimeBeginsIn1970) {
  EXPECT_EQ(iso_utc(parse_since("999999w", now_)), "1970-01-01T00:00:00.000Z");
}

TEST_F(Times, ZoneIsNamedAndUtcShown) {
  EXPECT_EQ(time_zone(now_), "CET");
  EXPECT_EQ(time_zone(utc("2026-07-01T10:00:00.000Z")), "CEST");
  EXPECT_EQ(utc_time("2026-11-21T09:00:05.999Z"), "2026-11-21 09:00:05");
  EXPECT_EQ(utc_time("some time"), "some time");
}

TEST_F(Times, SinceRefusesAllElse) {
  for (const char* text :
       {"", "d", "7", "7 d", "-7d", "7y", "1.5h", "9999999d", "2026-11", "2026-02-30", "2026-13-01",
        "2026-11-01 25:00", "2026-11-01 ", "01.11.2026", "yesterday", "2026-11-01x"}) {
    EXPECT_ERROR(parse_since(text, now_), ErrorCode::kUsage);
  }
}

TEST_F(Times, StampsAreShownOnTheLocalClock) {
  EXPECT_EQ(local_time(std::string("2026-11-21T09:00:05.999Z")), "2026-11-21 10:00:05");
  EXPECT_EQ(local_time(std::string("2026-07-01T22:30:00.000Z")), "2026-07-02 00:30:00");
  EXPECT_EQ(local_time(std::string("some time")), "some time");
  EXPECT_EQ(local_time(std::int64_t{-1}), "1970-01-01 00:59:59");
}

TEST_F(Times, Ago) {
  EXPECT_EQ(time_ago("2026-11-21T09:59:30.000Z", now_), "just now");
  EXPECT_EQ(time_ago("2026-11-21T10:00:30.000Z", now_), "just now");
  EXPECT_EQ(time_ago("2026-11-21T09:59:00.000Z", now_), "1 minute ago");
  EXPECT_EQ(time_ago("2026-11-21T07:00:00.000Z", now_), "3 hours ago");
  EXPECT_EQ(time_ago("2026-11-01T07:00:00.000Z", now_), "20 days ago");
  EXPECT_EQ(time_ago("2027-11-01T07:00:00.000Z", now_), "in the future");
  EXPECT_EQ(time_ago("?", now_), "");
}

}  // namespace
}  // namespace tidesync
