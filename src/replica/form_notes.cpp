#include "replica/form_notes.h"

#include <algorithm>

#include "base/text.h"

namespace tidesync {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::string line_of(const std::string& name) {
  std::string line = quote_name(to_lower_ascii(name));
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

bool has_name(const std::vector<std::string>& lines, const std::string& name) {
  return std::find(lines.begin(), lines.end(), line_of(name)) != lines.end();
}

}  // namespace tidesync
