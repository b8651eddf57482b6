// Tries cases out: many at a time in one fleet, each in a table of its own, and holds what comes
// out against the model.
#pragma once

#include <string>
#include <vector>

namespace tidesync::oracle {

// Who does what, who is newer, who publishes first. As text:
//   "unique_text: take | swap, newer b, first a"
struct Case {
  std::string shape;
  std::vector<std::string> operations;  // of each computer
  std::string newest;                   // "a", "b", ... or "nobody": all at the same time
  std::string order;                    // in which they publish: "ab", "cab"

  std::string text() const;
  static Case parse(const std::string& text);
};

enum class Choice {
  kAll,       // every order of publishing
  kDistinct,  // one order, and another where names decide: the rest are the same by symmetry
};
// The cases of one shape for this many computers. With three, of some of the operations.
std::vector<Case> cases_of(const std::string& shape, int computers, Choice choice);

// Runs the cases and returns a line for each that came out otherwise than the rules say.
std::vector<std::string> try_out(const std::vector<Case>& cases);

}  // namespace tidesync::oracle
