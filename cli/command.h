// What the commands share. A command is one file: its options, setup_NAME that declares them, and a
// function that runs it and gives the exit code; it may throw Error, which the app prints.
#pragma once

#include <functional>
#include <string>

#include "cli/exit_code.h"
#include "cli/printer.h"
#include "cli/progress.h"
#include "cli/registry.h"
#include "sync/environment.h"

namespace CLI {
class App;
}

namespace tidesync {

// One call of the program.
struct Session {
  Environment& env;
  Printer& printer;
  Progress& progress;
  std::string db;  // --db
  bool json = false;
  ExitCode exit_code = ExitCode::kDone;
  std::string environment_db = {};  // TIDESYNC_DB
  Path user_folder = {};            // of this user's settings; empty: none
  std::string log_level = {};       // --log-level
  bool verbose = false;
  bool quiet = false;

  // The file of --db, else of TIDESYNC_DB, else the only database that this user syncs. Throws
  // Error kUsage, which lists what there is to choose from, when nothing decides.
  Path database() const;
  // The file of --db or TIDESYNC_DB, for commands that make a database a node.
  Path named_database() const;
  // The databases of this user.
  Registry registry() const { return Registry(env, user_folder); }
};

struct CommandText {
  const char* name;
  const char* description;
  std::initializer_list<ExitCode> exit_codes;
  const char* example;
};

// A command with --db, --json and the options of output; `run` is called when it was chosen and all
// arguments were right.
CLI::App* add_command(CLI::App& app, Session& session, const CommandText& text,
                      std::function<ExitCode()> run);

// This user's list of databases has this one from now on, or no longer; what hinders it is said,
// and fails nothing.
void list_database(Session& session, const Path& database);
void unlist_database(Session& session, const Path& database);

void setup_init(CLI::App& app, Session& session);
void setup_join(CLI::App& app, Session& session);
void setup_now(CLI::App& app, Session& session);
void setup_status(CLI::App& app, Session& session);
void setup_history(CLI::App& app, Session& session);
void setup_report(CLI::App& app, Session& session);
void setup_diff(CLI::App& app, Session& session);
void setup_conflicts(CLI::App& app, Session& session);
void setup_why(CLI::App& app, Session& session);
void setup_undo(CLI::App& app, Session& session);
void setup_verify(CLI::App& app, Session& session);
void setup_doctor(CLI::App& app, Session& session);
void setup_master(CLI::App& app, Session& session);
void setup_master_restore(CLI::App& master, Session& session);
void setup_nodes(CLI::App& app, Session& session);
void setup_run(CLI::App& app, Session& session);
void setup_look_out(CLI::App& app, Session& session);
void setup_schedule(CLI::App& app, Session& session);
void setup_leave(CLI::App& app, Session& session);
void setup_config(CLI::App& app, Session& session);
void setup_generate(CLI::App& app, Session& session);

}  // namespace tidesync
