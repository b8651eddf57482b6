#include "base/text.h"

#include <gtest/gtest.h>

namespace tidesync {
namespace {

using namespace std::string_view_literals;

TEST(Text, ValidUtf8IsRecognised) {
  for (const auto text :
       {""sv, "ascii"sv, "a\0b"sv, "\xC2\x80"sv, "\xDF\xBF"sv, "\xE0\xA0\x80"sv, "\xED\x9F\xBF"sv,
        "\xEE\x80\x80"sv, "\xF0\x90\x80\x80"sv, "\xF4\x8F\xBF\xBF"sv}) {
    EXPECT_TRUE(is_valid_utf8(text)) << to_hex(text);
  }
}

TEST(Text, InvalidUtf8IsRefused) {
  for (const auto text :
       {"\x80"sv, "\xBF"sv, "\xC0\x80"sv, "\xC1\xBF"sv, "\xC3"sv, "\xC3("sv, "\xE0\x9F\xBF"sv,
        "\xE2\x82"sv, "\xED\xA0\x80"sv, "\xF0\x8F\xBF\xBF"sv, "\xF0\x9F\x99"sv,
        "\xF4\x90\x80\x80"sv, "\xF5\x80\x80\x80"sv, "\xFE"sv, "\xFF"sv, "ok \xC3"sv}) {
    EXPECT_FALSE(is_valid_utf8(text)) << to_hex(text);
  }
}

TEST(Text, PrintableReplacesWhatATerminalWouldObey) {
  EXPECT_EQ(printable("plain"), "plain");
  EXPECT_EQ(printable("a\tb\nc\rd"), "a\\tb\\nc\\rd");
  EXPECT_EQ(printable("\x1B[31m\0"sv), "\\x1b[31m\\x00");
  EXPECT_EQ(printable("\x7F"), "\\x7f");
  EXPECT_EQ(printable("a\xFF"
                      "b"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(printable("Gr\xC3\xB6\xC3\x9F"
                      "e"),
            "Gr\xC3\xB6\xC3\x9F"
            "e");
  for (int c = 0; c < 256; ++c) {
    EXPECT_TRUE(is_valid_utf8(printable(std::string(1, static_cast<char>(c))))) << c;
  }
}

// U+0080 to U+009F: CSI among them, which some terminals obey.
TEST(Text, PrintableReplacesTheSecondSetOfControlCharacters) {
  EXPECT_EQ(printable("\xC2\x9B"
                      "31m"),
            "\\x9b31m");
  EXPECT_EQ(printable("\xC2\xA0"), "\xC2\xA0");
}

TEST(Text, ShortenCutsBetweenCharacters) {
  EXPECT_EQ(shorten_utf8("short", 5), "short");
  EXPECT_EQ(shorten_utf8("longer", 5), "longe\xE2\x80\xA6");
  EXPECT_EQ(shorten_utf8("a\xC3\xB6\xC3\xB6", 2), "a\xE2\x80\xA6");
  EXPECT_EQ(shorten_utf8("a\xC3\xB6\xC3\xB6", 3), "a\xC3\xB6\xE2\x80\xA6");
  EXPECT_EQ(shorten_utf8("\xF0\x9F\x99\x82!", 3), "\xE2\x80\xA6");
  EXPECT_EQ(shorten_utf8("", 0), "");
}

TEST(Text, HexBothWays) {
  EXPECT_EQ(to_hex("\x00\x0f\xF0\xFF"sv), "000ff0ff");
  EXPECT_EQ(from_hex("000fF0Ff"), std::string("\x00\x0f\xF0\xFF", 4));
  EXPECT_EQ(from_hex(""), "");
  EXPECT_EQ(from_hex("0"), "");
  EXPECT_EQ(from_hex("0g"), "");
  EXPECT_EQ(from_hex("00 0"), "");
}

TEST(Text, QuotesAreDoubled) {
  EXPECT_EQ(quote_name("t"), "\"t\"");
  EXPECT_EQ(quote_name("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(quote_name(""), "\"\"");
  EXPECT_EQ(quote_text("it's"), "'it''s'");
}

TEST(Text, JoinPutsSeparatorsBetween) {
  EXPECT_EQ(join({}, ", "), "");
  EXPECT_EQ(join({"a"}, ", "), "a");
  EXPECT_EQ(join({"a", "", "c"}, ", "), "a, , c");
}

TEST(Text, LowerCaseIsAsciiOnly) {
  EXPECT_EQ(to_lower_ascii("AbZ9_\xC3\x96"), "abz9_\xC3\x96");
}

TEST(Text, NumbersForPeople) {
  EXPECT_EQ(with_thousands(0), "0");
  EXPECT_EQ(with_thousands(999), "999");
  EXPECT_EQ(with_thousands(1000), "1,000");
  EXPECT_EQ(with_thousands(1234567), "1,234,567");
  EXPECT_EQ(with_thousands(18446744073709551615u), "18,446,744,073,709,551,615");
  EXPECT_EQ(display_size(0), "0 bytes");
  EXPECT_EQ(display_size(1023), "1023 bytes");
  EXPECT_EQ(display_size(1536), "1.5 KiB");
  EXPECT_EQ(display_size(20u << 20), "20.0 MiB");
  EXPECT_EQ(display_size(std::uint64_t{1} << 50), "1024.0 TiB");
  EXPECT_EQ(display_duration(0), "0 ms");
  EXPECT_EQ(display_duration(1234), "1.2 s");
  EXPECT_EQ(display_duration(300000), "5.0 min");
  EXPECT_EQ(display_duration(3 * 3600000), "3.0 h");
  EXPECT_EQ(display_duration(5 * 86400000LL), "5.0 days");
}

TEST(Text, IsoTimeBothWays) {
  const std::vector<std::pair<std::int64_t, std::string>> cases{
      {0, "1970-01-01T00:00:00.000Z"},
      {-1, "1969-12-31T23:59:59.999Z"},
      {1795255200123, "2026-11-21T10:00:00.123Z"},
      {951782400000, "2000-02-29T00:00:00.000Z"},
      {253402300799999, "9999-12-31T23:59:59.999Z"}};
  for (const auto& [ms, text] : cases) {
    EXPECT_EQ(iso_utc(ms), text);
    std::int64_t parsed = 1;
    EXPECT_TRUE(parse_iso_utc(text, parsed)) << text;
    EXPECT_EQ(parsed, ms);
  }
}

TEST(Text, TimesOfAnotherFormAreRefused) {
  for (const auto text :
       {""sv, "2026-11-21"sv, "2026-11-21T10:00:00Z"sv, "2026-11-21T10:00:00.123"sv,
        "2026-11-21T10:00:00.123Z "sv, " 2026-11-21T10:00:00.123Z"sv, "2026-02-30T10:00:00.123Z"sv,
        "2026-13-01T10:00:00.123Z"sv, "2026-11-21T24:00:00.123Z"sv, "2026-11-21T10:60:00.123Z"sv,
        "2026-11-21T10:00:00.1Z"sv, "2026-11-21T10: 1:00.123Z"sv, "2026-11-21T10:-1:00.123Z"sv,
        "2026-11-21T-1:00:00.123Z"sv, "+026-11-21T10:00:00.123Z"sv, "2026-11-21T10:00:00.123Z\0"sv,
        "2026-11-21 10:00:00.123Z"sv, "2026-11-21T10:00:61.123Z"sv}) {
    std::int64_t parsed = 0;
    EXPECT_FALSE(parse_iso_utc(text, parsed)) << text;
  }
}

}  // namespace
}  // namespace tidesync
