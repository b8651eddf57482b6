// Builds the next batch: every hinted row that differs from the base copy, as a change with old and
// new values. The same changes are applied to the base copy (uncommitted), which proves that every
// other node can apply them too, and is kept if the batch wins its place in the log.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "merge/batch.h"
#include "merge/effective_time.h"
#include "replica/base.h"
#include "replica/local.h"
#include "replica/scanner.h"

namespace tidesync {

struct OutboxOptions {
  std::int64_t now_ms = 0;
  std::int64_t clock_offset_ms = 0;
  UtcOffset utc_offset;      // of the host
  bool compare_all = false;  // hints cannot be trusted
  bool allow_mass_delete = false;
  // False: the caller will not build again after kHintsIncomplete, so counts are checked first.
  bool may_repeat = true;
};

// A run row that has waited this long is published even when there is nothing else.
inline constexpr std::int64_t kLogPatienceMs = 60 * 60 * 1000;
// More deleted rows than this, and a larger part of the table than this, wait for a person.
inline constexpr std::uint64_t kGuardRows = 50;
inline constexpr std::uint64_t kGuardPercent = 20;

struct HeldDeletes {
  std::string table;
  std::uint64_t rows = 0;
  std::uint64_t of = 0;  // rows in the table before
};

enum class OutboxOutcome {
  kNothing,         // no row differs (or only run rows that may wait)
  kBuilt,           // the sink has the changes; the base copy has them applied, uncommitted
  kHintsIncomplete  // the changes do not fit the base copy: roll it back and compare everything
};

struct OutboxResult {
  OutboxOutcome outcome = OutboxOutcome::kNothing;
  std::vector<HeldDeletes> held;
  std::set<std::uint32_t> keep_hints;  // tables whose hints must stay
};

// Makes the sink when the first change is there; the tables are those that may have changes.
using SinkFactory = std::function<ChangeSink&(std::vector<BatchTable>)>;

// Precondition: all hints are in scratch; a read transaction on the application's database and a
// write transaction on the base copy are open. Touches neither otherwise.
OutboxResult build_outbox(Local& local, Base& base, Scratch& scratch, const OutboxOptions& options,
                          const SinkFactory& make_sink);

}  // namespace tidesync
