// The log of the fleet's share as the world sees it: what stands there now, wherever the share is
// mounted, and a copy of every entry that ever stood there, so that the whole history can be read
// when the share has retired the first part of it.
// Thread rule: whoever holds the baton.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/file_system.h"

namespace tidesync::sim {

class ShareLog {
 public:
  ShareLog(FileSystem& share, std::uint64_t entries_per_folder)
      : share_(share), per_folder_(entries_per_folder) {}

  const Path& root() const { return root_; }
  void move_to(const Path& root) { root_ = root; }

  Path file_of(std::uint64_t seq) const;
  // Numbers of the entries there are, ascending, whole or not.
  std::vector<std::uint64_t> entries() const;
  // The first entry that is kept: 1 until a floor is set.
  std::uint64_t first() const;
  // The last entry before the first gap; 0 when there is none.
  std::uint64_t length() const;
  // Of a whole entry; none for one that is missing or damaged.
  std::optional<Digest> digest_of(std::uint64_t seq) const;
  std::size_t snapshots() const;

  // The tokens in the entries that continue one another, and in the snapshots of these.
  void collect(std::set<std::string>& tokens) const;

  // Keeps a copy of what is new. To be called after everything that may have changed the log.
  void observe();
  // The bytes of all entries from number 1 up to the last. Throws Violation when one of them never
  // stood there, or stands there as another.
  std::vector<std::string> history() const;

 private:
  bool is_of_this_log(const std::string& snapshot) const;

  struct Copy {
    std::uint64_t seq = 0;
    std::string prev;  // hash, in hex
    std::string bytes;
  };

  FileSystem& share_;
  std::uint64_t per_folder_;
  Path root_ = "/share";
  std::map<std::string, Copy> copies_;  // by hash, in hex
};

}  // namespace tidesync::sim
