// tidesync_random_schema: many seeds of the random tables; one that fails is a bug report.
#include <iostream>
#include <string>

#include "oracle/random_run.h"

int main(int argc, char** argv) {
  std::uint64_t first = 1;
  std::uint64_t count = 1;
  bool trace = false;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--trace") {
      trace = true;
    } else if (name == "--seed" && i + 1 < argc) {
      first = std::stoull(argv[++i]);
    } else if (name == "--count" && i + 1 < argc) {
      count = std::stoull(argv[++i]);
    } else {
      std::cerr << "tidesync_random_schema [--seed N] [--count N] [--trace]\n";
      return 2;
    }
  }
  std::uint64_t failed = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const std::string problem = tidesync::oracle::run_seed(seed, trace);
    if (problem.empty()) continue;
    ++failed;
    std::cout << "seed " << seed << ": " << problem << std::endl;
  }
  std::cout << count << " seeds, " << failed << " failed\n";
  return failed == 0 ? 0 : 1;
}
