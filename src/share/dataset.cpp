#include "share/dataset.h"

#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "share/batch_format.h"
#include "share/dataset_format.h"
#include "share/layout.h"

namespace tidesync {
namespace {

using dataset_format::kMaxNoteBytes;

constexpr std::size_t kStagingUuidDigits = 16;  // keeps the name within 60 characters

void copy_chunks(ReadHandle& from, const Path& from_path, WriteHandle& to,
                 std::uint64_t limit_bytes) {
  const std::uint64_t first = std::min<std::uint64_t>(from.size() + 1, kCopyChunkBytes);
  std::string chunk(static_cast<std::size_t>(first), '\0');
  std::uint64_t copied = 0;
  for (std::size_t got = chunk.size(); got == chunk.size();) {
    got = from.read(chunk.data(), chunk.size());
    copied += got;
    if (copied > limit_bytes) {
      throw Error(ErrorCode::kDamaged, "fetch", to_utf8(from_path),
                  "it is larger than it can be; it was not copied");
    }
    to.write({chunk.data(), got});
  }
}

bool fetch(FileSystem& share, const Path& path, FileSystem& local, const Path& to,
           std::uint64_t limit_bytes) {
  const auto from = share.open_read(path);
  if (!from) return false;
  auto out = local.create_new(to);
  try {
    copy_chunks(*from, path, *out, limit_bytes);
    out->sync();
    out->close();
  } catch (...) {
    out.reset();
    share_files::remove_quietly(local, to);
    throw;
  }
  return true;
}

}  // namespace

Dataset::Dataset(FileSystem& fs, Path root, Clock& clock, Random& random, NodeId node)
    : fs_(fs), root_(std::move(root)), clock_(clock), random_(random), node_(std::move(node)) {}

Path Dataset::staging_path() {
  const std::string unique = make_uuid(random_).substr(0, kStagingUuidDigits);
  return root_ / layout::kStagingFolder / (node_.value + "-" + unique);
}

DatasetFormat Dataset::open(const Uuid& expected_share_id) {
  const Path path = root_ / layout::kFormatFile;
  std::optional<std::string> text;
  try {
    text = read_file(fs_, path, kMaxNoteBytes);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kIo && error.code() != ErrorCode::kNotFound) throw;
    throw Error(ErrorCode::kShareUnreachable, "open dataset", to_utf8(root_),
                std::string("the share does not answer (") + error.what() + ")",
                "check that the share is connected; local changes are kept until it is");
  }
  if (!text) {
    // Also what an empty mount point looks like while the share is away, so nothing is made here.
    throw Error(ErrorCode::kShareUnreachable, "open dataset", to_utf8(root_),
                "there is no dataset in this folder, or the share is not connected",
                "connect the share; local changes are kept until it is there. A new share gets its "
                "dataset from 'tidesync init', one that is lost for good from "
                "'tidesync init --from-base'");
  }
  DatasetFormat format = dataset_format::parse(*text, to_utf8(path));
  if (!expected_share_id.empty() && format.share_id != expected_share_id) {
    throw Error(ErrorCode::kWrongShare, "open dataset", to_utf8(root_),
                "the dataset there is " + format.share_id + ", this database belongs to " +
                    expected_share_id + "; nothing was read or changed",
                "check which share is connected at this path");
  }
  format_ = format;
  return format;
}

Path Dataset::path_of(const EntryInfo& entry) const {
  const Path path = root_ / layout::entry_path(entry.seq, format_.entries_per_folder);
  return entry.is_directory ? path / layout::kEntryContent : path;
}

// Appends the entries of one folder. A folder that does not exist has none.
void Dataset::list_folder(std::uint64_t folder, std::vector<EntryInfo>& entries) {
  const Path path = root_ / layout::kLogFolder / layout::folder_name(folder);
  std::vector<DirEntry> names;
  try {
    names = fs_.list(path);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;
  }
  for (const DirEntry& name : names) {
    const auto seq = layout::parse_entry_name(name.name);
    if (!seq || seq->value / format_.entries_per_folder != folder) continue;
    entries.push_back({*seq, name.is_directory, name.is_directory ? 0 : name.size});
  }
}

std::vector<EntryInfo> Dataset::list_entries(Seq after, std::uint64_t tail) {
  const std::uint64_t lowest = after.value >= tail ? after.value - tail + 1 : 1;
  const std::uint64_t per_folder = format_.entries_per_folder;
  std::uint64_t folder = std::min(lowest, after.next().value) / per_folder;
  std::vector<EntryInfo> entries;
  for (;; ++folder) {
    const Seq last{(folder + 1) * per_folder - 1};
    list_folder(folder, entries);
    if (folder < after.next().value / per_folder) continue;
    // The next folder is made for the entry after the last one of this, and not before.
    const auto is_last = [&](const EntryInfo& entry) { return entry.seq == last; };
    if (std::none_of(entries.begin(), entries.end(), is_last)) break;
  }
  std::erase_if(entries, [&](const EntryInfo& entry) { return entry.seq.value < lowest; });
  std::sort(entries.begin(), entries.end(),
            [](const EntryInfo& a, const EntryInfo& b) { return a.seq < b.seq; });
  return entries;
}

std::optional<Digest> Dataset::read_entry_hash(const EntryInfo& entry) {
  const Path path = path_of(entry);
  const auto handle = fs_.open_read(path);
  if (!handle) return std::nullopt;
  std::string trailer(kBatchTrailerBytes, '\0');
  if (handle->size() > kBatchTrailerBytes) handle->seek(handle->size() - kBatchTrailerBytes);
  trailer.resize(handle->read(trailer.data(), trailer.size()));
  try {
    return parse_batch_trailer(trailer, handle->size()).hash;
  } catch (const Error& error) {
    throw Error(ErrorCode::kDamaged, "read entry", to_utf8(path), error.detail());
  }
}

bool Dataset::fetch_entry(const EntryInfo& entry, FileSystem& local, const Path& to) {
  return fetch(fs_, path_of(entry), local, to, batch_format::kMaxFileBytes);
}

bool Dataset::fetch_copy(const std::string& name, FileSystem& local, const Path& to,
                         std::uint64_t limit_bytes) {
  return fetch(fs_, root_ / name, local, to, limit_bytes);
}

std::optional<std::string> Dataset::read_note(const std::string& name) {
  return read_file(fs_, root_ / name, kMaxNoteBytes);
}

void Dataset::write_note(const std::string& name, const std::string& text) {
  share_files::with_folder(fs_, root_, layout::kStagingFolder,
                           [&] { replace_file(fs_, staging_path(), root_ / name, text, false); });
}

std::vector<std::string> Dataset::list_notes(const std::string& folder) {
  constexpr std::string_view kSuffix = ".json";
  std::vector<std::string> notes;
  try {
    for (const DirEntry& entry : fs_.list(root_ / folder)) {
      if (!entry.is_directory && entry.name.ends_with(kSuffix)) {
        notes.push_back(folder + "/" + entry.name);
      }
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;
  }
  std::sort(notes.begin(), notes.end());
  return notes;
}

bool Dataset::quarantine(Seq seq, const std::string& reason) {
  const Path entry = root_ / layout::entry_path(seq, format_.entries_per_folder);
  const auto info = fs_.stat(entry);
  if (!info) return false;
  const std::string name =
      layout::entry_name(seq) + "-" + make_uuid(random_).substr(0, kStagingUuidDigits);
  const Path target = root_ / layout::kQuarantineFolder / name;
  try {
    if (info->is_directory) {
      fs_.rename_directory_new(entry, target);
    } else {
      fs_.rename_replacing(entry, target);  // the name is unique: nothing is there to replace
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;
  }
  // Whatever the call answered: did it move? Another node may have been faster.
  if (!fs_.stat(target)) {
    if (!fs_.stat(entry)) return false;
    throw Error(ErrorCode::kIo, "quarantine", to_utf8(entry),
                "the share did not move the entry; it is where it was",
                "check that the folder quarantine/ exists and can be written");
  }
  log::warning("entry " + layout::entry_name(seq) + " moved to quarantine/" + name + ": " + reason);
  try {
    write_new_file(fs_, root_ / layout::kQuarantineFolder / (name + ".txt"), reason + "\n", false);
  } catch (const Error& error) {
    log::debug(std::string("no note beside the entry: ") + error.what());
  }
  return true;
}

}  // namespace tidesync
