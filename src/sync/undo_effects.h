// What a run did to each row, added up from its batches, in a temporary database that spills to
// disk by itself: memory does not grow with the run. Private to this room.
#pragma once

#include <cstdint>
#include <functional>

#include "merge/row_effect.h"
#include "replica/local.h"
#include "share/batch_file.h"

namespace tidesync {

class UndoEffects {
 public:
  UndoEffects();

  // Adds the changes of a batch, the next in order; columns are brought into the order they have
  // here. Tables of ours, and tables that are not here, are left out.
  void add(BatchReader& batch, const Local& local);

  using Visit = std::function<void(const KeyImage&, const RowEffect&)>;
  void for_each(std::uint32_t table, const Visit& visit);

 private:
  void add_change_of(const TableShape& shape, const Change& change);

  Database db_;
};

}  // namespace tidesync
