#include "share/archive.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "share/dataset_format.h"
#include "share/layout.h"

namespace tidesync {
namespace {

using share_files::remove_quietly;

constexpr std::int64_t kHourMs = 60 * 60 * 1000;
constexpr std::int64_t kStagingAgeMs = 48 * kHourMs;
constexpr std::int64_t kRetiredAgeMs = 7 * 24 * kHourMs;
constexpr std::string_view kRetiredPrefix = "gc-";
constexpr const char* kFileEnding = ".db";
constexpr const char* kNoteEnding = ".json";

std::string snapshot_file(const std::string& name, const char* ending) {
  return std::string(layout::kSnapshotsFolder) + "/" + name + ending;
}

std::string without(const std::string& name, std::string_view ending) {
  return name.ends_with(ending) ? name.substr(0, name.size() - ending.size()) : std::string();
}

// The day in "gc-0000003-20261121-1f0c": whole days since 1970, nullopt for other names.
std::optional<std::int64_t> retired_day(const std::string& name) {
  if (!name.starts_with(kRetiredPrefix)) return std::nullopt;
  const std::size_t at = name.find('-', kRetiredPrefix.size());
  if (at == std::string::npos || name.size() < at + 9) return std::nullopt;
  const std::string day = name.substr(at + 1, 8);
  std::int64_t ms = 0;
  const std::string iso =
      day.substr(0, 4) + "-" + day.substr(4, 2) + "-" + day.substr(6, 2) + "T00:00:00.000Z";
  return parse_iso_utc(iso, ms) ? std::optional(ms) : std::nullopt;
}

std::string compact_day(std::int64_t ms) {
  std::string day = iso_utc(ms).substr(0, 10);
  std::erase(day, '-');
  return day;
}

}  // namespace

std::vector<DirEntry> Archive::list(const char* folder) {
  try {
    return fs_.list(dataset_.root() / folder);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;
    return {};
  }
}

// Snapshots --------------------------------------------------------------------------------------

std::vector<std::string> Archive::list_snapshots() {
  std::set<std::string> files;
  std::vector<std::string> names;
  const auto entries = list(layout::kSnapshotsFolder);
  for (const DirEntry& entry : entries) {
    if (!entry.is_directory) files.insert(without(entry.name, kFileEnding));
  }
  for (const DirEntry& entry : entries) {
    const std::string name = without(entry.name, kNoteEnding);
    if (parse_snapshot_name(name) && files.count(name)) names.push_back(name);
  }
  std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    return std::pair(*parse_snapshot_name(a), a) > std::pair(*parse_snapshot_name(b), b);
  });
  return names;
}

std::optional<SnapshotNote> Archive::read_snapshot(const std::string& name) {
  if (!parse_snapshot_name(name)) return std::nullopt;
  const auto text = dataset_.read_note(snapshot_file(name, kNoteEnding));
  if (!text) return std::nullopt;
  auto note = parse_snapshot_note(*text, name);
  if (!note || note->share_id != dataset_.format().share_id) return std::nullopt;
  return note;
}

bool Archive::fetch_snapshot(const SnapshotNote& note, FileSystem& local, const Path& to) {
  if (!dataset_.fetch_copy(snapshot_file(note.name, kFileEnding), local, to, note.size))
    return false;
  const auto found = share_files::digest_of_file(local, to);
  if (found.size == note.size && found.digest == note.digest) return true;
  remove_quietly(local, to);
  throw Error(ErrorCode::kDamaged, "read snapshot",
              to_utf8(dataset_.root() / snapshot_file(note.name, kFileEnding)),
              "its bytes are not those that were written",
              "Nothing was taken from it. An older snapshot and the log serve as well.");
}

SnapshotNote Archive::put_snapshot(SnapshotNote note, FileSystem& local, const Path& from) {
  const auto file = share_files::digest_of_file(local, from);
  note.digest = file.digest;
  note.size = file.size;
  note.name = layout::entry_name(note.seq) + "-" + note.hash.hex().substr(0, 8) + "-" +
              make_uuid(random_).substr(0, 4);
  if (!fs_.stat(dataset_.root() / layout::kSnapshotsFolder))
    share_files::restore_folder(fs_, dataset_.root(), layout::kSnapshotsFolder);
  dataset_.replace_copy(snapshot_file(note.name, kFileEnding), local, from);
  dataset_.write_note(snapshot_file(note.name, kNoteEnding), to_json(note));
  return note;
}

// The note first: a snapshot without one is none.
void Archive::remove_snapshot(const std::string& name) {
  remove_quietly(fs_, dataset_.root() / snapshot_file(name, kNoteEnding));
  remove_quietly(fs_, dataset_.root() / snapshot_file(name, kFileEnding));
}

void Archive::set_aside_snapshot(const std::string& name, const std::string& reason) {
  log::warning("snapshot " + name + " moved to quarantine: " + reason);
  const std::string unique = "snap-" + name + "-" + make_uuid(random_).substr(0, 4);
  for (const char* ending : {kNoteEnding, kFileEnding}) {
    try {
      fs_.rename_replacing(dataset_.root() / snapshot_file(name, ending),
                           dataset_.root() / layout::kQuarantineFolder / (unique + ending));
    } catch (const Error& error) {
      log::debug(std::string("not moved: ") + error.what());
    }
  }
}

// Floor ------------------------------------------------------------------------------------------

std::optional<Floor> Archive::read_floor() {
  const auto text = dataset_.read_note(layout::kFloorNote);
  if (!text) return std::nullopt;
  const auto floor = parse_floor(*text);
  if (!floor) {
    throw Error(ErrorCode::kDamaged, "read", to_utf8(dataset_.root() / layout::kFloorNote),
                "it does not say which part of the log was retired",
                "Nothing was changed. Move the file to the folder quarantine: the next sync of a "
                "computer that has all batches goes on without it.");
  }
  return floor;
}

bool Archive::raise_floor(const Floor& floor) {
  const auto there = read_floor();
  if (there && there->seq >= floor.seq) return false;
  dataset_.write_note(layout::kFloorNote, to_json(floor));
  return true;
}

std::vector<std::uint64_t> Archive::log_folders() {
  std::vector<std::uint64_t> numbers;
  for (const DirEntry& entry : list(layout::kLogFolder)) {
    const auto number = layout::parse_folder_name(entry.name);
    if (number && entry.is_directory) numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

Seq Archive::newest_entry(Seq known) {
  Seq newest = known;
  auto listed = dataset_.list_entries(known, 1);
  if (listed.empty() && known.value > 0) {
    const auto folders = log_folders();
    const std::uint64_t per_folder = dataset_.format().entries_per_folder;
    if (!folders.empty() && folders.back() > 0)
      listed = dataset_.list_entries(Seq{folders.back() * per_folder - 1}, 0);
  }
  for (const EntryInfo& entry : listed) newest = std::max(newest, entry.seq);
  return newest;
}

bool Archive::retire_folder(std::uint64_t number, std::int64_t share_now_ms) {
  const std::string name = std::string(kRetiredPrefix) + layout::folder_name(number) + "-" +
                           compact_day(share_now_ms) + "-" + make_uuid(random_).substr(0, 4);
  const Path folder = dataset_.root() / layout::kLogFolder / layout::folder_name(number);
  try {
    fs_.rename_directory_new(folder, dataset_.root() / layout::kQuarantineFolder / name);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;
    return false;
  }
  return true;
}

// Clearing ---------------------------------------------------------------------------------------

Archive::Cleared Archive::clear(std::int64_t share_now_ms) {
  Cleared cleared;
  cleared.staged = clear_staging(share_now_ms);
  cleared.snapshots = clear_unfinished_snapshots(share_now_ms);
  cleared.retired = clear_retired(share_now_ms);
  return cleared;
}

std::uint64_t Archive::clear_staging(std::int64_t share_now_ms) {
  std::uint64_t cleared = 0;
  for (const DirEntry& entry : list(layout::kStagingFolder)) {
    const Path path = dataset_.root() / layout::kStagingFolder / entry.name;
    const auto info = fs_.stat(path);
    if (!info || info->modified_ms > share_now_ms - kStagingAgeMs) continue;
    if (!entry.is_directory) {
      remove_quietly(fs_, path);
    } else {
      // Its name goes first: a rename of it that is still on its way must find nothing, or an empty
      // folder could get the name of an entry.
      const Path aside = dataset_.staging_path();
      try {
        fs_.rename_directory_new(path, aside);
      } catch (const Error&) {
        continue;
      }
      remove_quietly(fs_, aside / layout::kEntryContent);
      remove_quietly(fs_, aside);
    }
    ++cleared;
  }
  return cleared;
}

std::uint64_t Archive::clear_unfinished_snapshots(std::int64_t share_now_ms) {
  const auto complete = list_snapshots();
  std::uint64_t cleared = 0;
  for (const DirEntry& entry : list(layout::kSnapshotsFolder)) {
    const std::string name = without(entry.name, kFileEnding);
    if (!parse_snapshot_name(name)) continue;
    if (std::find(complete.begin(), complete.end(), name) != complete.end()) continue;
    const Path path = dataset_.root() / layout::kSnapshotsFolder / entry.name;
    const auto info = fs_.stat(path);
    if (!info || info->modified_ms > share_now_ms - kStagingAgeMs) continue;
    remove_quietly(fs_, path);
    ++cleared;
  }
  return cleared;
}

std::uint64_t Archive::clear_retired(std::int64_t share_now_ms) {
  std::uint64_t cleared = 0;
  for (const DirEntry& folder : list(layout::kQuarantineFolder)) {
    const auto day_ms = retired_day(folder.name);
    if (!folder.is_directory || !day_ms || *day_ms > share_now_ms - kRetiredAgeMs) continue;
    const Path path = dataset_.root() / layout::kQuarantineFolder / folder.name;
    for (const DirEntry& entry : fs_.list(path)) {
      if (entry.is_directory) remove_quietly(fs_, path / entry.name / layout::kEntryContent);
      remove_quietly(fs_, path / entry.name);
    }
    remove_quietly(fs_, path);
    ++cleared;
  }
  return cleared;
}

}  // namespace tidesync
