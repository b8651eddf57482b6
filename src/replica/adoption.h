// The share's state meets a database of which nobody knows from which state it began: its base copy
// is lost, and the log that could rebuild it was retired.
#pragma once

#include <cstdint>

#include "replica/base.h"
#include "replica/local.h"
#include "replica/scratch.h"

namespace tidesync {

// Touches in `scratch` every row that differs, for an Applier to merge. The base copy holds the
// share's state, all hints are in scratch.
//
// `hints_tell` means that the database was at some place of the share's own lineage, and that its
// hints are complete: then a row without a hint is as the share once had it, and follows the share,
// also when it is gone there; a row with a hint is this computer's work and is decided by the
// times, its loser kept. One that came and went here says nothing about what the share has there.
// Without hints_tell every differing row counts as work of both sides, as in a join, and what
// stands on one side only stays.
void touch_differences(Local& local, Base& base, Scratch& scratch, bool hints_tell);

}  // namespace tidesync
