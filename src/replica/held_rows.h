// Rows of tables that stand still here (TableGate) while the share goes on: each as it was before
// the first batch that changed it since, so that the merge after the gate opens has its base. Kept
// in the base copy; complete only up to the batch noted with them, because a recovery folds without
// keeping any. All calls are in a transaction on the base copy.
#pragma once

#include <functional>

#include "merge/three_way.h"
#include "replica/base.h"
#include "replica/local.h"

namespace tidesync {

struct HeldRow {
  KeyImage key;
  std::optional<RowImage> base;  // nullopt: the row did not exist
  Author theirs;                 // who changed it last, as far as known
};

// For the gates as they are now: begins to hold where a gate is new, forgets where it is over.
void follow_gates(Base& base, const std::vector<TableGate>& gates);
// After batches were folded, `before` being the cursor before them: keeps what they touched.
void hold_touched(Base& base, const std::vector<TableGate>& gates, Seq before, Scratch& scratch,
                  const std::vector<Author>& authors);
// After an own batch, which cannot have changed these tables.
void advance_held(Base& base, const std::vector<TableGate>& gates, Seq before);
// False when something may be missing.
bool held_is_complete(Base& base, std::uint32_t table);
void for_each_held(Base& base, std::uint32_t table,
                   const std::function<void(const HeldRow&)>& visit);

}  // namespace tidesync
