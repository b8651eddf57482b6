// One fleet with random tables, random edits, random syncs, from one seed.
#pragma once

#include <cstdint>
#include <string>

namespace tidesync::oracle {

// "" or what did not hold, with the tables. `trace`: prints every step.
std::string run_seed(std::uint64_t seed, bool trace = false);

}  // namespace tidesync::oracle
