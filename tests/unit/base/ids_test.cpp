#include "base/ids.h"

#include <gtest/gtest.h>

#include <set>

#include "base/random.h"

namespace tidesync {
namespace {

TEST(Ids, SeqCountsAndCompares) {
  EXPECT_EQ(Seq{}.value, 0u);
  EXPECT_EQ(Seq{1}.next(), Seq{2});
  EXPECT_LT(Seq{9}, Seq{10});
}

TEST(Ids, UuidsAreValidAndDiffer) {
  Random random(1);
  std::set<Uuid> seen;
  for (int i = 0; i < 1000; ++i) {
    const Uuid uuid = make_uuid(random);
    EXPECT_TRUE(is_uuid(uuid)) << uuid;
    EXPECT_TRUE(seen.insert(uuid).second);
  }
}

TEST(Ids, SameSeedGivesSameUuids) {
  Random a(7);
  Random b(7);
  EXPECT_EQ(make_uuid(a), make_uuid(b));
  EXPECT_NE(make_uuid(a), make_uuid(a));
}

TEST(Ids, SystemRandomDiffersEveryTime) {
  Random a = Random::from_system();
  Random b = Random::from_system();
  EXPECT_NE(make_uuid(a), make_uuid(b));
}

TEST(Ids, UuidIsThirtyTwoLowerCaseDigits) {
  EXPECT_TRUE(is_uuid("0123456789abcdef0123456789abcdef"));
  EXPECT_FALSE(is_uuid("0123456789ABCDEF0123456789abcdef"));
  EXPECT_FALSE(is_uuid("0123456789abcdef0123456789abcde"));
  EXPECT_FALSE(is_uuid("0123456789abcdef0123456789abcdef0"));
  EXPECT_FALSE(is_uuid("0123456789abcdef0123456789abcdeg"));
  EXPECT_FALSE(is_uuid(""));
}

TEST(Ids, NodeNameOfAnyTextIsValid) {
  EXPECT_EQ(make_node_id("Bob's PC").value, "bob-s-pc");
  EXPECT_EQ(make_node_id("laptop").value, "laptop");
  EXPECT_EQ(make_node_id("a_b-9").value, "a_b-9");
  EXPECT_EQ(make_node_id("  --x!! ").value, "x");
  EXPECT_EQ(make_node_id("").value, "node");
  EXPECT_EQ(make_node_id("\xE6\x97\xA5\xE6\x9C\xAC").value, "node");
  EXPECT_EQ(make_node_id("B\xC3\xBCro").value, "b-ro");
  EXPECT_EQ(make_node_id(std::string(100, 'x')).value, std::string(40, 'x'));
  EXPECT_EQ(make_node_id(std::string(39, 'x') + " y").value, std::string(39, 'x'));
  for (int c = 0; c < 256; ++c) {
    EXPECT_TRUE(is_node_id(make_node_id(std::string(3, static_cast<char>(c))).value)) << c;
  }
}

TEST(Ids, NodeNameRules) {
  EXPECT_TRUE(is_node_id("a"));
  EXPECT_TRUE(is_node_id(std::string(40, 'a')));
  EXPECT_FALSE(is_node_id(std::string(41, 'a')));
  EXPECT_FALSE(is_node_id(""));
  EXPECT_FALSE(is_node_id("A"));
  EXPECT_FALSE(is_node_id("a b"));
  EXPECT_FALSE(is_node_id("a/b"));
  EXPECT_FALSE(is_node_id("a.b"));
  EXPECT_FALSE(is_node_id(std::string_view("a\0b", 3)));
}

}  // namespace
}  // namespace tidesync
