#include "replica/child_index.h"

#include <cmath>

#include "base/text.h"

namespace tidesync {
namespace {

// The same for values that a reference may take for equal, whatever affinity and collation say.
void append_loose(std::string& out, std::string_view encoded) {
  const ValueView value = ValueReader(encoded).next();
  std::string text;
  switch (value.type) {
    case ValueType::kInteger:
      text = std::to_string(value.integer);
      break;
    case ValueType::kReal:
      text = std::abs(value.real) < 1e15 && value.real == std::floor(value.real)
                 ? std::to_string(static_cast<std::int64_t>(value.real))
                 : std::to_string(value.real);
      break;
    default:
      text = to_lower_ascii(value.bytes);
      while (!text.empty() && text.back() == ' ') text.pop_back();  // RTRIM
      break;
  }
  append_value(out, ValueView::text(text));
}

}  // namespace

ChildIndex::ChildIndex(Database& db, TableAccess& child, std::vector<std::size_t> columns)
    : shape_(child.shape()), columns_(std::move(columns)), found_(Database::temporary()) {
  found_.exec("CREATE TABLE f (v BLOB, k BLOB); BEGIN");
  insert_ = found_.prepare("INSERT INTO f VALUES (?1, ?2)");
  Statement rows = db.prepare("SELECT " + select_list(shape_) + " FROM " + quote_name(shape_.name));
  while (rows.step()) {
    RowImage row;
    rows.append_columns(row, 0, static_cast<int>(shape_.columns.size()));
    add(row);
  }
  found_.exec("CREATE INDEX f_v ON f (v)");
  find_ = found_.prepare("SELECT DISTINCT k FROM f WHERE v = ?1");
}

void ChildIndex::add(const RowImage& row) {
  const auto parts = split_image(row);
  std::string values;
  for (const std::size_t column : columns_) {
    if (parts.at(column)[0] == static_cast<char>(ValueType::kNull)) return;
    append_loose(values, parts[column]);
  }
  insert_.bind_blob(1, values).bind_blob(2, key_of(shape_, row));
  insert_.run();
}

std::vector<KeyImage> ChildIndex::find(const std::vector<std::string_view>& values) {
  std::string wanted;
  for (const std::string_view value : values) append_loose(wanted, value);
  std::vector<KeyImage> keys;
  find_.bind_blob(1, wanted);
  while (find_.step()) keys.push_back(find_.get_text(0));
  find_.reset();
  return keys;
}

}  // namespace tidesync
