// The two helpers of the scheduler, as seams: a sync, and a lookout on the share. Both are
// processes of their own, because a call on a share whose server is gone may never return: the
// process can be given up, a thread cannot. Fakes in tests. Nothing here ever waits for the share.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "schedule/plan.h"

namespace tidesync {

struct SyncEnded {
  SyncEnd end = SyncEnd::kDone;
  int exit_code = 0;
  std::uint64_t seq_after = 0;  // what this database holds now; 0 when it did not say
  std::string json;             // what the sync printed: one line, "" when there was nothing
};

// One sync under way.
class SyncWorker {
 public:
  virtual ~SyncWorker() = default;
  // Waits at most so long; a signal may end the waiting earlier.
  virtual std::optional<SyncEnded> wait(std::int64_t limit_ms) = 0;
  virtual void ask_to_end() = 0;
  // No further word from it; it may hang in the system for as long as it likes.
  virtual void kill() = 0;
};

// Looks at the share every now and then.
class Lookout {
 public:
  struct View {
    enum class Share { kUnknown, kHere, kAway } share = Share::kUnknown;
    std::uint64_t newest = 0;    // entry on the share; 0: not known
    std::int64_t silent_ms = 0;  // since it last said anything
  };
  virtual ~Lookout() = default;
  // Neither waits.
  virtual View look() = 0;
  virtual bool has_ended() = 0;
};

class Workers {
 public:
  virtual ~Workers() = default;
  // Throws Error when it cannot be started (no memory, no more processes).
  virtual std::unique_ptr<SyncWorker> start_sync() = 0;
  virtual std::unique_ptr<Lookout> start_lookout() = 0;
};

}  // namespace tidesync
