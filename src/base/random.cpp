#include "base/random.h"

#include <sodium.h>

namespace tidesync {

Random Random::from_system() {
  std::uint64_t seed = 0;
  randombytes_buf(&seed, sizeof seed);
  return Random(seed);
}

}  // namespace tidesync
