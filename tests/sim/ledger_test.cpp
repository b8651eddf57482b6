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

TokenRows row_of(const char* place, const char* token) {
  TokenRows made;
  made[place].tokens.insert(token);
  return made;
}

TEST(LedgerTest, WhoGetsTheNumberOfAnEvictedRowCountsAsThatRecord) {
  Ledger ledger;
  ledger.committed({}, row_of("p 2", "tok1"));
  ledger.committed(row_of("p 2", "tok1"), row_of("p 3", "tok2"), {"here", {"p 2"}});
  ledger.committed({}, row_of("p 2", "tok3"), {"elsewhere", {}});
  ledger.committed({}, row_of("p 2", "tok4"), {"here", {}});
  const auto record = *ledger.record_of(row_of("p 2", "tok1")["p 2"]);
  EXPECT_TRUE(ledger.is_of_record("tok4", record));
  EXPECT_FALSE(ledger.is_of_record("tok3", record)) << "another database's";
  EXPECT_FALSE(ledger.is_of_record("tok2", record)) << "the one that evicted it";
}

}  // namespace
}  // namespace tidesync::sim
