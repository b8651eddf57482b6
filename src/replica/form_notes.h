// Names of columns as notes in tidesync_meta: one on each line, whatever is in it.
#pragma once

#include <string>
#include <vector>

namespace tidesync {

// Among the columns that are gone: the whole table was.
inline constexpr const char* kWholeTable = "*";

std::vector<std::string> lines_of(const std::string& text);
// A name on a line of its own, quoted and in lower case.
std::string line_of(const std::string& name);
bool has_name(const std::vector<std::string>& lines, const std::string& name);

}  // namespace tidesync
