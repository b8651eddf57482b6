// tidesync_oracle: the enumerated cases of the merge rules by hand, all of them or one.
#include <chrono>
#include <iostream>
#include <string>

#include "base/log.h"
#include "oracle/cases.h"
#include "oracle/trial.h"

namespace {

using tidesync::oracle::Case;
using tidesync::oracle::Choice;

constexpr const char* kUsage =
    "tidesync_oracle [--shape NAME] [--computers 2|3] [--orders all|distinct]\n"
    "tidesync_oracle --case 'number: edit_a | delete, newer a, order ba'\n";

int report(const std::vector<Case>& cases) {
  const auto start = std::chrono::steady_clock::now();
  const auto failures = tidesync::oracle::try_out(cases);
  for (const std::string& failure : failures) std::cout << failure << "\n";
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::cout << cases.size() << " cases, " << failures.size() << " failed, " << took.count()
            << " s\n";
  return failures.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::string shape;
  int computers = 2;
  Choice choice = Choice::kDistinct;
  std::vector<Case> cases;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--case") cases.push_back(Case::parse(argv[i + 1]));
    if (name == "--shape") shape = argv[i + 1];
    if (name == "--orders" && std::string(argv[i + 1]) == "all") choice = Choice::kAll;
    if (name == "--computers") computers = std::stoi(argv[i + 1]);
  }
  if (argc % 2 == 0) {
    std::cerr << kUsage;
    return 2;
  }
  if (!cases.empty()) return report(cases);
  int result = 0;
  for (const auto& candidate : tidesync::oracle::shapes()) {
    if (!shape.empty() && candidate.name != shape) continue;
    std::cout << candidate.name << ": ";
    result |= report(tidesync::oracle::cases_of(candidate.name, computers, choice));
  }
  return result;
}
