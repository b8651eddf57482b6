#include "schedule/daemon.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace tidesync {
namespace {

using Share = Lookout::View::Share;

// How long a signal, an edit or the end of a sync may go unnoticed.
constexpr std::int64_t kTickMs = 1000;
constexpr std::int64_t kWatchTickMs = 250;
// A sync that takes longer may wait for the share: somebody goes and looks.
constexpr std::int64_t kLongSyncMs = 30'000;
constexpr std::int64_t kSilentMs = 30'000;
constexpr std::int64_t kHangsAfterAnswerMs = 60'000;
constexpr std::int64_t kRestartLookoutMs = 10'000;
constexpr std::int64_t kLastSyncMs = 20'000;
constexpr std::int64_t kLastWordMs = 5'000;

}  // namespace

Daemon::Daemon(Workers& workers, Clock& clock, DaemonInputs inputs, DaemonListener& listener,
               DaemonSettings settings)
    : workers_(workers),
      clock_(clock),
      inputs_(std::move(inputs)),
      listener_(listener),
      settings_(settings),
      plan_(settings.interval_ms, now()) {}

Daemon::~Daemon() = default;

Moment Daemon::now() {
  return {clock_.monotonic_ms(), clock_.now_ms()};
}

void Daemon::run() {
  while (!inputs_.stop()) step();
  last_sync();
}

void Daemon::step() {
  if (inputs_.reload()) reload();
  look_around();
  const std::int64_t tick_ms = settings_.watch ? kWatchTickMs : kTickMs;
  if (sync_) {
    wait_for_sync(tick_ms);
    if (sync_ && hangs()) {
      sync_->kill();
      sync_.reset();
      listener_.gave_up_sync();
      plan_.ended(SyncEnd::kTransient, now());
    }
    return;
  }
  const Due why = plan_.due(now());
  if (why != Due::kNotYet) {
    start_sync(why);
  } else {
    clock_.sleep_ms(std::clamp<std::int64_t>(plan_.wait_ms(now()), 1, tick_ms));
  }
}

void Daemon::reload() {
  try {
    settings_ = inputs_.read_settings();
    plan_.reload(settings_.interval_ms, now());
  } catch (const Error& error) {
    listener_.problem(std::string("the configuration stays as it was: ") + error.what());
  }
}

void Daemon::start_sync(Due why) {
  inputs_.sync_begins();
  plan_.began(now());
  sync_began_ms_ = clock_.monotonic_ms();
  sync_met_silence_ = silent_;
  try {
    sync_ = workers_.start_sync();
    listener_.began(why);
  } catch (const Error& error) {
    listener_.problem(error.what());
    plan_.ended(SyncEnd::kTransient, now());
  }
}

// Whether it has ended.
bool Daemon::wait_for_sync(std::int64_t limit_ms) {
  const auto ended = sync_->wait(limit_ms);
  if (!ended) return false;
  sync_.reset();
  note_end(*ended);
  return true;
}

void Daemon::note_end(const SyncEnded& ended) {
  newest_here_ = std::max(newest_here_, ended.seq_after);
  newest_told_ = std::max(newest_told_, ended.seq_after);
  plan_.ended(ended.end, now());
  listener_.ended(ended, plan_.wait_ms(now()));
}

void Daemon::look_around() {
  tend_lookout();
  if (lookout_) see(lookout_->look());
  if (settings_.watch && !sync_ && inputs_.has_edits()) plan_.edited_here(now());
}

void Daemon::tend_lookout() {
  const bool long_sync = sync_ && clock_.monotonic_ms() - sync_began_ms_ > kLongSyncMs;
  const bool needed = settings_.watch || plan_.last_end() == SyncEnd::kOffline || long_sync;
  if (!needed) {
    lookout_.reset();
    seen_ = Share::kUnknown;
    silent_ = false;
    return;
  }
  if (lookout_ && !lookout_->has_ended()) return;
  if (lookout_began_ms_ != 0 && clock_.monotonic_ms() - lookout_began_ms_ < kRestartLookoutMs)
    return;
  lookout_began_ms_ = clock_.monotonic_ms();
  seen_ = Share::kUnknown;
  try {
    lookout_ = workers_.start_lookout();
  } catch (const Error& error) {
    lookout_.reset();
    listener_.problem(error.what());
  }
}

void Daemon::see(const Lookout::View& view) {
  note_silence(view);
  if (sync_) return;  // what is there now, the sync may be taking in
  if (view.share == Share::kHere && seen_ != Share::kHere) plan_.share_is_back(now());
  seen_ = view.share;
  if (settings_.watch && view.newest > std::max(newest_here_, newest_told_)) {
    newest_told_ = view.newest;
    plan_.batch_there(now());
  }
}

void Daemon::note_silence(const Lookout::View& view) {
  if (view.silent_ms >= kSilentMs && !silent_) {
    silent_ = true;
    sync_met_silence_ = sync_ != nullptr;
    listener_.share_is_silent(view.silent_ms);
  } else if (view.silent_ms < kSilentMs && silent_) {
    silent_ = false;
    seen_ = Share::kUnknown;
    answers_since_ms_ = clock_.monotonic_ms();
    listener_.share_answers();
  }
}

bool Daemon::hangs() {
  return sync_met_silence_ && !silent_ &&
         clock_.monotonic_ms() - answers_since_ms_ > kHangsAfterAnswerMs;
}

void Daemon::last_sync() {
  lookout_.reset();
  const std::int64_t began_ms = clock_.monotonic_ms();
  const auto wait_until = [&](std::int64_t limit_ms) {
    for (std::int64_t left = 1; sync_ && left > 0;) {
      left = limit_ms - (clock_.monotonic_ms() - began_ms);
      if (left > 0) wait_for_sync(std::min(left, kTickMs));
    }
  };
  // One that is under way may have read the rows already, and misses what was saved since.
  wait_until(kLastSyncMs);
  if (!sync_ && plan_.failures() == 0) start_sync(Due::kStop);
  wait_until(kLastSyncMs);
  if (sync_) sync_->ask_to_end();
  wait_until(kLastSyncMs + kLastWordMs);
  if (!sync_) return;
  sync_->kill();
  sync_.reset();
  listener_.gave_up_sync();
}

}  // namespace tidesync
