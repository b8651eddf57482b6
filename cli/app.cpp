#include "cli/app.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/machine.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "sqlite/database.h"

namespace tidesync {
namespace {

constexpr const char* kTool = "tidesync " TIDESYNC_VERSION;

void print_error(const Error& error, Session& session) {
  session.progress.clear();
  if (session.json) {
    session.printer.json(error_object(error));
  } else {
    session.printer.error(error);
  }
}

// CLI11's message in our style: no capital, no full stop.
Error usage_error(const CLI::ParseError& error, const CLI::App& app,
                  const std::vector<std::string>& arguments) {
  const auto commands = app.get_subcommands();
  std::string detail = error.what();
  if (commands.empty() && error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError)) {
    const auto word = std::find_if(arguments.begin(), arguments.end(),
                                   [](const std::string& a) { return a.empty() || a[0] != '-'; });
    if (word != arguments.end()) detail = "unknown command: " + *word;
  }
  if (detail.size() > 1 && detail[1] >= 'a' && detail[1] <= 'z') {
    detail[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(detail[0])));
  }
  while (!detail.empty() && (detail.back() == '.' || detail.back() == '\n')) detail.pop_back();
  if (commands.empty()) {
    return Error(ErrorCode::kUsage, "command line", "", detail,
                 "tidesync --help lists the commands");
  }
  const std::string name = commands.front()->get_name();
  return Error(ErrorCode::kUsage, name, "", detail,
               "tidesync " + name + " --help shows the options");
}

void set_up(CLI::App& app, Session& session) {
  app.name("tidesync");
  app.set_version_flag(
      "--version", [] { return std::string(kTool) + " (SQLite " + sqlite_version() + ")"; },
      "Print the version and that of SQLite");
  app.require_subcommand(0, 1);
  app.get_formatter()->label("SUBCOMMAND", "COMMAND");
  app.footer("tidesync COMMAND --help shows the options and exit codes of a command.");
  setup_init(app, session);
  setup_join(app, session);
  setup_now(app, session);
  setup_status(app, session);
  setup_history(app, session);
  setup_report(app, session);
  setup_diff(app, session);
  setup_conflicts(app, session);
  setup_why(app, session);
  setup_undo(app, session);
  setup_verify(app, session);
  setup_doctor(app, session);
  setup_master(app, session);
  setup_nodes(app, session);
  setup_run(app, session);
  setup_look_out(app, session);
  setup_config(app, session);
  setup_schedule(app, session);
  setup_leave(app, session);
  setup_generate(app, session);
}

ExitCode parse_and_run(CLI::App& app, const std::vector<std::string>& arguments, Session& session) {
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    if (app.get_subcommands().empty()) session.printer.raw(app.help());
    return session.exit_code;
  } catch (const CLI::ParseError& error) {
    std::ostream& out = session.printer.out();
    if (error.get_exit_code() == 0) {  // --help, --version
      app.exit(error, out, out);
      return ExitCode::kDone;
    }
    // The flag may stand after the mistake, and then was not read.
    session.json = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
    print_error(usage_error(error, app, arguments), session);
    return ExitCode::kUsage;
  }
}

}  // namespace

ExitCode run_command_line(const std::vector<std::string>& arguments, Session& session) {
  CLI::App app("Merges this computer's SQLite database with the others through a folder on a NAS.");
  try {
    set_up(app, session);
    return parse_and_run(app, arguments, session);
  } catch (const Error& error) {
    print_error(error, session);
    return exit_code(error.code());
  } catch (const std::exception& error) {
    print_error(Error(ErrorCode::kInternal, "run", "", error.what(),
                      "this is a defect of tidesync; no data was lost by it, please report it"),
                session);
    return ExitCode::kFailed;
  }
}

int run_app(const std::vector<std::string>& arguments) try {
  prepare_console();
  const Terminal err_terminal = describe_terminal(Stream::kError);
  Printer printer(std::cout, describe_terminal(Stream::kOut), std::cerr, err_terminal);
  DiskFileSystem disk;
  SystemClock clock;
  Random random = Random::from_system();
  Progress* shown = nullptr;
  MeteredFileSystem share(disk, clock, [&shown] {
    if (interrupted()) throw Error(ErrorCode::kInterrupted, "sync", "", "stopped by a signal");
    if (shown != nullptr) shown->redraw();
  });
  Environment env{share,       disk,  clock,      random,       host_name(),
                  user_name(), kTool, read_mount, machine_id(), &share};
  Progress progress(std::cerr, err_terminal, clock, interrupted);
  progress.show_traffic([&share] { return share.bytes_read() + share.bytes_written(); });
  shown = &progress;
  Session session{env, printer, progress, {}, false, ExitCode::kDone};
  session.environment_db = environment_text("TIDESYNC_DB");
  session.user_folder = user_config_folder();
  const ExitCode code = run_command_line(arguments, session);
  if (!std::cout.flush()) {
    std::cerr << "tidesync: the output could not be written\n";
    return static_cast<int>(code == ExitCode::kDone ? ExitCode::kFailed : code);
  }
  return static_cast<int>(code);
} catch (const std::exception& error) {
  std::cerr << "tidesync: " << error.what() << '\n';
  return static_cast<int>(ExitCode::kFailed);
}

}  // namespace tidesync
