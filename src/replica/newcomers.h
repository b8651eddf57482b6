// Fills in what the share holds for tables and columns that this database did not have, or could
// not follow, until now (Local::newcomers). Before anything is compared: otherwise the defaults
// that an update of the application has just put into a new column would go out as if somebody had
// typed them.
//
//   column     rows that still have its default take the share's value; another value than the
//              share's own is kept in a conflict, and the share's stands
//   table      the share's rows come in as if all were new; rows here are ours
//   rebuilt    rows that are missing since the application made the table anew come back
//   gate over  rows nobody touched here follow the share; the others are merged without a base
//
// A write transaction is open on the application's database, the base copy is at its cursor.
#pragma once

#include "replica/applier.h"

namespace tidesync {

// Uses the touched rows of `scratch`, which must be empty; its hints must be loaded.
ApplyResult fill_newcomers(Local& local, Base& base, Scratch& scratch, MergeContext context);

}  // namespace tidesync
