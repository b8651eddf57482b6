// Three computers that do something each before anybody syncs: a choice of operations in every
// combination, against the rules written a second time. All shapes: tidesync_oracle --computers 3.
#include <gtest/gtest.h>

#include "oracle/trial.h"

namespace tidesync::oracle {
namespace {

class ThreeComputers : public testing::TestWithParam<std::string> {};

TEST_P(ThreeComputers, EndAsTheRulesSay) {
  for (const std::string& failure : try_out(cases_of(GetParam(), 3, Choice::kDistinct)))
    ADD_FAILURE() << "tidesync_oracle --case '" << failure.substr(0, failure.find('\n')) << "'"
                  << failure.substr(failure.find('\n'));
}

INSTANTIATE_TEST_SUITE_P(Oracle, ThreeComputers, testing::Values("number", "name", "unique_number"),
                         [](const auto& shape) { return shape.param; });

}  // namespace
}  // namespace tidesync::oracle
