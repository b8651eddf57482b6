// The workers as processes of this program: `tidesync now` and `tidesync look-out`.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "schedule/workers.h"

namespace tidesync {

class WorkerProcesses : public Workers {
 public:
  // `more` are further words for both commands (--log-level and its like).
  WorkerProcesses(Clock& clock, Path program, Path database, std::vector<std::string> more,
                  std::int64_t look_every_ms);
  std::unique_ptr<SyncWorker> start_sync() override;
  std::unique_ptr<Lookout> start_lookout() override;

 private:
  std::vector<std::string> command(const std::string& name) const;

  Clock& clock_;
  Path program_;
  Path database_;
  std::vector<std::string> more_;
  std::int64_t look_every_ms_;
};

// What a `tidesync now --json` that ended so means for the next one.
SyncEnded read_sync_end(int exit_code, const std::string& output);

// The lines of a lookout: "here 42", "away", "." for no change. Takes in what came, keeps the rest
// of an unfinished line in `text`.
void read_look_lines(std::string& text, Lookout::View& view);

}  // namespace tidesync
