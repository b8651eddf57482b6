#include "cli/display_width.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace tidesync {
namespace {

struct Range {
  std::uint32_t first, last;
};

// Marks that are drawn onto the character before them, and characters without a picture.
constexpr std::array<Range, 25> kZeroWidth{{
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F},
    {0x06D6, 0x06DC}, {0x0900, 0x0902}, {0x093C, 0x093C}, {0x0941, 0x0948}, {0x094D, 0x094D},
    {0x0E31, 0x0E31}, {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E}, {0x1160, 0x11FF}, {0x1AB0, 0x1AFF},
    {0x1DC0, 0x1DFF}, {0x200B, 0x200F}, {0x202A, 0x202E}, {0x2060, 0x2069}, {0x20D0, 0x20FF},
    {0x3099, 0x309A}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0xE0100, 0xE01EF},
}};

// East Asian Wide and Fullwidth, and emoji (Unicode's EastAsianWidth.txt, neighbours joined).
constexpr std::array<Range, 45> kWide{{
    {0x1100, 0x115F}, {0x231A, 0x231B}, {0x2329, 0x232A}, {0x23E9, 0x23EC},   {0x23F0, 0x23F0},
    {0x23F3, 0x23F3}, {0x25FD, 0x25FE}, {0x2614, 0x2615}, {0x2648, 0x2653},   {0x267F, 0x267F},
    {0x2693, 0x2693}, {0x26A1, 0x26A1}, {0x26AA, 0x26AB}, {0x26BD, 0x26BE},   {0x26C4, 0x26C5},
    {0x26CE, 0x26CE}, {0x26D4, 0x26D4}, {0x26EA, 0x26EA}, {0x26F2, 0x26F3},   {0x26F5, 0x26F5},
    {0x26FA, 0x26FA}, {0x26FD, 0x26FD}, {0x2705, 0x2705}, {0x270A, 0x270B},   {0x2728, 0x2728},
    {0x274C, 0x274C}, {0x274E, 0x274E}, {0x2753, 0x2755}, {0x2757, 0x2757},   {0x2795, 0x2797},
    {0x27B0, 0x27B0}, {0x27BF, 0x27BF}, {0x2B1B, 0x2B1C}, {0x2B50, 0x2B50},   {0x2B55, 0x2B55},
    {0x2E80, 0x303E}, {0x3041, 0xA4CF}, {0xA960, 0xA97F}, {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},
    {0xFE30, 0xFE6F}, {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}, {0x1F200, 0x1FAFF}, {0x20000, 0x3FFFD},
}};

template <std::size_t N>
bool contains(const std::array<Range, N>& ranges, std::uint32_t c) {
  const auto after = std::upper_bound(ranges.begin(), ranges.end(), c,
                                      [](std::uint32_t v, const Range& r) { return v < r.first; });
  return after != ranges.begin() && c <= std::prev(after)->last;
}

// The first character: its bytes and its columns. A byte that is no UTF-8 counts as one of each.
struct Character {
  std::size_t bytes = 1;
  std::size_t columns = 1;
};
Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0xC2) return {};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (text.size() < bytes) return {};
  std::uint32_t c = lead & (0xFFu >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    c = (c << 6) | (byte(i) & 0x3Fu);
  }
  return {bytes, contains(kZeroWidth, c) ? 0u : contains(kWide, c) ? 2u : 1u};
}

// Bytes of the longest start of `text` that takes at most `columns`, but at least one character.
std::size_t prefix_within(std::string_view text, std::size_t columns) {
  std::size_t at = 0;
  std::size_t used = 0;
  while (at < text.size()) {
    const Character c = first_character(text.substr(at));
    if (used + c.columns > columns && at > 0) break;
    used += c.columns;
    at += c.bytes;
  }
  return at;
}

// Where a name or a path that is too long is best broken: behind one of its parts, if that is not
// all too short.
std::size_t end_of_part(std::string_view text, std::size_t end) {
  constexpr std::size_t kShortest = 4;
  const std::size_t mark = text.substr(0, end).find_last_of("-_/\\.");
  return mark == std::string_view::npos || mark + 1 < kShortest ? end : mark + 1;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const Character c = first_character(text);
    columns += c.columns;
    text.remove_prefix(c.bytes);
  }
  return columns;
}

std::string padded(std::string_view text, std::size_t columns, bool right_aligned) {
  const std::size_t width = display_width(text);
  const std::string blanks(width < columns ? columns - width : 0, ' ');
  return right_aligned ? blanks + std::string(text) : std::string(text) + blanks;
}

std::string cut_to_width(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) return std::string(text);
  if (columns <= 1) return columns == 0 ? "" : "…";
  return std::string(text.substr(0, prefix_within(text, columns - 1))) + "…";
}

std::vector<std::string> wrapped(std::string_view text, std::size_t columns) {
  std::vector<std::string> lines;
  while (columns != 0 && display_width(text) > columns) {
    std::size_t end = prefix_within(text, columns);
    if (end == text.size()) break;  // one character wider than the line
    std::size_t next = end;
    const std::size_t blank = text.rfind(' ', end);
    if (blank != std::string_view::npos && text.find_first_not_of(' ') < blank) {
      end = blank;
      next = blank + 1;
    } else {
      end = next = end_of_part(text, end);
    }
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(next);
  }
  lines.emplace_back(text);
  return lines;
}

}  // namespace tidesync
