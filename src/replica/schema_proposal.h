// What this database has that the shared schema has not: new tables and columns of a newer version
// of the application, and rules (CHECK, UNIQUE, NOT NULL) that it changed. They flow to the share
// with the next batch. What this database lacks never flows: it may simply be older.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "replica/local.h"
#include "replica/schema_change.h"

namespace tidesync {

struct SchemaProposal {
  SchemaChange change;
  std::vector<std::string> words;  // "table notes is new", "quotes has the new column rate"
};

// nullopt: nothing to propose. Reads the application's database in the caller's transaction; it may
// hold no prepared statements of ours on tables.
std::optional<SchemaProposal> propose_schema(Local& local, const ShareSchema& shared);

// Gives up, for everybody, the tables and columns whose gates are closed because they are gone
// here: what an admin confirms with --accept-dropped. nullopt: no such gate.
std::optional<SchemaProposal> propose_dropping(Local& local, const ShareSchema& shared);

// Digests of the CREATE statements as they were at the last run, so that only what changed here
// since then is proposed. In a transaction.
void note_own_schema(Local& local);

}  // namespace tidesync
