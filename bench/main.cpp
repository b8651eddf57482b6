// tidesync_bench: how fast tidesync is beside what people would use instead, in one run. See
// docs/performance.md.
#include <algorithm>
#include <exception>
#include <iostream>

#include "options.h"
#include "suites.h"

namespace tidesync::bench {
namespace {

struct Suite {
  const char* name;
  bool (*run)(const Options&);
};

constexpr Suite kSuites[] = {{"two-way", run_two_way},
                             {"idle", run_idle},
                             {"capture", run_capture},
                             {"whole", run_whole},
                             {"fleet", run_fleet}};

bool is_wanted(const Options& options, const Suite& suite) {
  return options.suites.empty() ||
         std::count(options.suites.begin(), options.suites.end(), suite.name) > 0;
}

int run(const Options& options) {
  bool is_correct = true;
  for (const Suite& suite : kSuites) {
    if (!is_wanted(options, suite) || suite.run(options)) continue;
    std::cout << "\nWRONG: " << suite.name << '\n';
    is_correct = false;
  }
  return is_correct ? 0 : 1;
}

}  // namespace
}  // namespace tidesync::bench

int main(int count, char** words) {
  using namespace tidesync::bench;
  try {
    return run(parse_options(count, words));
  } catch (const std::exception& error) {
    std::cerr << "tidesync_bench: " << error.what() << "\n\n" << usage();
    return 2;
  }
}
