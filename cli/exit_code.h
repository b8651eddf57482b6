// The exit codes, a promise to scripts: what each means and what leads to it.
#pragma once

#include <initializer_list>
#include <string>

#include "base/error.h"
#include "sync/result.h"

namespace tidesync {

enum class ExitCode {
  kDone = 0,
  kFailed = 1,
  kUsage = 2,
  kNewConflicts = 3,
  kShareUnreachable = 4,
  kAlreadyRunning = 5,
  kTooOld = 6,
  kProblemsFound = 7,
  kInterrupted = 130,
};

ExitCode exit_code(ErrorCode code);
// A dry run keeps no conflicts and so never ends with kNewConflicts.
ExitCode exit_code(const SyncResult& result);

// "Exit codes:" and a line for each, for the help of a command.
std::string describe(std::initializer_list<ExitCode> codes);

}  // namespace tidesync
