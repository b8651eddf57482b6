#include "tidy/layout_rules.h"

#include <algorithm>
#include <boost/filesystem/operations.hpp>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace tidesync::test {
namespace {

namespace fs = boost::filesystem;

// What each room may include besides itself. cli stands on top of all.
const std::map<std::string, std::set<std::string>> kBelow{
    {"base", {}},
    {"sqlite", {"base"}},
    {"merge", {"base"}},
    {"replica", {"base", "sqlite", "merge"}},
    {"share", {"base", "merge"}},
    {"sync", {"base", "sqlite", "merge", "replica", "share"}},
    {"inspect", {"base", "sqlite", "merge", "replica", "share", "sync"}},
    {"schedule", {"base", "sync"}},
    {"cli", {"base", "sqlite", "merge", "replica", "share", "sync", "inspect", "schedule"}},
};

// Made at build time from schema/*.sql and tasks/*/*; they have no folder.
const std::set<std::string> kGeneratedHeaders{"schema.h", "task_templates.h"};

// Headers that begin so belong to these folders ("src/base/") or files alone.
struct Library {
  std::string header;
  std::vector<std::string> places;
};
const std::vector<Library> kLibraries{
    {"sqlite3.h", {"src/sqlite/"}},
    {"CLI/", {"cli/"}},
    {"spdlog/", {"src/base/log.cpp"}},
    {"toml++/", {"src/sync/config_parse.h"}},
    {"date/", {"src/base/"}},
    {"sodium", {"src/base/"}},
    {"zstd", {"src/share/"}},
    {"nlohmann/",
     {"cli/", "src/share/batch_header.cpp", "src/share/dataset_format.cpp",
      "src/replica/conflict_row.cpp", "src/replica/journal.cpp", "src/replica/policies.cpp",
      "src/replica/schema_change.cpp", "src/replica/share_schema.cpp",
      "src/share/archive_notes.cpp", "src/share/backups.cpp", "src/share/notes.cpp",
      "src/schedule/task_note.cpp", "src/schedule/worker_processes.cpp",
      "src/sync/machine_note.cpp", "src/sync/run_streak.cpp", "src/sync/scheduler_note.cpp"}},
};

constexpr std::size_t kMaxLines = 350;
// Longer for now, and no longer than this: shorten one and lower its number, or take it out.
const std::map<std::string, std::size_t> kLongFiles{
    {"src/base/file_system_posix.cpp", 400},
    {"src/base/file_system_windows.cpp", 410},
};

bool starts_with(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

bool ends_with(const std::string& text, const std::string& suffix) {
  return text.size() >= suffix.size() &&
         text.compare(text.size() - suffix.size(), suffix.size(), suffix) == 0;
}

bool is_source(const std::string& path) {
  return ends_with(path, ".cpp") || ends_with(path, ".h");
}

bool is_text(const std::string& path) {
  return is_source(path) || ends_with(path, ".sql") || ends_with(path, ".sh") ||
         ends_with(path, ".cmake") || ends_with(path, "CMakeLists.txt");
}

std::string read(const fs::path& file) {
  std::ifstream in(file.string(), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// Every file and folder below root/folder, sorted, relative to the root. Leaves out what is not in
// the repository: .git and build folders.
std::vector<std::string> entries(const fs::path& root, const std::string& folder = "") {
  std::vector<std::string> found;
  if (!fs::is_directory(root / folder)) return found;
  for (fs::recursive_directory_iterator at(root / folder), end; at != end; ++at) {
    const std::string path = at->path().lexically_relative(root).generic_string();
    if (path == ".git" || path == "build") {
      at.disable_recursion_pending();
      continue;
    }
    found.push_back(path);
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<std::string> files(const fs::path& root, const std::vector<std::string>& folders,
                               bool (*wanted)(const std::string&)) {
  std::vector<std::string> found;
  for (const std::string& folder : folders) {
    for (const std::string& path : entries(root, folder)) {
      if (wanted(path) && fs::is_regular_file(root / path)) found.push_back(path);
    }
  }
  return found;
}

std::string at_line(const std::string& path, std::size_t index, const std::string& problem) {
  return path + ":" + std::to_string(index + 1) + ": " + problem;
}

// "src/merge/batch.h" -> "merge", "cli/app.h" -> "cli"
std::string room_of(const std::string& path) {
  if (starts_with(path, "cli/")) return "cli";
  const std::size_t begin = std::string("src/").size();
  return path.substr(begin, path.find('/', begin) - begin);
}

// What is wrong with this include in this file, or nothing.
std::string room_problem(const std::string& room, const std::string& header) {
  if (kGeneratedHeaders.count(header) > 0) return "";
  const std::string target = header.substr(0, header.find('/'));
  const auto below = kBelow.find(room);
  if (below == kBelow.end()) return "the room " + room + " is not in the rules";
  if (header.find('/') == std::string::npos || kBelow.count(target) == 0) {
    return "includes \"" + header + "\": write the room as well, \"room/file.h\"";
  }
  if (target == room || below->second.count(target) > 0) return "";
  return "includes \"" + header + "\": " + room + " may not see " + target;
}

std::string library_problem(const std::string& path, const std::string& header) {
  for (const Library& library : kLibraries) {
    if (!starts_with(header, library.header)) continue;
    std::string places;
    for (const std::string& place : library.places) {
      if (path == place || (ends_with(place, "/") && starts_with(path, place))) return "";
      places += (places.empty() ? "" : ", ") + place;
    }
    return "includes <" + header + ">, which belongs to " + places;
  }
  return "";
}

// All file names a build file speaks of, relative to its folder.
std::set<std::string> names_in(const fs::path& build_file) {
  static const std::regex comment("#[^\n]*"), word("[^\\s()\"]+"), system(R"(\$\{\w*SYSTEM\})");
  const std::string text = std::regex_replace(read(build_file), comment, "");
  std::set<std::string> names;
  for (std::sregex_iterator at(text.begin(), text.end(), word), end; at != end; ++at) {
    for (const char* name : {"posix", "windows"}) {
      names.insert(std::regex_replace(at->str(), system, name));
    }
  }
  return names;
}

// The folder of the CMakeLists.txt that is next to the file, upwards; empty if there is none.
fs::path build_folder(const fs::path& root, const std::string& path) {
  for (fs::path folder = fs::path(path).parent_path(); !folder.empty();
       folder = folder.parent_path()) {
    if (fs::exists(root / folder / "CMakeLists.txt")) return folder;
  }
  return {};
}

}  // namespace

Problems include_problems(const fs::path& root) {
  static const std::regex include(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"].*)");
  Problems problems;
  for (const std::string& path : files(root, {"src", "cli"}, is_source)) {
    const std::vector<std::string> lines = lines_of(read(root / path));
    for (std::size_t i = 0; i < lines.size(); ++i) {
      std::smatch match;
      if (!std::regex_match(lines[i], match, include)) continue;
      std::string problem = library_problem(path, match[2]);
      if (problem.empty() && match[1] == "\"") problem = room_problem(room_of(path), match[2]);
      if (!problem.empty()) problems.push_back(at_line(path, i, problem));
    }
  }
  return problems;
}

Problems unlisted_source_problems(const fs::path& root) {
  Problems problems;
  std::map<fs::path, std::set<std::string>> named;
  for (const std::string& path : files(root, {"src", "cli", "bench"}, is_source)) {
    const fs::path folder = build_folder(root, path);
    if (folder.empty()) {
      problems.push_back(path + ": no CMakeLists.txt beside it");
      continue;
    }
    const fs::path build_file = folder / "CMakeLists.txt";
    if (named.count(build_file) == 0) named[build_file] = names_in(root / build_file);
    if (named[build_file].count(fs::path(path).lexically_relative(folder).generic_string()) == 0) {
      problems.push_back(path + ": not named in " + build_file.generic_string());
    }
  }
  return problems;
}

Problems unlisted_test_problems(const fs::path& root) {
  std::set<std::string> named;
  for (const std::string& path : entries(root, "tests")) {
    if (fs::path(path).parent_path() != "tests" || !is_text(path) || is_source(path)) continue;
    named.merge(names_in(root / path));
  }
  Problems problems;
  for (const std::string& path : files(root, {"tests"}, is_source)) {
    if (named.count(fs::path(path).lexically_relative("tests").generic_string()) == 0) {
      problems.push_back(path + ": not named in tests/CMakeLists.txt or a tests/*.cmake");
    }
  }
  return problems;
}

Problems fuzz_list_problems(const fs::path& root) {
  // Included for a type, a template or a function that these sources do not call.
  const std::set<std::string> not_needed{"replica/base", "replica/catalog", "share/archive",
                                         "share/backups"};
  const std::regex listed_source(R"(^\s+((replica|share|sync)/\w+)\)?$)");
  const std::regex include(R"rx(^#include "((replica|share|sync)/\w+)\.h")rx");
  std::set<std::string> listed;
  std::smatch found;
  for (const std::string& line : lines_of(read(root / "tests/fuzz.cmake"))) {
    if (std::regex_search(line, found, listed_source)) listed.insert(found[1]);
  }
  Problems problems;
  for (const std::string& name : listed) {
    for (const char* ending : {".cpp", ".h"}) {
      const std::string path = "src/" + name + ending;
      for (const std::string& line : lines_of(read(root / path))) {
        if (!std::regex_search(line, found, include)) continue;
        const std::string other = found[1];
        if (listed.count(other) + not_needed.count(other) == 0 &&
            fs::exists(root / ("src/" + other + ".cpp")))
          problems.push_back(path + ": " + other + ".cpp is not listed in tests/fuzz.cmake");
      }
    }
  }
  return problems;
}

Problems name_case_problems(const fs::path& root) {
  Problems problems;
  std::map<std::string, std::string> seen;
  for (const std::string& path : entries(root)) {
    std::string lower = path;
    for (char& c : lower) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    const auto [other, is_new] = seen.emplace(lower, path);
    if (!is_new) problems.push_back(path + ": differs from " + other->second + " by case only");
  }
  return problems;
}

Problems text_problems(const fs::path& root) {
  Problems problems;
  for (const std::string& path : files(root, {""}, is_text)) {
    const std::vector<std::string> lines = lines_of(read(root / path));
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::string& line = lines[i];
      if (line.find('\t') != std::string::npos) problems.push_back(at_line(path, i, "a tab"));
      if (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r')) {
        problems.push_back(at_line(path, i, "a blank at the end of the line"));
      }
    }
    if (!ends_with(path, ".h")) continue;
    if (lines.empty() || !starts_with(lines[0], "//")) {
      problems.push_back(path + ": a header opens with a comment that says what it is for");
    }
    if (std::find(lines.begin(), lines.end(), "#pragma once") == lines.end()) {
      problems.push_back(path + ": no #pragma once");
    }
  }
  return problems;
}

Problems length_problems(const fs::path& root) {
  Problems problems;
  for (const std::string& path : files(root, {"src", "cli"}, is_source)) {
    const std::size_t lines = lines_of(read(root / path)).size();
    const auto known = kLongFiles.find(path);
    const std::size_t limit = known == kLongFiles.end() ? kMaxLines : known->second;
    if (lines > limit) {
      problems.push_back(path + ": " + std::to_string(lines) + " lines, the limit is " +
                         std::to_string(limit) + ". Has it grown a second job?");
    } else if (known != kLongFiles.end() && lines <= kMaxLines) {
      problems.push_back(path + ": short enough now; take it out of kLongFiles");
    }
  }
  return problems;
}

}  // namespace tidesync::test
