#include "connection.h"

#include <sqlite3.h>

#include <stdexcept>

namespace tidesync::bench {

Connection::Connection(const std::string& file) {
  check(sqlite3_open(file.c_str(), &handle_), "open " + file);
  sqlite3_busy_timeout(handle_, 5000);
}

Connection::~Connection() {
  sqlite3_close_v2(handle_);
}

void Connection::disable_triggers() {
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
}

void Connection::exec(const std::string& sql) {
  check(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr), sql);
}

sqlite3_stmt* Connection::prepare(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  check(sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr), sql);
  return statement;
}

std::string Connection::get_text(const std::string& sql) {
  sqlite3_stmt* statement = prepare(sql);
  std::string text;
  if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_text(statement, 0) != nullptr)
    text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
  check(sqlite3_finalize(statement), sql);
  return text;
}

std::int64_t Connection::get_int(const std::string& sql) {
  const std::string text = get_text(sql);
  return text.empty() ? 0 : std::stoll(text);
}

void Connection::check(int code, const std::string& what) {
  if (code == SQLITE_OK) return;
  throw std::runtime_error(std::string(sqlite3_errmsg(handle_)) + " in: " + what.substr(0, 300));
}

}  // namespace tidesync::bench
