#include "replica/key_filter.h"

#include <gtest/gtest.h>

#include "support/sql_rows.h"

namespace tidesync {
namespace {

using test::integer_key;
using test::text_key;

TEST(KeyFilter, HasNothingBeforeTheFirstKey) {
  EXPECT_FALSE(KeyFilter().may_have(11, integer_key(1)));
}

TEST(KeyFilter, NeverDeniesAKeyThatWasAdded) {
  KeyFilter filter;
  for (int i = 0; i < 100'000; ++i) filter.add(11, integer_key(i * 7));
  for (int i = 0; i < 100'000; ++i) ASSERT_TRUE(filter.may_have(11, integer_key(i * 7))) << i;
}

TEST(KeyFilter, DeniesNearlyAllOthers) {
  KeyFilter filter;
  for (int i = 0; i < 100'000; ++i) filter.add(11, integer_key(i));
  int taken = 0;
  for (int i = 0; i < 100'000; ++i) {
    taken += filter.may_have(12, integer_key(i)) ? 1 : 0;
    taken += filter.may_have(11, integer_key(1'000'000 + i)) ? 1 : 0;
    taken += filter.may_have(11, text_key(std::to_string(i))) ? 1 : 0;
  }
  EXPECT_LT(taken, 300'000 / 100);
}

TEST(KeyFilter, IsEmptyAgainWhenCleared) {
  KeyFilter filter;
  filter.add(11, integer_key(1));
  filter.clear();
  EXPECT_FALSE(filter.may_have(11, integer_key(1)));
}

}  // namespace
}  // namespace tidesync
