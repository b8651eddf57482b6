// Record numbers and the people who work with them. A record that has to change its number may
// stand on somebody's screen: an unattended run waits until the application was quiet for half a
// minute, and leaves the whole merge to the next run if it never is. Nothing is held back for ever:
// the third run in a row that finds no quiet moment goes on all the same.
#include "base/log.h"
#include "base/text.h"
#include "sync/sync_run.h"

namespace tidesync {
namespace {

constexpr std::int64_t kQuietMs = 30 * 1000;
constexpr std::int64_t kWaitMs = 2 * 60 * 1000;
constexpr std::int64_t kLookMs = 1000;
constexpr int kMaxPutOff = 2;

}  // namespace

// Whether the application has changed no synced row for a while.
bool SyncRun::is_quiet() {
  const std::int64_t last_ms = local_->db().get_int(
      "SELECT max(at) FROM tidesync_dirty WHERE t >= " + std::to_string(kFirstTableId));
  // A stamp from the future tells of a clock that was set back, not of somebody at work.
  return last_ms <= now_ms() - kQuietMs || last_ms > now_ms() + kQuietMs;
}

bool SyncRun::wait_for_quiet() {
  const std::int64_t end_ms = env_.clock.monotonic_ms() + kWaitMs;
  while (env_.clock.monotonic_ms() < end_ms) {
    env_.clock.sleep_ms(kLookMs);
    if (is_quiet()) return true;
  }
  return false;
}

// The merge was rolled back, because a record has to change its number while somebody works.
void SyncRun::put_off_merge() {
  local_transaction_.reset();
  rollback_base();
  if (!base_->shapes().empty()) local_->use_shapes(base_->shapes(), Local::Gates::kKeep);
  hints_loaded_ = 0;
  scratch_->clear_hints();
  const int before = std::atoi(local_->get_meta("put_off", "0").c_str());
  if (before >= kMaxPutOff || wait_for_quiet()) {
    may_change_numbers_ = true;
    return;
  }
  begin_local(Transaction::Kind::kImmediate);
  local_->set_meta("put_off", std::to_string(before + 1));
  commit_local();
  put_off_ = true;
  result_.put_off = true;
  result_.status = RunStatus::kPartial;
  result_.notes.push_back(
      "A new record here has the number of somebody else's and must get another one. That waits "
      "until nobody works in the application; the changes of the others wait with it. To have it "
      "at once, save your work and run: tidesync now");
}

void SyncRun::land_late_children() {
  if (options_.dry_run || !has_moved_records(*base_, now_ms())) return;
  begin_local(Transaction::Kind::kImmediate);
  hints_loaded_ = local_->load_hints(hints_loaded_, *scratch_);
  Author me;
  me.node = config_.node.value;
  me.incarnation = incarnation_;
  me.user = config_.user;
  for (const LateChild& child :
       tidesync::land_late_children(*local_, *base_, *scratch_, me, now_ms())) {
    const auto row = read_conflict(local_->db(), child.conflict_id);
    if (!row) continue;
    ++result_.tables[local_->table(child.table).shape().name].conflicts;
    if (result_.decided.size() < 20) result_.decided.push_back(*row);
  }
  commit_local();
}

}  // namespace tidesync
