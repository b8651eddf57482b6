// tidesync_bench: how fast tidesync is beside what people would use instead, in one run. See
// docs/performance.md.
#include <exception>
#include <iostream>

#include "options.h"
#include "two_way.h"

int main(int count, char** words) {
  using namespace tidesync::bench;
  try {
    const Options options = parse_options(count, words);
    return run_two_way(options) ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << "tidesync_bench: " << error.what() << "\n\n" << usage();
    return 2;
  }
}
