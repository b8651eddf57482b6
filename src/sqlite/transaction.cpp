#include "sqlite/transaction.h"

namespace tidesync {

Transaction::Transaction(Database& db, Kind kind) : db_(db) {
  db_.exec(kind == Kind::kImmediate ? "BEGIN IMMEDIATE" : "BEGIN");
  open_ = true;
}

Transaction::~Transaction() {
  try {
    rollback();
  } catch (...) {
    // Closing the connection rolls back whatever is left.
  }
}

void Transaction::commit() {
  if (!open_) return;
  try {
    db_.exec("COMMIT");
    open_ = false;
  } catch (...) {
    rollback();
    throw;
  }
}

void Transaction::rollback() {
  if (!open_) return;
  open_ = false;
  // SQLite rolls back by itself after some errors (disk full, I/O).
  if (db_.in_transaction()) db_.exec("ROLLBACK");
}

}  // namespace tidesync
