// Snapshots of the share as checked local copies, newest first. One that turns out to be damaged is
// moved to the share's quarantine and passed over; one of a batch that is not in the log stays and
// is passed over.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "replica/base.h"
#include "share/archive.h"
#include "sqlite/database.h"
#include "sqlite/transaction.h"
#include "sync/config.h"
#include "sync/environment.h"

namespace tidesync {

// The file goes with the object.
class LocalSnapshot {
 public:
  LocalSnapshot(FileSystem& local, SnapshotNote note, Path file);
  ~LocalSnapshot();
  LocalSnapshot(const LocalSnapshot&) = delete;
  LocalSnapshot& operator=(const LocalSnapshot&) = delete;

  const SnapshotNote& note() const { return note_; }
  Cursor at() const { return {note_.seq, note_.hash}; }
  Database& db() { return *db_; }

 private:
  FileSystem& local_;
  SnapshotNote note_;
  Path file_;
  std::optional<Database> db_;
};

class SnapshotFinder {
 public:
  // kLog: those of batches that are in the log. kAny: also others; the caller follows the hashes
  // from the snapshot to a place that it knows.
  enum class Of { kLog, kAny };
  // `dataset` is open; all must outlive this object.
  SnapshotFinder(Environment& env, Dataset& dataset, const LocalPaths& paths, Of of = Of::kLog);

  // The next older one from `lowest` to `highest`, whose bytes are whole; nullptr when there is
  // none.
  std::unique_ptr<LocalSnapshot> next(Seq lowest, Seq highest);

 private:
  std::unique_ptr<LocalSnapshot> fetch(const std::string& name);
  // The share may have lost the batch that it stands for, or got another in its place: those who
  // know what was in it bring it back, and a snapshot does not say who that is. Retired ones but
  // for the last are believed.
  bool stands_in_log(const SnapshotNote& note);

  Environment& env_;
  Dataset& dataset_;
  Archive archive_;
  const LocalPaths& paths_;
  Of of_;
  std::vector<std::string> names_;  // newest first
  std::size_t next_ = 0;
  bool listed_ = false;
};

// Fills an empty base copy from the newest snapshot at or below `highest`; false when there is none
// whose rows check out. Commits.
bool begin_with_snapshot(SnapshotFinder& finder, Base& base, Seq highest);
// The same in a transaction on the base copy that is open when it returns true.
bool begin_with_snapshot(SnapshotFinder& finder, Base& base, Seq highest,
                         std::optional<Transaction>& transaction);

// Puts the state of the base copy on the share as a new snapshot, made at that time by the share's
// clock. Throws kDiverged when the rows there are not those of that state.
SnapshotNote put_snapshot_of(Environment& env, Dataset& dataset, const LocalPaths& paths,
                             Base& base, const NodeId& node, std::int64_t made_at_ms);

}  // namespace tidesync
