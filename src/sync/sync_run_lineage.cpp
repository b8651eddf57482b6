// What the share holds against what this node knows (protocol.md P4, 8.2-8.4). An ordinary run
// costs one listing and the trailer of the newest known entry.
//
// Missing entries are put back byte by byte from the spool: put-if-absent makes that harmless even
// when the listing was stale. A different entry in a known place is a fork (the share lost its tail
// and somebody published before it was healed): the base copy goes back to the last common entry
// and all that this database has beyond it is proposed again. No work is lost, whoever did it.
#include <algorithm>
#include <map>
#include <utility>

#include "base/log.h"
#include "base/mutation.h"
#include "base/text.h"
#include "sync/sync_run.h"

namespace tidesync {
namespace {

constexpr std::uint64_t kTailEntries = 64;
constexpr int kMaxRounds = 5;

}  // namespace

std::vector<EntryInfo> SyncRun::check_lineage() {
  bool look_at_all = false;
  for (int round = 0; round < kMaxRounds; ++round) {
    reached(Step::kListShare);
    auto listed = dataset_->list_entries(base_->cursor().seq, kTailEntries);
    if (options_.dry_run) return listed;
    const EntryInfo* head = nullptr;
    for (const EntryInfo& entry : listed) {
      if (entry.seq == base_->cursor().seq) head = &entry;
    }
    const bool is_new = base_->cursor().seq.value == 0;
    const bool is_below_floor = !is_new && !head && is_retired(base_->cursor().seq);
    if (is_below_floor && !stands_at_floor()) {
      // Before anything is put back: a listing ends in the retired folders, and tells nothing of
      // what a restored database once knew beyond them.
      leap();
      if (put_off_) return {};
      continue;
    }
    const Lineage lineage = compare_with(listed, look_at_all);
    if (lineage.common && is_certain_of_fork()) leave_fork(*lineage.common);
    if (lineage.common || lineage.changed) continue;
    if (is_new || is_below_floor) return listed;
    // The entry behind it names the hash of the head: it is compared when that entry is fetched.
    const bool reads_head = reads_head_ || options_.accept_hole || log_check_is_due();
    if (head && !reads_head && is_followed(listed)) return listed;
    const auto hash = head ? read_hash_or_move_aside(*head) : std::nullopt;
    const bool head_is_ours = hash && *hash == base_->cursor().hash;
    if (lineage.lost && options_.accept_hole && !bridged_ && (!head || head_is_ours)) {
      if (round > 0) bridge_hole(*lineage.lost);  // seen twice: a listing may be old
      continue;
    }
    if (!head) {
      // Not kept here either, or the listing is old. Nothing may be published on top of a hole.
      if (round + 1 < kMaxRounds) continue;
      throw Error(
          ErrorCode::kDamaged, "check share", to_utf8(config_.share),
          "batch " + std::to_string(base_->cursor().seq.value) +
              ", which this computer has taken in, is missing there",
          "Nothing was changed or published. Let the other computers sync: one that still has it "
          "puts it back. If none does, run: tidesync now --accept-hole. Nothing is lost by it, "
          "because this computer has all that was in the batch.");
    }
    if (head_is_ours) {
      if (!log_check_is_due() || !check_log(listed)) return listed;
    }
    look_at_all = true;
  }
  // Only on top of a lineage that was seen to be whole may anything be published.
  throw Error(ErrorCode::kShareUnreachable, "check share", to_utf8(config_.share),
              "what it holds changes while it is looked at",
              "The changes made here are kept and go out with the next run.");
}

std::optional<Digest> SyncRun::read_hash_or_move_aside(const EntryInfo& entry) {
  try {
    return dataset_->read_entry_hash(entry);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kDamaged) throw;
    log::warning("entry " + std::to_string(entry.seq.value) +
                 " on the share is damaged: moved aside");
    dataset_->quarantine(entry.seq, "damaged");
    return std::nullopt;
  }
}

// The hash in the entry's trailer. One that is not ours says that others went on differently only
// when the entry is whole: else it is damage, and no fork.
std::optional<Digest> SyncRun::read_other_hash(const ChainLink& link, const EntryInfo& entry) {
  auto hash = read_hash_or_move_aside(entry);
  if (!hash || *hash == link.at.hash) return hash;
  switch (look_at_whole(link, entry)) {
    case EntryCondition::kWhole:
      return link.at.hash;  // what was read first was garbled on the way
    case EntryCondition::kAnother:
      return hash;
    case EntryCondition::kDamaged:
      break;
  }
  log::warning("entry " + std::to_string(entry.seq.value) +
               " on the share is damaged: moved aside");
  dataset_->quarantine(entry.seq, "damaged");
  return std::nullopt;
}

// Entries are put back from the lowest to the highest, and only while everything below is ours: on
// top of another's entry, ours would break the log for everybody.
SyncRun::Lineage SyncRun::compare_with(const std::vector<EntryInfo>& listed, bool look_at_all) {
  std::map<Seq, const EntryInfo*> present;
  for (const EntryInfo& entry : listed) present[entry.seq] = &entry;
  const std::vector<ChainLink> links =
      base_->tip_links(mutated(Mutation::kHeadOnly) ? 1 : kTailEntries);
  for (const ChainLink& link : links) {
    const auto found = present.find(link.at.seq);
    const bool as_known = found != present.end() &&
                          (found->second->is_directory || found->second->size == link.file_size);
    look_at_all = look_at_all || !as_known;
  }
  Lineage lineage;
  if (!look_at_all) return lineage;
  for (auto link = links.rbegin(); link != links.rend(); ++link) {
    if (const auto found = present.find(link->at.seq); found != present.end()) {
      const auto hash = read_other_hash(*link, *found->second);
      if (hash && *hash == link->at.hash) continue;
      if (hash && link->at.seq > base_->cursor().seq) {
        // Others went on differently from where we are: what we once knew beyond is of the past.
        begin_base();
        base_->forget_tip();
        commit_base();
        return lineage;
      }
      if (hash) {
        lineage.common = Cursor{Seq{link->at.seq.value - 1}, link->prev};
        return lineage;
      }
    }
    if (is_retired(link->at.seq)) continue;
    if (!is_kept_whole(*link)) {
      if (link->at.seq <= base_->cursor().seq) lineage.lost = link->at.seq;
      return lineage;
    }
    const Path file = spool_path(link->at);
    log::warning("entry " + std::to_string(link->at.seq.value) +
                 " is missing on the share: put back");
    lineage.changed = true;
    const Digest digest = digest_of_file(env_.local, file);
    if (dataset_->publish(link->at.seq, env_.local, file, digest) != PublishOutcome::kPublished)
      return lineage;
  }
  return lineage;
}

// Another dataset mounted in the share's place since the run began looks like a fork at the very
// first entry: seen twice, with a look at whose it is in between, or not at all.
bool SyncRun::is_certain_of_fork() {
  dataset_->open(local_->get_meta("share_id"));
  return std::exchange(fork_was_seen_, true);
}

// After everything that could be taken in was: something is there that could not.
bool SyncRun::lists_beyond_cursor(const std::vector<EntryInfo>& listed) const {
  return !listed.empty() && listed.back().seq > base_->cursor().seq;
}

bool SyncRun::is_followed(const std::vector<EntryInfo>& listed) const {
  const Seq next = base_->cursor().seq.next();
  return std::any_of(listed.begin(), listed.end(),
                     [&](const EntryInfo& entry) { return entry.seq == next; });
}

void SyncRun::leave_fork(Cursor common) {
  // Below the entries compared, the newest that we and the share have in common. An entry that is
  // missing says nothing: it may be put back, and only another one in its place makes a fork.
  while (common.seq.value > 0 && !is_retired(common.seq)) {
    std::optional<Digest> there;
    for (const EntryInfo& entry : dataset_->list_entries(Seq{common.seq.value - 1}, 0)) {
      if (entry.seq == common.seq) there = read_hash_or_move_aside(entry);
    }
    if (!there) return;
    if (*there == common.hash) break;
    const auto link = base_->find_link(common.hash);
    if (!link) break;
    common = Cursor{Seq{common.seq.value - 1}, link->prev};
  }
  go_back_to(common);
}

void SyncRun::go_back_to(const Cursor& common) {
  log::warning("the share continues from batch " + std::to_string(common.seq.value) +
               " in another way: going back to it; everything done here is proposed again");
  const auto unseen = find_unseen_values(common);
  // The application's database first, as always: a crash after this is a restored database.
  begin_local(Transaction::Kind::kImmediate);
  note_left(common);
  for (const ConflictRecord& record : unseen) record_conflict(*local_, record, now_ms());
  local_->set_cursor(common);
  local_->move_gates_back(common);
  local_->set_meta("compare_all", "1");
  commit_local();
  hints_were_complete_ = false;  // those of the batches that are left are gone
  rewind_to(common);
  left_fork_ = true;
  rebuild_shapes();  // the entries that are left may have changed the tables
}

}  // namespace tidesync
