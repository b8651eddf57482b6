// Linux: /proc/self/mountinfo. Elsewhere: statfs, which knows no options.
#include <sys/statvfs.h>
#ifdef __APPLE__
#include <sys/mount.h>
#include <sys/param.h>
#endif

#include <boost/filesystem/operations.hpp>
#include <fstream>
#include <sstream>

#include "base/mount.h"

namespace tidesync {
namespace {

// Symbolic links on the way lead to the mount that counts. What does not exist stays as it is.
Path real_path(const Path& path) {
  boost::system::error_code ec;
  const Path real = boost::filesystem::weakly_canonical(path, ec);
  return ec ? path : real;
}

void read_space(const Path& path, MountFacts& facts) {
  struct statvfs info;
  if (::statvfs(path.c_str(), &info) != 0) return;
  const std::uint64_t block = info.f_frsize > 0 ? info.f_frsize : info.f_bsize;
  facts.total_bytes = static_cast<std::uint64_t>(info.f_blocks) * block;
  facts.free_bytes = static_cast<std::uint64_t>(info.f_bavail) * block;
  facts.read_only = facts.read_only || (info.f_flag & ST_RDONLY) != 0;
}

#ifdef __APPLE__
void read_type(const Path& path, MountFacts& facts) {
  struct statfs info;
  if (::statfs(path.c_str(), &info) != 0) return;
  facts.known = true;
  facts.type = info.f_fstypename;
  facts.source = info.f_mntfromname;
  facts.mount_point = info.f_mntonname;
  facts.read_only = (info.f_flags & MNT_RDONLY) != 0;
}
#else
void read_type(const Path& path, MountFacts& facts) {
  std::ifstream file("/proc/self/mountinfo", std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  const auto lines = parse_mountinfo(text.str());
  const MountLine* line = find_mount(lines, path.native());
  if (!line) return;
  facts.known = true;
  facts.type = line->type;
  facts.source = line->source;
  facts.mount_point = line->mount_point;
  facts.options = line->options;
  facts.read_only = facts.has_option("ro");
}
#endif

}  // namespace

MountFacts read_mount(const Path& path) {
  MountFacts facts;
  const Path real = real_path(path);
  read_type(real, facts);
  facts.remote = is_remote_type(facts.type);
  read_space(real, facts);
  return facts;
}

}  // namespace tidesync
