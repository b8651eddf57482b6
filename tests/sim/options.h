// What one simulated fleet is like. A plain value: the same options give the same run.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "base/mutation.h"

namespace tidesync::sim {

struct Faults {
  bool crash = true;     // a process ends at any step or file operation
  bool net = true;       // lost requests, lost replies, unclear answers, links that land later
  bool errors = true;    // disk full and I/O errors of the share
  bool stale = true;     // old listings, names that are there and seem absent
  bool skew = true;      // the nodes' clocks differ
  bool storm = false;    // crashes come in rows: while recovering from the last one
  bool base = false;     // a base copy is lost or damaged
  bool away = false;     // the share is empty for a while, as a mount point is
  bool swap = false;     // another dataset is there for a while
  bool upgrade = false;  // applications get new tables and columns, one after another
  // The share keeps only the last entries and some snapshots, time flies, and one node or another
  // is away for longer than that.
  bool retention = false;
  // Faults after which a row may stand twice, each logged (docs/protocol.md, recovery).
  bool restore = false;   // a database is replaced by its backup
  bool clone = false;     // one computer's disk is copied over another's
  bool tail = false;      // the share loses its last entries
  bool hole = false;      // the share loses any entry
  bool damage = false;    // an entry is cut off, or a bit of it flips
  bool rollback = false;  // the log is an older copy of itself, as from a backup of the share
};

struct FaultName {
  std::string_view name;
  bool Faults::*member;
};

inline constexpr std::array kFaultNames{
    FaultName{"crash", &Faults::crash},         FaultName{"net", &Faults::net},
    FaultName{"errors", &Faults::errors},       FaultName{"stale", &Faults::stale},
    FaultName{"skew", &Faults::skew},           FaultName{"storm", &Faults::storm},
    FaultName{"base", &Faults::base},           FaultName{"away", &Faults::away},
    FaultName{"swap", &Faults::swap},           FaultName{"upgrade", &Faults::upgrade},
    FaultName{"retention", &Faults::retention}, FaultName{"restore", &Faults::restore},
    FaultName{"clone", &Faults::clone},         FaultName{"tail", &Faults::tail},
    FaultName{"hole", &Faults::hole},           FaultName{"damage", &Faults::damage},
    FaultName{"rollback", &Faults::rollback}};

// "crash,net", "all", "none". Throws std::invalid_argument for another word.
Faults parse_faults(std::string_view text);
std::string to_string(const Faults& faults);

struct Options {
  std::uint64_t seed = 1;
  int nodes = 0;  // 0: 2 to 5 by seed
  int steps = 0;  // 0: 150 to 500 by seed
  Faults faults;
  Mutation mutation = Mutation::kNone;
  // Numbers of actions of the world, from 0, that are left out.
  std::set<int> skipped;
};

// Of the fleet's dataset.
std::uint64_t entries_per_folder(const Options& options);

// The command line that repeats a run.
std::string to_command(const Options& options);
// "3,17-40"
std::string to_ranges(const std::set<int>& numbers);
std::set<int> parse_ranges(std::string_view text);

}  // namespace tidesync::sim
