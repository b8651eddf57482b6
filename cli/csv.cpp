#include "cli/csv.h"

#include "base/text.h"

namespace tidesync {
namespace {

bool is_number(const std::string& cell) {
  const std::size_t digits = cell.starts_with("-") ? 1 : 0;
  return cell.size() > digits && cell.find_first_not_of("0123456789.", digits) == std::string::npos;
}

std::string csv_cell(const std::string& value) {
  std::string cell = printable(value);
  const bool is_formula = !cell.empty() && std::string("=+-@").find(cell[0]) != std::string::npos;
  if (is_formula && !is_number(cell)) cell.insert(0, "'");
  if (cell.find_first_of("\",\r\n") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) line += (i == 0 ? "" : ",") + csv_cell(cells[i]);
  return line + "\r\n";
}

}  // namespace tidesync
