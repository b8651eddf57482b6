// Everything the program says goes through here: lines, names with values, tables, errors and JSON.
//
// Text is made printable first, so nothing from a database reaches a terminal as a command to it.
// Tables fit the terminal, counted in columns; where nobody looks they are as wide as they need.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cli/system.h"

namespace tidesync {

enum class Style { kPlain, kBold, kDim, kGood, kWarning, kBad };

struct Cell {
  Cell(std::string t, Style s = Style::kPlain) : text(std::move(t)), style(s) {}
  Cell(const char* t) : text(t) {}
  std::string text;
  Style style = Style::kPlain;
};

// How a column takes part when a table is fitted to the terminal.
enum class Fit {
  kText,    // broken into lines where there is no room
  kWhole,   // never broken
  kNumber,  // never broken, and right-aligned
};

// Whether a column may be left out where there is no room: it says what other commands say as well.
enum class Room { kAlways, kIfItFits };

struct Column {
  std::string title;
  Fit fit = Fit::kText;
  Room room = Room::kAlways;
  std::size_t at_least = 0;  // as wide, whatever is in it
};

struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;       // as many cells as columns
  std::map<std::size_t, std::string> notes;  // below a row, by position, over the whole width
  bool has_titles = true;                    // not when it goes on with one printed before
};

class Printer {
 public:
  Printer(std::ostream& out, const Terminal& out_terminal, std::ostream& err,
          const Terminal& err_terminal);

  void line(std::string_view text = {}, Style style = Style::kPlain);
  // Broken at blanks to the terminal's width; `lead` before the first line, blanks before others.
  void paragraph(std::string_view text, std::string_view lead = {}, Style style = Style::kPlain);
  // Names in a column, values beside them.
  void facts(const std::vector<std::pair<std::string, Cell>>& facts);
  // Cells that do not fit are broken into several lines: nothing is left out but whole columns that
  // may be, the last first.
  void table(const Table& table);
  // One object on one line.
  void json(const nlohmann::ordered_json& value);
  // Text of our own, as it is.
  void raw(std::string_view text);

  // "tidesync: operation subject: detail" and "  what to do: hint", on the error stream.
  void error(const Error& error);

  // From here on only JSON and errors are printed.
  void silence() { is_silent_ = true; }
  std::ostream& out() { return out_; }

 private:
  std::ostream& out_;
  bool is_silent_ = false;
  Terminal out_terminal_;
  std::ostream& err_;
  Terminal err_terminal_;
};

// "1 row", "1,200 rows".
std::string count_of(std::uint64_t number, const std::string& singular, const std::string& plural);

}  // namespace tidesync
