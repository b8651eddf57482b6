#include "sync/sync_run.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/log.h"
#include "base/number.h"
#include "base/text.h"
#include "replica/policies.h"
#include "sync/node_config.h"
#include "sync/setup_parts.h"

namespace tidesync {
namespace {

constexpr int kMaxAttempts = 20;

bool is_transient(ErrorCode code) {
  return code == ErrorCode::kIo || code == ErrorCode::kNotFound ||
         code == ErrorCode::kShareUnreachable;
}

}  // namespace

SyncRun::SyncRun(Environment& env, const Path& database, const SyncOptions& options)
    : env_(env), options_(options), paths_(database) {
  result_.dry_run = options.dry_run;
}

SyncRun::~SyncRun() {
  // Transactions first, then what they are on.
  local_transaction_.reset();
  base_transaction_.reset();
}

void SyncRun::reached(Step step, std::uint64_t done, std::uint64_t total) {
  if (options_.steps) options_.steps->reached(step, done, total);
}

SyncResult SyncRun::run() {
  started_ms_ = env_.clock.monotonic_ms();
  started_at_ms_ = now_ms();
  result_.run = make_uuid(env_.random);
  if (env_.meter) {
    metered_read_ = env_.meter->bytes_read();
    metered_written_ = env_.meter->bytes_written();
  }
  open();
  try {
    sync();
  } catch (const Error& error) {
    note_error(error);
  } catch (const std::exception& error) {
    // A step that no one thought could fail. The run is recorded as any other that failed.
    note_error(
        Error(ErrorCode::kInternal, "sync", to_utf8(paths_.database),
              std::string("a defect of tidesync stopped the run: ") + error.what(),
              "Nothing was changed by the step that failed. Run tidesync doctor, and send its "
              "output with the log file in " +
                  to_utf8(paths_.folder / "log") + " to whoever maintains tidesync."));
  }
  // Whatever was not committed is not to be.
  local_transaction_.reset();
  base_transaction_.reset();
  finish_result();
  log_end();
  if (!options_.dry_run) {
    // A run that failed for a reason of its own is told to the others; without a share nobody is.
    if (result_.status == RunStatus::kError) tell_of_failure();
    record();
    close_base();
  }
  reached(Step::kDone);
  return result_;
}

void SyncRun::open() {
  reached(Step::kOpen);
  config_ = read_node_config(env_, paths_);
  open_log(paths_, config_);
  lock_ = ProcessLock::try_acquire(paths_.lock, "held by a running tidesync");
  if (!lock_) {
    throw Error(ErrorCode::kAlreadyRunning, "sync", to_utf8(paths_.database),
                "another run of this database is active",
                "Wait until it has finished; nothing was changed.");
  }
  setup::make_local_folders(env_, paths_);  // somebody may have tidied up
  local_ = std::make_unique<Local>(paths_.database, config_.patience_ms);
  if (!local_->is_attached()) {
    throw Error(ErrorCode::kNotFound, "sync", to_utf8(paths_.database),
                "its tidesync tables are missing: the file was replaced or restored from elsewhere",
                "Nothing was read as deleted. Run: " +
                    join_command(paths_.database, to_utf8(config_.share)));
  }
  incarnation_ = local_->get_meta("incarnation");
  result_.node = config_.node.value;
  hints_were_complete_ = local_->get_meta("compare_all") != "1";
  compare_all_ = options_.compare_all || local_->get_meta("compare_all") == "1";
  open_base();
  set_caches(kSmallCacheKib);
  check_policies();
  scratch_ = std::make_unique<Scratch>();
  dataset_ =
      std::make_unique<Dataset>(env_.share, config_.share, env_.clock, env_.random, config_.node);
  local_->set_absent_values(
      [this](const TableShape& shape, std::string_view key, RowImage& image) {
        if (base_->table(shape.id).read(key, image)) return true;
        const auto touched = scratch_->find_touched(shape.id, key);
        if (touched && touched->base) image = *touched->base;
        return touched && touched->base;
      },
      [this](const TableShape& shape) { return base_->has_exact_rows(shape.id); });
  clock_offset_ms_ = int64_or(base_->get_state("clock_offset_ms"), 0);
  result_.seq_before = result_.seq_after = local_->cursor().seq;
}

// What this node's admin changed in config.toml is checked before anything is done with it.
void SyncRun::check_policies() {
  if (base_->shapes().empty() ||
      !policies_to_publish(*local_, config_.policies, base_->get_state("policies")))
    return;
  check_config_policies(paths_.config, config_, base_->shapes());
}

void SyncRun::sync() {
  reached(Step::kListShare);
  dataset_->open(local_->get_meta("share_id"));
  if (dataset_->format().min_writer > kShareFormatVersion) {
    throw Error(ErrorCode::kTooNew, "open share", to_utf8(config_.share),
                "it may only be written by a newer version of tidesync",
                "Update tidesync on this computer.");
  }
  try {
    recover();
    exchange();
  } catch (const Error& error) {
    // A base copy that contradicts the log is thrown away and folded anew, once.
    if (!should_rebuild(error)) throw;
    local_transaction_.reset();
    base_transaction_.reset();
    reset_base(error.what());
    recover();
    exchange();
  }
  tell_that_nothing_is_missing();
  if (!options_.dry_run) {
    refresh_master();
    write_heartbeat();
    prune_spool();
    maintain();
  }
}

void SyncRun::exchange() {
  int looks = 0;
  for (int attempt = 1;; ++attempt) {
    const auto entries = check_lineage();
    if (!entries.empty()) head_on_share_ = entries.back().seq;
    const auto pulled = fetch(entries);
    const bool has_branch = take_in_branch(pulled);
    if (has_branch && !put_off_) continue;
    if (!has_branch) take_in(pulled);
    if (!put_off_ && std::exchange(forms_came_, false)) rebuild_shapes();
    if (local_->shapes().empty() || put_off_) return;
    const HoleOutcome hole = look_at_hole(entries, looks);
    if (hole == HoleOutcome::kLookAgain) continue;
    if (hole == HoleOutcome::kWait) return;
    if (!lists_beyond_cursor(entries)) put_back_kept();
    if (put_off_) return;
    land_late_children();
    const PushOutcome outcome = push();
    if (outcome == PushOutcome::kPublished && !proposed_words_.empty() && !options_.dry_run) {
      // What the new forms let through goes out at once.
      result_.notes.push_back("Shared from now on: " + join(proposed_words_, "; "));
      proposed_words_.clear();
      options_.accept_dropped = false;
      rebuild_shapes();
      continue;
    }
    if (outcome == PushOutcome::kPublished && accepts_hole_) {
      tell_of_given_up();
      looks = 0;
      continue;  // what stands behind it is moved aside
    }
    if (outcome != PushOutcome::kLost) break;
    if (attempt == kMaxAttempts) {
      result_.status = RunStatus::kPartial;
      result_.notes.push_back(
          "Other computers published first " + std::to_string(kMaxAttempts) +
          " times in a row. The changes made here are kept and go out with the next run.");
      break;
    }
    // Jitter: two nodes that lose to each other must not stay in step.
    const std::int64_t limit_ms = std::min<std::int64_t>(50LL << std::min(attempt, 6), 3000);
    env_.clock.sleep_ms(
        static_cast<std::int64_t>(env_.random.below(static_cast<std::uint64_t>(limit_ms))));
  }
}

void SyncRun::note_error(const Error& error) {
  log::error(error.what());
  result_.status = RunStatus::kError;
  std::optional<Error> shown = error;
  const std::string share = to_utf8(config_.share);
  const bool on_share = !share.empty() && error.subject().rfind(share, 0) == 0;
  if (error.code() == ErrorCode::kShareUnreachable || (on_share && is_transient(error.code()))) {
    result_.status = RunStatus::kOffline;
    std::string hint = missing_drive_hint();
    if (hint.empty()) hint = error.hint();
    if (hint.empty()) hint = "The changes made here are kept and go out when the share is back.";
    shown.emplace(ErrorCode::kShareUnreachable, error.operation(), error.subject(), error.detail(),
                  hint);
  }
  if (error.code() == ErrorCode::kBusy) {
    // It was waited for once: to note the run is not worth as long again.
    constexpr int kToNoteMs = 200;
    local_->db().set_busy_timeout_ms(kToNoteMs);
    result_.status = RunStatus::kPartial;
    shown.emplace(ErrorCode::kBusy, "sync", to_utf8(paths_.database),
                  "the application holds the database locked for longer than " +
                      display_duration(config_.patience_ms),
                  "Nothing was lost: run again when the application has finished its change.");
  }
  result_.error = shown;
}

void SyncRun::finish_result() {
  for (const auto& [table, numbers] : result_.tables) {
    result_.pulled += numbers.pulled;
    result_.pushed += numbers.pushed;
    result_.conflicts += numbers.conflicts;
  }
  const bool pulled = result_.pulled > 0;
  const bool pushed = result_.pushed > 0;
  result_.direction = pulled && pushed ? Direction::kBidirectional
                      : pulled         ? Direction::kPull
                      : pushed         ? Direction::kPush
                                       : Direction::kNone;
  try {
    result_.seq_after = local_->cursor().seq;
  } catch (const Error&) {
    // Locked by the application: the number from before stands.
  }
  result_.duration_ms = env_.clock.monotonic_ms() - started_ms_;
  if (env_.meter) {
    result_.share_bytes_read = env_.meter->bytes_read() - metered_read_;
    result_.share_bytes_written = env_.meter->bytes_written() - metered_written_;
  }
}

void SyncRun::set_caches(int kib) {
  const std::string cache = "PRAGMA cache_size = -" + std::to_string(kib);
  local_->db().exec(cache);
  base_->db().exec(cache);
}

void SyncRun::begin_local(Transaction::Kind kind) {
  if (!local_transaction_) local_transaction_.emplace(local_->db(), kind);
}

void SyncRun::begin_base() {
  if (!base_transaction_) base_transaction_.emplace(base_->db(), Transaction::Kind::kImmediate);
}

// In a dry run nothing is committed: one transaction stays open to the end and is rolled back.
void SyncRun::commit_local() {
  if (options_.dry_run) return;
  local_transaction_->commit();
  local_transaction_.reset();
}

void SyncRun::commit_base() {
  if (options_.dry_run) return;
  base_transaction_->commit();
  base_transaction_.reset();
}

void SyncRun::rollback_base() {
  base_transaction_.reset();
  base_->reload();
  if (proposal_) local_->use_shapes(base_->shapes(), Local::Gates::kKeep);
  proposal_.reset();
}

Digest digest_of_file(FileSystem& fs, const Path& file) {
  const auto handle = fs.open_read(file);
  if (!handle) throw Error(ErrorCode::kNotFound, "read", to_utf8(file), "the file is gone");
  Hasher hasher;
  std::string buffer(1u << 20, '\0');
  while (const std::size_t size = handle->read(buffer.data(), buffer.size())) {
    hasher.update(std::string_view(buffer).substr(0, size));
  }
  return hasher.digest();
}

}  // namespace tidesync
