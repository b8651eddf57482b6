// What differs between the application's database and the base copy. Dirty means different: hints
// only say where to look, and where they cannot be trusted the tables are compared as a whole.
#pragma once

#include <cstdint>
#include <functional>

#include "replica/base.h"
#include "replica/local.h"
#include "replica/scratch.h"

namespace tidesync {

struct Difference {
  const Hint& hint;
  const RowImage* mine;  // nullptr: no such row here
  const RowImage* base;  // nullptr: no such row in the base copy
};

class Scanner {
 public:
  Scanner(Local& local, Base& base, Scratch& scratch)
      : local_(local), base_(base), scratch_(scratch) {}

  // Calls `visit` for each hinted row of the table that differs, in key order. Reads only.
  void for_each_difference(const TableShape& shape,
                           const std::function<void(const Difference&)>& visit);

  // Adds a hint (captured at `now_ms`) for every row that differs and has none.
  void compare_table(const TableShape& shape, std::int64_t now_ms);

  // Whether the number of rows agrees with the hints: rows here = rows in the base copy + those
  // only here - those only there. A row that INSERT OR REPLACE evicts through a UNIQUE index goes
  // without a trigger; the numbers show it, and since such losses only ever lower the one side they
  // cannot cancel each other out.
  bool counts_agree(const TableShape& shape);

 private:
  using Note = std::function<void(const KeyImage& key, HintKind kind)>;
  // Looks each row up in the other table.
  void compare_by_key(TableAccess& here, TableAccess& there, const Note& note);
  // Goes through both tables side by side.
  void compare_by_number(TableAccess& here, TableAccess& there, const Note& note);

  Local& local_;
  Base& base_;
  Scratch& scratch_;
};

}  // namespace tidesync
