#include "merge/table_shape.h"

#include "base/text.h"

namespace tidesync {

std::optional<std::size_t> TableShape::find_column(std::string_view column_name) const {
  // SQLite compares column names without regard to ASCII case.
  const std::string wanted = to_lower_ascii(column_name);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (to_lower_ascii(columns[i].name) == wanted) return i;
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
