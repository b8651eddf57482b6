// What keeps the log short: snapshots of the state, the floor below which entries may be gone, and
// what can be cleared away.
//
// A snapshot is a file of its own name, complete before its note stands beside it, and never
// changed: whoever reads it checks the digest in the note, and the rows against the state digest.
// The floor only rises, and only after a snapshot above it was read back whole; the folders below
// it are moved aside in a later run. So at any time the newest snapshots and the entries from the
// floor on give the whole state. Two nodes that do any of this at once do it twice: a snapshot too
// many, a floor written twice, a folder that is gone already.
//
// Thread rule: one thread at a time per object.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/ids.h"
#include "share/dataset.h"

namespace tidesync {

// What <name>.json in snap/ says of <name>.db.
struct SnapshotNote {
  std::string name;  // "00000840-1f0c3a55-9b21"
  Uuid share_id;
  Seq seq;        // of the last entry in it
  Digest hash;    // of that entry
  Digest state;   // of the rows
  Digest digest;  // of the file
  std::uint64_t size = 0;
  std::string made_by, made_at;
};

struct Floor {
  Seq seq;               // the first entry that is still kept
  Digest before;         // hash of the entry before it
  std::string snapshot;  // one at or above it that was seen to be whole
  std::string made_by;
  std::int64_t made_at_ms = 0;  // on the share's clock, as far as its author knew it
};

inline constexpr std::uint64_t kMaxSnapshotBytes = std::uint64_t{64} << 30;

class Archive {
 public:
  // Both must outlive this object. `dataset` is open.
  Archive(FileSystem& fs, Dataset& dataset, Random& random)
      : fs_(fs), dataset_(dataset), random_(random) {}

  // Names of the snapshots that are complete, newest first (1 operation).
  std::vector<std::string> list_snapshots();
  // nullopt when it is gone or cannot be read as a note.
  std::optional<SnapshotNote> read_snapshot(const std::string& name);
  // To the new local file `to`; false when it is gone. Throws kDamaged when it is not what the note
  // says; `to` does not exist then.
  bool fetch_snapshot(const SnapshotNote& note, FileSystem& local, const Path& to);
  // Uploads and reads back; then the note. Chooses the name and fills in digest and size.
  SnapshotNote put_snapshot(SnapshotNote note, FileSystem& local, const Path& from);
  void remove_snapshot(const std::string& name);
  // To quarantine/: it is not what it should be.
  void set_aside_snapshot(const std::string& name, const std::string& reason);

  // nullopt when nothing was retired yet. Throws kDamaged: without it nothing below can be told
  // from a hole.
  std::optional<Floor> read_floor();
  // False when it is there or higher already.
  bool raise_floor(const Floor& floor);

  // Numbers of the log folders, ascending (1 operation).
  std::vector<std::uint64_t> log_folders();
  // The newest entry there is, for people: `known` where nothing newer shows (1 operation, or 3
  // when the folder of `known` was retired).
  Seq newest_entry(Seq known);
  // Moves a whole log folder to quarantine/, with the day in its name. False when it was gone.
  bool retire_folder(std::uint64_t number, std::int64_t share_now_ms);

  struct Cleared {
    std::uint64_t staged = 0;     // leftovers in tmp/
    std::uint64_t retired = 0;    // log folders
    std::uint64_t snapshots = 0;  // that were never finished
  };
  // Removes what nobody can need any more: staging older than two days, retired folders after a
  // week. Other things in quarantine/ stay for ever. Best effort.
  Cleared clear(std::int64_t share_now_ms);

 private:
  std::uint64_t clear_staging(std::int64_t share_now_ms);
  std::uint64_t clear_retired(std::int64_t share_now_ms);
  std::uint64_t clear_unfinished_snapshots(std::int64_t share_now_ms);
  std::vector<DirEntry> list(const char* folder);

  FileSystem& fs_;
  Dataset& dataset_;
  Random& random_;
};

// The notes as text, for their tests and for what reads them without a dataset.
std::string to_json(const SnapshotNote& note);
std::optional<SnapshotNote> parse_snapshot_note(std::string_view text, const std::string& name);
std::string to_json(const Floor& floor);
std::optional<Floor> parse_floor(std::string_view text);
// The number in a snapshot's name; nullopt for names that are not ours.
std::optional<Seq> parse_snapshot_name(std::string_view name);

}  // namespace tidesync
