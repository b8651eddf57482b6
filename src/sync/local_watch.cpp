#include "sync/local_watch.h"

#include "base/error.h"
#include "replica/local.h"
#include "sqlite/database.h"

namespace tidesync {
namespace {

constexpr int kPatienceMs = 50;
// Where the system tells the time of change late, an edit is noticed after this time.
constexpr std::int64_t kLookAnywayMs = 10'000;
// The application's clock is ours, but its stamp is taken some moments before we read ours.
constexpr std::int64_t kStampSlackMs = 2000;

const std::string kOfApplication =
    " FROM tidesync_dirty WHERE t >= " + std::to_string(kFirstTableId) + " AND o <> " +
    std::to_string(static_cast<int>(HintKind::kSettled));

}  // namespace

LocalWatch::LocalWatch(FileSystem& local, Clock& clock, Path database)
    : local_(local), clock_(clock), database_(std::move(database)) {}

bool LocalWatch::has_edits() {
  const Trace trace = read_trace();
  const bool late = clock_.monotonic_ms() - looked_ms_ >= kLookAnywayMs;
  if (trace == seen_ && !late) return edits_;
  try {
    edits_ = has_newer_hints();
    seen_ = trace;
    looked_ms_ = clock_.monotonic_ms();
  } catch (const Error&) {
    // Locked, or being replaced: the next look tells.
  }
  return edits_;
}

void LocalWatch::sync_begins() {
  edits_ = false;
  seen_ = Trace{};
  began_at_ms_ = clock_.now_ms();
  try {
    hint_at_begin_ = highest_hint();
  } catch (const Error&) {
    hint_at_begin_ = 0;  // then all that is left after the sync counts as new
  }
}

LocalWatch::Trace LocalWatch::read_trace() {
  Trace trace;
  try {
    Path log = database_;
    log += "-wal";
    if (const auto info = local_.stat(database_)) {
      trace.database_ms = info->modified_ms;
      trace.database_bytes = info->size;
    }
    if (const auto info = local_.stat(log)) {
      trace.log_ms = info->modified_ms;
      trace.log_bytes = info->size;
    }
  } catch (const Error&) {
    // Not to be read for now: the same as gone.
  }
  return trace;
}

std::int64_t LocalWatch::highest_hint() {
  return Database::open(database_, OpenMode::kReadOnly, kPatienceMs)
      .get_int("SELECT max(n)" + kOfApplication);
}

// Numbers of hints begin anew when all are gone, so the time decides as well. Hints of what a sync
// holds back are neither higher nor newer.
bool LocalWatch::has_newer_hints() {
  return Database::open(database_, OpenMode::kReadOnly, kPatienceMs)
             .get_int("SELECT EXISTS (SELECT 1" + kOfApplication + " AND (n > " +
                      std::to_string(hint_at_begin_) +
                      " OR at >= " + std::to_string(began_at_ms_ - kStampSlackMs) + "))") != 0;
}

}  // namespace tidesync
