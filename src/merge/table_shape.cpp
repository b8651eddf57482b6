#include "merge/table_shape.h"

#include <cmath>

#include "base/text.h"

namespace tidesync {
namespace {

bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
  return at;
}

// As SQLite reads a number out of a text: blanks, sign, digits, point, exponent, blanks.
bool looks_like_number(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && is_blank(text[at])) ++at;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  const std::size_t whole = skip_digits(text, at);
  std::size_t digits = whole - at;
  at = whole;
  if (at < text.size() && text[at] == '.') {
    const std::size_t end = skip_digits(text, at + 1);
    digits += end - at - 1;
    at = end;
  }
  if (digits == 0) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    const std::size_t end = skip_digits(text, at);
    if (end == at) return false;
    at = end;
  }
  while (at < text.size() && is_blank(text[at])) ++at;
  return at == text.size();
}

}  // namespace

Affinity affinity_of(std::string_view decl_type) {
  const std::string lower = to_lower_ascii(decl_type);
  const auto has = [&](const char* part) { return lower.find(part) != std::string::npos; };
  if (has("int")) return Affinity::kInteger;
  if (has("char") || has("clob") || has("text")) return Affinity::kText;
  if (has("blob") || lower.empty()) return Affinity::kNone;
  if (has("real") || has("floa") || has("doub")) return Affinity::kReal;
  return Affinity::kNumeric;
}

bool may_convert(Affinity affinity, std::string_view encoded_value) {
  if (affinity == Affinity::kNone) return false;
  const ValueView value = ValueReader(encoded_value).next();
  switch (value.type) {
    case ValueType::kInteger:
      return affinity == Affinity::kText || affinity == Affinity::kReal;
    case ValueType::kReal:
      if (affinity == Affinity::kText) return true;
      return affinity != Affinity::kReal && value.real == std::floor(value.real);
    case ValueType::kText:
      return affinity != Affinity::kText && looks_like_number(value.bytes);
    default:
      return false;
  }
}

std::optional<std::size_t> TableShape::find_column(std::string_view column_name) const {
  // SQLite compares column names without regard to ASCII case.
  const std::string wanted = to_lower_ascii(column_name);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (to_lower_ascii(columns[i].name) == wanted) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> TableShape::row_number() const {
  for (const UniqueShape& unique : uniques) {
    if (unique.is_row_number && !unique.columns.empty()) return unique.columns[0];
  }
  return std::nullopt;
}

KeyImage key_of(const TableShape& shape, std::string_view row_image) {
  // The usual key is the first column: no need to split the whole row.
  if (shape.key.size() == 1 && shape.key[0] == 0) {
    return KeyImage(ValueReader(row_image).next_encoded());
  }
  const auto parts = split_image(row_image);
  KeyImage key;
  for (const std::size_t column : shape.key) key.append(parts.at(column));
  return key;
}

bool same_but_for_stamps(const TableShape& shape, std::string_view a, std::string_view b) {
  const auto left = split_image(a);
  const auto right = split_image(b);
  for (std::size_t i = 0; i < shape.columns.size(); ++i) {
    if (!shape.is_meta(i) && left.at(i) != right.at(i)) return false;
  }
  return true;
}

std::string display_key(const TableShape& shape, std::string_view key_image) {
  std::vector<std::string> names;
  std::vector<std::string> values;
  std::size_t i = 0;
  for (const ValueView& value : decode_image(key_image)) {
    names.push_back(i < shape.key.size() ? shape.columns[shape.key[i]].name : "?");
    values.push_back(display(value, 60));
    ++i;
  }
  if (names.size() == 1) return names[0] + " = " + values[0];
  return "(" + join(names, ", ") + ") = (" + join(values, ", ") + ")";
}

}  // namespace tidesync
