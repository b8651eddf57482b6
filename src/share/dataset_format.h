// format.json as text, and small helpers of the files that implement Dataset. Private to share/.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "share/dataset.h"

namespace tidesync::dataset_format {

// Notes and format.json are small; more than this is no file of ours.
inline constexpr std::uint64_t kMaxNoteBytes = 1u << 20;

std::string to_json(const DatasetFormat& format);
// Throws kDamaged or kTooNew about `file`, and nothing else.
DatasetFormat parse(std::string_view json, const std::string& file);

}  // namespace tidesync::dataset_format

namespace tidesync::share_files {

// Best effort; what cannot be removed is logged at debug level and left to the janitor.
void remove_quietly(FileSystem& fs, const Path& path);

struct CopiedFile {
  std::uint64_t size = 0;
  Digest digest;
};
// Size and digest of a local file. Throws kNotFound.
CopiedFile digest_of_file(FileSystem& fs, const Path& path);

// Tells the user what became of their data: the same error with `kept` after its detail, and a
// hint that fits its code.
[[noreturn]] void rethrow_with(const Error& error, const std::string& operation,
                               const std::string& subject, const std::string& kept);

// Makes a folder of the dataset again that somebody deleted, or the first of a thousand entries.
// Throws kShareUnreachable when the dataset is gone: while a share is away its mount point is an
// empty folder, and must stay one.
void restore_folder(FileSystem& fs, const Path& root, const std::string& folder);

// action(); a second time if the folder was missing and had to be made.
template <typename Action>
void with_folder(FileSystem& fs, const Path& root, const std::string& folder, Action action) {
  try {
    return action();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;
  }
  restore_folder(fs, root, folder);
  action();
}

}  // namespace tidesync::share_files
