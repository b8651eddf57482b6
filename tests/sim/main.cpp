// tidesync_sim: runs many seeds of the fleet simulation; a seed that fails is a bug report.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>

#include "base/log.h"
#include "sim/world.h"

namespace {

using tidesync::sim::Options;
using tidesync::sim::World;

constexpr const char* kUsage =
    "tidesync_sim [--seed N] [--count N] [--nodes N] [--steps N] [--trace] [--log]\n"
    "             [--faults crash,net,errors,stale,skew,restore,clone,tail | all | none]\n"
    "             [--mutation NAME] [--skip 3,17-40] [--stop]\n";

tidesync::Mutation parse_mutation(const std::string& name) {
  for (const tidesync::MutationName& mutation : tidesync::kMutations) {
    if (mutation.name == name) return mutation.mutation;
  }
  throw std::invalid_argument("there is no mutation " + name);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  std::uint64_t count = 1;
  bool trace = false;
  bool stops = false;
  for (int i = 1; i < argc; ++i) {
    std::string name = argv[i];
    std::string value;
    if (const auto at = name.find('='); at != std::string::npos) {
      value = name.substr(at + 1);
      name.resize(at);
    } else if (name != "--trace" && name != "--log" && name != "--stop" && i + 1 < argc) {
      value = argv[++i];
    }
    if (name == "--seed") {
      options.seed = std::stoull(value);
    } else if (name == "--count") {
      count = std::stoull(value);
    } else if (name == "--nodes") {
      options.nodes = std::stoi(value);
    } else if (name == "--steps") {
      options.steps = std::stoi(value);
    } else if (name == "--faults") {
      options.faults = tidesync::sim::parse_faults(value);
    } else if (name == "--mutation") {
      options.mutation = parse_mutation(value);
    } else if (name == "--skip") {
      options.skipped = tidesync::sim::parse_ranges(value);
    } else if (name == "--trace") {
      trace = true;
      std::cout << std::unitbuf;
    } else if (name == "--stop") {
      stops = true;
    } else if (name == "--log") {
      tidesync::log::to_stderr(tidesync::log::Level::kDebug);
    } else {
      std::cerr << kUsage;
      return 2;
    }
  }
  tidesync::sim::Stats total;
  std::uint64_t failures = 0;
  const auto started = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < count && !(stops && failures > 0); ++i) {
    Options one = options;
    one.seed = options.seed + i;
    World world(one);
    world.print_trace(trace);
    try {
      world.run();
    } catch (const std::exception& failure) {
      ++failures;
      std::cout << "FAILED " << failure.what() << "\n  repeat with: " << to_command(one)
                << std::endl;
    }
    total.add(world.stats());
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  std::cout << count << " seeds, " << failures << " failed, "
            << static_cast<double>(count) / took.count() << " seeds/s\n"
            << to_string(total) << "\n";
  return failures == 0 ? 0 : 1;
}
