// What a run did, as a value: printed by the command line, written to sync_log.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "replica/conflict_row.h"

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

struct SyncResult {
  Uuid run;
  RunStatus status = RunStatus::kSuccess;
  Direction direction = Direction::kNone;
  std::uint64_t pulled = 0;
  std::uint64_t pushed = 0;
  std::uint64_t conflicts = 0;
  Seq seq_before, seq_after;
  std::map<std::string, TableResult> tables;
  std::string node;                  // this one
  std::vector<ConflictRow> decided;  // the first 20 of the conflicts this run decided
  // Conflicts that other nodes decided against this one's edits, and that came in; the first 20.
  std::vector<ConflictRow> heard_of;
  std::uint64_t heard_of_count = 0;
  std::vector<std::string> notes;  // what was held back and why, a sentence each
  Seq master_seq;                  // what master.db on the share holds, as far as known
  std::int64_t duration_ms = 0;
  bool dry_run = false;
  // Of a run that failed like those before it: the first of them, and how many by now.
  std::int64_t failing_since_ms = 0;  // UTC; 0: it did not fail
  std::uint64_t failing_runs = 0;
  bool tell_error = false;  // a person is to be told of it now
  // Traffic with the share, where it is counted.
  std::uint64_t share_bytes_read = 0;
  std::uint64_t share_bytes_written = 0;
  // Of the batches that were brought in and of that which was sent, or would be.
  std::uint64_t bytes_pulled = 0;
  std::uint64_t bytes_pushed = 0;
  bool put_off = false;  // numbers of records wait for a quiet moment of the application
  // Set for kError and kOffline.
  std::optional<Error> error;
};

}  // namespace tidesync
