// A layer below SQLite that tells meter() two things of every connection in this process:
//
//   * files below the share's folder (a master.db that is opened there, and its journal): each
//     xOpen, xRead, xWrite, xSync, xTruncate, xLock, xDelete and xAccess is one operation.
//     xUnlock, xFileSize and xClose are free, which is kind to whoever works that way.
//   * app.db, the application's database: how long its locks are held.
#pragma once

#include <string>

namespace tidesync::bench {

// Makes it the default of this process. `share_folder` as it begins the names of files there.
void watch_sqlite(const std::string& share_folder);

}  // namespace tidesync::bench
