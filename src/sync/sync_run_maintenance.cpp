// Once a day a run looks after the share: a snapshot when one is due, the floor, retired folders,
// leftovers. All of it is for size and speed; what fails is tried again the next day.
//
// The floor rises in one run and the folders below it go in a later one, so that whoever reads at
// this moment finishes. It rises only
//   - past entries that are older than keep_log and further back than keep_entries,
//   - up to what every node has taken in that was seen within 90 days and is not retired,
//   - below two snapshots, of which the older was read back here: its bytes, its rows, its lineage.
#include <algorithm>
#include <limits>

#include "base/log.h"
#include "base/number.h"
#include "base/text.h"
#include "share/archive.h"
#include "share/layout.h"
#include "share/notes.h"
#include "sync/log_reader.h"
#include "sync/snapshot_finder.h"
#include "sync/sync_run.h"

namespace tidesync {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kSeenWithinMs = 90LL * 24 * 60 * kMinuteMs;
constexpr std::int64_t kFloorRestsMs = 2 * kMinuteMs;
// Links below the floor that are remembered: an undo or a restored database may ask for them.
constexpr std::uint64_t kRememberedEntries = 1000;
constexpr std::size_t kKeptSnapshots = 3;
constexpr const char* kMaintainedAt = "maintained_ms";

std::uint64_t spread(Random& random, std::int64_t interval_ms) {
  return interval_ms > 0 ? random.below(static_cast<std::uint64_t>(interval_ms)) : 0;
}

}  // namespace

bool SyncRun::maintenance_is_due() {
  const std::int64_t interval_ms = config_.retention.maintenance_minutes * kMinuteMs;
  const std::string last = base_->get_state(kMaintainedAt);
  if (last.empty()) {
    // Spread over the day, so that the nodes of a fleet do not all do it at once.
    const auto ago = static_cast<std::int64_t>(spread(env_.random, interval_ms));
    base_->set_state(kMaintainedAt, std::to_string(now_ms() - ago));
    return false;
  }
  const std::int64_t age_ms = now_ms() - int64_or(last, 0);
  return age_ms >= interval_ms || age_ms < 0;
}

void SyncRun::maintain() {
  if (base_->cursor().seq.value == 0 || !maintenance_is_due()) return;
  try {
    Archive archive(env_.share, *dataset_, env_.random);
    auto snapshots = archive.list_snapshots();
    const auto floor = archive.read_floor();
    // Before a new snapshot is made: the floor rests on what an earlier run left.
    raise_floor(archive, floor, snapshots);
    if (snapshot_is_due(archive, snapshots)) make_snapshot();
    if (floor) retire_below(archive, *floor);
    for (std::size_t i = kKeptSnapshots; i < snapshots.size(); ++i) {
      if (!floor || snapshots[i] != floor->snapshot) archive.remove_snapshot(snapshots[i]);
    }
    archive.clear(share_now_ms());
    if (floor && floor->seq.value > kRememberedEntries)
      base_->prune_chain(Seq{floor->seq.value - kRememberedEntries});
    base_->set_state(kMaintainedAt, std::to_string(now_ms()));
  } catch (const Error& error) {
    log::warning(std::string("the share was not looked after: ") + error.what());
  }
}

std::int64_t SyncRun::share_now_ms() {
  return now_ms() + clock_offset_ms_;
}

bool SyncRun::snapshot_is_due(Archive& archive, const std::vector<std::string>& snapshots) {
  const Retention& rules = config_.retention;
  const Seq here = base_->cursor().seq;
  if (snapshots.empty()) return here.value >= rules.snapshot_entries;
  const Seq newest = *parse_snapshot_name(snapshots.front());
  if (here <= newest) return false;
  if (here.value - newest.value >= rules.snapshot_entries) return true;
  const auto note = archive.read_snapshot(snapshots.front());
  std::int64_t made_at_ms = 0;
  if (!note || !parse_iso_utc(note->made_at, made_at_ms)) return true;
  return share_now_ms() - made_at_ms >= rules.snapshot_minutes * kMinuteMs;
}

void SyncRun::make_snapshot() {
  const SnapshotNote note =
      put_snapshot_of(env_, *dataset_, paths_, *base_, config_.node, share_now_ms());
  log::info("snapshot " + note.name + " put on the share");
}

// Above it nothing may be retired, however old it is; 0: nothing at all.
std::uint64_t SyncRun::highest_floor(const std::vector<std::string>& snapshots) {
  const std::uint64_t here = base_->cursor().seq.value;
  if (snapshots.size() < 2 || here <= config_.retention.log_entries) return 0;
  std::uint64_t limit = here - config_.retention.log_entries;
  limit = std::min(limit, parse_snapshot_name(snapshots[1])->value + 1);
  for (const ListedNode& listed : read_node_notes(*dataset_)) {
    // A note that cannot be read may be of a node that needs everything.
    if (!listed.parsed.note) return 0;
    const NodeNote& node = *listed.parsed.note;
    const std::int64_t age_ms = share_now_ms() - node.at_ms - node.clock_offset_ms.value_or(0);
    if (!node.retired && age_ms < kSeenWithinMs) limit = std::min(limit, node.seq.value + 1);
  }
  return limit;
}

void SyncRun::raise_floor(Archive& archive, const std::optional<Floor>& floor,
                          const std::vector<std::string>& snapshots) {
  const std::uint64_t per_folder = dataset_->format().entries_per_folder;
  const std::uint64_t limit = highest_floor(snapshots);
  const std::uint64_t from = floor ? floor->seq.value : 0;
  std::uint64_t wanted = from;
  while (wanted + per_folder <= limit && is_old_enough(Seq{wanted + per_folder - 1}))
    wanted += per_folder;
  if (wanted == from) return;
  const auto before = base_->place_of(Seq{wanted - 1});
  if (!before) return;
  // The older one: the newest may be of a moment ago.
  SnapshotFinder finder(env_, *dataset_, paths_);
  const auto snapshot = finder.next(Seq{wanted - 1}, *parse_snapshot_name(snapshots[1]));
  if (!snapshot || !is_whole(*snapshot)) return;
  archive.raise_floor(
      {Seq{wanted}, before->hash, snapshot->note().name, config_.node.value, share_now_ms()});
  log::info("batches before " + std::to_string(wanted) + " are retired");
}

bool SyncRun::is_old_enough(Seq seq) {
  const std::string name = layout::entry_path(seq, dataset_->format().entries_per_folder);
  const auto info = env_.share.stat(config_.share / name);
  return info && share_now_ms() - info->modified_ms >= config_.retention.log_minutes * kMinuteMs;
}

// Its rows make the state that it stands for, and its lineage is ours.
bool SyncRun::is_whole(LocalSnapshot& snapshot) {
  if (!base_->lineage_has(snapshot.at())) return false;
  const Path file = paths_.staging / "verified.db";
  const auto remove = [&] {
    for (const char* suffix : {"", "-wal", "-shm"}) {
      Path part = file;
      part += suffix;
      env_.local.remove(part);
    }
  };
  remove();
  bool whole = false;
  try {
    Base copy(file);
    Transaction transaction(copy.db(), Transaction::Kind::kImmediate);
    copy.take_snapshot(snapshot.db(), snapshot.at(), snapshot.note().state);
    whole = true;
  } catch (const Error& error) {
    log::warning("snapshot " + snapshot.note().name + " is not whole: " + error.what());
  }
  remove();
  return whole;
}

void SyncRun::retire_below(Archive& archive, const Floor& floor) {
  if (share_now_ms() - floor.made_at_ms < kFloorRestsMs) return;
  const std::uint64_t per_folder = dataset_->format().entries_per_folder;
  for (const std::uint64_t folder : archive.log_folders()) {
    if ((folder + 1) * per_folder > floor.seq.value) break;
    archive.retire_folder(folder, share_now_ms());
  }
}

// Entries are kept here to put them back on the share should it lose them, and to go back in time
// without asking it.
void SyncRun::prune_spool() {
  constexpr std::uint64_t kAlwaysKept = 64;
  constexpr std::uint64_t kKeptEntries = 2000;
  constexpr std::uint64_t kKeptBytes = std::uint64_t{256} << 20;
  constexpr std::uint64_t kEvery = 32;
  const bool is_due = (published_ || taken_in_) && base_->cursor().seq.value % kEvery == 0;
  if (left_fork_ || is_due) forget_left();
  if (!is_due) return;
  auto kept = env_.local.list(paths_.spool);
  std::sort(kept.begin(), kept.end(), [&](const DirEntry& a, const DirEntry& b) {
    return seq_of_spool_file(a.name) > seq_of_spool_file(b.name);
  });
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    bytes += kept[i].size;
    if (kept[i].is_directory || i < kAlwaysKept) continue;
    if (i >= kKeptEntries || bytes > kKeptBytes) env_.local.remove(paths_.spool / kept[i].name);
  }
}

}  // namespace tidesync
