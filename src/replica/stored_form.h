// What a column of the application's table makes of a value when it stores it: another type makes
// '42' of 42, a database in UTF-16 replaces bytes that are no text. SQLite itself says it, in a
// table of its own. Thread rule: one thread.
#pragma once

#include <string>
#include <string_view>

#include "sqlite/database.h"
#include "sqlite/statement.h"

namespace tidesync {

// The encoded value that a column of the type has of an SQL literal; "" when it is none.
std::string stored_literal_image(const std::string& decl_type, const std::string& literal);

class StoredForm {
 public:
  // `encoding` as PRAGMA encoding gives it.
  StoredForm(const std::string& decl_type, const std::string& encoding);

  // The encoded value as it is read back. Valid until the next call.
  const std::string& of(std::string_view encoded_value);

 private:
  Database db_;
  Statement write_, read_;
  std::string asked_, stored_;
};

}  // namespace tidesync
