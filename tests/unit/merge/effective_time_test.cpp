#include "merge/effective_time.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/text.h"

namespace tidesync {
namespace {

constexpr std::int64_t kTenOClock = 1'795'255'200'000;  // 2026-11-21T10:00:00.000Z
constexpr std::int64_t kMinute = 60'000;

constexpr std::int64_t kHour = 60 * kMinute;

// A change seen now, on a host that keeps UTC.
std::int64_t time_of(const ValueView& old_stamp, const ValueView& new_stamp,
                     std::int64_t captured_ms) {
  return effective_time({old_stamp, new_stamp, captured_ms}, captured_ms, {}).at_ms;
}

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
  EXPECT_EQ(parse_stamp(ValueView::of(621'355'968'000'000'000 + kTenOClock * 10'000)), kTenOClock)
      << ".NET ticks";
  EXPECT_EQ(parse_stamp(ValueView::of(621'355'968'000'000'000)), 0);
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
                           "26-11-21 10:00:00",
                           "11/21/26",
                           "0000-00-00T00:00:00Z",
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
  EXPECT_EQ(time_of(ValueView::text("2026-11-21 08:00:00"), ValueView::text("2026-11-21 10:00:00"),
                    kTenOClock + 5),
            kTenOClock);
}

TEST(EffectiveTimeTest, AStampFromBeforeTheCaptureIsBelievedHoweverOld) {
  // Edited at ten, written to the database in the evening: the work was done at ten.
  EXPECT_EQ(time_of(ValueView::null(), ValueView::text("2026-11-21 10:00:00"),
                    kTenOClock + 600 * kMinute),
            kTenOClock);
}

TEST(EffectiveTimeTest, AStampThatDidNotMoveSaysNothingOfThisChange) {
  const ValueView stamp = ValueView::text("2020-01-01 00:00:00");
  EXPECT_EQ(time_of(stamp, stamp, kTenOClock), kTenOClock);
}

TEST(EffectiveTimeTest, AStampFromTheFutureGivesWayToTheCapture) {
  EXPECT_EQ(time_of(ValueView::null(), ValueView::text("2099-01-01"), kTenOClock), kTenOClock);
  EXPECT_EQ(
      time_of(ValueView::null(), ValueView::of(kTenOClock + kStampToleranceMs + 1), kTenOClock),
      kTenOClock);
  EXPECT_EQ(time_of(ValueView::null(), ValueView::of(kTenOClock + kStampToleranceMs), kTenOClock),
            kTenOClock + kStampToleranceMs);
}

TEST(EffectiveTimeTest, GarbageGivesWayToTheCapture) {
  EXPECT_EQ(time_of(ValueView::null(), ValueView::text("soon"), kTenOClock), kTenOClock);
  EXPECT_EQ(time_of(ValueView::text("2026-11-21"), ValueView::null(), kTenOClock), kTenOClock);
}

TEST(EffectiveTimeTest, WithoutAColumnTheCaptureCounts) {
  EXPECT_EQ(time_of(ValueView::null(), ValueView::null(), kTenOClock), kTenOClock);
}

// Berlin in winter, and where it puts its clocks back on 2026-10-25 at 01:00 UTC.
std::int64_t berlin(std::int64_t utc_ms) {
  constexpr std::int64_t kEndOfSummer = 1'792'890'000'000;
  return utc_ms < kEndOfSummer ? 2 * kHour : kHour;
}

std::int64_t edited_at(std::string_view stamp, std::int64_t captured_ms, const UtcOffset& offset) {
  const Edit edit{ValueView::null(), ValueView::text(stamp), captured_ms};
  return effective_time(edit, captured_ms, offset).at_ms;
}

TEST(EffectiveTimeTest, ATextWithoutAZoneIsLocalTimeWhereThatIsTheMomentOfTheCapture) {
  const std::int64_t captured = kTenOClock + 700;
  EXPECT_EQ(edited_at("2026-11-21 11:00:00", captured, berlin), kTenOClock);
  EXPECT_EQ(edited_at("2026-11-21T11:00:00.500", captured, berlin), kTenOClock + 500);
  EXPECT_EQ(edited_at("2026-11-21 10:00:00", captured, berlin), kTenOClock) << "UTC";
  EXPECT_EQ(edited_at("2026-11-21 11:02:00", captured, berlin), kTenOClock + 2 * kMinute);
  const auto new_york = [](std::int64_t) { return -5 * kHour; };
  EXPECT_EQ(edited_at("2026-11-21 05:00:00", captured, new_york), kTenOClock);
  const auto nepal = [](std::int64_t) { return 5 * kHour + 45 * kMinute; };
  EXPECT_EQ(edited_at("2026-11-21 15:45:00", captured, nepal), kTenOClock);
}

TEST(EffectiveTimeTest, AnyOtherTextWithoutAZoneIsUtc) {
  const std::int64_t captured = kTenOClock + 700;
  EXPECT_EQ(edited_at("2026-11-21 08:00:00", captured, berlin), kTenOClock - 2 * kHour);
  EXPECT_EQ(edited_at("2026-11-21 11:10:00", captured, berlin), captured) << "from the future";
  EXPECT_EQ(edited_at("2026-11-21 11:00:00Z", captured, berlin), captured) << "it has a zone";
  EXPECT_EQ(edited_at("2026-11-21 11:00:00 +01:00", captured, berlin), kTenOClock);
  const auto odd = [](std::int64_t) { return 7 * kMinute; };
  EXPECT_EQ(edited_at("2026-11-21 10:07:00", captured, odd), captured) << "no zone is like this";
}

TEST(EffectiveTimeTest, WhereClocksArePutBackTheCaptureCounts) {
  constexpr std::int64_t kEndOfSummer = 1'792'890'000'000;
  EXPECT_EQ(iso_utc(kEndOfSummer), "2026-10-25T01:00:00.000Z");
  const std::int64_t captured = kEndOfSummer + 30 * kMinute;
  EXPECT_EQ(edited_at("2026-10-25 02:30:00", captured, berlin), captured);
  const std::int64_t before = kEndOfSummer - 30 * kMinute;
  EXPECT_EQ(edited_at("2026-10-25 02:29:30", before, berlin), before);
  EXPECT_EQ(edited_at("2026-10-25 01:29:59", captured, berlin),
            kEndOfSummer + 29 * kMinute + 59'000)
      << "UTC has no fold";
}

TEST(EffectiveTimeTest, NoTimeIsMuchLaterThanNow) {
  // Captured while the clock was three days ahead; it has been set right since.
  constexpr std::int64_t kThreeDays = 3 * 24 * kHour;
  const EffectiveTime late = effective_time(
      {ValueView::null(), ValueView::null(), kTenOClock + kThreeDays}, kTenOClock, {});
  EXPECT_EQ(late.at_ms, kTenOClock + kStampToleranceMs);
  EXPECT_TRUE(late.clamped);
  const ValueView stamp = ValueView::of(kTenOClock + kThreeDays);
  EXPECT_EQ(
      effective_time({ValueView::null(), stamp, kTenOClock + kThreeDays}, kTenOClock, {}).at_ms,
      kTenOClock + kStampToleranceMs);
  EXPECT_FALSE(
      effective_time({ValueView::null(), ValueView::null(), kTenOClock}, kTenOClock, {}).clamped);
}

}  // namespace
}  // namespace tidesync
