// Every pair of operations on every kind of table, whoever is newer and first, against rules that
// were written down a second time. A failing case says how to run it alone.
#include <gtest/gtest.h>

#include "oracle/cases.h"
#include "oracle/trial.h"

namespace tidesync::oracle {
namespace {

class TwoComputers : public testing::TestWithParam<std::string> {};

TEST_P(TwoComputers, EndAsTheRulesSay) {
  for (const std::string& failure : try_out(cases_of(GetParam(), 2, Choice::kDistinct)))
    ADD_FAILURE() << "tidesync_oracle --case '" << failure.substr(0, failure.find('\n')) << "'"
                  << failure.substr(failure.find('\n'));
}

std::vector<std::string> all_shapes() {
  std::vector<std::string> names;
  for (const Shape& shape : shapes()) names.push_back(shape.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Oracle, TwoComputers, testing::ValuesIn(all_shapes()),
                         [](const auto& shape) { return shape.param; });

}  // namespace
}  // namespace tidesync::oracle
