// What the application does with its database, and what a test wants to know about one.
//
// Every call opens the file and closes it again: no connection of the test is open while tidesync
// runs, unless a test opens one on purpose.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "sqlite/database.h"

namespace tidesync::test {

// As an application opens it: foreign keys on, waits for locks.
Database open_as_application(const Path& file);

// One or more statements, each in its own transaction unless the text says otherwise.
void sql(const Path& file, const std::string& statements);
// The whole result as text: columns joined by '|', rows by a line break, NULL as "NULL".
std::string ask(const Path& file, const std::string& query);
std::int64_t count(const Path& file, const std::string& table_and_condition);

// Names of the ordinary tables of the application, and sync_conflicts; not sync_log (each node
// numbers it alone and publishes its last rows later), nothing of ours else.
std::vector<std::string> synced_tables(const Path& file, const std::vector<std::string>& without);
// "" when each of these tables has the same rows in both, by type and bytes; else what differs.
std::string difference(const Path& a, const Path& b, const std::vector<std::string>& tables);
// "" when PRAGMA integrity_check and foreign_key_check find nothing.
std::string defects(const Path& file);

// Everything below a folder, or one file: name -> content (a folder: "folder").
std::map<std::string, std::string> snapshot(const Path& folder_or_file);
// "" when nothing was added, removed or changed; else the names.
std::string changed_since(const std::map<std::string, std::string>& before,
                          const Path& folder_or_file);

}  // namespace tidesync::test
