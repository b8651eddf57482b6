// After the exchange: the copy for people and the heartbeat. Neither matters for the correctness of
// any node.
#include "base/log.h"
#include "base/number.h"
#include "share/layout.h"
#include "share/notes.h"
#include "sync/master_keeper.h"
#include "sync/run_streak.h"
#include "sync/sync_run.h"

namespace tidesync {
namespace {

constexpr std::int64_t kHeartbeatMs = 60 * 60 * 1000;

}  // namespace

void SyncRun::refresh_master() {
  if (!published_ && !taken_in_) return;
  if (!config_.refresh_master || base_->cursor().seq.value == 0) return;
  reached(Step::kRefreshMaster);
  MasterKeeper keeper(env_, paths_, config_, *dataset_, *base_);
  try {
    keeper.refresh({});
  } catch (const Error& error) {
    // Somebody has it open, or the share is full: the next run tries again.
    log::warning(std::string("master.db was not refreshed: ") + error.what());
    result_.notes.push_back("master.db on the share could not be refreshed now (" + error.detail() +
                            "); the next sync tries again. The data itself is safe.");
  }
  result_.master_seq = keeper.seq_there();
  for (const std::string& note : keeper.notes()) result_.notes.push_back(note);
}

NodeNote SyncRun::make_node_note() {
  NodeNote note;
  note.node = config_.node;
  note.incarnation = incarnation_;
  note.user = config_.user;
  note.host = env_.host;
  note.tool = env_.tool;
  note.seq = base_->cursor().seq;
  note.hash = base_->cursor().hash;
  note.state = base_->state();
  note.at_ms = now_ms();
  note.clock_offset_ms = clock_offset_ms_;
  note.last_run = {result_.run, std::string(to_string(result_.status)), started_at_ms_};
  note.pending = local_->count_waiting_rows();
  note.conflicts = count_conflicts(local_->db(), {});
  note.behind = head_on_share_ > note.seq ? head_on_share_.value - note.seq.value : 0;
  const RunTail tail = read_run_tail(local_->db(), config_.node.value);
  const bool failed = result_.status == RunStatus::kError || result_.status == RunStatus::kOffline;
  note.last_success_ms = failed ? tail.last_success_ms : started_at_ms_;
  note.failed_runs = failed ? tail.failed_runs + 1 : 0;
  return note;
}

// After every run that moved something, when a run went otherwise than the one told of last, and
// once an hour.
void SyncRun::write_heartbeat() {
  const std::string status(to_string(result_.status));
  const std::int64_t last_ms = int64_or(base_->get_state("heartbeat_ms"), 0);
  const bool due = now_ms() - last_ms > kHeartbeatMs || now_ms() < last_ms ||
                   base_->get_state("heartbeat_status", status) != status;
  if (!published_ && !taken_in_ && !due) return;
  try {
    check_own_note();
    dataset_->write_note(layout::node_note(config_.node), to_json(make_node_note()));
    base_->set_state("heartbeat_ms", std::to_string(now_ms()));
    base_->set_state("heartbeat_status", status);
  } catch (const Error& error) {
    log::warning(std::string("heartbeat was not written: ") + error.what());
  }
}

// Only on the share that is ours and may be written, and never instead of the error itself.
void SyncRun::tell_of_failure() {
  try {
    const DatasetFormat& format = dataset_->format();
    if (format.share_id != local_->get_meta("share_id")) return;
    if (format.min_writer > kShareFormatVersion) return;
    base_->reload();  // without what was rolled back
    write_heartbeat();
  } catch (const Error& error) {
    log::warning(std::string("the failure was not told on the share: ") + error.what());
  }
}

}  // namespace tidesync
