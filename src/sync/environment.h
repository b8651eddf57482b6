// What a sync needs from the outside, as seams: tests and the simulator give their own.
#pragma once

#include <functional>
#include <string>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/metered_file_system.h"
#include "base/mount.h"
#include "base/random.h"

namespace tidesync {

// Where a run stands. Reported in this order (some repeat when a publish is lost to another node).
enum class Step {
  kOpen,
  kRecover,
  kListShare,
  kPull,
  kFold,
  kMergeBegin,      // the application's database is locked from here ...
  kMergeCommitted,  // ... to here
  kBaseCommitted,
  kScan,
  kSealed,  // the batch is complete on local disk
  kIntentCommitted,
  kPublish,
  kPublished,
  kAcknowledged,  // the application's database knows that its batch is on the share
  kOwnBaseCommitted,
  kRefreshMaster,
  kRecord,
  kDone,
};

// Told of every step: progress on a terminal, crashes and interleavings in the simulator.
class Steps {
 public:
  virtual ~Steps() = default;
  // `done` of `total` where that is known, else 0 of 0. May throw to end the run at once, as a
  // crash would: whatever is thrown passes through.
  virtual void reached(Step step, std::uint64_t done, std::uint64_t total) = 0;
};

struct Environment {
  FileSystem& share;  // everything below the share's folder
  FileSystem& local;  // our own folder beside the database
  Clock& clock;
  Random& random;
  std::string host;
  std::string user;  // of the operating system
  std::string tool;  // "tidesync 0.1.0"
  // Where a path lies; empty: nobody knows, and nothing is concluded from it.
  std::function<MountFacts(const Path&)> mount_of = {};
  std::string machine = {};  // base/machine.h; "" when unknown
  // Counts and limits what goes to and from `share`; nullptr where nobody asks.
  MeteredFileSystem* meter = nullptr;
};

}  // namespace tidesync
