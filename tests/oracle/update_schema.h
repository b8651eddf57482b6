// An application that is updated again and again: its tables as they are in each version, and
// random steps from one version to the next, in the ways in which migration tools change a table.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "sqlite/database.h"

namespace tidesync::oracle {

struct UpdateColumn {
  std::string name;
  std::string type;
  std::string rules;      // NOT NULL, DEFAULT, CHECK, as written
  std::string reference;  // name of the table whose key it holds, or empty
  bool not_null = false;
  bool unique = false;
};

struct UpdateTable {
  std::string name;
  std::vector<UpdateColumn> columns;  // the key first
  std::string key;                    // the column that tells rows apart on every computer
  bool key_is_number = true;

  UpdateColumn* find(const std::string& column);
};

// By the name in lower case.
using UpdateTables = std::map<std::string, UpdateTable>;

// How a tool makes a table anew.
enum class RebuildStyle {
  kNewThenRename,  // Django, EF Core, Alembic: new, copy, drop the old one, rename
  kRenameThenNew,  // older Django and by hand: rename, new, copy, drop the old one
  kThroughCopy,    // Rails: a copy beside, drop, new, copy back
  kTwelveSteps,    // SQLite's own advice: as the first, indexes and triggers made again
};

struct UpdateStep {
  std::string what;  // for people
  std::string sql;   // run by the application with foreign keys off
  bool keeps_triggers = false;
  std::string table;    // that it makes anew
  std::string dropped;  // "item.b": a column it takes out
  UpdateTables after;
};

UpdateTables first_version(Random& random);
std::string create_sql(const UpdateTables& tables);
// One more version. `dropped`: columns that earlier steps took out, so that they can come back.
UpdateStep make_step(const UpdateTables& now, Random& random,
                     std::vector<std::pair<std::string, UpdateColumn>>& dropped);
// The application updates itself.
void run_step(Database& db, const UpdateStep& step);

}  // namespace tidesync::oracle
