// The application's database for a computer that has none, made from its base copy: the tables are
// the same there, so their pages are copied, not their rows.
#pragma once

#include "replica/base.h"

namespace tidesync {

// Writes the synced tables with their rows, sync_log and sync_conflicts to the new file `to`;
// nothing else of the base copy is in it, not even in unused space. Not forced to disk: a later
// commit does that. In no transaction of base.db().
//
// Still missing: application_id and the like, and all other objects of the application
// (create_application_objects); of its indexes only UNIQUE ones may be there.
void draft_application(Base& base, const Path& to);

}  // namespace tidesync
