// How many columns of a terminal a text takes: a letter one, a combining mark none, an ideograph or
// an emoji two. The text is UTF-8 that was made printable. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tidesync {

std::size_t display_width(std::string_view text);
// The text with blanks up to `columns` on its right or left; as it is when longer.
std::string padded(std::string_view text, std::size_t columns, bool right_aligned = false);
// At most `columns` wide, cut between characters, with an ellipsis if cut.
std::string cut_to_width(std::string_view text, std::size_t columns);
// Lines of at most `columns`, broken at blanks, inside a word only when it is wider than a line;
// there behind a hyphen, a slash or a full stop where it has one. columns = 0 does not break. At
// least one line.
std::vector<std::string> wrapped(std::string_view text, std::size_t columns);

}  // namespace tidesync
