// Comma-separated values as RFC 4180 has them: UTF-8, lines that end with CR LF, quotes where a
// cell needs them.
//
// Spreadsheets take a cell that begins with = + - @ for a formula, also in quotes, and what stands
// in it may have been typed by anybody in the fleet. Such a text gets an apostrophe before it,
// which they hide; our own numbers and times never begin so.
#pragma once

#include <string>
#include <vector>

namespace tidesync {

// The cells as a line. Text is made printable, so a cell is one line.
std::string csv_line(const std::vector<std::string>& cells);

}  // namespace tidesync
