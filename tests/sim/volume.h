// Many seeds as one test: each that fails is reported with the command that repeats it.
#pragma once

#include <cstdint>

#include "sim/options.h"

namespace tidesync::sim {

// Two programs, run at the same time, make the 20,000 syncs of a run of all tests.
// TIDESYNC_SIM_SYNCS in the environment makes it fewer.
inline constexpr std::uint64_t kSyncsPerProgram = 10'000;

void run_seeds(std::uint64_t first, std::uint64_t count, const Faults& faults);
// Until all tests of the program together have seen `syncs` syncs.
void run_until_syncs(std::uint64_t syncs, std::uint64_t first, const Faults& faults);

}  // namespace tidesync::sim
