#include "sim/shrink.h"

#include <algorithm>
#include <ctime>

#include "sim/world.h"

namespace tidesync::sim {
namespace {

class Shrinker {
 public:
  Shrinker(const Options& options, const std::string& violation, int limit_s)
      : best_{options, violation, 0},
        kind_(kind_of(violation)),
        end_(std::clock() + limit_s * CLOCKS_PER_SEC) {
    // What the seed chose is written down, so that it can be changed.
    const World world(options);
    best_.options.nodes = world.options().nodes;
    best_.options.steps = world.options().steps;
  }

  Shrunk run() {
    for (bool progress = true; progress && has_time();) {
      const std::size_t before = weight();
      drop_nodes();
      drop_faults();
      cut_steps();
      drop_actions();
      progress = weight() < before;
    }
    return best_;
  }

 private:
  bool has_time() const { return std::clock() < end_; }

  std::size_t weight() const {
    std::size_t faults = 0;
    for (const FaultName& fault : kFaultNames) faults += best_.options.faults.*fault.member;
    return static_cast<std::size_t>(best_.options.steps + best_.options.nodes) + faults -
           best_.options.skipped.size();
  }

  bool try_options(const Options& options) {
    if (!has_time()) return false;
    ++best_.runs;
    const std::string violation = violation_of(options);
    if (violation.empty() || kind_of(violation) != kind_) return false;
    best_.options = options;
    best_.violation = violation;
    return true;
  }

  // The last part of a run is often more than is needed.
  void cut_steps() {
    for (int part = best_.options.steps / 2; part > 0; part /= 2) {
      for (bool cut = true; cut && best_.options.steps > part;) {
        Options options = best_.options;
        options.steps -= part;
        options.skipped.erase(options.skipped.lower_bound(options.steps), options.skipped.end());
        cut = try_options(options);
      }
    }
  }

  void drop_faults() {
    for (const FaultName& fault : kFaultNames) {
      Options options = best_.options;
      if (!(options.faults.*fault.member)) continue;
      options.faults.*fault.member = false;
      try_options(options);
    }
  }

  void drop_nodes() {
    while (best_.options.nodes > 1) {
      Options options = best_.options;
      --options.nodes;
      if (!try_options(options)) return;
    }
  }

  // Stretches of actions, ever shorter ones.
  void drop_actions() {
    for (int length = std::max(best_.options.steps / 4, 1);; length /= 2) {
      for (int first = 0; first < best_.options.steps && has_time(); first += length) {
        Options options = best_.options;
        for (int i = first; i < std::min(first + length, options.steps); ++i)
          options.skipped.insert(i);
        if (options.skipped != best_.options.skipped) try_options(options);
      }
      if (length == 1) return;
    }
  }

  Shrunk best_;
  std::string kind_;
  std::clock_t end_;
};

}  // namespace

std::string violation_of(const Options& options) {
  World world(options);
  try {
    world.run();
    return {};
  } catch (const std::exception& failure) {
    return failure.what();
  }
}

std::string kind_of(const std::string& violation) {
  // Up to where values begin; digits say nothing.
  std::string kind;
  for (const char c : violation.substr(0, violation.find_first_of(":|/'\"("))) {
    if (c < '0' || c > '9') kind += c;
  }
  return kind;
}

Shrunk shrink(const Options& options, const std::string& violation, int limit_s) {
  return Shrinker(options, violation, limit_s).run();
}

}  // namespace tidesync::sim
