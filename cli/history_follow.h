// history --follow: prints what comes into sync_log, until somebody stops it.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "inspect/history.h"

namespace tidesync {

// Which runs were not there at the last look. A row that stands for one more run that failed alike
// is new as well.
class NewRuns {
 public:
  // The runs as they are now, newest first; those that are new, oldest first.
  std::vector<RunRecord> take(const std::vector<RunRecord>& runs);

 private:
  std::map<std::string, std::uint64_t> known_;  // by run_id: how many runs it stood for
};

// Looks once a second, at a number that moves with every change of the file, and at the newest
// thousand runs when it moved: of more that come in at once (a first sync after months), the newest
// thousand are shown. Prints the newest `filter.limit` first, oldest at the top.
// Returns when `print` says that nobody listens any more; a database that is locked is waited for.
void follow_history(Environment& env, const Path& database, const HistoryFilter& filter,
                    const std::function<bool(const std::vector<RunRecord>&)>& print);

}  // namespace tidesync
