#include "base/mount.h"

#include <gtest/gtest.h>

#include "support/temp_dir.h"

namespace tidesync {
namespace {

constexpr const char* kTable =
    "22 27 0:21 / /proc rw,relatime - proc proc rw\n"
    "27 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro\n"
    "40 27 0:50 / /mnt/nas rw,noatime shared:2 master:3 - cifs //nas/quotes rw,vers=3.1.1,soft\n"
    "41 40 0:51 / /mnt/nas/deep ro - nfs4 nas:/vol1 rw,hard,lookupcache=pos\n"
    "42 27 0:52 / /mnt/our\\040quotes rw - fuse.sshfs anna@nas:/q\\134x rw\n"
    "this is no line\n"
    "43 27 0:53 / /half rw\n"
    "44 27 0:54 / /mnt/nas rw - nfs nas:/newer rw\n"
    "45 27 0:55 / /bare rw - tmpfs tmpfs";

std::string type_at(const std::string& path) {
  const auto lines = parse_mountinfo(kTable);
  const MountLine* line = find_mount(lines, path);
  return line ? line->type : "(none)";
}

TEST(MountInfo, LongestMountPointWins) {
  EXPECT_EQ(type_at("/home/anna/q.db"), "ext4");
  EXPECT_EQ(type_at("/"), "ext4");
  EXPECT_EQ(type_at("/mnt/nas/deep/er"), "nfs4");
  EXPECT_EQ(type_at("/mnt/nas/deep"), "nfs4");
  EXPECT_EQ(type_at("/proc/1"), "proc");
  EXPECT_EQ(type_at("relative"), "(none)");
}

TEST(MountInfo, AFolderThatOnlyBeginsAlikeIsNotTheMount) {
  EXPECT_EQ(type_at("/mnt/nasty"), "ext4");
  EXPECT_EQ(type_at("/mnt/nas/deeper"), "nfs");
}

TEST(MountInfo, OfTwoMountsOverOneFolderTheLaterCounts) {
  EXPECT_EQ(type_at("/mnt/nas/log"), "nfs");
}

TEST(MountInfo, BlanksAndBackslashesAreReadBack) {
  const auto lines = parse_mountinfo(kTable);
  const MountLine* line = find_mount(lines, "/mnt/our quotes/log");
  ASSERT_NE(line, nullptr);
  EXPECT_EQ(line->mount_point, "/mnt/our quotes");
  EXPECT_EQ(line->source, "anna@nas:/q\\x");
}

TEST(MountInfo, OptionsOfTheMountAndOfTheFileSystemAreOneList) {
  const auto lines = parse_mountinfo(kTable);
  const MountLine* line = find_mount(lines, "/mnt/nas/deep");
  ASSERT_NE(line, nullptr);
  EXPECT_EQ(line->options, (std::vector<std::string>{"ro", "rw", "hard", "lookupcache=pos"}));
}

TEST(MountInfo, LinesThatAreNoneArePassedOver) {
  EXPECT_EQ(parse_mountinfo(kTable).size(), 7U);
  EXPECT_EQ(type_at("/bare/x"), "tmpfs");
  EXPECT_TRUE(parse_mountinfo("").empty());
  EXPECT_TRUE(parse_mountinfo("- - -\n\n - \n").empty());
  for (std::size_t end = 0; end < std::string_view(kTable).size(); ++end)
    parse_mountinfo(std::string_view(kTable).substr(0, end));
}

TEST(Mount, ADiskTellsItsSpace) {
  const test::TempDir dir;
  const MountFacts facts = read_mount(dir.path() / "not" / "there yet");
  EXPECT_FALSE(facts.remote);
  const MountFacts there = read_mount(dir.path());
  ASSERT_TRUE(there.free_bytes && there.total_bytes);
  EXPECT_LE(*there.free_bytes, *there.total_bytes);
#ifdef __linux__
  EXPECT_TRUE(facts.known);
  EXPECT_EQ(facts.type, there.type);
#endif
}

TEST(Mount, RemoteTypesAreKnown) {
  for (const char* type : {"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "davfs", "9p"})
    EXPECT_TRUE(is_remote_type(type)) << type;
  for (const char* type : {"ext4", "tmpfs", "ntfs", "overlay", "fuseblk", ""})
    EXPECT_FALSE(is_remote_type(type)) << type;
}

}  // namespace
}  // namespace tidesync
