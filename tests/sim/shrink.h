// Makes a failing run smaller: fewer steps, kinds of faults and nodes, then without every action of
// the world that is not needed. A smaller run counts when the same promise breaks.
#pragma once

#include <functional>
#include <string>

#include "sim/options.h"

namespace tidesync::sim {

// What a run violates, or "". Deterministic.
std::string violation_of(const Options& options);
// The words of a violation without what differs from run to run: names, numbers, values.
std::string kind_of(const std::string& violation);

struct Shrunk {
  Options options;
  std::string violation;
  int runs = 0;
};
// `options` fails with `violation`. Ends after `limit_s` seconds of work, or when nothing more can
// go.
Shrunk shrink(const Options& options, const std::string& violation, int limit_s);

}  // namespace tidesync::sim
