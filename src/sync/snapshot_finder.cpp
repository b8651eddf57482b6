#include "sync/snapshot_finder.h"

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "replica/snapshot.h"
#include "sqlite/transaction.h"

namespace tidesync {

LocalSnapshot::LocalSnapshot(FileSystem& local, SnapshotNote note, Path file)
    : local_(local),
      note_(std::move(note)),
      file_(std::move(file)),
      db_(Database::open_untrusted(file_)) {}

LocalSnapshot::~LocalSnapshot() {
  db_.reset();
  try {
    local_.remove(file_);
  } catch (const Error& error) {
    log::debug(std::string("left behind: ") + error.what());
  }
}

SnapshotFinder::SnapshotFinder(Environment& env, Dataset& dataset, const LocalPaths& paths, Of of)
    : env_(env),
      dataset_(dataset),
      archive_(env.share, dataset, env.random),
      paths_(paths),
      of_(of) {}

std::unique_ptr<LocalSnapshot> SnapshotFinder::next(Seq lowest, Seq highest) {
  if (!listed_) names_ = archive_.list_snapshots();
  listed_ = true;
  while (next_ < names_.size()) {
    const std::string& name = names_[next_++];
    const auto seq = parse_snapshot_name(name);
    if (!seq || *seq < lowest || *seq > highest) continue;
    if (auto snapshot = fetch(name)) return snapshot;
  }
  return nullptr;
}

// Read twice before it counts as damaged: what a bad line garbles is whole the next time.
std::unique_ptr<LocalSnapshot> SnapshotFinder::fetch(const std::string& name) {
  constexpr int kReads = 2;
  const auto note = archive_.read_snapshot(name);
  if (!note) return nullptr;
  if (of_ == Of::kLog && !stands_in_log(*note)) {
    log::info("snapshot " + name + " is not of the log as it is: passed over");
    return nullptr;
  }
  const Path file = paths_.staging / ("snapshot-" + name + ".db");
  for (int read = 1;; ++read) {
    env_.local.remove(file);
    try {
      if (!archive_.fetch_snapshot(*note, env_.local, file)) return nullptr;
      return std::make_unique<LocalSnapshot>(env_.local, *note, file);
    } catch (const Error& error) {
      const bool is_bad =
          error.code() == ErrorCode::kDamaged || error.code() == ErrorCode::kNotADatabase;
      if (!is_bad) throw;
      if (read < kReads) continue;
      archive_.set_aside_snapshot(name, error.detail());
      return nullptr;
    }
  }
}

bool SnapshotFinder::stands_in_log(const SnapshotNote& note) {
  for (const EntryInfo& entry : dataset_.list_entries(Seq{note.seq.value - 1}, 0)) {
    if (entry.seq != note.seq) break;
    try {
      return dataset_.read_entry_hash(entry).value_or(note.hash) == note.hash;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kDamaged) throw;
      return true;  // whoever has the entry puts it back
    }
  }
  const auto floor = archive_.read_floor();
  if (!floor || note.seq >= floor->seq) return false;
  return note.seq.next() < floor->seq || note.hash == floor->before;
}

bool begin_with_snapshot(SnapshotFinder& finder, Base& base, Seq highest) {
  std::optional<Transaction> transaction;
  if (!begin_with_snapshot(finder, base, highest, transaction)) return false;
  transaction->commit();
  return true;
}

bool begin_with_snapshot(SnapshotFinder& finder, Base& base, Seq highest,
                         std::optional<Transaction>& transaction) {
  while (const auto snapshot = finder.next(Seq{1}, highest)) {
    try {
      transaction.emplace(base.db(), Transaction::Kind::kImmediate);
      base.take_snapshot(snapshot->db(), snapshot->at(), snapshot->note().state);
      return true;
    } catch (const Error& error) {
      const bool is_bad = error.code() == ErrorCode::kDamaged || error.code() == ErrorCode::kSql ||
                          error.code() == ErrorCode::kSchema;
      if (!is_bad) throw;
      log::warning("snapshot " + snapshot->note().name + " was not used: " + error.what());
    }
    transaction.reset();
    base.reload();
  }
  return false;
}

SnapshotNote put_snapshot_of(Environment& env, Dataset& dataset, const LocalPaths& paths,
                             Base& base, const NodeId& node, std::int64_t made_at_ms) {
  if (!base.adds_up()) {
    throw Error(ErrorCode::kDiverged, "make snapshot", to_utf8(paths.base),
                "the base copy was changed by somebody or by a bad disk: nobody could read what "
                "would be made of it",
                "Nothing was put on the share. Run: tidesync now --check-log");
  }
  const Path file = paths.staging / "snapshot.db";
  env.local.remove(file);
  export_state(base, file);
  SnapshotNote note;
  note.share_id = dataset.format().share_id;
  note.seq = base.cursor().seq;
  note.hash = base.cursor().hash;
  note.state = base.state();
  note.made_by = node.value;
  note.made_at = iso_utc(made_at_ms);
  note = Archive(env.share, dataset, env.random).put_snapshot(note, env.local, file);
  env.local.remove(file);
  return note;
}

}  // namespace tidesync
