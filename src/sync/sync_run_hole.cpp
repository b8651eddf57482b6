// A batch that the share has lost, and nobody puts back.
//
// Whoever has not taken it in waits: published into the hole, its batch would cut off those behind
// it, and their computers would have to propose all of it again. That is done when an admin says so
// (now --accept-hole), or when nobody has filled the hole for as long as accept_hole in config.toml
// says: the batch may be lost for ever, and nobody here could publish any more.
//
// Whoever has taken it in, and has no copy of its bytes, has all that was in it: when an admin says
// so, a snapshot takes its place, with the floor just above, and nothing is lost.
#include <algorithm>

#include "base/log.h"
#include "base/number.h"
#include "base/text.h"
#include "share/archive.h"
#include "sync/hole.h"
#include "sync/snapshot_finder.h"
#include "sync/sync_run.h"

namespace tidesync {
namespace {

constexpr int kLooksAtHole = 3;
constexpr std::int64_t kHolePauseMs = 200;
constexpr std::int64_t kMinuteMs = 60'000;
constexpr const char* kHole = "hole";  // "<number> <since when>"

}  // namespace

SyncRun::HoleOutcome SyncRun::look_at_hole(const std::vector<EntryInfo>& listed, int& looks) {
  accepts_hole_ = false;
  if (options_.dry_run || !lists_beyond_cursor(listed)) return HoleOutcome::kGoOn;
  if (++looks < kLooksAtHole) {
    // A listing may miss what is just being published, and show what is gone by now.
    env_.clock.sleep_ms(kHolePauseMs);
    return HoleOutcome::kLookAgain;
  }
  auto hole = find_hole(listed, base_->cursor().seq);
  if (!hole) return HoleOutcome::kGoOn;
  if (is_retired(hole->missing)) {
    leap();
    return put_off_ ? HoleOutcome::kWait : HoleOutcome::kLookAgain;
  }
  ask_for_holders(*dataset_, *hole);
  if (!options_.accept_hole && waits_for(*hole)) return HoleOutcome::kWait;
  log::warning(hole_text(*hole) + ": going on without");
  accepts_hole_ = true;
  given_up_ = given_up_text(*hole);
  return HoleOutcome::kGoOn;
}

bool SyncRun::waits_for(const Hole& hole) {
  const std::string number = std::to_string(hole.missing.value);
  const std::string known = base_->get_state(kHole);
  std::int64_t since_ms = now_ms();
  if (known.rfind(number + " ", 0) == 0)
    since_ms = int64_or(known.substr(number.size() + 1), now_ms());
  since_ms = std::min(since_ms, now_ms());
  const std::int64_t patience_ms = config_.hole_minutes * kMinuteMs;
  const bool waits_for_ever = config_.hole_minutes == 0;
  if (!waits_for_ever && now_ms() - since_ms >= patience_ms) return false;
  base_->set_state(kHole, number + " " + std::to_string(since_ms));
  std::string text = hole_text(hole);
  text.front() = 'B';
  result_.status = RunStatus::kPartial;
  result_.notes.push_back(text + ". The changes made here are kept and wait. " + hole_advice(hole) +
                          (waits_for_ever
                               ? ""
                               : " Otherwise this computer goes on without it by itself after " +
                                     iso_utc(since_ms + patience_ms).substr(0, 10) + "."));
  return true;
}

// After the batch that took the place of the missing one is on the share.
void SyncRun::tell_of_given_up() {
  if (!accepts_hole_) return;
  accepts_hole_ = false;
  result_.notes.push_back(given_up_);
}

void SyncRun::bridge_hole(Seq missing) {
  log::warning("batch " + std::to_string(missing.value) +
               " is missing on the share: a snapshot takes its place");
  const SnapshotNote note =
      put_snapshot_of(env_, *dataset_, paths_, *base_, config_.node, share_now_ms());
  const Cursor& here = base_->cursor();
  // Last: from here on the share says that nothing before this is missing.
  Archive(env_.share, *dataset_, env_.random)
      .raise_floor({here.seq.next(), here.hash, note.name, config_.node.value, share_now_ms()});
  floor_was_read_ = false;
  bridged_ = true;
  result_.notes.push_back(
      "Batch " + std::to_string(missing.value) +
      " is missing on the share, and there is no copy of it here. This computer has all that was "
      "in it: its state was put on the share as a snapshot in place of the batches up to " +
      std::to_string(here.seq.value) + ". Nothing is lost.");
}

void SyncRun::tell_that_nothing_is_missing() {
  if (!options_.accept_hole || bridged_ || !given_up_.empty()) return;
  result_.notes.push_back("No batch is missing on the share: --accept-hole had nothing to do.");
}

// An entry that does not continue the log, and those that continue it: all of them are built on a
// lineage that is gone. The newest goes first, so that a stop in between leaves no hole.
void SyncRun::move_torn_off_aside(const std::vector<EntryInfo>& entries, std::size_t first,
                                  Digest hash) {
  if (options_.dry_run) return;
  std::size_t end = first + 1;
  for (const Path copy = paths_.staging / "torn"; end < entries.size(); ++end) {
    env_.local.remove(copy);
    if (!dataset_->fetch_entry(entries[end], env_.local, copy)) break;
    try {
      BatchReader reader(env_.local, copy);
      if (!(reader.header().prev == hash)) break;
      hash = reader.hash();
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kDamaged) throw;
      break;
    }
    env_.local.remove(copy);
  }
  while (end > first) dataset_->quarantine(entries[--end].seq, "does not chain");
}

}  // namespace tidesync
