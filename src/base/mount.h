// Where a path lies: which file system is mounted there, how, from where, and how full it is. Asked
// of the operating system, for messages and checks; nothing in the protocol depends on it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"

namespace tidesync {

struct MountFacts {
  bool known = false;                // false: the system does not say; then nothing below counts
  std::string type;                  // lower case: "ext4", "nfs4", "cifs", "fuse.sshfs", "ntfs"
  std::string source;                // "//nas/quotes", "nas:/vol1", "/dev/sda1"
  Path mount_point;                  // "/mnt/nas"; on Windows "Z:\"
  std::vector<std::string> options;  // "rw", "soft", "actimeo=1"; empty on Windows
  bool remote = false;               // another computer keeps the files
  bool read_only = false;
  std::optional<std::uint64_t> free_bytes;  // for this account
  std::optional<std::uint64_t> total_bytes;

  bool has_option(std::string_view option) const;
};

// The path need not exist: what is asked is where it would lie.
MountFacts read_mount(const Path& path);

// The pure parts
// -----------------------------------------------------------------------------------

struct MountLine {
  std::string mount_point, type, source;
  std::vector<std::string> options;  // of the mount, then those of the file system; none twice
};
// /proc/self/mountinfo. Lines that are no such lines are passed over; blanks and other characters
// written as \040 are read back.
std::vector<MountLine> parse_mountinfo(std::string_view text);
// The mount an absolute path lies in: the longest mount point, of equal ones the last (it hides the
// others). nullptr when there is none.
const MountLine* find_mount(const std::vector<MountLine>& lines, const std::string& path);

// Whether files of that type are kept by another computer.
bool is_remote_type(std::string_view type);

}  // namespace tidesync
