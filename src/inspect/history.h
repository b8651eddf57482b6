// What happened: the runs in sync_log, of one node or of all of the fleet. The table is synced like
// any other, so a database knows of the runs of others what it has taken in; master.db knows of all
// what was in it when it was built.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sqlite/database.h"
#include "sync/environment.h"

namespace tidesync {

// A row of sync_log. Runs that failed alike one after another are one row, of the first of them.
struct RunRecord {
  std::int64_t id = 0;
  std::string timestamp, direction, status;
  std::uint64_t pulled = 0, pushed = 0, conflicts = 0;
  std::string error_message;  // as in the table
  std::int64_t duration_ms = 0;
  std::string run_id, node, user;
  std::uint64_t seq_before = 0, seq_after = 0;
  std::uint64_t runs = 1;  // that it stands for
  std::string message;     // error_message without the count of runs
};

struct HistoryFilter {
  std::string since;         // ISO UTC, "" for all
  std::string until;         // ISO UTC, not included; "" for all
  std::uint64_t limit = 20;  // 0: all
  std::string node;          // "" with all=false: this node
  std::string user;          // in any case of ASCII letters; "" for all
  bool all = false;          // every node
  bool failed = false;       // only status other than success
  // Only these of success, partial, error; empty for all.
  std::vector<std::string> statuses;
};

// Newest first. Throws kNotFound when the database is no node.
std::vector<RunRecord> read_history(Environment& env, const Path& database,
                                    const HistoryFilter& filter);

// The same one by one, from any database that has sync_log: for many, and for master.db
// (inspect/master_file.h). `filter.node` "" is every node.
void for_each_run(Database& db, const HistoryFilter& filter,
                  const std::function<void(const RunRecord&)>& visit);
// Opens a node's database for it and puts its name into a filter that asks for this node. Throws
// kNotFound when the database is no node.
Database open_history(const Path& database, HistoryFilter& filter);

// All nodes that have runs in it, by name.
std::vector<std::string> nodes_with_runs(Database& db);

}  // namespace tidesync
