#include "share/share_check.h"

#include <gtest/gtest.h>

namespace tidesync {
namespace {

MountFacts mounted(const std::string& type, std::vector<std::string> options = {},
                   const std::string& source = "nas:/vol1") {
  MountFacts mount;
  mount.known = true;
  mount.type = type;
  mount.source = source;
  mount.options = std::move(options);
  mount.remote = is_remote_type(type);
  mount.free_bytes = std::uint64_t{1} << 40;
  return mount;
}

struct Case {
  const char* type;
  std::vector<std::string> options;
  ShareVerdict verdict;
};

TEST(ShareCheck, KindsOfMounts) {
  const Case cases[] = {
      {"ext4", {}, ShareVerdict::kOk},
      {"xfs", {}, ShareVerdict::kOk},
      {"btrfs", {}, ShareVerdict::kOk},
      {"zfs", {}, ShareVerdict::kOk},
      {"tmpfs", {}, ShareVerdict::kOk},
      {"overlay", {}, ShareVerdict::kOk},
      {"ntfs", {}, ShareVerdict::kOk},
      {"nfs", {"hard"}, ShareVerdict::kOk},
      {"nfs4", {"hard", "nolock"}, ShareVerdict::kOk},
      {"nfs4", {"soft"}, ShareVerdict::kWarning},
      {"nfs4", {"softreval"}, ShareVerdict::kOk},
      {"cifs", {"soft", "nobrl", "actimeo=1"}, ShareVerdict::kOk},
      {"cifs", {"cache=loose"}, ShareVerdict::kWarning},
      {"cifs", {"vers=1.0"}, ShareVerdict::kWarning},
      {"smb3", {"nobrl"}, ShareVerdict::kOk},
      {"fuse.sshfs", {}, ShareVerdict::kWarning},
      {"9p", {}, ShareVerdict::kWarning},
      {"vboxsf", {}, ShareVerdict::kWarning},
      {"virtiofs", {}, ShareVerdict::kWarning},
      {"fuse.something", {}, ShareVerdict::kWarning},
      {"a-new-one", {}, ShareVerdict::kWarning},
      {"davfs", {}, ShareVerdict::kRefuse},
      {"fuse.rclone", {}, ShareVerdict::kRefuse},
      {"fuse.gvfsd-fuse", {}, ShareVerdict::kRefuse},
      {"fuse.smbnetfs", {}, ShareVerdict::kRefuse},
      {"fuse.s3fs", {}, ShareVerdict::kRefuse},
  };
  for (const Case& one : cases) {
    const auto findings = check_mount(mounted(one.type, one.options));
    EXPECT_EQ(worst(findings), one.verdict) << one.type;
    EXPECT_NE(findings.front().what.find(one.type), std::string::npos) << findings.front().what;
    for (const ShareFinding& finding : findings)
      EXPECT_EQ(finding.verdict == ShareVerdict::kOk, finding.what_to_do.empty()) << finding.what;
  }
}

TEST(ShareCheck, NothingIsConcludedFromASystemThatSaysNothing) {
  EXPECT_EQ(worst(check_mount(MountFacts{})), ShareVerdict::kOk);
  EXPECT_EQ(check_database_mount(MountFacts{}).verdict, ShareVerdict::kOk);
  EXPECT_EQ(check_free_space(MountFacts{}, 0).verdict, ShareVerdict::kOk);
}

TEST(ShareCheck, TheWindowsClientForWebDavIsRefused) {
  MountFacts mount = mounted("ntfs", {}, "\\\\nas@SSL\\DavWWWRoot\\quotes");
  mount.remote = true;
  EXPECT_EQ(worst(check_mount(mount)), ShareVerdict::kRefuse);
}

TEST(ShareCheck, TheDatabaseBelongsOnTheOwnDisk) {
  EXPECT_EQ(check_database_mount(mounted("ext4")).verdict, ShareVerdict::kOk);
  for (const char* type : {"nfs4", "cifs", "fuse.sshfs", "9p"})
    EXPECT_EQ(check_database_mount(mounted(type)).verdict, ShareVerdict::kRefuse) << type;
  EXPECT_EQ(check_database_mount(mounted("vboxsf")).verdict, ShareVerdict::kWarning);
}

TEST(ShareCheck, RoomForThreeMastersOrAHundredMegabytes) {
  MountFacts mount = mounted("nfs4");
  mount.free_bytes = 101u << 20;
  EXPECT_EQ(check_free_space(mount, 0).verdict, ShareVerdict::kOk);
  EXPECT_EQ(check_free_space(mount, 30u << 20).verdict, ShareVerdict::kOk);
  EXPECT_EQ(check_free_space(mount, 40u << 20).verdict, ShareVerdict::kWarning);
  mount.free_bytes = 99u << 20;
  EXPECT_EQ(check_free_space(mount, 0).verdict, ShareVerdict::kWarning);
}

TEST(ShareCheck, ADriveLetterIsOfOneLoginOnly) {
  MountFacts mount = mounted("ntfs", {}, "\\\\nas\\office");
  mount.remote = true;
  const auto findings = check_drive_letter("Z:\\quotes", mount);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings.front().verdict, ShareVerdict::kWarning);
  EXPECT_NE(findings.front().what_to_do.find("share = '\\\\nas\\office\\quotes'"),
            std::string::npos)
      << findings.front().what_to_do;
  EXPECT_TRUE(check_drive_letter("\\\\nas\\office\\quotes", mount).empty());
  EXPECT_TRUE(check_drive_letter("/mnt/nas", mounted("cifs")).empty());
  mount.remote = false;
  EXPECT_TRUE(check_drive_letter("C:\\quotes", mount).empty());
}

TEST(ShareCheck, ADriveThatAnAccountDoesNotHave) {
  MountFacts mapped = mounted("ntfs", {}, "\\\\nas\\office\\");
  mapped.remote = true;
  EXPECT_EQ(unc_path("Z:\\quotes", mapped), "\\\\nas\\office\\quotes");
  EXPECT_EQ(unc_path("/mnt/nas", mapped), "");
  EXPECT_EQ(missing_drive("Z:\\quotes", mapped, "anna", ""), "");
  MountFacts none;
  const std::string known = missing_drive("Z:\\quotes", none, "svc", "\\\\nas\\office\\quotes");
  EXPECT_NE(known.find("Z: is not there for the account svc"), std::string::npos) << known;
  EXPECT_NE(known.find("share = '\\\\nas\\office\\quotes'"), std::string::npos) << known;
  EXPECT_NE(missing_drive("z:\\quotes", none, "", "").find("\\\\server\\share"), std::string::npos);
  EXPECT_EQ(missing_drive("C:\\quotes", mounted("ntfs"), "svc", ""), "") << "the folder is gone";
  EXPECT_EQ(missing_drive("/mnt/nas", none, "svc", ""), "");
}

// Cloud folders
// ------------------------------------------------------------------------------------

using Tree = std::map<std::string, std::vector<std::string>>;

ShareVerdict in_cloud(const std::string& folder, const Tree& tree,
                      const CloudVariables& variables = {}) {
  const auto names = [&](const Path& at) {
    const auto found = tree.find(to_utf8(at));
    return found == tree.end() ? std::vector<std::string>() : found->second;
  };
  return worst(check_cloud(Path(folder), names, variables));
}

TEST(CloudCheck, MarkersInTheFolderOrAboveItAreRefused) {
  for (const char* marker : {".dropbox", ".dropbox.cache", ".stfolder", ".owncloudsync.log",
                             ".nextcloudsync.log", ".sync_journal.db", ".sync_0123abcd.db",
                             "._sync_0123abcd.db", ".tmp.driveupload", ".megaignore"}) {
    EXPECT_EQ(in_cloud("/home/anna/files/quotes", {{"/home/anna/files", {"a.txt", marker}}}),
              ShareVerdict::kRefuse)
        << marker;
    EXPECT_EQ(in_cloud("/home/anna/files", {{"/home/anna/files", {marker}}}), ShareVerdict::kRefuse)
        << marker;
    EXPECT_EQ(in_cloud("/home/anna/nas", {{"/home/anna/files", {marker}}}), ShareVerdict::kOk);
  }
}

TEST(CloudCheck, NamesOfCloudFoldersAreRefused) {
  for (const char* folder :
       {"/home/anna/Dropbox/quotes", "/home/anna/Dropbox (Company)/q", "/Users/anna/OneDrive/q",
        "/Users/anna/OneDrive - Company/q", "/Users/anna/My Drive/q",
        "/Users/anna/Library/Mobile Documents/q", "/Users/anna/Library/CloudStorage/GoogleX/q"}) {
    EXPECT_EQ(in_cloud(folder, {}), ShareVerdict::kRefuse) << folder;
  }
  for (const char* folder : {"/mnt/nas/quotes", "/mnt/onedriver", "/srv/dropboxes/q", "/"})
    EXPECT_EQ(in_cloud(folder, {}), ShareVerdict::kOk) << folder;
}

TEST(CloudCheck, OwnFoldersOfTheProgramsInAHomeAreNoMarkers) {
  EXPECT_EQ(in_cloud("/home/anna/nas", {{"/home/anna", {".dropbox", ".sync"}},
                                        {"/home/anna/.dropbox", {"info.json"}},
                                        {"/home/anna/.sync", {"sync.log"}}}),
            ShareVerdict::kOk);
  EXPECT_EQ(in_cloud("/home/anna/nas", {{"/home/anna", {".sync"}}, {"/home/anna/.sync", {"ID"}}}),
            ShareVerdict::kRefuse);
}

TEST(CloudCheck, TheVariableOfOneDriveNamesItsFolder) {
  const CloudVariables variables{{"OneDriveCommercial", "/users/Anna/Firma"}};
  EXPECT_EQ(in_cloud("/Users/anna/firma/quotes", {}, variables), ShareVerdict::kRefuse);
  EXPECT_EQ(in_cloud("/Users/anna/firma2", {}, variables), ShareVerdict::kOk);
}

}  // namespace
}  // namespace tidesync
