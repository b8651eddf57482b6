#include "sim/options.h"

#include <stdexcept>

namespace tidesync::sim {
namespace {

// The parts of a list with commas.
template <typename Visit>
void for_each_part(std::string_view text, Visit visit) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    if (end > at) visit(text.substr(at, end - at));
    at = end + 1;
  }
}

int parse_number(std::string_view text) {
  return std::stoi(std::string(text));
}

}  // namespace

Faults parse_faults(std::string_view text) {
  Faults faults;
  for (const FaultName& fault : kFaultNames) faults.*fault.member = text == "all";
  if (text == "all" || text == "none") return faults;
  for_each_part(text, [&](std::string_view part) {
    bool known = false;
    for (const FaultName& fault : kFaultNames) {
      if (fault.name != part) continue;
      faults.*fault.member = known = true;
    }
    if (!known) throw std::invalid_argument("there is no fault " + std::string(part));
  });
  return faults;
}

std::string to_string(const Faults& faults) {
  std::string text;
  for (const FaultName& fault : kFaultNames) {
    if (faults.*fault.member) text += (text.empty() ? "" : ",") + std::string(fault.name);
  }
  return text.empty() ? "none" : text;
}

std::string to_ranges(const std::set<int>& numbers) {
  std::string text;
  for (auto first = numbers.begin(); first != numbers.end();) {
    auto last = first;
    auto next = std::next(first);
    while (next != numbers.end() && *next == *last + 1) last = next++;
    text += (text.empty() ? "" : ",") + std::to_string(*first);
    if (last != first) text += "-" + std::to_string(*last);
    first = next;
  }
  return text;
}

std::set<int> parse_ranges(std::string_view text) {
  std::set<int> numbers;
  for_each_part(text, [&](std::string_view part) {
    const std::size_t dash = part.find('-');
    const int first = parse_number(part.substr(0, dash));
    const int last = dash == std::string_view::npos ? first : parse_number(part.substr(dash + 1));
    for (int number = first; number <= last; ++number) numbers.insert(number);
  });
  return numbers;
}

std::uint64_t entries_per_folder(const Options& options) {
  constexpr std::uint64_t kFew = 5;
  constexpr std::uint64_t kUsual = 1000;
  return options.faults.retention ? kFew : kUsual;
}

std::string to_command(const Options& options) {
  std::string text = "tidesync_sim --seed " + std::to_string(options.seed);
  if (options.nodes > 0) text += " --nodes " + std::to_string(options.nodes);
  if (options.steps > 0) text += " --steps " + std::to_string(options.steps);
  text += " --faults " + to_string(options.faults);
  for (const MutationName& mutation : kMutations) {
    if (mutation.mutation == options.mutation) text += " --mutation " + std::string(mutation.name);
  }
  if (!options.skipped.empty()) text += " --skip " + to_ranges(options.skipped);
  return text;
}

}  // namespace tidesync::sim
