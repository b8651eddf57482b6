#include "cli/registry.h"

#include <algorithm>
#include <boost/filesystem/operations.hpp>

#include "base/error.h"
#include "base/text.h"
#include "cli/short_lock.h"

namespace tidesync {
namespace {

constexpr std::uint64_t kMaxBytes = 1u << 20;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // some editors of Windows write it

// The folder as it is wherever links lead. The file's own name stays: beside that name, and not
// beside the file it may link to, lies the folder of tidesync.
Path settled(const Path& database) {
  boost::system::error_code failed;
  const Path folder = boost::filesystem::canonical(database.parent_path(), failed);
  return failed ? database : folder / database.filename();
}

bool is_same(const Path& a, const Path& b) {
  if (a == b) return true;
  boost::system::error_code ignored;
  return a.filename() == b.filename() &&
         boost::filesystem::equivalent(a.parent_path(), b.parent_path(), ignored);
}

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark)
    text.remove_prefix(kByteOrderMark.size());
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    lines.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool is_listed(const std::string& line, const Path& database) {
  const Path path = from_utf8(line);
  return path.is_absolute() && is_same(path, database);
}

}  // namespace

Registry::Registry(Environment& env, const Path& folder)
    : env_(env), folder_(folder), file_(folder.empty() ? Path() : folder / "databases") {}

std::vector<std::string> Registry::lines() const {
  if (folder_.empty()) return {};
  return split_lines(read_file(env_.local, file_, kMaxBytes).value_or(std::string()));
}

std::vector<Path> Registry::databases() const {
  std::vector<Path> found;
  for (const std::string& line : lines()) {
    if (!is_valid_utf8(line)) continue;
    const Path path = from_utf8(line);
    const auto is_this = [&](const Path& other) { return is_same(other, path); };
    if (path.is_absolute() && std::none_of(found.begin(), found.end(), is_this))
      found.push_back(path);
  }
  return found;
}

bool Registry::contains(const Path& database) const {
  const std::vector<Path> listed = databases();
  return std::any_of(listed.begin(), listed.end(),
                     [&](const Path& path) { return is_same(path, settled(database)); });
}

// `change` edits the lines and says whether there is anything to write.
template <typename Change>
std::string Registry::change(Change change) {
  if (folder_.empty()) return {};
  try {
    create_directories(env_.local, folder_);
    const Path lock_file = folder_ / "databases.lock";
    const auto lock = lock_shortly(env_, lock_file);
    if (!lock) return to_utf8(lock_file) + " is held by another process";
    std::vector<std::string> now = lines();
    if (change(now))
      replace_file(env_.local, folder_ / "databases.new", file_, join(now, "\n") + "\n");
    return {};
  } catch (const Error& error) {
    return error.what();
  }
}

std::string Registry::add(const Path& database) {
  const Path path = settled(database);
  const std::string line = to_utf8(path);
  if (line.find_first_of("\r\n") != std::string::npos || !is_valid_utf8(line))
    return "its path cannot stand on a line of text";
  return change([&](std::vector<std::string>& now) {
    const auto is_this = [&](const std::string& other) { return is_listed(other, path); };
    if (std::any_of(now.begin(), now.end(), is_this)) return false;
    now.push_back(line);
    return true;
  });
}

std::string Registry::remove(const Path& database) {
  const Path path = settled(database);
  return change([&](std::vector<std::string>& now) {
    const auto is_this = [&](const std::string& other) { return is_listed(other, path); };
    const auto end = std::remove_if(now.begin(), now.end(), is_this);
    const bool found = end != now.end();
    now.erase(end, now.end());
    return found;
  });
}

}  // namespace tidesync
