// Pieces that init, join and leave share. Private to this room.
#pragma once

#include <string>
#include <vector>

#include "replica/base.h"
#include "replica/catalog.h"
#include "replica/local.h"
#include "share/dataset.h"
#include "sync/setup.h"

namespace tidesync::setup {

std::string default_user(const std::string& given, const Environment& env);
// The given name (checked), else one made from user and host that no note on the share has yet.
NodeId choose_node(const std::string& given, const std::string& user, const Environment& env,
                   Dataset* dataset);

// Refuses a missing folder, a file, and a kind of folder that loses changes (share/share_check.h);
// returns what had better be otherwise.
std::vector<std::string> check_share_folder(Environment& env, const Path& share);
// Refuses a database on a network file system.
std::vector<std::string> check_database_place(Environment& env, const Path& database);
// Throws Error kUsage when the database lies in the share's folder: everybody would see it there.
void require_outside_of_share(const Path& database, const Path& share);
// The names of our tables in the application's database. Throws Error kAlreadyExists when the
// application has a table, view or index of such a name.
void require_free_names(Database& db, const std::string& operation);
// Makes the folder beside the database, and what is in it.
void make_local_folders(Environment& env, const LocalPaths& paths);

// Our tables, identity and triggers in the application's database; in a transaction of the caller.
void attach(Local& local, const Uuid& share_id, const Config& config, Random& random,
            const Cursor& cursor);

std::vector<TableReport> report_tables(Database& db, const std::vector<TableChoice>& catalog,
                                       const std::vector<TableChoice>& chosen,
                                       const std::string& reason_left_out);

}  // namespace tidesync::setup
