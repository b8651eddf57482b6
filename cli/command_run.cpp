#include <CLI/CLI.hpp>
#include <memory>

#include "base/child_process.h"
#include "base/log.h"
#include "base/process_lock.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/run_listener.h"
#include "schedule/daemon.h"
#include "schedule/worker_processes.h"
#include "sync/local_watch.h"
#include "sync/node_config.h"

namespace tidesync {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
// How often the lookout looks: for batches of others, or for a share that comes back.
constexpr std::int64_t kLookWatchingMs = 1500;
constexpr std::int64_t kLookAwayMs = 5000;

struct Options {
  std::string every;
  bool watch = false;
};

// `status` and `doctor` hold the lock for a moment when they look whether somebody does.
std::unique_ptr<ProcessLock> lock_scheduler(Clock& clock, const LocalPaths& paths) {
  constexpr int kTries = 5;
  constexpr std::int64_t kPauseMs = 50;
  for (int i = 0; i < kTries; ++i) {
    auto lock = ProcessLock::try_acquire(paths.folder / "scheduler.lock", "held by tidesync run");
    if (lock) return lock;
    clock.sleep_ms(kPauseMs);
  }
  throw Error(ErrorCode::kAlreadyRunning, "run", to_utf8(paths.database),
              "another tidesync run looks after this database",
              "Stop that one first, or leave it to it; nothing was changed.");
}

DaemonSettings read_settings(Session& session, const LocalPaths& paths, const Options& options) {
  const Config config = read_node_config(session.env, paths);
  const std::int64_t minutes =
      options.every.empty() ? config.interval_minutes : parse_interval_minutes(options.every);
  return {minutes * kMinuteMs, options.watch};
}

// The syncs and the lookout say as much as we do.
std::vector<std::string> words_for_workers(const Session& session) {
  const std::string level = session.verbose ? "info" : session.log_level;
  if (level.empty()) return {};
  return {"--log-level", level};
}

ExitCode run(const Options& options, Session& session) {
  const LocalPaths paths(session.database());
  const DaemonSettings settings = read_settings(session, paths, options);
  const auto lock = lock_scheduler(session.env.clock, paths);
  open_log(paths, read_node_config(session.env, paths));
  watch_for_interrupts();
  watch_for_reload();
  LocalWatch edits(session.env.local, session.env.clock, paths.database);
  WorkerProcesses workers(session.env.clock, own_program(), paths.database,
                          words_for_workers(session),
                          options.watch ? kLookWatchingMs : kLookAwayMs);
  RunListener listener(session, paths, settings);
  DaemonInputs inputs;
  inputs.stop = interrupted;
  inputs.reload = take_reload;
  inputs.read_settings = [&] {
    const DaemonSettings read = read_settings(session, paths, options);
    listener.use(read);
    return read;
  };
  inputs.has_edits = [&] { return edits.has_edits(); };
  inputs.sync_begins = [&] { edits.sync_begins(); };
  Daemon(workers, session.env.clock, inputs, listener, settings).run();
  return ExitCode::kDone;
}

}  // namespace

void setup_run(CLI::App& app, Session& session) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(
      app, session,
      {"run",
       "Stays and syncs every so often, or whenever something changes; Ctrl-C ends it after a last "
       "sync",
       {ExitCode::kDone, ExitCode::kFailed, ExitCode::kUsage, ExitCode::kAlreadyRunning},
       "tidesync run --watch --db quotes.db"},
      [options, &session] { return run(*options, session); });
  command
      ->add_option("--every", options->every,
                   "How often: 1m to 31d, such as 15m or 2h; without it the interval in "
                   "config.toml counts")
      ->type_name("TIME");
  command->add_flag("--watch", options->watch,
                    "Sync within two seconds of a change, here or on the share, as well");
}

}  // namespace tidesync
