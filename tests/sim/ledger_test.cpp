#include "sim/ledger.h"

#include <gtest/gtest.h>

namespace tidesync::sim {
namespace {

TokenRows rows(std::initializer_list<const char*> places) {
  TokenRows made;
  for (const char* place : places) made[place].tokens.insert("tok1");
  return made;
}

TEST(LedgerTest, ValueWhoseTwoCopiesAreDeletedOnTwoComputersIsNotExpected) {
  Ledger ledger;
  ledger.committed({}, rows({"p 2"}));
  ledger.committed(rows({"p 2", "p 6"}), rows({"p 6"}));
  EXPECT_EQ(ledger.expected().count("tok1"), 1u);
  ledger.committed(rows({"p 2", "p 6"}), rows({"p 2"}));
  EXPECT_EQ(ledger.expected().count("tok1"), 0u);
}

TEST(LedgerTest, ValueIsExpectedWhenBothComputersDeleteTheSameCopy) {
  Ledger ledger;
  ledger.committed({}, rows({"p 2"}));
  ledger.committed(rows({"p 2", "p 6"}), rows({"p 6"}));
  ledger.committed(rows({"p 2", "p 6"}), rows({"p 6"}));
  EXPECT_EQ(ledger.expected().count("tok1"), 1u);
}

}  // namespace
}  // namespace tidesync::sim
