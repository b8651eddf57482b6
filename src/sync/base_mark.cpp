#include "sync/base_mark.h"

#include "base/error.h"
#include "base/log.h"

namespace tidesync {
namespace {

constexpr std::uint64_t kMaxMarkBytes = 100;

Path mark_file(const LocalPaths& paths) {
  return paths.folder / "base.mark";
}

// Empty: there is no such file, or what was written to it last stands beside it.
std::string looks_of(FileSystem& fs, const Path& file) {
  Path log = file;
  log += "-wal";
  const auto info = fs.stat(file);
  const auto beside = fs.stat(log);
  if (!info || (beside && beside->size > 0)) return {};
  return std::to_string(info->size) + " " + std::to_string(info->modified_ms) + "\n";
}

}  // namespace

bool base_is_as_left(FileSystem& fs, const LocalPaths& paths) {
  try {
    const std::string looks = looks_of(fs, paths.base);
    return !looks.empty() && read_file(fs, mark_file(paths), kMaxMarkBytes) == looks;
  } catch (const Error& error) {
    log::debug(std::string("mark of the base copy: ") + error.what());
    return false;
  }
}

void mark_base(FileSystem& fs, const LocalPaths& paths) {
  try {
    const std::string looks = looks_of(fs, paths.base);
    if (!looks.empty())
      replace_file(fs, paths.staging / "base.mark", mark_file(paths), looks, false);
  } catch (const Error& error) {
    log::debug(std::string("mark of the base copy: ") + error.what());
  }
}

}  // namespace tidesync
