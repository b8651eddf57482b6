// A task of the system's own scheduler that syncs one database: a systemd timer, lines of a
// crontab, a launchd agent, a task of Windows.
//
// What is installed is described by a note in the task itself (task_note.h); nothing else is kept
// about it, so whoever removes the task by hand has removed all of it. A task's name holds a digest
// of the database's path: several databases never share one.
//
// Every kind is compiled on every system and differs only in the programs it runs, which go through
// TaskHost::run: tests give their own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "schedule/start_times.h"
#include "schedule/task_host.h"

namespace tidesync {

struct Task {
  Path database;        // absolute
  Path program;         // absolute
  std::string node;     // the offset of its starts follows from it
  std::string account;  // who it runs as; "" or the caller: see each kind
  std::int64_t every_minutes = 0;
  bool at_logon = false;  // also when the user logs on (cron and system units: when it boots)
  bool on_idle = false;   // only while nobody works at the computer
  bool always = false;    // also while nobody is logged on

  StartTimes times() const { return start_times(every_minutes, node, to_utf8(database)); }
};

struct TaskFile {
  std::string name;  // the path it has when installed; of a crontab "crontab"
  std::string text;  // UTF-8
};

struct InstalledTask {
  TaskKind kind = TaskKind::kSystemd;
  Task task;
  std::vector<std::string> places;     // where a person can look at it: paths, or "crontab -l"
  bool active = true;                  // the system says that it will start
  std::optional<std::int64_t> next_s;  // UTC
};

// What a person should know after an installation, in sentences.
using TaskNotes = std::vector<std::string>;

// One kind of scheduler on this computer. Thread rule: as TaskHost::run.
class OsTasks {
 public:
  virtual ~OsTasks() = default;
  // Whether the scheduler is there and takes tasks of this account.
  virtual bool available() const = 0;
  // Throws Error kUsage, naming what would work, for what this kind cannot do.
  virtual void check(const Task& task) const = 0;
  // The files it would have, filled. Pure.
  virtual std::vector<TaskFile> fill(const Task& task) const = 0;
  // Installs it, in place of one of the same database. Throws Error when the system refuses; then
  // nothing is installed.
  virtual TaskNotes install(const Task& task) = 0;
  virtual std::optional<InstalledTask> find(const Path& database) const = 0;
  virtual void remove(const InstalledTask& installed) = 0;
};

// `host` must outlive it.
std::unique_ptr<OsTasks> os_tasks(TaskKind kind, const TaskHost& host);

// "quotes-1a2b3c4d5e": parts of the file's name that are safe anywhere, and the digest.
std::string task_name(const Path& database);

// The first kind of this computer that has a task for the database.
std::optional<InstalledTask> find_task(const TaskHost& host, const Path& database);
// The first that is available. Throws Error kNotFound saying what to do instead.
TaskKind choose_kind(const TaskHost& host);

}  // namespace tidesync
