// A database's file copied in large pieces, through the handles that SQLite has open. Another
// handle would do harm: on POSIX, closing it drops every lock that this process has on the file.
// Private to this room.
#pragma once

struct sqlite3;

namespace tidesync {

class Database;

// `target` is a new, empty database. False, and nothing was written, when a transaction is open in
// `from`, when others read an older state in its write-ahead log, or when it is too small to be
// worth emptying that (two fsyncs). Throws what SQLite answers.
bool copy_file(Database& from, sqlite3* source, sqlite3* target);

}  // namespace tidesync
