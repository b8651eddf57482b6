// One target as a program of libFuzzer; the build names it in TIDESYNC_FUZZ_TARGET.
#include <cstddef>
#include <cstdint>

#include "fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tidesync::test::TIDESYNC_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
