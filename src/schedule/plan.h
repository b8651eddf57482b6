// When the next sync is due. Rules only: no clock, no file, no process; every moment is given.
//
//   at the start                    at once
//   regularly                       one interval after the last sync began. Intervals that passed
//                                   while the computer slept are caught up by one sync
//   after a failure that may pass   1 s, 2 s, 4 s ... up to the interval
//   after one that a person must    at the next regular time, or when the configuration was read
//   see to                          anew
//   share away                      when it is seen again; else as after any failure that may pass
//   edit here (watching)            300 ms after the last of a burst, 1 s after its first at most
//   new batch there (watching)      at once
//
// Thread rule: one thread at a time.
#pragma once

#include <cstdint>
#include <optional>

namespace tidesync {

// Two clocks: the monotonic one stands still while the computer sleeps, the other one may jump.
struct Moment {
  std::int64_t monotonic_ms = 0;
  std::int64_t wall_ms = 0;
};

enum class SyncEnd {
  kDone,       // also with conflicts, or with something held back
  kWaits,      // numbers of records wait for a quiet moment
  kOffline,    // the share does not answer
  kTransient,  // the database was busy, another sync was running, an I/O error
  kPermanent,  // a person must do something
};

// kStop: the last one, when the scheduler ends; no plan says so.
enum class Due { kNotYet, kStart, kInterval, kRetry, kShareIsBack, kEdit, kBatch, kReload, kStop };

class Plan {
 public:
  // A sync is due at once.
  Plan(std::int64_t interval_ms, Moment now);

  // From the configuration, read anew: a sync is due at once.
  void reload(std::int64_t interval_ms, Moment now);
  void began(Moment now);
  void ended(SyncEnd end, Moment now);
  // Only told between two syncs, and only by somebody who watches.
  void share_is_back(Moment now);
  void edited_here(Moment now);
  void batch_there(Moment now);

  // Why a sync is due at this moment.
  Due due(Moment now) const;
  // Until one is due if nothing happens meanwhile; 0 when it is.
  std::int64_t wait_ms(Moment now) const;

  // Failures in a row, 0 after a success.
  int failures() const { return failures_; }
  SyncEnd last_end() const { return last_end_; }
  std::int64_t interval_ms() const { return interval_ms_; }

 private:
  std::int64_t regular_wait_ms(Moment now) const;
  // On the monotonic clock; nullopt when no edit waits, or trying at once would fail again.
  std::optional<std::int64_t> edit_due_ms() const;

  std::int64_t interval_ms_;
  Moment last_began_;
  std::optional<std::int64_t> retry_ms_;  // all of these on the monotonic clock
  std::optional<std::int64_t> first_edit_ms_;
  std::int64_t last_edit_ms_ = 0;
  Due at_once_ = Due::kStart;  // kNotYet: nothing is
  int failures_ = 0;
  SyncEnd last_end_ = SyncEnd::kDone;
};

}  // namespace tidesync
