#include "base/mount.h"

#include <algorithm>

namespace tidesync {
namespace {

bool is_octal(char c) {
  return c >= '0' && c <= '7';
}

// "\040" is a blank.
std::string unescaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 3 < text.size() && is_octal(text[i + 1]) &&
                        is_octal(text[i + 2]) && is_octal(text[i + 3]);
    if (!escape) {
      result.push_back(text[i]);
      continue;
    }
    const int code = (text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0');
    result.push_back(static_cast<char>(code));
    i += 3;
  }
  return result;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

void add_options(std::string_view text, std::vector<std::string>& options) {
  for (const std::string_view part : split(text, ',')) {
    std::string option = unescaped(part);
    if (std::find(options.begin(), options.end(), option) == options.end())
      options.push_back(std::move(option));
  }
}

// 36 35 98:0 /root /mount/point rw,noatime shared:1 ... - nfs4 nas:/vol rw,vers=4.2
std::optional<MountLine> parse_line(std::string_view text) {
  constexpr std::size_t kMountPoint = 4;
  constexpr std::size_t kOptions = 5;
  const auto fields = split(text, ' ');
  const auto dash = std::find(fields.begin(), fields.end(), "-");
  if (dash - fields.begin() <= static_cast<std::ptrdiff_t>(kOptions) || fields.end() - dash < 3)
    return std::nullopt;
  MountLine line;
  line.mount_point = unescaped(fields[kMountPoint]);
  line.type = unescaped(dash[1]);
  line.source = unescaped(dash[2]);
  add_options(fields[kOptions], line.options);
  if (fields.end() - dash > 3) add_options(dash[3], line.options);
  return line;
}

bool lies_in(const std::string& path, const std::string& folder) {
  if (folder == "/") return !path.empty() && path[0] == '/';
  return path.rfind(folder, 0) == 0 && (path.size() == folder.size() || path[folder.size()] == '/');
}

}  // namespace

bool MountFacts::has_option(std::string_view option) const {
  return std::find(options.begin(), options.end(), option) != options.end();
}

std::vector<MountLine> parse_mountinfo(std::string_view text) {
  std::vector<MountLine> lines;
  for (const std::string_view line : split(text, '\n')) {
    if (auto parsed = parse_line(line)) lines.push_back(std::move(*parsed));
  }
  return lines;
}

const MountLine* find_mount(const std::vector<MountLine>& lines, const std::string& path) {
  const MountLine* found = nullptr;
  for (const MountLine& line : lines) {
    if (!lies_in(path, line.mount_point)) continue;
    if (!found || line.mount_point.size() >= found->mount_point.size()) found = &line;
  }
  return found;
}

bool is_remote_type(std::string_view type) {
  constexpr std::string_view kRemote[] = {"9p",          "afpfs",         "afs",
                                          "ceph",        "cifs",          "davfs",
                                          "fuse.davfs",  "fuse.davfs2",   "fuse.glusterfs",
                                          "fuse.rclone", "fuse.smbnetfs", "fuse.sshfs",
                                          "glusterfs",   "nfs",           "nfs4",
                                          "smb3",        "smbfs",         "webdav"};
  return std::find(std::begin(kRemote), std::end(kRemote), type) != std::end(kRemote);
}

}  // namespace tidesync
