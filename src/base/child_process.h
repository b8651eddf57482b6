// Other programs, started and watched without ever waiting for longer than the caller wants: the
// worker that touches the share, commands that tell people, the system's scheduler. One source file
// per system.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"

namespace tidesync {

struct ChildCommand {
  // The program and its arguments, UTF-8. A program without a separator is looked for in PATH.
  std::vector<std::string> words;
  std::string input = {};      // given to its standard input, which is closed then
  bool capture_errors = true;  // its standard error: into output() as well, or to where ours goes
  bool own_group = false;      // signals of the terminal (Ctrl-C) do not reach it
};

// A running program. Not to be shared between threads. When it is destroyed the program goes on
// alone, unless it was stopped: one that hangs in the system cannot be waited for.
class ChildProcess {
 public:
  // Throws Error kNotFound when there is no such program, kIo when it cannot be started.
  static std::unique_ptr<ChildProcess> start(const ChildCommand& command);
  virtual ~ChildProcess() = default;

  // What has been written since the last call; takes it in without waiting. Keeps at most 16 MiB
  // that nobody fetched: a program that writes more is not held up, the rest is dropped.
  virtual std::string take_output() = 0;
  // The exit code when it has ended (128 + number for a signal); nullopt while it runs.
  virtual std::optional<int> exit_code() = 0;
  // Waits for its end, at most so long (0: not at all), and takes in its output meanwhile.
  virtual std::optional<int> wait(std::int64_t limit_ms) = 0;
  // Asks it to end (SIGTERM), or ends it (SIGKILL). Either may have no effect on one that hangs in
  // the system.
  virtual void ask_to_end() = 0;
  virtual void kill() = 0;
  virtual std::int64_t id() const = 0;
};

struct ChildResult {
  std::optional<int> exit_code;  // nullopt: it was stopped after the limit
  std::string output;
};
// Runs to its end or the limit, then it is killed. Throws as start() does.
ChildResult run_child(const ChildCommand& command, std::int64_t limit_ms);
// The words by which the system's shell runs a command line.
std::vector<std::string> shell_words(const std::string& command_line);
std::int64_t own_process_id();
// This program's own file.
Path own_program();

}  // namespace tidesync
