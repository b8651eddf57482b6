// Turns SQLite's result codes into Errors. Private to this room.
#pragma once

#include <string>
#include <string_view>

struct sqlite3;

namespace tidesync {

// Throws the Error for the last failure of the connection (`code`: its extended result code).
[[noreturn]] void throw_sqlite_error(sqlite3* connection, int code, std::string_view operation,
                                     std::string_view subject = {});

}  // namespace tidesync
