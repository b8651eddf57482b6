// Random histories of updates: three computers with one application, each updated when it likes,
// in any order and in the ways of migration tools, with work before, between and after.
#pragma once

#include <cstdint>
#include <string>

namespace tidesync::oracle {

struct UpdateOutcome {
  std::string problem;       // "" when all is well
  bool was_possible = true;  // false: the application's own update failed, which proves nothing
};

// When the fleet is at rest and every computer updated: nobody is stuck, all are equal and sound,
// verify finds nothing, and every value written is in a table or in a conflict.
UpdateOutcome run_update_seed(std::uint64_t seed, bool trace = false);

}  // namespace tidesync::oracle
