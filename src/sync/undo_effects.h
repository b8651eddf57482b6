// What a run did to each row, added up from its batches, in a temporary database that spills to
// disk by itself: memory does not grow with the run. Private to this room.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "merge/row_effect.h"
#include "replica/local.h"
#include "share/batch_file.h"

namespace tidesync {

class UndoEffects {
 public:
  UndoEffects();

  // Adds the changes of a batch, the next in order; columns are brought into the order they have
  // here. Our own tables are left out, and so are tables that this node does not sync now.
  void add(BatchReader& batch, const Local& local);

  // Names of the latter, if the batches changed rows in them.
  const std::set<std::string>& left_out() const { return left_out_; }

  using Visit = std::function<void(const KeyImage&, const RowEffect&)>;
  void for_each(std::uint32_t table, const Visit& visit);

 private:
  void add_change_of(const TableShape& shape, const Change& change);

  Database db_;
  std::set<std::string> left_out_;
};

}  // namespace tidesync
