// The operations of FileSystem and its handles by name, for the decorators that count and break
// them. An operation is one virtual call that costs a round trip on a network: seek(), size() and
// the destruction of a handle are none.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/file_system.h"

namespace tidesync::test {

enum class FsOp {
  kList,
  kStat,
  kOpenRead,
  kRead,
  kCreateNew,
  kWrite,
  kSync,
  kClose,
  kLink,
  kRenameDirectory,
  kRename,
  kRemove,
  kCreateDirectory,
  kSyncDirectory,
};
inline constexpr std::size_t kFsOpCount = 14;

constexpr std::string_view to_string(FsOp op) {
  constexpr std::string_view kNames[kFsOpCount] = {
      "list",  "stat", "open",       "read",   "create", "write", "sync",
      "close", "link", "rename_dir", "rename", "remove", "mkdir", "sync_dir"};
  return kNames[static_cast<std::size_t>(op)];
}

struct FsCall {
  FsOp op = FsOp::kStat;
  Path path;                 // of a handle: the path it was opened with
  Path second_path;          // link, rename_dir, rename: the new name
  std::uint64_t bytes = 0;   // write: how many; read: how many are asked for
  std::uint64_t number = 0;  // 1, 2, 3 ... in the order of the calls
};

}  // namespace tidesync::test
