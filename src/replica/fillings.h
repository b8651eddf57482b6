// Values that an update of the application put in where NULL stood, because the column is NOT NULL
// from then on. Nobody typed them: against an edit they give way without a conflict. Thread rule:
// one thread.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "merge/table_shape.h"
#include "sqlite/database.h"

namespace tidesync {

class Fillings {
 public:
  // The base of a merge, with which a filling counts as no change. `local` and `share` are the
  // databases whose tables tell what was filled in: the default of the column, or what most rows
  // have.
  Fillings(Database& local, Database& share) : local_(local), share_(share) {}

  // `here` is the shape of the local table, seen through the share's.
  RowImage base_for(const TableShape& here, const RowImage& base, const RowImage& mine,
                    const RowImage& theirs);

 private:
  bool is_filling(Database& db, const TableShape& shape, std::size_t column,
                  std::string_view value);

  Database& local_;
  Database& share_;
  std::map<std::pair<Database*, std::pair<std::uint32_t, std::size_t>>, std::string> most_;
};

}  // namespace tidesync
