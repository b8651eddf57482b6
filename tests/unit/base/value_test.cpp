#include "base/value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/expect_error.h"

namespace tidesync {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

// One of every kind of trouble.
std::vector<ValueView> awkward_values() {
  return {ValueView::null(),
          ValueView::of(0),
          ValueView::of(-1),
          ValueView::of(kMax),
          ValueView::of(kMin),
          ValueView::of((std::int64_t{1} << 53) + 1),
          ValueView::of_real(0.0),
          ValueView::of_real(-0.0),
          ValueView::of_real(1.0),
          ValueView::of_real(kInfinity),
          ValueView::of_real(-kInfinity),
          ValueView::of_real(std::numeric_limits<double>::denorm_min()),
          ValueView::of_real(std::numeric_limits<double>::max()),
          ValueView::text(""),
          ValueView::text("plain"),
          ValueView::text("with \0 inside"sv),
          ValueView::text("Gr\xC3\xB6\xC3\x9F"
                          "e"),
          ValueView::text("\xFF\xFE not UTF-8 \xC3"),
          ValueView::blob(""),
          ValueView::blob("\0\1\2"sv),
          ValueView::blob("plain")};
}

std::string encoded(const ValueView& value) {
  std::string bytes;
  append_value(bytes, value);
  return bytes;
}

TEST(Value, EveryValueSurvivesEncoding) {
  for (const ValueView& value : awkward_values()) {
    const std::string bytes = encoded(value);
    ValueReader reader(bytes);
    EXPECT_TRUE(reader.next() == value) << display(value);
    EXPECT_TRUE(reader.at_end());
  }
}

TEST(Value, ARowOfAllValuesSurvivesEncoding) {
  const auto values = awkward_values();
  RowImage image;
  for (const ValueView& value : values) append_value(image, value);
  EXPECT_TRUE(decode_image(image) == values);
  const auto parts = split_image(image);
  ASSERT_EQ(parts.size(), values.size());
  for (std::size_t i = 0; i < parts.size(); ++i) EXPECT_EQ(parts[i], encoded(values[i]));
}

TEST(Value, EqualityIsTypeAndBytes) {
  const auto values = awkward_values();
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t j = 0; j < values.size(); ++j) {
      EXPECT_EQ(values[i] == values[j], i == j) << display(values[i]) << " " << display(values[j]);
      EXPECT_EQ(encoded(values[i]) == encoded(values[j]), i == j);
    }
  }
}

TEST(Value, IntegerAndRealOfTheSameNumberDiffer) {
  EXPECT_TRUE(ValueView::of(1) != ValueView::of_real(1.0));
  EXPECT_TRUE(ValueView::of_real(0.0) != ValueView::of_real(-0.0));
  EXPECT_TRUE(ValueView::text("a") != ValueView::text("A"));
  EXPECT_TRUE(ValueView::text("a") != ValueView::blob("a"));
  EXPECT_TRUE(ValueView::null() == ValueView::null());
}

TEST(Value, MinusZeroKeepsItsSign) {
  const std::string bytes = encoded(ValueView::of_real(-0.0));
  EXPECT_TRUE(std::signbit(ValueReader(bytes).next().real));
}

// The bytes are in files that other versions read.
TEST(Value, EncodingIsFixed) {
  EXPECT_EQ(encoded(ValueView::null()), "\0"s);
  EXPECT_EQ(encoded(ValueView::of(0x0102)), "\x01\x02\x01\0\0\0\0\0\0"s);
  EXPECT_EQ(encoded(ValueView::of(-2)), "\x01\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s);
  EXPECT_EQ(encoded(ValueView::of_real(1.5)), "\x02\0\0\0\0\0\0\xF8\x3F"s);
  EXPECT_EQ(encoded(ValueView::text("ab")), "\x03\x02\0\0\0ab"s);
  EXPECT_EQ(encoded(ValueView::blob("\0"sv)), "\x04\x01\0\0\0\0"s);
}

TEST(Value, EveryTruncationInsideAValueIsDamaged) {
  for (const ValueView& value : awkward_values()) {
    const std::string bytes = encoded(value);
    for (std::size_t size = 1; size < bytes.size(); ++size) {
      EXPECT_ERROR(decode_image(std::string_view(bytes).substr(0, size)), ErrorCode::kDamaged);
      EXPECT_ERROR(split_image(std::string_view(bytes).substr(0, size)), ErrorCode::kDamaged);
    }
    ValueReader nothing("");
    EXPECT_ERROR(nothing.next(), ErrorCode::kDamaged);
  }
}

TEST(Value, UnknownTagIsDamaged) {
  for (int tag = 5; tag < 256; ++tag) {
    const std::string bytes = std::string(1, static_cast<char>(tag)) + std::string(16, '\0');
    EXPECT_ERROR(decode_image(bytes), ErrorCode::kDamaged);
  }
}

TEST(Value, LengthBeyondTheEndIsDamaged) {
  for (const char tag : {'\x03', '\x04'}) {
    EXPECT_ERROR(decode_image(std::string(1, tag) + "\xFF\xFF\xFF\xFF" + "abc"),
                 ErrorCode::kDamaged);
    EXPECT_ERROR(decode_image(std::string(1, tag) + "\x04\0\0\0"s + "abc"), ErrorCode::kDamaged);
  }
}

TEST(Value, EmptyImageHasNoValues) {
  EXPECT_TRUE(decode_image("").empty());
  EXPECT_TRUE(split_image("").empty());
}

TEST(Value, OwningValueKeepsItsBytes) {
  Value copy;
  {
    const std::string temporary(100, 'x');
    copy = Value::text(temporary);
  }
  EXPECT_TRUE(copy.view() == ValueView::text(std::string(100, 'x')));
  EXPECT_TRUE(Value().view().is_null());
  for (const ValueView& value : awkward_values()) EXPECT_TRUE(Value(value).view() == value);
}

TEST(Value, NumbersAreLittleEndian) {
  std::string bytes;
  append_u16(bytes, 0x0102);
  append_u32(bytes, 0x03040506);
  append_u64(bytes, 0x0708090A0B0C0D0Eu);
  EXPECT_EQ(bytes, "\x02\x01\x06\x05\x04\x03\x0E\x0D\x0C\x0B\x0A\x09\x08\x07");
  EXPECT_EQ(load_u16(bytes.data()), 0x0102);
  EXPECT_EQ(load_u32(bytes.data() + 2), 0x03040506u);
  EXPECT_EQ(load_u64(bytes.data() + 6), 0x0708090A0B0C0D0Eu);
}

TEST(Value, DisplayIsForPeople) {
  EXPECT_EQ(display(ValueView::null()), "NULL");
  EXPECT_EQ(display(ValueView::of(kMin)), "-9223372036854775808");
  EXPECT_EQ(display(ValueView::of_real(1.5)), "1.5");
  EXPECT_EQ(display(ValueView::text("a\nb")), "'a\\nb'");
  EXPECT_EQ(display(ValueView::blob("\x0a\x0b")), "x'0a0b'");
  EXPECT_EQ(display(ValueView::text("0123456789"), 4), "'0123\xE2\x80\xA6'");
  EXPECT_EQ(display(ValueView::blob("0123456789"), 4), "x'3031\xE2\x80\xA6' (10 bytes)");
}

// A conflict of 1 against 1.0, or of two reals that differ in the last bit, must not show two
// values that look the same.
TEST(Value, DisplayTellsDifferentValuesApart) {
  EXPECT_NE(display(ValueView::of(1)), display(ValueView::of_real(1.0)));
  EXPECT_NE(display(ValueView::of_real(0.3)), display(ValueView::of_real(0.1 + 0.2)));
  EXPECT_NE(display(ValueView::of_real(0.0)), display(ValueView::of_real(-0.0)));
  EXPECT_EQ(display(ValueView::of_real(0.1)), "0.1");
  EXPECT_EQ(display(ValueView::of_real(1e300)), "1e+300");
  EXPECT_EQ(display(ValueView::of_real(kInfinity)), "inf");
}

}  // namespace
}  // namespace tidesync
