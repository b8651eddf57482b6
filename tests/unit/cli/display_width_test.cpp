#include "cli/display_width.h"

#include <gtest/gtest.h>

namespace tidesync {
namespace {

TEST(DisplayWidth, CountsColumnsNotBytes) {
  EXPECT_EQ(display_width(""), 0u);
  EXPECT_EQ(display_width("abc"), 3u);
  EXPECT_EQ(display_width("Müller"), 6u);
  EXPECT_EQ(display_width("Mu\u0308ller"), 6u);  // combining diaeresis
  EXPECT_EQ(display_width("日本"), 4u);
  EXPECT_EQ(display_width("한글"), 4u);
  EXPECT_EQ(display_width("🙂!"), 3u);
  EXPECT_EQ(display_width("…"), 1u);
  EXPECT_EQ(display_width("a\xFF\xE6"), 3u);  // no UTF-8
}

TEST(DisplayWidth, PaddingAndCutting) {
  EXPECT_EQ(padded("ä", 3), "ä  ");
  EXPECT_EQ(padded("日", 3, true), " 日");
  EXPECT_EQ(padded("long", 2), "long");
  EXPECT_EQ(cut_to_width("short", 5), "short");
  EXPECT_EQ(cut_to_width("longer", 5), "long…");
  EXPECT_EQ(cut_to_width("日本語", 4), "日…");
  EXPECT_EQ(cut_to_width("ab", 1), "…");
  EXPECT_EQ(cut_to_width("ab", 0), "");
}

TEST(DisplayWidth, WrapsAtBlanks) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(wrapped("", 5), Lines{""});
  EXPECT_EQ(wrapped("one two three", 0), Lines{"one two three"});
  EXPECT_EQ(wrapped("one two three", 7), (Lines{"one two", "three"}));
  EXPECT_EQ(wrapped("one two three", 8), (Lines{"one two", "three"}));
  EXPECT_EQ(wrapped("größer äöü", 6), (Lines{"größer", "äöü"}));
  EXPECT_EQ(wrapped("unbreakable", 4), (Lines{"unbr", "eaka", "ble"}));
  EXPECT_EQ(wrapped("laptop-of-the-sales-team", 12), (Lines{"laptop-of-", "the-sales-", "team"}));
  EXPECT_EQ(wrapped("at /mnt/nas/quotes/log", 9), (Lines{"at", "/mnt/nas/", "quotes/", "log"}));
  EXPECT_EQ(wrapped("a-unbreakable", 6), (Lines{"a-unbr", "eakabl", "e"}));
  EXPECT_EQ(wrapped("日本語", 1), (Lines{"日", "本", "語"}));
}

}  // namespace
}  // namespace tidesync
