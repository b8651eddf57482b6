// What the simulated application does to its database: the shapes of tables and the statements that
// are hard to merge (tests that are read: docs/testing.md). Every value it writes is a token of the
// ledger.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "sim/ledger.h"
#include "sqlite/database.h"

namespace tidesync::sim {

std::string application_schema();
// The synced tables, parents first, each with its columns and its key for ORDER BY.
struct AppTable {
  std::string name, columns, key;
  std::string parent;        // the place of the row it refers to, as SQL; "" for none
  bool has_numbers = false;  // INTEGER PRIMARY KEY: the number says nothing about the record
};
// As of a version of the application: 0 is the first.
const std::vector<AppTable>& application_tables(int version);
inline constexpr int kNewestVersion = 3;
// Of which version the tables of any database are.
int version_of(Database& db);
// The application is updated: to the next version. False when it is the newest, or busy.
bool upgrade(Database& db);

// What stands where in the application's tables of any database that has them.
TokenRows rows_of(Database& db);
TokenRows rows_of(Database& db, int version);
std::set<std::string> tokens_of(Database& db);
// Tokens that stand in more than one field.
std::set<std::string> doubled_tokens_of(Database& db);

enum class WriteResult { kWritten, kRefused, kBusy };
// One transaction of the application: random, by `random`; noted in the ledger when it commits.
// `hidden`: tokens in columns that this version does not have; they go with their rows.
WriteResult write_something(Database& db, Random& random, Ledger& ledger, std::int64_t now_ms,
                            const TokenRows& hidden);

}  // namespace tidesync::sim
