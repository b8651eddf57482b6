// What one simulated fleet is like. A plain value: the same options give the same run.
#pragma once

#include <cstdint>

namespace tidesync::sim {

struct Faults {
  bool crash = true;   // a process ends at any step or file operation
  bool net = true;     // lost requests, lost replies, unclear answers, links that land later
  bool errors = true;  // disk full and I/O errors of the share
  bool stale = true;   // old listings, names that are there and seem absent
  bool skew = true;    // the nodes' clocks differ
  // Faults after which a row may stand twice, each logged (docs/protocol.md, recovery).
  bool restore = false;  // a database is replaced by its backup
  bool clone = false;    // one computer's disk is copied over another's
  bool tail = false;     // the share loses its last entries
};

struct Options {
  std::uint64_t seed = 1;
  int nodes = 0;  // 0: 2 to 5 by seed
  int steps = 0;  // 0: 150 to 500 by seed
  Faults faults;
};

}  // namespace tidesync::sim
