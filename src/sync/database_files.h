// Database files on this computer as files: SQLite must not have them open. Private to this room.
#pragma once

#include "base/file_system.h"

namespace tidesync {

// With its -wal, -shm and -journal.
void remove_database(FileSystem& fs, const Path& file);
// With its -wal and -journal; `to` must not exist. Throws Error kNotFound.
void copy_database(FileSystem& fs, const Path& from, const Path& to);

}  // namespace tidesync
