// What to run, from the command line.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/file_system.h"

namespace tidesync::bench {

struct Options {
  std::vector<std::uint64_t> sizes{10000, 100000, 1000000};     // rows
  std::vector<std::uint64_t> counts{100, 1000, 10000, 100000};  // edits on each side
  std::vector<std::uint64_t> nodes{5, 50, 500};                 // of fleets
  std::vector<std::string> suites;                              // empty: all
  int repetitions = 3;
  Path folder;             // for all data; emptied
  Path disk;               // also measured there: a folder on a disk; "": nowhere
  bool delays = true;      // also with a slow share
  bool steps = false;      // where the engine's time goes
  bool only_ours = false;  // tidesync and the floor
  bool clustered = true;   // also clustered picks
};

// Throws std::runtime_error with what is wrong.
Options parse_options(int count, char** words);
std::string usage();

}  // namespace tidesync::bench
