// A computer with schedulers of every kind that only note what they are told.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "schedule/task_host.h"
#include "support/memory_file_system.h"

namespace tidesync::test {

class FakeHost {
 public:
  FakeHost()
      : host{files,
             [this](const auto& words, const auto& input) { return run(words, input); },
             "/home/anna",
             "/home/anna/.config",
             "/etc/systemd/system",
             "anna",
             "1000",
             false,
             {TaskKind::kSystemd, TaskKind::kSystemdSystem, TaskKind::kCron},
             1795255200,
             {}} {
    // Saturday 2026-11-21 10:00:00
    host.now.tm_year = 126;
    host.now.tm_mon = 10;
    host.now.tm_mday = 21;
    host.now.tm_hour = 10;
  }

  // Whether it was called with exactly these words.
  bool called(const std::string& line) const {
    for (const std::string& call : calls) {
      if (call == line) return true;
    }
    return false;
  }

  MemoryFileSystem files;
  TaskHost host;
  std::vector<std::string> calls;
  std::set<std::string> missing;                  // programs that are not installed
  std::map<std::string, std::string> failing;     // lines that begin so fail and say this
  std::string crontab;                            // "": there is none
  std::map<std::string, std::string> registered;  // tasks of Windows by name, as XML

 private:
  ProgramResult run(const std::vector<std::string>& words, const std::string& input) {
    const std::string line = join(words, " ");
    calls.push_back(line);
    if (missing.count(words[0]) > 0) return {false, 0, "no such program"};
    for (const auto& [start, text] : failing) {
      if (line.rfind(start, 0) == 0) return {true, 1, text};
    }
    if (words[0] == "crontab" || words[0] == "sh") return run_crontab(line, input);
    if (words[0] == "schtasks") return run_schtasks(words);
    return {true, 0, line.find(" show ") == std::string::npos ? "" : "ActiveState=active\n"};
  }

  ProgramResult run_crontab(const std::string& line, const std::string& input) {
    if (line == "crontab -") crontab = input;
    if (line == "crontab -r") crontab.clear();
    if (line != "crontab -l" && line != "sh -c crontab -l 2>/dev/null") return {true, 0, ""};
    return crontab.empty() ? ProgramResult{true, 1, "no crontab for anna\n"}
                           : ProgramResult{true, 0, crontab};
  }

  ProgramResult run_schtasks(const std::vector<std::string>& words) {
    if (words[2] == "/?") return {true, 0, ""};
    std::string& task = registered[words[3]];
    if (words[1] == "/Create") task = read_file(files, words[5], 1 << 20).value_or("");
    if (words[1] == "/Delete") task.clear();
    if (words[1] != "/Query") return {true, 0, ""};
    // What it prints is no longer UTF-16.
    std::string text;
    for (const char c : task) {
      if (c != '\0') text += c;
    }
    return {true, task.empty() ? 1 : 0, text};
  }
};

}  // namespace tidesync::test
