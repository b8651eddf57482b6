// Rows of a base copy, or of a copy of one, that hold a value which their table stores otherwise.
// The table of the share may declare a column as TEXT that an older application has as INTEGER:
// what that one publishes is the number 42, and the table would make the text '42' of it. The table
// then has what it makes of the row, for people, and the whole row stands here as the log has it.
// Thread rule: that of its connection.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/value.h"
#include "sqlite/database.h"

namespace tidesync {

class ExactRows {
 public:
  // Of one table. A database without our table, as an older tidesync made it, has none.
  ExactRows(Database& db, std::uint32_t table);

  bool any() const { return any_; }
  // False when the table has the row as it is.
  bool find(std::string_view key, RowImage& row);
  void put(std::string_view key, std::string_view row);
  void remove(std::string_view key);

 private:
  Database& db_;
  std::int64_t table_;
  bool any_ = false;
};

}  // namespace tidesync
