#include "table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/text.h"

namespace tidesync::bench {

std::string Table::text() const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string out;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    for (std::size_t i = 0; i < rows_[r].size(); ++i) {
      const std::string pad(widths[i] - rows_[r][i].size(), ' ');
      out += i == 0 ? "| " + rows_[r][i] + pad : " | " + pad + rows_[r][i];
    }
    out += " |\n";
    if (r > 0) continue;
    for (std::size_t i = 0; i < widths.size(); ++i)
      out += "|" + std::string(widths[i] + (i == 0 ? 2 : 1), '-') + (i == 0 ? "" : ":");
    out += "|\n";
  }
  return out;
}

std::string number(double value) {
  if (value >= 1000) return with_thousands(static_cast<std::uint64_t>(std::llround(value)));
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", value >= 100 ? 0 : value >= 10 ? 1 : 2, value);
  return text;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace tidesync::bench
