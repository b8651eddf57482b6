// A transaction that is rolled back unless commit() was called.
#pragma once

#include <string>

#include "sqlite/database.h"

namespace tidesync {

class Transaction {
 public:
  enum class Kind { kDeferred, kImmediate };
  Transaction(Database& db, Kind kind);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  // On failure the transaction is rolled back and the error thrown.
  void commit();
  void rollback();
  bool is_open() const { return open_; }

 private:
  Database& db_;
  bool open_ = false;
};

}  // namespace tidesync
