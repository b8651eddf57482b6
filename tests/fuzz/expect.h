// What a fuzz target demands.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <initializer_list>

#include "base/error.h"

namespace tidesync::test {

inline void demand(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "not kept: %s\n", what);
  std::abort();
}

// action() or one of these errors; another exception ends the process.
template <typename Action>
void done_or_refused(std::initializer_list<ErrorCode> codes, Action action) {
  try {
    action();
  } catch (const Error& error) {
    for (const ErrorCode code : codes) {
      if (error.code() == code) return;
    }
    std::fprintf(stderr, "%s\n", error.what());
    demand(false, "only errors of the documented kinds");
  }
}

}  // namespace tidesync::test
