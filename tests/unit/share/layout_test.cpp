#include "share/layout.h"

#include <gtest/gtest.h>

namespace tidesync {
namespace {

TEST(LayoutTest, EntriesStandAThousandToAFolder) {
  EXPECT_EQ(layout::entry_path(Seq{1}), "log/0000000/00000001");
  EXPECT_EQ(layout::entry_path(Seq{999}), "log/0000000/00000999");
  EXPECT_EQ(layout::entry_path(Seq{1000}), "log/0000001/00001000");
  EXPECT_EQ(layout::entry_path(Seq{123456789}), "log/0123456/123456789");
  EXPECT_EQ(layout::log_folder(Seq{1999}), "log/0000001");
}

TEST(LayoutTest, NamesAreParsedBackToTheirSeq) {
  for (const std::uint64_t value : {std::uint64_t{1}, std::uint64_t{42}, std::uint64_t{99999999},
                                    std::uint64_t{100000000}, ~std::uint64_t{0}}) {
    EXPECT_EQ(layout::parse_entry_name(layout::entry_name(Seq{value})), Seq{value});
  }
}

TEST(LayoutTest, OtherSpellingsAreNoEntries) {
  for (const char* name :
       {"", "1", "0000001", "000000001", "00000000", "0000001x", "x0000001", "+0000001", "-0000001",
        " 0000001", "00000001 ", "00000001.tmp", "99999999999999999999999", "0x000001", "b"}) {
    EXPECT_EQ(layout::parse_entry_name(name), std::nullopt) << name;
  }
}

TEST(LayoutTest, FoldersMayBeSmaller) {
  EXPECT_EQ(layout::entry_path(Seq{25}, 10), "log/0000002/00000025");
  EXPECT_EQ(layout::parse_folder_name("0000002"), 2u);
  EXPECT_EQ(layout::parse_folder_name("0000000"), 0u);
  for (const char* name : {"", "2", "00000002", "gc-0000002", "000000x"})
    EXPECT_EQ(layout::parse_folder_name(name), std::nullopt) << name;
}

TEST(LayoutTest, NoteOfANodeIsInNodes) {
  EXPECT_EQ(layout::node_note(NodeId{"alice"}), "nodes/alice.json");
}

}  // namespace
}  // namespace tidesync
