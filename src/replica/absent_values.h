// Values that an edit between two syncs (undo, a resolution, a backup brought back) has for columns
// that this database does not have, because its application is older: kept in its table
// tidesync_meta until they are on the share. Every write is in a transaction of the caller. Thread
// rule: one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/value.h"
#include "sqlite/database.h"

namespace tidesync {

class AbsentValues {
 public:
  explicit AbsentValues(Database& db) : db_(db) {}

  // After opening, and after a rollback.
  void reload();
  bool any() const { return any_; }
  // The whole row, as the edit wants it.
  bool find(std::uint32_t table, std::string_view key, RowImage& row);
  void put(std::uint32_t table, std::string_view key, std::string_view row);
  void forget(std::uint32_t table, std::string_view key);
  void for_each(const std::function<void(std::uint32_t table, const KeyImage& key)>& visit);

 private:
  Database& db_;
  bool any_ = false;
};

}  // namespace tidesync
