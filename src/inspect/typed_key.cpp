#include "inspect/typed_key.h"

#include <charconv>

#include "base/text.h"

namespace tidesync {
namespace {

template <typename Number>
bool read_number(const std::string& text, Number& number) {
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return !text.empty() && read.ec == std::errc() && read.ptr == end;
}

std::vector<std::string> possible_values(const std::string& text) {
  std::vector<std::string> encoded;
  const auto add = [&](const ValueView& value) {
    encoded.emplace_back();
    append_value(encoded.back(), value);
  };
  std::int64_t integer = 0;
  double real = 0;
  if (read_number(text, integer)) add(ValueView::of(integer));
  if (read_number(text, real)) add(ValueView::of_real(real));
  add(ValueView::text(text));
  const bool hex = text.size() > 3 && text[0] == 'x' && text[1] == '\'' && text.back() == '\'';
  if (hex) add(ValueView::blob(from_hex(text.substr(2, text.size() - 3))));
  return encoded;
}

}  // namespace

std::string typed_key(const KeyImage& key) {
  std::vector<std::string> parts;
  for (const ValueView& value : decode_image(key)) {
    parts.push_back(value.type == ValueType::kText ? std::string(value.bytes) : display(value));
  }
  return join(parts, ",");
}

std::vector<KeyImage> possible_keys(const TableShape& shape, const std::string& typed) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  while (parts.size() + 1 < shape.key.size()) {
    const auto comma = typed.find(',', start);
    if (comma == std::string::npos) return {};
    parts.push_back(typed.substr(start, comma - start));
    start = comma + 1;
  }
  parts.push_back(typed.substr(start));
  std::vector<KeyImage> keys{""};
  for (const std::string& part : parts) {
    std::vector<KeyImage> longer;
    for (const KeyImage& key : keys) {
      for (const std::string& value : possible_values(part)) longer.push_back(key + value);
    }
    keys = std::move(longer);
  }
  return keys;
}

}  // namespace tidesync
