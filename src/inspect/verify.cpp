#include "inspect/verify.h"

#include <algorithm>

#include "base/log.h"
#include "inspect/verify_parts.h"

namespace tidesync {
namespace {

std::unique_ptr<ProcessLock> lock_out_syncs(const LocalPaths& paths) {
  auto lock = ProcessLock::try_acquire(paths.lock, "held by tidesync verify");
  if (!lock) {
    throw Error(ErrorCode::kAlreadyRunning, "verify", to_utf8(paths.database),
                "a sync of this database is running", "Run it again when the sync has finished.");
  }
  return lock;
}

void require_node(Environment& env, const LocalPaths& paths) {
  if (!env.local.stat(paths.base)) {
    throw Error(ErrorCode::kNotFound, "verify", to_utf8(paths.base),
                "there is no base copy to compare with",
                "Run tidesync now: it is made anew from the share.");
  }
}

void reach_share(Verification& it) {
  try {
    auto dataset = std::make_unique<Dataset>(it.env.share, it.config.share, it.env.clock,
                                             it.env.random, it.config.node);
    dataset->open(it.local.get_meta("share_id"));
    it.dataset = std::move(dataset);
  } catch (const Error& error) {
    it.report.share_problem = error.detail();
  }
}

// The share may go away in the middle of it.
void verify_share(Verification& it, void (*part)(Verification&)) {
  if (!it.dataset) return;
  try {
    part(it);
  } catch (const Error& error) {
    const bool is_away = error.code() == ErrorCode::kShareUnreachable ||
                         error.code() == ErrorCode::kIo || error.code() == ErrorCode::kNotFound;
    if (!is_away) throw;
    it.report.share_problem = error.what();
    it.dataset.reset();
  }
}

}  // namespace

ScratchFile::ScratchFile(FileSystem& fs, Path file) : fs_(fs), path_(std::move(file)) {}

ScratchFile::~ScratchFile() {
  for (const char* suffix : {"", "-journal", "-wal", "-shm"}) {
    Path file = path_;
    file += suffix;
    try {
      fs_.remove(file);
    } catch (const Error& error) {
      log::debug(std::string("a temporary file stays: ") + error.what());
    }
  }
}

Verification::Verification(Environment& environment, const Path& database,
                           const VerifyOptions& chosen)
    : env(environment),
      paths(database),
      options(chosen),
      config(read_config(environment.local, paths.config)),
      lock(lock_out_syncs(paths)),
      local(database, config.patience_ms),
      base((require_node(environment, paths), paths.base)) {
  if (!local.is_attached()) {
    throw Error(ErrorCode::kNotFound, "verify", to_utf8(database), "this database is not synced",
                "Run tidesync init or tidesync join first.");
  }
  report.deep = options.deep;
  report.seq_here = base.cursor().seq;
}

ScratchFile Verification::scratch_file(const std::string& name) {
  return ScratchFile(env.local, paths.staging / (name + "-" + make_uuid(env.random)));
}

std::uint64_t VerifyReport::differences() const {
  return static_cast<std::uint64_t>(
      std::count_if(findings.begin(), findings.end(),
                    [](const Finding& finding) { return finding.is_difference; }));
}

VerifyReport verify(Environment& env, const Path& database, const VerifyOptions& options) {
  Verification it(env, database, options);
  verify_here(it);
  verify_rules(it);
  reach_share(it);
  verify_share(it, verify_log);
  verify_share(it, verify_master);
  if (options.deep) verify_share(it, verify_whole_log);
  return std::move(it.report);
}

}  // namespace tidesync
