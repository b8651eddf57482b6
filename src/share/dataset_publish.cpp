// Dataset::publish and replace_copy: large files on their way to the share.
//
// publish() is the only place where the log grows. Its steps, for the link primitive (for the
// directory primitive the staged file is the "b" of a staged folder):
//
//   1 create, write, sync, close the staging file in tmp/     any failure: nothing happened
//   2 stat it, once, for the offset of the share's clock
//   3 read format.json: still ours?                           if not: nothing happened
//   4 link it to the entry's name; its answer is a hint
//   5 read the name back and compare                          this decides
//   6 remove the staging file, best effort
//
// Another dataset may have been mounted in the share's place since this one was opened, and an
// entry that got its name there would be lost to us and in the way there. When step 3 finds our
// identity, the staging file is either here as well, or the link does not find it.
#include <algorithm>
#include <array>
#include <future>

#include "base/error.h"
#include "base/log.h"
#include "base/mutation.h"
#include "share/archive.h"
#include "share/batch_file.h"
#include "share/dataset.h"
#include "share/dataset_format.h"
#include "share/layout.h"

namespace tidesync {
namespace {

using namespace share_files;

constexpr const char* kNothingHappened = "nothing was published, local changes are kept";

// Before each look at the name while it is absent: caches of the client catch up.
constexpr std::int64_t kLookPausesMs[] = {0, 100, 500};

Digest hash_rest(ReadHandle& handle, std::uint64_t size) {
  Hasher hasher;
  std::string chunk(static_cast<std::size_t>(std::min<std::uint64_t>(size + 1, kCopyChunkBytes)),
                    '\0');
  for (std::size_t got = chunk.size(); got == chunk.size();) {
    got = handle.read(chunk.data(), chunk.size());
    hasher.update({chunk.data(), got});
  }
  return hasher.digest();
}

// Throws kDamaged unless the file ends as a batch does.
void require_complete(ReadHandle& handle) {
  const std::uint64_t size = handle.size();
  std::string trailer(kBatchTrailerBytes, '\0');
  handle.seek(size > kBatchTrailerBytes ? size - kBatchTrailerBytes : 0);
  trailer.resize(handle.read(trailer.data(), trailer.size()));
  parse_batch_trailer(trailer, size);
}

// nullptr when absent or when it cannot be a file, because a part of the path is none.
std::unique_ptr<ReadHandle> open_if_file(FileSystem& fs, const Path& path) {
  try {
    return fs.open_read(path);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kIo && error.code() != ErrorCode::kNotFound) throw;
    const auto info = fs.stat(path);
    if (info && !info->is_directory) throw;  // a file that could not be opened
    return nullptr;
  }
}

// Looks at the name until it has something; look(absent) tells whether that is ours.
template <typename Look>
PublishOutcome look_until_present(Clock& clock, Look look) {
  try {
    for (const std::int64_t pause_ms : kLookPausesMs) {
      if (pause_ms > 0) clock.sleep_ms(pause_ms);
      bool absent = false;
      if (look(absent)) return PublishOutcome::kPublished;
      if (!absent) return PublishOutcome::kLost;
    }
  } catch (const Error& error) {
    log::warning(std::string("what was published cannot be read back: ") + error.what());
  }
  return PublishOutcome::kUnknown;
}

// In another thread, if it is worth one; the caller waits.
std::future<void> hash_beside(Hasher* hasher, std::string_view bytes) {
  constexpr std::size_t kWorthAThread = 1u << 18;
  if (!hasher) return {};
  const auto policy = bytes.size() >= kWorthAThread ? std::launch::async | std::launch::deferred
                                                    : std::launch::deferred;
  return std::async(policy, [=] { hasher->update(bytes); });
}

// Whether the next bytes of the local file are these.
bool continues_with(ReadHandle& source, std::string_view bytes) {
  constexpr std::size_t kPiece = std::size_t{1} << 18;  // stays in the processor's cache
  std::string piece(std::min(bytes.size(), kPiece), '\0');
  while (!bytes.empty()) {
    const std::size_t size = std::min(bytes.size(), kPiece);
    if (source.read(piece.data(), size) != size ||
        std::string_view(piece.data(), size) != bytes.substr(0, size))
      return false;
    bytes.remove_prefix(size);
  }
  return true;
}

// Compared byte by byte, which costs less than a digest of what was read. Returns the size.
std::uint64_t require_same(FileSystem& fs, const Path& path, FileSystem& local, const Path& from) {
  const auto copy = fs.open_read(path);
  const auto source = local.open_read(from);
  if (copy && source && copy->size() == source->size()) {
    const std::uint64_t size = source->size();
    const auto chunk = static_cast<std::size_t>(std::min<std::uint64_t>(size + 1, kCopyChunkBytes));
    std::string theirs(chunk, '\0');
    for (bool same = true; same;) {
      const std::size_t got = copy->read(theirs.data(), chunk);
      same = continues_with(*source, {theirs.data(), got});
      if (same && got < chunk) return size;
    }
  }
  throw Error(ErrorCode::kDamaged, "read back", to_utf8(path),
              "the share does not hold the bytes that were written",
              "check the share and the network; the next sync tries again");
}

// A file, or for the directory primitive a folder with the file "b", on its way to a name.
struct Staging {
  FileSystem& fs;
  const Path& root;
  bool in_directory;
  Path path;  // what gets the name

  Path file() const { return in_directory ? path / layout::kEntryContent : path; }

  template <typename Upload>
  void make(Upload upload) const {
    if (in_directory) fs.create_directory(path);
    try {
      upload();
    } catch (...) {
      if (in_directory) remove_quietly(fs, path);
      throw;
    }
  }

  NameOutcome try_name(const Path& name) const {
    if (mutated(Mutation::kEntryReplaced)) {
      fs.rename_replacing(path, name);
      return NameOutcome::kCreated;
    }
    return in_directory ? fs.rename_directory_new(path, name) : fs.link_new(path, name);
  }

  // Tries to give the name. The error if it is certain that nothing happened, unless the name
  // itself shows otherwise; all other answers mean nothing and are dropped. `make_folder` is called
  // when the folder of the name is missing, and may refuse.
  template <typename MakeFolder>
  std::optional<Error> give_name(const Path& name, MakeFolder make_folder,
                                 NameOutcome& hint) const {
    try {
      try {
        hint = try_name(name);
      } catch (const Error& error) {
        if (error.code() != ErrorCode::kNotFound) throw;
        if (make_folder()) hint = try_name(name);
      }
      return std::nullopt;
    } catch (const Error& error) {
      return error;
    }
  }

  // An unclear attempt may still land. A link that lands late finds its source removed, which is
  // what we want; but a folder must not be emptied then, because an empty folder would get the
  // name and stay there: it is left to the janitor.
  void remove_after(PublishOutcome outcome, bool certain) const {
    const bool may_land = outcome == PublishOutcome::kUnknown && !certain;
    if (in_directory && (outcome == PublishOutcome::kPublished || may_land)) return;
    discard();
  }

  void discard() const {
    remove_quietly(fs, file());
    if (in_directory) remove_quietly(fs, path);
  }
};

}  // namespace

void Dataset::upload(FileSystem& local, const Path& from, const Path& to, Hasher* hasher) {
  const auto source = local.open_read(from);
  if (!source) {
    throw Error(ErrorCode::kNotFound, "upload", to_utf8(from), "there is no such file");
  }
  auto target = fs_.create_new(to);
  std::int64_t started_ms = 0;
  std::int64_t finished_ms = 0;
  try {
    std::string chunk(
        static_cast<std::size_t>(std::min<std::uint64_t>(source->size() + 1, kCopyChunkBytes)),
        '\0');
    for (std::size_t got = chunk.size(); got == chunk.size();) {
      got = source->read(chunk.data(), chunk.size());
      started_ms = clock_.now_ms();
      const auto hashed = hash_beside(hasher, {chunk.data(), got});
      if (got > 0) target->write({chunk.data(), got});
      if (hashed.valid()) hashed.wait();
    }
    target->sync();
    target->close();
    finished_ms = clock_.now_ms();
  } catch (...) {
    target.reset();
    remove_quietly(fs_, to);
    throw;
  }
  // The share dated the file when the last bytes came: between the two looks at our clock.
  clock_offset_ = {};
  uploaded_at_ms_.reset();
  try {
    const auto info = fs_.stat(to);
    if (info && finished_ms >= started_ms) {
      clock_offset_ = {true, info->modified_ms - (started_ms + (finished_ms - started_ms) / 2)};
    }
    if (info) uploaded_at_ms_ = info->modified_ms;
  } catch (const Error& error) {
    log::debug(std::string("clock offset not measured: ") + error.what());
  }
}

// True when `path` has the file with that digest and size; `absent` tells whether it has nothing
// at all. Throws kDamaged for a file that is neither ours nor a complete batch.
bool Dataset::content_is(const Path& path, const Digest& file_digest, std::uint64_t size,
                         bool& absent) {
  const auto handle = open_if_file(fs_, path);
  absent = handle == nullptr;
  if (absent) return false;
  if (handle->size() == size && hash_rest(*handle, size) == file_digest) return true;
  require_complete(*handle);
  return false;
}

bool Dataset::is_below_floor(Seq seq) {
  const auto floor = Archive(fs_, *this, random_).read_floor();
  return floor && seq < floor->seq;
}

PublishOutcome Dataset::publish(Seq seq, FileSystem& local, const Path& from,
                                const Digest& file_digest, const std::function<bool()>& is_wanted) {
  const Path entry = root_ / layout::entry_path(seq, format_.entries_per_folder);
  const std::string subject = to_utf8(entry);
  if (format_.min_writer > kShareFormatVersion) {
    throw Error(ErrorCode::kTooNew, "publish", subject,
                "the dataset may only be written by a newer version of tidesync; " +
                    std::string(kNothingHappened),
                "update tidesync on this computer");
  }
  // Else a file that changed since would be published, and taken for another's when read back.
  const auto source = digest_of_file(local, from);
  if (source.digest != file_digest) {
    throw Error(ErrorCode::kDamaged, "publish", to_utf8(from),
                "the file is not the one that was sealed; " + std::string(kNothingHappened),
                "sync again; if it happens twice, check the disk of this computer");
  }

  const bool in_directory = format_.primitive == PublishPrimitive::kDirectory;
  const Staging staging{fs_, root_, in_directory, staging_path()};
  const auto stage = [&] { staging.make([&] { upload(local, from, staging.file()); }); };
  try {
    with_folder(fs_, root_, layout::kStagingFolder, stage);
  } catch (const Error& error) {
    rethrow_with(error, "publish", subject, kNothingHappened);
  }
  try {
    open(format_.share_id);
  } catch (const Error& error) {
    staging.discard();
    rethrow_with(error, "publish", subject, kNothingHappened);
  }
  if (is_wanted && !is_wanted()) {
    staging.discard();
    return PublishOutcome::kLost;
  }
  NameOutcome hint = NameOutcome::kUnknown;
  // The first entry of a thousand makes the folder; it is not asked for before, to save the call.
  bool made_folder = false;
  const std::optional<Error> failure = staging.give_name(
      entry,
      [&] {
        if (is_below_floor(seq)) return false;
        restore_folder(fs_, root_, layout::log_folder(seq, format_.entries_per_folder));
        return made_folder = true;
      },
      hint);
  if (mutated(Mutation::kReplyTrusted) && hint == NameOutcome::kCreated)
    return PublishOutcome::kPublished;
  // An entry has the form of the dataset's primitive, but one of the other form excludes ours too.
  const Path inside = entry / layout::kEntryContent;
  const std::array<Path, 2> places =
      in_directory ? std::array{inside, entry} : std::array{entry, inside};
  const PublishOutcome outcome = look_until_present(clock_, [&](bool& absent) {
    return content_is(places[0], file_digest, source.size, absent) ||
           (absent && content_is(places[1], file_digest, source.size, absent));
  });
  staging.remove_after(outcome, failure.has_value());
  if (outcome == PublishOutcome::kUnknown && failure) {
    rethrow_with(*failure, "publish", subject, kNothingHappened);
  }
  if (outcome == PublishOutcome::kPublished && made_folder && is_below_floor(seq)) {
    // This process slept between its look at the floor and the name, while the folder was retired.
    quarantine(seq, "published into a folder that was retired");
    return PublishOutcome::kLost;
  }
  return outcome;
}

ReplacedFile Dataset::replace_copy(const std::string& name, FileSystem& local, const Path& from,
                                   const std::function<void()>& before_replacing) {
  const Path target = root_ / name;
  const Path staged = staging_path();
  ReplacedFile file;
  try {
    with_folder(fs_, root_, layout::kStagingFolder, [&] {
      Hasher hasher;
      upload(local, from, staged, &hasher);
      file.digest = hasher.digest();
    });
    try {
      file.size = require_same(fs_, staged, local, from);
      if (before_replacing) before_replacing();
      fs_.rename_replacing(staged, target);
    } catch (...) {
      remove_quietly(fs_, staged);
      throw;
    }
  } catch (const Error& error) {
    rethrow_with(error, "replace", to_utf8(target), "the copy there is still whole");
  }
  file.modified_ms = uploaded_at_ms_;
  return file;
}

}  // namespace tidesync
