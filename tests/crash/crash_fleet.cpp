#include "crash/crash_fleet.h"

#include <algorithm>
#include <boost/filesystem/operations.hpp>
#include <fstream>
#include <sstream>

#include "base/error.h"
#include "share/archive.h"
#include "share/batch_file.h"

namespace tidesync::test {
namespace {

namespace fs = boost::filesystem;

// Not copy_file of Boost 1.74: it fails between file systems on some kernels.
void copy_file_plainly(const Path& from, const Path& to) {
  std::ifstream source(from.string(), std::ios::binary);
  std::ofstream target(to.string(), std::ios::binary | std::ios::trunc);
  if (fs::file_size(from) > 0) target << source.rdbuf();
  target.close();
  fs::last_write_time(to, fs::last_write_time(from));  // leftovers are told by their age
}

void copy_folder(const Path& from, const Path& to) {
  fs::create_directories(to);
  for (const auto& entry : fs::directory_iterator(from)) {
    const Path target = to / entry.path().filename();
    if (fs::is_directory(entry.path())) {
      copy_folder(entry.path(), target);
    } else {
      copy_file_plainly(entry.path(), target);
    }
  }
}

}  // namespace

std::string to_text(const Disturbance& disturbance) {
  return disturbance.what +
         (disturbance.error == 0 ? "" : " " + std::to_string(disturbance.error)) +
         (disturbance.where == Where::kShare ? " on the share" : " on local files") +
         (disturbance.at == 0 ? "" : " at call " + std::to_string(disturbance.at));
}

std::vector<Path> CrashFleet::entries() const {
  std::vector<Path> files;
  for (const auto& folder : fs::directory_iterator(share() / "log")) {
    for (const auto& entry : fs::directory_iterator(folder.path())) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void CrashFleet::keep() {
  fs::remove_all(template_folder());
  for (const auto& entry : fs::directory_iterator(dir())) {
    if (entry.path() == template_folder()) continue;
    copy_folder(entry.path(), template_folder() / entry.path().filename());
  }
}

void CrashFleet::put_back() {
  for (const auto& entry : fs::directory_iterator(dir())) {
    if (entry.path() != template_folder()) fs::remove_all(entry.path());
  }
  copy_folder(template_folder(), dir());
}

CrashFleet::Words CrashFleet::words_for(const std::string& name, const std::string& command) {
  Words words;
  std::istringstream parts(command);
  for (std::string word; parts >> word;) words.push_back(word);
  words.insert(words.end(), {"--db", db(name).string()});
  if (words.front() == "now") return words;
  words.insert(words.end(), {"--share", share().string()});
  if (words[1] != "--from-base") words.insert(words.end(), {"--node", name, "--user", name});
  return words;
}

CrashFleet::Words CrashFleet::environment_for(const std::string& name, Where where) const {
  const Path under = where == Where::kShare ? share() : dir() / name;
  return {std::string("LD_PRELOAD=") + TIDESYNC_CRASH_SHIM,
          "TIDESYNC_CRASH_UNDER=" + under.string() + "/"};
}

long CrashFleet::count_calls(const std::string& name, const Words& words, Where where) {
  const Path file = dir() / "calls";
  ProcessOptions options;
  options.environment = environment_for(name, where);
  options.environment.push_back("TIDESYNC_CRASH_COUNT=" + file.string());
  const Outcome outcome = tidesync(words, options);
  EXPECT_TRUE(outcome.exit_code == 0 || outcome.exit_code == 3) << outcome.text();
  long calls = 0;
  std::ifstream(file.string()) >> calls;
  fs::remove(file);
  return calls;
}

Outcome CrashFleet::run_disturbed(const std::string& name, const Words& words,
                                  const Disturbance& disturbance) {
  ProcessOptions options;
  options.environment = environment_for(name, disturbance.where);
  options.environment.push_back("TIDESYNC_CRASH=" + disturbance.what + ":" +
                                std::to_string(disturbance.at) + ":" +
                                std::to_string(disturbance.error));
  return tidesync(words, options);
}

// Below the floor entries may be missing, and nobody reads them.
std::string CrashFleet::log_problem() const {
  DiskFileSystem disk;
  Digest before;
  std::uint64_t seq = 0;
  std::uint64_t retired = 0;
  if (const auto text = read_file(disk, share() / "floor.json", 1u << 20)) {
    const auto floor = parse_floor(*text);
    if (!floor) return "floor.json cannot be read";
    before = floor->before;
    seq = retired = floor->seq.value - 1;
  }
  for (const Path& file : entries()) {
    if (std::stoull(file.filename().string()) <= retired) continue;
    ++seq;
    try {
      BatchReader reader(disk, fs::is_directory(file) ? file / "b" : file);
      if (reader.header().seq.value != seq) return "entry " + std::to_string(seq) + " is missing";
      if (!(reader.header().prev == before)) return "entry " + std::to_string(seq) + " is torn off";
      for (Change change; reader.next(change);) continue;
      before = reader.hash();
    } catch (const Error& error) {
      return error.what();
    }
  }
  return "";
}

}  // namespace tidesync::test
