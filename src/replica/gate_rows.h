// Begins and ends to hold rows of tables (replica/held_rows.h) as the gates of this database want
// it. In a transaction on the base copy.
#pragma once

#include <vector>

#include "replica/base.h"
#include "replica/local.h"

namespace tidesync {

void follow_gates(Base& base, Local& local);
// False when follow_gates() has something to do.
bool gates_are_held(Base& base, Local& local);
// For gates that closed when batches were taken in already, `before` being the cursor before them:
// what they touched is held as it was.
void hold_touched(Base& base, Local& local, const Cursor& before, Scratch& scratch,
                  const std::vector<Author>& authors);

}  // namespace tidesync
