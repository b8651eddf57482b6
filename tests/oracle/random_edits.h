// Random statements of an application on random tables.
#pragma once

#include <string>

#include "oracle/random_schema.h"
#include "sim/ledger.h"
#include "sqlite/database.h"

namespace tidesync::oracle {

// One to `at_most` statements, in a transaction; noted in the ledger when it commits. Statements
// that break a rule of the tables are undone, as in an application. Returns what was run.
std::string edit_something(Database& db, const RandomSchema& schema, Random& random,
                           sim::Ledger& ledger, std::uint64_t at_most);

// All values that are tokens, in all tables of the application.
sim::TokenRows tokens_in(Database& db, const RandomSchema& schema);

}  // namespace tidesync::oracle
