// Small helpers for text: UTF-8, hexadecimal, quoting of SQL names, numbers and times for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidesync {

bool is_valid_utf8(std::string_view bytes);
// The text with control characters and invalid bytes replaced, so that it can be printed anywhere.
std::string printable(std::string_view bytes);
// At most `limit` bytes, cut between characters, with an ellipsis if cut.
std::string shorten_utf8(std::string_view text, std::size_t limit);

std::string to_hex(std::string_view bytes);
// Empty when `hex` is not pairs of lower- or upper-case hexadecimal digits.
std::string from_hex(std::string_view hex);

// "name" with inner quotes doubled: safe for any name in SQL.
std::string quote_name(std::string_view name);
// The text in double quotes with escapes, as TOML and JSON read it.
std::string quoted(std::string_view text);
// 'text' with inner quotes doubled. Not for values that may hold NUL.
std::string quote_text(std::string_view text);

std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string to_lower_ascii(std::string_view text);

// 1234567 -> "1,234,567".   1536 -> "1.5 KiB".   1234 -> "1.2 s".
std::string with_thousands(std::uint64_t n);
std::string display_size(std::uint64_t bytes);
std::string display_duration(std::int64_t ms);

// UTC milliseconds since 1970 -> "2026-11-21T10:00:00.123Z", and back (false if not of that form).
std::string iso_utc(std::int64_t utc_ms);
bool parse_iso_utc(std::string_view text, std::int64_t& utc_ms);

}  // namespace tidesync
