// tidesync_updates: many histories of updates; one that fails is a bug report.
#include <iostream>
#include <string>

#include "base/mutation.h"
#include "oracle/update_run.h"

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
    } else if (name == "--mutation" && i + 1 < argc) {
      const std::string wanted = argv[++i];
      for (const tidesync::MutationName& known : tidesync::kMutations) {
        if (known.name == wanted) tidesync::set_mutation(known.mutation);
      }
    } else {
      std::cerr << "tidesync_updates [--seed N] [--count N] [--trace] [--mutation NAME]\n";
      return 2;
    }
  }
  std::uint64_t failed = 0;
  std::uint64_t impossible = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const auto outcome = tidesync::oracle::run_update_seed(seed, trace);
    impossible += outcome.was_possible ? 0 : 1;
    if (outcome.problem.empty()) continue;
    ++failed;
    std::cout << "seed " << seed << ": " << outcome.problem << std::endl;
  }
  std::cout << count << " histories, " << failed << " failed, in " << impossible
            << " the application's own update was not possible\n";
  return failed == 0 ? 0 : 1;
}
