// Work in a process of its own, so that its peak of memory and its caches are its own, with what it
// cost. POSIX only, as is the whole benchmark.
#pragma once

#include <functional>
#include <vector>

#include "meter.h"

namespace tidesync::bench {

struct Cost {
  bool done = false;  // false: it failed, and said why on the error stream
  double wall_ms = 0;
  double cpu_ms = 0;
  double peak_mb = 0;  // resident, of the whole process
  ShareCost share;
  LockCost locks;
  std::vector<double> extra;  // what the work itself returned
};

// Runs `prepare`, then `work` with the meter at zero, and returns what `work` cost. `delay_ms` is
// added to each operation on the share while `work` runs.
Cost run_in_child(const std::function<void()>& prepare,
                  const std::function<std::vector<double>()>& work, double delay_ms = 0);

}  // namespace tidesync::bench
