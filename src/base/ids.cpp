#include "base/ids.h"

#include "base/random.h"
#include "base/text.h"

namespace tidesync {
namespace {

constexpr std::size_t kMaxNodeIdBytes = 40;

bool is_node_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

}  // namespace

Uuid make_uuid(Random& random) {
  std::string bytes;
  for (int i = 0; i < 2; ++i) {
    const std::uint64_t part = random.next();
    for (int shift = 0; shift < 64; shift += 8) {
      bytes.push_back(static_cast<char>((part >> shift) & 0xFF));
    }
  }
  return to_hex(bytes);
}

bool is_uuid(std::string_view text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

NodeId make_node_id(std::string_view text) {
  std::string id;
  for (const char c : to_lower_ascii(text)) {
    if (id.size() == kMaxNodeIdBytes) break;
    if (is_node_char(c) && !(c == '-' && id.empty())) {  // a leading "-" looks like an option
      id.push_back(c);
    } else if (!id.empty() && id.back() != '-') {
      id.push_back('-');
    }
  }
  while (!id.empty() && id.back() == '-') id.pop_back();
  return NodeId{id.empty() ? "node" : id};
}

bool is_node_id(std::string_view text) {
  if (text.empty() || text.size() > kMaxNodeIdBytes) return false;
  for (const char c : text) {
    if (!is_node_char(c)) return false;
  }
  return true;
}

}  // namespace tidesync
