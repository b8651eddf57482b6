// The last step of a run: its row in sync_log, or one more in the count of a row that says the
// same, and the file for monitoring. A database that is locked for us keeps no row; the log file
// has it.
#include "base/log.h"
#include "base/text.h"
#include "replica/conflict_row.h"
#include "sync/metrics.h"
#include "sync/run_streak.h"
#include "sync/sync_run.h"

namespace tidesync {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;

// What this run has in common with the next one that fails in the same way; "" when it went well.
std::string cause_of(const SyncResult& result) {
  if (!result.error) return {};
  if (result.status == RunStatus::kOffline) return kOfflineCause;
  return std::string(to_string(result.error->code())) + ": " + result.error->subject() + ": " +
         result.error->detail();
}

// Whether waiting helps: then people are told only when it lasts.
bool may_pass(const SyncResult& result) {
  const ErrorCode code = result.error->code();
  return result.status == RunStatus::kOffline || code == ErrorCode::kBusy ||
         code == ErrorCode::kInterrupted || code == ErrorCode::kIo;
}

}  // namespace

// One line a run, for whoever looks for what happened when.
void SyncRun::log_end() const {
  log::info("sync " + std::string(to_string(result_.status)) +
            (result_.dry_run ? ", dry run" : "") + ": " + with_thousands(result_.pulled) + " in, " +
            with_thousands(result_.pushed) + " out, " + with_thousands(result_.conflicts) +
            " conflicts, batch " + std::to_string(result_.seq_before.value) + " to " +
            std::to_string(result_.seq_after.value) + ", " + display_duration(result_.duration_ms) +
            ", share " + display_size(result_.share_bytes_read) + " read, " +
            display_size(result_.share_bytes_written) + " written, run " + result_.run);
  for (const std::string& note : result_.notes) log::info(note);
}

LogRow SyncRun::make_log_row() const {
  LogRow row;
  row.timestamp = iso_utc(started_at_ms_);
  row.direction = std::string(to_string(result_.direction));
  // sync_log knows three: a share that is away is an error of the run, not of the data.
  row.status =
      result_.status == RunStatus::kOffline ? "error" : std::string(to_string(result_.status));
  row.pulled = result_.pulled;
  row.pushed = result_.pushed;
  row.conflicts = result_.conflicts;
  if (result_.error) row.error_message = result_.error->what();
  if (!result_.error && !result_.notes.empty()) row.error_message = join(result_.notes, " ");
  row.duration_ms = result_.duration_ms;
  row.run_id = result_.run;
  row.node = config_.node.value;
  row.user = config_.user;
  row.seq_before = result_.seq_before.value;
  row.seq_after = result_.seq_after.value;
  return row;
}

void SyncRun::record() {
  reached(Step::kRecord);
  try {
    begin_local(Transaction::Kind::kImmediate);
    const LogRow row = make_log_row();
    const bool moved = row.pulled + row.pushed + row.conflicts > 0;
    const std::string cause = moved ? "" : cause_of(result_);
    std::optional<RunStreak> streak = read_streak(*local_);
    if (!cause.empty() && streak && streak->cause == cause) {
      ++streak->runs;
      const std::string message =
          print_streak_message(row.error_message, streak->runs, streak->since_ms);
      if (!repeat_run(*local_, streak->run_id, message, now_ms())) streak.reset();
    } else {
      streak.reset();
    }
    if (!streak) record_run(*local_, row, now_ms());
    if (!streak && !cause.empty()) streak = RunStreak{cause, row.run_id, started_at_ms_, 1, false};
    if (streak) note_streak(*streak);
    write_streak(*local_, streak);
    // For whoever has lost the folder with the configuration.
    if (local_->get_meta("share_path") != to_utf8(config_.share))
      local_->set_meta("share_path", to_utf8(config_.share));
    commit_local();
    write_metrics();
  } catch (const Error& error) {
    local_transaction_.reset();
    log::warning(std::string("the run could not be written to sync_log: ") + error.what());
  }
}

// Once for each streak: at once where a person must act, else when it has lasted.
void SyncRun::note_streak(RunStreak& streak) {
  result_.failing_since_ms = streak.since_ms;
  result_.failing_runs = streak.runs;
  const std::int64_t lasted_ms = now_ms() - streak.since_ms;
  const bool lasts = lasted_ms >= config_.hooks.offline_minutes * kMinuteMs;
  if (streak.told || (may_pass(result_) && !lasts)) return;
  streak.told = true;
  result_.tell_error = true;
}

void SyncRun::write_metrics() {
  if (config_.metrics.empty()) return;
  Database& db = local_->db();
  RunMetrics metrics;
  metrics.database = to_utf8(paths_.database);
  metrics.node = config_.node.value;
  metrics.ended_ms = now_ms();
  std::int64_t success_ms = 0;
  if (parse_iso_utc(db.get_text("SELECT max(timestamp) FROM sync_log WHERE status = 'success' AND "
                                "node = " +
                                quote_text(config_.node.value)),
                    success_ms))
    metrics.last_success_ms = success_ms;
  metrics.result = &result_;
  metrics.waiting_rows = local_->count_waiting_rows();
  metrics.open_conflicts = static_cast<std::uint64_t>(
      db.get_int("SELECT count(*) FROM sync_conflicts WHERE resolved_at IS NULL"));
  metrics.behind =
      head_on_share_ > result_.seq_after ? head_on_share_.value - result_.seq_after.value : 0;
  Path temporary = config_.metrics;
  temporary += ".new";
  try {
    replace_file(env_.local, temporary, config_.metrics, metrics_text(metrics), false);
  } catch (const Error& error) {
    log::warning(std::string("the file for monitoring was not written: ") + error.what());
  }
}

}  // namespace tidesync
