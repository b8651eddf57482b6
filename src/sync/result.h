// What a run did, as a value: printed by the command line, written to sync_log.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/ids.h"

namespace tidesync {

enum class RunStatus {
  kSuccess,
  kPartial,  // something was held back; see notes
  kOffline,  // share not reachable; local work is kept and waits
  kError,
};
enum class Direction { kNone, kPull, kPush, kBidirectional };
std::string_view to_string(RunStatus status);
std::string_view to_string(Direction direction);  // kNone is written "bidirectional"

struct TableResult {
  std::uint64_t pulled = 0;
  std::uint64_t pushed = 0;
  std::uint64_t conflicts = 0;
};

// One conflict decided by this run, in words for people.
struct ConflictNote {
  std::string id;
  std::string table;
  std::string key;  // "id = 17"
  std::string kind;
  std::string rule;
  bool mine_won = false;
};

struct SyncResult {
  Uuid run;
  RunStatus status = RunStatus::kSuccess;
  Direction direction = Direction::kNone;
  std::uint64_t pulled = 0;
  std::uint64_t pushed = 0;
  std::uint64_t conflicts = 0;
  Seq seq_before, seq_after;
  std::map<std::string, TableResult> tables;
  std::vector<ConflictNote> conflict_notes;  // the first 20
  std::vector<std::string> notes;            // what was held back and why, a sentence each
  Seq master_seq;                            // what master.db on the share holds, as far as known
  std::int64_t duration_ms = 0;
  bool dry_run = false;
  // Set for kError and kOffline.
  std::optional<Error> error;
};

}  // namespace tidesync
