#include "merge/stamp_format.h"

#include <gtest/gtest.h>

#include "merge/effective_time.h"

namespace tidesync {
namespace {

constexpr std::int64_t kNow = 1'795'255'205'123;  // 2026-11-21T10:00:05.123Z

std::string like(const ValueView& example) {
  const auto stamp = stamp_like(example, kNow);
  return stamp ? display(stamp->view()) : "unknown";
}
std::string like_text(const char* example) {
  return like(ValueView::text(example));
}

TEST(StampFormat, TextKeepsItsSeparatorItsFractionAndItsZone) {
  EXPECT_EQ(like_text("2020-01-31 23:59:59"), "'2026-11-21 10:00:05'");
  EXPECT_EQ(like_text("2020-01-31T23:59:59"), "'2026-11-21T10:00:05'");
  EXPECT_EQ(like_text("2020-01-31T23:59:59Z"), "'2026-11-21T10:00:05Z'");
  EXPECT_EQ(like_text("2020-01-31T23:59:59.5Z"), "'2026-11-21T10:00:05.1Z'");
  EXPECT_EQ(like_text("2020-01-31T23:59:59.000Z"), "'2026-11-21T10:00:05.123Z'");
  EXPECT_EQ(like_text("2020-01-31 23:59:59.123456"), "'2026-11-21 10:00:05.123000'");
  EXPECT_EQ(like_text("2020-01-31 23:59:59,12"), "'2026-11-21 10:00:05,12'");
  EXPECT_EQ(like_text("2020-01-31 23:59"), "'2026-11-21 10:00'");
  EXPECT_EQ(like_text("2020-01-31T23:59Z"), "'2026-11-21T10:00Z'");
  EXPECT_EQ(like_text("2020-01-31"), "'2026-11-21'");
}

TEST(StampFormat, TextWithAnOffsetIsWrittenInThatOffset) {
  EXPECT_EQ(like_text("2020-01-31T23:59:59+01:00"), "'2026-11-21T11:00:05+01:00'");
  EXPECT_EQ(like_text("2020-01-31 23:59:59 -0330"), "'2026-11-21 06:30:05 -0330'");
  EXPECT_EQ(like_text("2020-01-31T23:59:59.123+14:00"), "'2026-11-22T00:00:05.123+14:00'");
}

TEST(StampFormat, NumbersKeepTheirUnitAndTheirType) {
  EXPECT_EQ(like(ValueView::of(1'600'000'000)), "1795255205");
  EXPECT_EQ(like(ValueView::of(1'600'000'000'000)), "1795255205123");
  EXPECT_EQ(like(ValueView::of(1'600'000'000'000'000)), "1795255205123000");
  EXPECT_EQ(like(ValueView::of_real(1'600'000'000.5)), "1795255205.123");
  EXPECT_EQ(like(ValueView::of(2'459'000)), "2461365");
  EXPECT_EQ(like(ValueView::of(637'000'000'000'000'000)), "639308520051230000");
  EXPECT_EQ(parse_stamp(stamp_like(ValueView::of(637'000'000'000'000'000), kNow)->view()), kNow);
  const auto julian = stamp_like(ValueView::of_real(2'459'000.25), kNow);
  ASSERT_TRUE(julian);
  EXPECT_NEAR(static_cast<double>(*parse_stamp(julian->view())), static_cast<double>(kNow), 50);
}

TEST(StampFormat, WhatIsNoTimeHasNoForm) {
  EXPECT_EQ(like(ValueView::null()), "unknown");
  EXPECT_EQ(like_text("yesterday"), "unknown");
  EXPECT_EQ(like_text(""), "unknown");
  EXPECT_EQ(like(ValueView::of(7)), "unknown");
  EXPECT_EQ(like(ValueView::blob("2020-01-31")), "unknown");
}

TEST(StampFormat, WhatIsWrittenIsReadAsTheSameTime) {
  for (const char* example : {"2020-01-31T23:59:59.000Z", "2020-01-31 23:59:59.000",
                              "2020-01-31T23:59:59.000-05:00", "2020-01-31 23:59:59.000 +0530"}) {
    const auto stamp = stamp_like(ValueView::text(example), kNow);
    ASSERT_TRUE(stamp) << example;
    EXPECT_EQ(parse_stamp(stamp->view()), kNow) << example;
  }
}

}  // namespace
}  // namespace tidesync
