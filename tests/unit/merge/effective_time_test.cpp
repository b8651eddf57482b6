#include "merge/effective_time.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/text.h"

namespace tidesync {
namespace {

constexpr std::int64_t kTenOClock = 1'795'255'200'000;  // 2026-11-21T10:00:00.000Z
constexpr std::int64_t kMinute = 60'000;

std::optional<std::int64_t> parsed(std::string_view text) {
  return parse_stamp(ValueView::text(text));
}

TEST(ParseStampTest, TheConstantOfThisTestIsTenOClock) {
  EXPECT_EQ(iso_utc(kTenOClock), "2026-11-21T10:00:00.000Z");
}

TEST(ParseStampTest, TextsWithoutAZoneAreUtc) {
  EXPECT_EQ(parsed("2026-11-21 10:00:00"), kTenOClock);
  EXPECT_EQ(parsed("2026-11-21T10:00:00"), kTenOClock);
  EXPECT_EQ(parsed("2026-11-21 10:00"), kTenOClock);
  EXPECT_EQ(parsed("2026-11-21"), kTenOClock - 10 * 60 * kMinute);
}

TEST(ParseStampTest, TextsWithAZoneAreTurnedIntoUtc) {
  EXPECT_EQ(parsed("2026-11-21T10:00:00Z"), kTenOClock);
  EXPECT_EQ(parsed("2026-11-21T11:00:00+01:00"), kTenOClock);
  EXPECT_EQ(parsed("2026-11-21 04:30:00 -0530"), kTenOClock);
  EXPECT_EQ(parsed("2026-11-21T12:00+02"), kTenOClock);
  EXPECT_EQ(parsed("2026-11-21 10:00:00 UTC"), kTenOClock);
  EXPECT_EQ(parsed("2026-11-22T00:00:00+14:00"), kTenOClock);
}

TEST(ParseStampTest, FractionsCountInMillisecondsWhateverTheirLength) {
  EXPECT_EQ(parsed("2026-11-21T10:00:00.5Z"), kTenOClock + 500);
  EXPECT_EQ(parsed("2026-11-21T10:00:00.123Z"), kTenOClock + 123);
  EXPECT_EQ(parsed("2026-11-21T10:00:00.123456789Z"), kTenOClock + 123);
  EXPECT_EQ(parsed("2026-11-21 10:00:00,250"), kTenOClock + 250);
}

TEST(ParseStampTest, LeapDaysAndOldDatesAreRight) {
  EXPECT_EQ(parsed("1970-01-01 00:00:00"), 0);
  EXPECT_EQ(parsed("1969-12-31 23:59:59"), -1000);
  EXPECT_EQ(parsed("2024-02-29 00:00:00"), 1'709'164'800'000);
  EXPECT_EQ(*parsed("2024-03-01") - *parsed("2024-02-29"), 24 * 60 * kMinute);
  EXPECT_EQ(*parsed("2100-03-01") - *parsed("2100-02-28"), 24 * 60 * kMinute);
}

TEST(ParseStampTest, NumbersAreReadByTheirMagnitude) {
  EXPECT_EQ(parse_stamp(ValueView::of(kTenOClock / 1000)), kTenOClock);
  EXPECT_EQ(parse_stamp(ValueView::of(kTenOClock)), kTenOClock);
  EXPECT_EQ(parse_stamp(ValueView::of(kTenOClock * 1000)), kTenOClock);
  EXPECT_EQ(parse_stamp(ValueView::of_real(kTenOClock / 1000.0 + 0.25)), kTenOClock + 250);
  EXPECT_EQ(parse_stamp(ValueView::of_real(2440587.5)), 0);
  EXPECT_EQ(parse_stamp(ValueView::of_real(2440588.0)), 12 * 60 * kMinute);
}

TEST(ParseStampTest, WhatIsNoTimeIsNone) {
  for (const char* text : {"",
                           "0000-00-00 00:00:00",
                           "0000-00-00",
                           "yesterday",
                           "21.11.2026",
                           "11/21/2026",
                           "2026-13-01",
                           "2026-00-10",
                           "2026-11-32",
                           "2026-11-21 25:00:00",
                           "2026-11-21 10",
                           "2026-11-21 10:0",
                           "2026-11-21 10:75",
                           "2026-11-21 10:00:99",
                           "2026-11-21 10:00:00 CET",
                           "2026-11-21T10:00:00+25:00",
                           "2026-11-21T10:00:00+1",
                           "2026-11-21x",
                           "20261121",
                           "2026-11-21 10:00:00Zjunk"}) {
    EXPECT_EQ(parsed(text), std::nullopt) << "'" << text << "'";
  }
  EXPECT_EQ(parse_stamp(ValueView::null()), std::nullopt);
  EXPECT_EQ(parse_stamp(ValueView::blob("2026-11-21")), std::nullopt);
  EXPECT_EQ(parse_stamp(ValueView::of(0)), std::nullopt);
  EXPECT_EQ(parse_stamp(ValueView::of(-5)), std::nullopt);
  EXPECT_EQ(parse_stamp(ValueView::of(42)), std::nullopt);
  EXPECT_EQ(parse_stamp(ValueView::of(std::numeric_limits<std::int64_t>::max())), std::nullopt);
  EXPECT_EQ(parse_stamp(ValueView::of_real(std::numeric_limits<double>::infinity())), std::nullopt);
}

TEST(EffectiveTimeTest, AStampThatWasSetIsBelieved) {
  EXPECT_EQ(effective_time(ValueView::text("2026-11-21 08:00:00"),
                           ValueView::text("2026-11-21 10:00:00"), kTenOClock + 5),
            kTenOClock);
}

TEST(EffectiveTimeTest, AStampFromBeforeTheCaptureIsBelievedHoweverOld) {
  // Edited at ten, written to the database in the evening: the work was done at ten.
  EXPECT_EQ(effective_time(ValueView::null(), ValueView::text("2026-11-21 10:00:00"),
                           kTenOClock + 600 * kMinute),
            kTenOClock);
}

TEST(EffectiveTimeTest, AStampThatDidNotMoveSaysNothingOfThisChange) {
  const ValueView stamp = ValueView::text("2020-01-01 00:00:00");
  EXPECT_EQ(effective_time(stamp, stamp, kTenOClock), kTenOClock);
}

TEST(EffectiveTimeTest, AStampFromTheFutureGivesWayToTheCapture) {
  EXPECT_EQ(effective_time(ValueView::null(), ValueView::text("2099-01-01"), kTenOClock),
            kTenOClock);
  EXPECT_EQ(effective_time(ValueView::null(), ValueView::of(kTenOClock + kStampToleranceMs + 1),
                           kTenOClock),
            kTenOClock);
  EXPECT_EQ(
      effective_time(ValueView::null(), ValueView::of(kTenOClock + kStampToleranceMs), kTenOClock),
      kTenOClock + kStampToleranceMs);
}

TEST(EffectiveTimeTest, GarbageGivesWayToTheCapture) {
  EXPECT_EQ(effective_time(ValueView::null(), ValueView::text("soon"), kTenOClock), kTenOClock);
  EXPECT_EQ(effective_time(ValueView::text("2026-11-21"), ValueView::null(), kTenOClock),
            kTenOClock);
}

TEST(EffectiveTimeTest, WithoutAColumnTheCaptureCounts) {
  EXPECT_EQ(effective_time(ValueView::null(), ValueView::null(), kTenOClock), kTenOClock);
}

}  // namespace
}  // namespace tidesync
