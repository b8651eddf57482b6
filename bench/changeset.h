// SQLite's session extension: what an application's connection changed, as bytes.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "connection.h"

struct sqlite3_session;

namespace tidesync::bench {

// Records what a connection changes in the quoting tables, from now on. The connection outlives it.
class Recorder {
 public:
  explicit Recorder(Connection& db);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;
  std::string take();

 private:
  sqlite3_session* session_ = nullptr;
};

// Runs `sql` as the application would and returns what it changed.
std::string record_changes(Connection& db, const std::string& sql);

struct ApplyCounts {
  std::uint64_t conflicts = 0;
};
// Applies them in one transaction. A row that was changed here too gets the later whole row.
ApplyCounts apply_changes(Connection& db, const std::string& changes);

// The same changes as prepared statements with their values, in the order of tables and keys, which
// is the fastest there is: the floor.
class RowChanges {
 public:
  explicit RowChanges(const std::string& changes);
  ~RowChanges();
  RowChanges(const RowChanges&) = delete;
  RowChanges& operator=(const RowChanges&) = delete;

  // In one transaction.
  void apply(Connection& db) const;

 private:
  // Table, operation, written columns: what one prepared statement serves.
  using Form = std::tuple<std::size_t, int, std::vector<int>>;
  struct Change;

  std::size_t form_number(Form form);

  std::map<Form, std::size_t> forms_;
  std::vector<Change> changes_;
};

}  // namespace tidesync::bench
