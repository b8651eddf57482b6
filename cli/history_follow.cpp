#include "cli/history_follow.h"

#include <algorithm>

#include "base/error.h"

namespace tidesync {
namespace {

constexpr std::int64_t kPauseMs = 1000;
constexpr std::uint64_t kLookedAt = 1000;

std::vector<RunRecord> newest_runs(Database& db, const HistoryFilter& filter) {
  HistoryFilter newest = filter;
  newest.limit = std::max(filter.limit, kLookedAt);
  std::vector<RunRecord> runs;
  for_each_run(db, newest, [&](const RunRecord& run) { runs.push_back(run); });
  return runs;
}

// True when there is something new; false, too, while somebody holds the database.
bool has_moved(Database& db, std::int64_t& version) {
  try {
    const std::int64_t now = db.data_version();
    const bool moved = now != version;
    version = now;
    return moved;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kBusy) throw;
    return false;
  }
}

}  // namespace

std::vector<RunRecord> NewRuns::take(const std::vector<RunRecord>& runs) {
  std::vector<RunRecord> fresh;
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
    std::uint64_t& known = known_[run->run_id];
    if (known != run->runs) fresh.push_back(*run);
    known = run->runs;
  }
  return fresh;
}

void follow_history(Environment& env, const Path& database, const HistoryFilter& filter,
                    const std::function<bool(const std::vector<RunRecord>&)>& print) {
  HistoryFilter chosen = filter;
  Database db = open_history(database, chosen);
  std::int64_t version = db.data_version();
  NewRuns unseen;
  std::vector<RunRecord> fresh = unseen.take(newest_runs(db, chosen));
  if (chosen.limit > 0 && fresh.size() > chosen.limit)
    fresh.erase(fresh.begin(), fresh.end() - static_cast<std::ptrdiff_t>(chosen.limit));
  while (fresh.empty() || print(fresh)) {
    env.clock.sleep_ms(kPauseMs);
    fresh.clear();
    if (has_moved(db, version)) fresh = unseen.take(newest_runs(db, chosen));
  }
}

}  // namespace tidesync
