// What a query returns, as text that a test can compare: one string per row, values by display()
// with '|' between them. The types stay visible: 1, 1.0, '1', NULL, x'31'.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sqlite/database.h"

namespace tidesync::test {

using Rows = std::vector<std::string>;

inline Rows rows_of(Database& db, std::string_view query) {
  Statement statement = db.prepare(query);
  Rows rows;
  while (statement.step()) {
    std::string row;
    for (int i = 0; i < statement.column_count(); ++i) {
      row += (i > 0 ? "|" : "") + display(statement.column(i), 1000);
    }
    rows.push_back(row);
  }
  return rows;
}

inline std::string image(const std::vector<ValueView>& values) {
  std::string out;
  for (const ValueView& value : values) append_value(out, value);
  return out;
}

inline std::string integer_key(std::int64_t number) {
  return image({ValueView::of(number)});
}
inline std::string text_key(std::string_view text) {
  return image({ValueView::text(text)});
}

}  // namespace tidesync::test
