// The foreground scheduler: one loop that starts syncs when the plan says so, one at a time, and in
// between looks whether there is a reason for one. It never touches the share itself, and never
// waits for anything that does: what hangs is a process of its own (workers.h).
//
// A sync that was under way while the share did not answer, and has not ended a minute after it
// answers again, is given up and started anew: a killed sync is as safe as any crash.
//
// Thread rule: one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "schedule/plan.h"
#include "schedule/workers.h"

namespace tidesync {

struct DaemonSettings {
  std::int64_t interval_ms = 0;
  bool watch = false;  // sync when something changed, here or on the share
};

// What it asks, between two steps. None may wait.
struct DaemonInputs {
  std::function<bool()> stop;                     // a signal asked us to end
  std::function<bool()> reload;                   // the configuration is to be read anew; true once
  std::function<DaemonSettings()> read_settings;  // throws Error: then the old ones stay
  std::function<bool()> has_edits;                // LocalWatch
  std::function<void()> sync_begins;
};

// Told of what happens; prints, logs, writes down.
class DaemonListener {
 public:
  virtual ~DaemonListener() = default;
  virtual void began(Due why) = 0;
  virtual void ended(const SyncEnded& sync, std::int64_t next_ms) = 0;
  // The share has not answered for so long, while a sync waits for it or nobody knows of one; and
  // that it does again.
  virtual void share_is_silent(std::int64_t since_ms) = 0;
  virtual void share_answers() = 0;
  virtual void gave_up_sync() = 0;
  virtual void problem(const std::string& text) = 0;
};

class Daemon {
 public:
  Daemon(Workers& workers, Clock& clock, DaemonInputs inputs, DaemonListener& listener,
         DaemonSettings settings);
  ~Daemon();

  // Until it is asked to stop; then a last sync, which gets 20 s.
  void run();

 private:
  Moment now();
  void step();
  void reload();
  void start_sync(Due why);
  bool wait_for_sync(std::int64_t limit_ms);
  void note_end(const SyncEnded& ended);
  void look_around();
  void tend_lookout();
  void see(const Lookout::View& view);
  void note_silence(const Lookout::View& view);
  bool hangs();
  void last_sync();

  Workers& workers_;
  Clock& clock_;
  DaemonInputs inputs_;
  DaemonListener& listener_;
  DaemonSettings settings_;
  Plan plan_;

  std::unique_ptr<SyncWorker> sync_;
  std::int64_t sync_began_ms_ = 0;
  std::unique_ptr<Lookout> lookout_;
  std::int64_t lookout_began_ms_ = 0;
  Lookout::View::Share seen_ = Lookout::View::Share::kUnknown;
  std::uint64_t newest_here_ = 0;  // as the last sync said
  std::uint64_t newest_told_ = 0;  // batches up to here led to a sync already
  bool silent_ = false;
  // The sync under way began before the share was silent, and since then it answers again.
  bool sync_met_silence_ = false;
  std::int64_t answers_since_ms_ = 0;
};

}  // namespace tidesync
