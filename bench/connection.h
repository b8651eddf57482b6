// A plain SQLite connection as the other contenders and the application use it. Throws
// std::runtime_error. (What tidesync itself uses is sqlite/database.h.)
#pragma once

#include <cstdint>
#include <string>

struct sqlite3;
struct sqlite3_stmt;

namespace tidesync::bench {

class Connection {
 public:
  // Made when absent.
  explicit Connection(const std::string& file);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // For applying what others did: triggers do not fire again.
  void disable_triggers();
  void exec(const std::string& sql);
  sqlite3_stmt* prepare(const std::string& sql);  // the caller's to finalize
  // First column of the first row.
  std::int64_t get_int(const std::string& sql);
  std::string get_text(const std::string& sql);
  sqlite3* handle() { return handle_; }
  // Throws what SQLite says unless `code` is SQLITE_OK.
  void check(int code, const std::string& what);

 private:
  sqlite3* handle_ = nullptr;
};

}  // namespace tidesync::bench
