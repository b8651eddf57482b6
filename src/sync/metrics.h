// How the last run went, as a text file that monitoring systems read (the exposition format of
// Prometheus, for the textfile collector of its node exporter). Private to this room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sync/result.h"

namespace tidesync {

struct RunMetrics {
  std::string database, node;
  std::int64_t ended_ms = 0;                    // UTC
  std::optional<std::int64_t> last_success_ms;  // UTC
  const SyncResult* result = nullptr;
  std::uint64_t waiting_rows = 0, open_conflicts = 0, behind = 0;
};
std::string metrics_text(const RunMetrics& metrics);

}  // namespace tidesync
