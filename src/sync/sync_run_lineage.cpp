// What the share holds against what this node knows (protocol.md P4, 8.2-8.4). An ordinary run
// costs one listing and the trailer of the newest known entry.
//
// Missing entries are put back byte by byte from the spool: put-if-absent makes that harmless even
// when the listing was stale. A different entry in a known place is a fork (the share lost its tail
// and somebody published before it was healed): the base copy goes back to the last common entry
// and all that this database has beyond it is proposed again. No work is lost, whoever did it.
#include <map>

#include "base/log.h"
#include "base/text.h"
#include "sync/sync_run.h"

namespace tidesync {
namespace {

constexpr std::uint64_t kTailEntries = 64;

}  // namespace

std::vector<EntryInfo> SyncRun::check_lineage() {
  for (int round = 0; round < 3; ++round) {
    reached(Step::kListShare);
    auto listed = dataset_->list_entries(base_->cursor().seq, kTailEntries);
    if (options_.dry_run) return listed;
    if (heal(listed)) continue;
    if (base_->cursor().seq.value == 0) return listed;
    const EntryInfo* head = nullptr;
    for (const EntryInfo& entry : listed) {
      if (entry.seq == base_->cursor().seq) head = &entry;
    }
    if (!head) {
      // Not kept here either, or the listing is old. Nothing may be published on top of a hole.
      if (round < 2) continue;
      throw Error(
          ErrorCode::kDamaged, "check share", to_utf8(config_.share),
          "batch " + std::to_string(base_->cursor().seq.value) +
              ", which this computer has taken in, is missing there",
          "Nothing was changed or published. Let the other computers sync: one that still has it "
          "puts it back.");
    }
    std::optional<Digest> hash;
    try {
      hash = dataset_->read_entry_hash(*head);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kDamaged) throw;
      log::warning("entry " + std::to_string(head->seq.value) +
                   " on the share is damaged: moved aside and put back");
      dataset_->quarantine(head->seq, "damaged");
      continue;
    }
    if (!hash || *hash == base_->cursor().hash) return listed;
    leave_fork();
  }
  return dataset_->list_entries(base_->cursor().seq, kTailEntries);
}

// True when something was put back (then the listing is out of date).
bool SyncRun::heal(const std::vector<EntryInfo>& listed) {
  std::map<Seq, const EntryInfo*> present;
  for (const EntryInfo& entry : listed) present[entry.seq] = &entry;
  std::vector<ChainLink> links = base_->last_links(kTailEntries);
  bool changed = false;
  for (auto link = links.rbegin(); link != links.rend(); ++link) {
    const auto found = present.find(link->at.seq);
    if (found != present.end()) {
      const bool odd_size = !found->second->is_directory && found->second->size != link->file_size;
      if (!odd_size) continue;
      // Of another size: damaged, or another entry. Only damage is moved aside.
      try {
        if (dataset_->read_entry_hash(*found->second)) continue;
      } catch (const Error& error) {
        if (error.code() != ErrorCode::kDamaged) throw;
        dataset_->quarantine(link->at.seq, "damaged");
      }
    }
    const Path file = spool_path(link->at);
    if (!env_.local.stat(file)) continue;
    log::warning("entry " + std::to_string(link->at.seq.value) +
                 " is missing on the share: put back");
    dataset_->publish(link->at.seq, env_.local, file, digest_of_file(env_.local, file));
    changed = true;
  }
  return changed;
}

void SyncRun::leave_fork() {
  // The newest entry that we and the share have in common.
  Cursor common = base_->cursor();
  while (common.seq.value > 0) {
    bool same = false;
    for (const EntryInfo& entry : dataset_->list_entries(Seq{common.seq.value - 1}, 0)) {
      if (entry.seq != common.seq) continue;
      const auto hash = dataset_->read_entry_hash(entry);
      same = hash && *hash == common.hash;
    }
    if (same) break;
    const auto link = base_->find_link(common.hash);
    if (!link) break;
    common = Cursor{Seq{common.seq.value - 1}, link->prev};
  }
  log::warning("the share continues from batch " + std::to_string(common.seq.value) +
               " in another way: going back to it; everything done here is proposed again");
  // The application's database first, as always: a crash after this is a restored database.
  begin_local(Transaction::Kind::kImmediate);
  local_->set_cursor(common);
  local_->set_meta("compare_all", "1");
  commit_local();
  rewind_to(common);
}

}  // namespace tidesync
