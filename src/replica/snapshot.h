// The whole state after one entry as a SQLite file: the synced tables with their UNIQUE indexes,
// sync_log, sync_conflicts, and what the base copy notes of schema, policies and lineage. The same
// file serves as master.db, as a snapshot on the share and as a backup.
//
// Such a file is never used as it is: its rows are read (Database::open_untrusted) and written into
// tables that our own code made, and their state digest must come out right.
#pragma once

#include <cstdint>

#include "replica/base.h"

namespace tidesync {

// kCompact reads every row and writes the file anew, without gaps, and checks it. kPages copies the
// pages as they are, unless many of them are empty: damage in them would go along.
enum class ExportWay { kCompact, kPages };
// What such a file says of its form, in tidesync_state: a program that knows only lower numbers
// must not read it. Not said: 1.
inline constexpr const char* kStateFormatKey = "format";
inline constexpr int kStateFormat = 1;

// More than a fifth of the pages are empty.
bool has_many_gaps(Database& db);

// Writes the state of the base copy to the new file `to`, without what only this node needs to
// know. Throws kDamaged when the copy is not sound: then nothing may leave this computer.
void export_state(Base& base, const Path& to, ExportWay way = ExportWay::kCompact);

// Whether the lineage noted in such a file, or in a base copy, goes through a place in the log.
bool lineage_goes_through(Database& db, const Cursor& at);

// The schema as such a file notes it, checked to be CREATE statements. Throws kDamaged.
ShareSchema schema_of_snapshot(Database& snapshot);

// Everything in which the snapshot differs from the base copy, as changes that bring the base copy
// to the snapshot's state. Precondition: the base copy has the snapshot's schema. A row's time is
// its updated_at where it has one, else `at_ms`: who changed it when, a state does not tell.
// The tables of the changes are those of base.shapes(), in their order.
void write_difference(Base& base, Database& snapshot, std::int64_t at_ms, ChangeSink& sink);

}  // namespace tidesync
