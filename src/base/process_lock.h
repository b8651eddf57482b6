// One run per database on one computer: an advisory lock on a local file that the system releases
// when the process ends, however it ends. Never used on the share.
#pragma once

#include <memory>
#include <string>

#include "base/file_system.h"

namespace tidesync {

class ProcessLock {
 public:
  // nullptr when another process, or another ProcessLock of this one, holds it. Throws Error when
  // the lock file cannot be made. The file stays behind when unlocked; `note` is written into it
  // for people.
  static std::unique_ptr<ProcessLock> try_acquire(const Path& file, const std::string& note);
  virtual ~ProcessLock() = default;
};

}  // namespace tidesync
