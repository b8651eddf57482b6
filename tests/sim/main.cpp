// tidesync_sim: runs many seeds of the fleet simulation; a seed that fails is a bug report.
#include <chrono>
#include <iostream>
#include <string>

#include "base/log.h"
#include "sim/shrink.h"
#include "sim/world.h"

namespace {

using tidesync::sim::Options;
using tidesync::sim::World;

constexpr const char* kUsage =
    "tidesync_sim [--seed N] [--count N] [--nodes N] [--steps N] [--stop] [--trace] [--log]\n"
    "             [--faults "
    "crash,net,errors,stale,skew,storm,base,away,swap,upgrade,retention,\n"
    "                       restore,clone,tail,hole,damage,rollback | all | none]\n"
    "             [--mutation NAME] [--skip 3,17-40] [--shrink SECONDS] [--follow tok17]\n"
    "--stop      ends at the first seed that fails\n"
    "--follow    prints who has that value in which rows, whenever it changes\n"
    "--shrink    how long a failing seed is made smaller; 60 for --count, else 0\n";

struct Arguments {
  Options options;
  std::uint64_t count = 1;
  int shrink_s = -1;
  std::string followed;  // a token
  bool trace = false;
  bool stops = false;
};

tidesync::Mutation parse_mutation(const std::string& name) {
  for (const tidesync::MutationName& mutation : tidesync::kMutations) {
    if (mutation.name == name) return mutation.mutation;
  }
  throw std::invalid_argument("there is no mutation " + name);
}

bool take_switch(const std::string& name, Arguments& arguments) {
  if (name == "--trace") {
    arguments.trace = true;
    std::cout << std::unitbuf;
  } else if (name == "--stop") {
    arguments.stops = true;
  } else if (name == "--log") {
    tidesync::log::to_stderr(tidesync::log::Level::kDebug);
  } else {
    return false;
  }
  return true;
}

void take_value(const std::string& name, const std::string& value, Arguments& arguments) {
  if (name == "--seed") {
    arguments.options.seed = std::stoull(value);
  } else if (name == "--count") {
    arguments.count = std::stoull(value);
  } else if (name == "--nodes") {
    arguments.options.nodes = std::stoi(value);
  } else if (name == "--steps") {
    arguments.options.steps = std::stoi(value);
  } else if (name == "--faults") {
    arguments.options.faults = tidesync::sim::parse_faults(value);
  } else if (name == "--mutation") {
    arguments.options.mutation = parse_mutation(value);
  } else if (name == "--skip") {
    arguments.options.skipped = tidesync::sim::parse_ranges(value);
  } else if (name == "--follow") {
    arguments.followed = value;
  } else if (name == "--shrink") {
    arguments.shrink_s = std::stoi(value);
  } else {
    throw std::invalid_argument("there is no option " + name);
  }
}

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    std::string name = argv[i];
    if (take_switch(name, arguments)) continue;
    std::string value;
    if (const auto at = name.find('='); at != std::string::npos) {
      value = name.substr(at + 1);
      name.resize(at);
    } else if (i + 1 < argc) {
      value = argv[++i];
    }
    take_value(name, value, arguments);
  }
  if (arguments.shrink_s < 0) arguments.shrink_s = arguments.count > 1 ? 60 : 0;
  return arguments;
}

void report(const Options& options, const std::string& violation, int shrink_s) {
  std::cout << "FAILED " << violation << "\n  repeat with: " << to_command(options) << std::endl;
  if (shrink_s == 0) return;
  const auto small = tidesync::sim::shrink(options, violation, shrink_s);
  std::cout << "  smaller (" << small.runs << " runs): " << to_command(small.options) << "\n    "
            << small.violation << std::endl;
}

int run(const Arguments& arguments) {
  tidesync::sim::Stats total;
  std::uint64_t failures = 0;
  std::uint64_t seeds = 0;
  const auto started = std::chrono::steady_clock::now();
  for (; seeds < arguments.count && !(arguments.stops && failures > 0); ++seeds) {
    Options options = arguments.options;
    options.seed += seeds;
    std::string violation;
    {
      World world(options);
      world.print_trace(arguments.trace);
      world.follow(arguments.followed);
      try {
        world.run();
      } catch (const std::exception& failure) {
        violation = failure.what();
      }
      total.add(world.stats());
    }
    if (violation.empty()) continue;
    ++failures;
    report(options, violation, arguments.shrink_s);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  std::cout << seeds << " seeds, " << failures << " failed, "
            << static_cast<double>(seeds) / took.count() << " seeds/s\n"
            << to_string(total) << "\n";
  return failures == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  try {
    arguments = parse(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n" << kUsage;
    return 2;
  }
  return run(arguments);
}
