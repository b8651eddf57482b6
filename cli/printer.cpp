#include "cli/printer.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.h"
#include "cli/display_width.h"

namespace tidesync {
namespace {

constexpr std::size_t kIndent = 2;
constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowestColumn = 8;

std::string_view sequence(Style style) {
  switch (style) {
    case Style::kPlain:
      return "";
    case Style::kBold:
      return "\x1b[1m";
    case Style::kDim:
      return "\x1b[2m";
    case Style::kGood:
      return "\x1b[32m";
    case Style::kWarning:
      return "\x1b[33m";
    case Style::kBad:
      return "\x1b[31m";
  }
  return "";
}

std::string styled(std::string_view text, Style style, const Terminal& terminal) {
  if (!terminal.colour || style == Style::kPlain || text.empty()) return std::string(text);
  return std::string(sequence(style)) + std::string(text) + "\x1b[0m";
}

void print_paragraph(std::ostream& out, const Terminal& terminal, std::string_view text,
                     std::string_view lead, Style style) {
  const std::size_t indent = display_width(lead);
  const std::size_t columns =
      terminal.columns > indent + kNarrowestColumn ? terminal.columns - indent : 0;
  bool first = true;
  for (const std::string& line : wrapped(printable(text), columns)) {
    out << (first ? std::string(lead) : std::string(indent, ' ')) << styled(line, style, terminal)
        << '\n';
    first = false;
  }
}

std::size_t total_width(const std::vector<std::size_t>& widths) {
  std::size_t total = kIndent + kGap * (widths.size() - 1);
  for (const std::size_t width : widths) total += width;
  return total;
}

// How wide each column may be: as wide as its widest cell, but the widest columns of text give way
// until the whole fits.
std::vector<std::size_t> column_widths(const Table& table, std::size_t terminal_columns) {
  std::vector<std::size_t> widths;
  for (const Column& column : table.columns)
    widths.push_back(std::max(column.at_least, display_width(column.title)));
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(row[i].text));
    }
  }
  if (terminal_columns == 0 || widths.empty()) return widths;
  std::size_t total = total_width(widths);
  for (; total > terminal_columns; --total) {
    std::size_t* widest = nullptr;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (table.columns[i].fit != Fit::kText || widths[i] <= kNarrowestColumn) continue;
      if (widest == nullptr || widths[i] > *widest) widest = &widths[i];
    }
    if (widest == nullptr) break;
    --*widest;
  }
  return widths;
}

void print_row(std::ostream& out, const Terminal& terminal, const std::vector<Column>& columns,
               const std::vector<std::size_t>& widths, const std::vector<Cell>& cells) {
  std::vector<std::vector<std::string>> lines;
  std::size_t height = 1;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    lines.push_back(wrapped(cells[i].text, widths[i]));
    height = std::max(height, lines.back().size());
  }
  for (std::size_t line = 0; line < height; ++line) {
    std::size_t blanks = kIndent;  // held back, so that no line ends with them
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string text = line < lines[i].size() ? lines[i][line] : std::string();
      const bool right_aligned = columns[i].fit == Fit::kNumber;
      const std::size_t rest = widths[i] - std::min(widths[i], display_width(text));
      if (right_aligned) blanks += rest;
      if (!text.empty()) {
        out << std::string(blanks, ' ') << styled(text, cells[i].style, terminal);
        blanks = 0;
      }
      blanks += kGap + (right_aligned ? 0 : rest);
    }
    out << '\n';
  }
}

// Without the columns that may be left out, from the last, until all cells fit as they are.
void leave_out_columns(Table& table, std::size_t terminal_columns) {
  for (std::size_t i = table.columns.size(); terminal_columns > 0 && i-- > 0;) {
    if (table.columns[i].room == Room::kAlways) continue;
    if (total_width(column_widths(table, 0)) <= terminal_columns) return;
    const auto at = static_cast<std::ptrdiff_t>(i);
    table.columns.erase(table.columns.begin() + at);
    for (auto& row : table.rows) row.erase(row.begin() + at);
  }
}

Table printable_table(Table table) {
  for (auto& row : table.rows) {
    for (Cell& cell : row) cell.text = printable(cell.text);
  }
  return table;
}

}  // namespace

Printer::Printer(std::ostream& out, const Terminal& out_terminal, std::ostream& err,
                 const Terminal& err_terminal)
    : out_(out), out_terminal_(out_terminal), err_(err), err_terminal_(err_terminal) {}

void Printer::line(std::string_view text, Style style) {
  if (is_silent_) return;
  out_ << styled(printable(text), style, out_terminal_) << '\n';
}

void Printer::paragraph(std::string_view text, std::string_view lead, Style style) {
  if (!is_silent_) print_paragraph(out_, out_terminal_, text, lead, style);
}

void Printer::facts(const std::vector<std::pair<std::string, Cell>>& facts) {
  if (is_silent_) return;
  std::size_t width = 0;
  for (const auto& [name, cell] : facts) width = std::max(width, display_width(name));
  for (const auto& [name, cell] : facts) {
    const std::string lead = std::string(kIndent, ' ') + padded(name, width + kGap);
    print_paragraph(out_, out_terminal_, cell.text, lead, cell.style);
  }
}

void Printer::table(const Table& table) {
  if (is_silent_) return;
  Table clean = printable_table(table);
  leave_out_columns(clean, out_terminal_.columns);
  const auto widths = column_widths(clean, out_terminal_.columns);
  std::vector<Cell> titles;
  for (const Column& column : clean.columns) titles.emplace_back(column.title, Style::kDim);
  if (clean.has_titles) print_row(out_, out_terminal_, clean.columns, widths, titles);
  for (std::size_t i = 0; i < clean.rows.size(); ++i) {
    print_row(out_, out_terminal_, clean.columns, widths, clean.rows[i]);
    if (const auto note = clean.notes.find(i); note != clean.notes.end()) {
      paragraph(note->second, std::string(2 * kIndent, ' '), Style::kDim);
    }
  }
}

void Printer::json(const nlohmann::ordered_json& value) {
  out_ << value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n';
}

void Printer::raw(std::string_view text) {
  if (!is_silent_) out_ << text;
}

void Printer::error(const Error& error) {
  out_.flush();
  err_ << styled("tidesync:", Style::kBad, err_terminal_) << ' ' << printable(error.what()) << '\n';
  if (!error.hint().empty()) {
    print_paragraph(err_, err_terminal_, error.hint(), "  what to do: ", Style::kPlain);
  }
  err_.flush();
}

std::string count_of(std::uint64_t number, const std::string& singular, const std::string& plural) {
  return with_thousands(number) + " " + (number == 1 ? singular : plural);
}

}  // namespace tidesync
