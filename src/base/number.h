// Whole numbers out of notes that anybody may have written to: a bad one is a value of its own,
// never an exception that nobody expects.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tidesync {

// nullopt unless the whole text is a decimal number that fits.
inline std::optional<std::int64_t> parse_int64(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

inline std::int64_t int64_or(std::string_view text, std::int64_t fallback) {
  return parse_int64(text).value_or(fallback);
}

}  // namespace tidesync
