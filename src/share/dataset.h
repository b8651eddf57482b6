// The dataset on a share: its identity (format.json), and how batches are published and read.
//
// What is written here is safe with any number of writers because of three things only: an entry
// gets its name by put-if-absent (link or rename of a non-empty directory), it is complete before
// it has the name, and whoever publishes or reads checks its digest. Nothing here is decided by a
// clock, a lock, a modification time or a listing; listings only say where to look.
//
// Two-process argument for publish(): A and B both stage their own file in tmp/ and try to give it
// the name of seq N. The store lets one name be made once, so at most one of them ever stands
// there; what the calls answered is ignored, both read the name back, and exactly the one whose
// bytes stand there says kPublished. If the name cannot be read, or answers "absent" (it may be a
// stale answer), the outcome is kUnknown and the caller starts over by pulling: should the entry be
// there after all, its uuid in the caller's intents tells that it is its own.
//
// Thread rule: one thread at a time per object.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "base/file_system.h"
#include "base/ids.h"
#include "base/random.h"

namespace tidesync {

inline constexpr int kShareFormatVersion = 1;

enum class PublishPrimitive { kLink, kDirectory };

// Content of format.json, written once.
struct DatasetFormat {
  Uuid share_id;
  std::string created;  // ISO UTC
  PublishPrimitive primitive = PublishPrimitive::kLink;
  std::uint64_t entries_per_folder = 1000;
  int min_reader = 1;
  int min_writer = 1;
  std::string created_by;  // tool version, for people
};

// One entry as a listing shows it. A hint until its bytes were checked.
struct EntryInfo {
  Seq seq;
  bool is_directory = false;  // the bytes are in its file "b"
  std::uint64_t size = 0;     // 0 for a directory
};

enum class PublishOutcome {
  kPublished,  // our bytes stand under the name, read back and compared
  kLost,       // another entry stands there
  kUnknown,    // the share does not say clearly: pull, and look again
};

// Measured for free when a staging file is made: the share's clock minus ours.
struct ClockOffset {
  bool known = false;
  std::int64_t offset_ms = 0;
};

// A file that replace_copy() put on the share.
struct ReplacedFile {
  std::uint64_t size = 0;
  Digest digest;
  std::optional<std::int64_t> modified_ms;  // as the share says, where it said anything
};

class Dataset {
 public:
  // `root` is the folder on the share. Touches nothing.
  Dataset(FileSystem& fs, Path root, Clock& clock, Random& random, NodeId node);

  // Creates the dataset: folders, then format.json by put-if-absent. The folder must exist.
  // Throws kAlreadyExists when one is there already (or another node is faster), kNotFound when the
  // folder is missing, kReadOnly/kNoPermission when it cannot be written, kUsage when it holds
  // files that are not ours (named in the detail). The publish primitive is probed in tmp/ first
  // (share/probe.h): link if it works, else directory.
  struct Birth {
    // Of a dataset that was lost and is made again from a node's copy; else drawn.
    Uuid share_id;
    std::uint64_t entries_per_folder = 1000;
    unsigned raced_names = 0;  // as in ProbeOptions
  };
  DatasetFormat create(const std::string& tool_version) { return create(tool_version, Birth{}); }
  DatasetFormat create(const std::string& tool_version, const Birth& birth);

  // Reads format.json (2 operations). Throws kShareUnreachable when the folder is missing or
  // empty of any dataset, or does not answer; kTooNew when min_reader is above ours; kDamaged; and
  // kWrongShare when `expected_share_id` is not empty and differs.
  DatasetFormat open(const Uuid& expected_share_id);
  const DatasetFormat& format() const { return format_; }

  // Entries with seq > `after`, and the up to `tail` entries at or below it, ascending. One
  // listing, or two where `after` is near a folder's end. A folder that does not exist lists
  // nothing.
  std::vector<EntryInfo> list_entries(Seq after, std::uint64_t tail);

  // Hash in the trailer of an entry (2 operations); nullopt when absent. Throws kDamaged.
  std::optional<Digest> read_entry_hash(const EntryInfo& entry);

  // Copies an entry to the new local file `to` on `local` in large chunks; false when absent
  // (`to` does not exist then). Does not check the content: open it with BatchReader.
  bool fetch_entry(const EntryInfo& entry, FileSystem& local, const Path& to);

  // Copies any other file of the dataset to the new local file `to`, durably; false when absent.
  // Throws kDamaged when it is larger than `limit_bytes`.
  bool fetch_copy(const std::string& name, FileSystem& local, const Path& to,
                  std::uint64_t limit_bytes);

  // Publishes the local file `from`, whose content digest is `file_digest` (digest of all its
  // bytes), as entry `seq`. Makes the folder of `seq` when needed, but never one of entries below
  // the floor: whoever woke up so late has lost. Throws for failures before the name was tried
  // (disk full, no permission): nothing happened then.
  // `is_wanted`: asked when the bytes are there and the share's clock is known; false gives up,
  // which is kLost.
  PublishOutcome publish(Seq seq, FileSystem& local, const Path& from, const Digest& file_digest,
                         const std::function<bool()>& is_wanted = {});
  // Offset measured by the last publish() or replace_copy() of this object.
  ClockOffset clock_offset() const { return clock_offset_; }

  // Moves a bad entry to quarantine/ under a unique name. False when it was gone.
  bool quarantine(Seq seq, const std::string& reason);

  // Uploads the local file to tmp/, reads it back, and renames it over `name` ("master.db").
  // `before_replacing` is called when the new file is complete on the share. Throws kDamaged when
  // the read back bytes differ; the old file then stands.
  ReplacedFile replace_copy(const std::string& name, FileSystem& local, const Path& from,
                            const std::function<void()>& before_replacing = {});
  // Small files in the root or in nodes/: "master.json", "nodes/alice.json". nullopt when absent.
  std::optional<std::string> read_note(const std::string& name);
  // Replaced in one step through tmp/, not forced to disk: nothing relies on a note.
  void write_note(const std::string& name, const std::string& text);
  std::vector<std::string> list_notes(const std::string& folder);

  const Path& root() const { return root_; }

  // A name in tmp/ that nobody else uses.
  Path staging_path();

 private:
  Path path_of(const EntryInfo& entry) const;
  void list_folder(std::uint64_t folder, std::vector<EntryInfo>& entries);
  bool is_below_floor(Seq seq);
  // `hasher` is given all bytes, where one is wanted.
  void upload(FileSystem& local, const Path& from, const Path& to, Hasher* hasher = nullptr);
  bool content_is(const Path& path, const Digest& file_digest, std::uint64_t size, bool& absent);

  FileSystem& fs_;
  Path root_;
  Clock& clock_;
  Random& random_;
  NodeId node_;
  DatasetFormat format_;
  ClockOffset clock_offset_;
  std::optional<std::int64_t> uploaded_at_ms_;
};

}  // namespace tidesync
