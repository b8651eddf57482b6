// A sync and a setup in words for people.
#pragma once

#include "cli/command.h"
#include "sync/result.h"
#include "sync/setup.h"

namespace tidesync {

// What came in and went out per table, conflicts, what was held back and where the master stands;
// the error, if any, on the error stream.
void print_sync(Session& session, const SyncResult& result);

// The reason without "left out: ", for a list that says so already.
std::string why(const TableReport& table);

// For each table what was chosen and why.
void print_tables(Printer& printer, const std::vector<TableReport>& tables);

// The end of init and join: prints `result` as JSON, or its first sync in words; the exit code.
ExitCode finish_setup(Session& session, const SetupResult& result);

}  // namespace tidesync
