#include "share/share_check.h"

#include <algorithm>

#include "base/text.h"

namespace tidesync {
namespace {

constexpr std::uint64_t kLeastFreeBytes = 100u << 20;
constexpr std::uint64_t kMastersThatFit = 3;

constexpr const char* kUseAnother =
    "Use a folder on the NAS, mounted over SMB or NFS, or a local folder.";

struct KnownKind {
  const char* type;
  ShareVerdict verdict;
  const char* name;
  const char* what_to_do;
};

constexpr const char* kLocalCache =
    ": it answers from a cache of this computer, so two computers can publish the same batch "
    "number and one of them loses its changes";

constexpr KnownKind kKinds[] = {
    {"ext2", ShareVerdict::kOk, "a local disk", ""},
    {"ext3", ShareVerdict::kOk, "a local disk", ""},
    {"ext4", ShareVerdict::kOk, "a local disk", ""},
    {"xfs", ShareVerdict::kOk, "a local disk", ""},
    {"btrfs", ShareVerdict::kOk, "a local disk", ""},
    {"zfs", ShareVerdict::kOk, "a local disk", ""},
    {"f2fs", ShareVerdict::kOk, "a local disk", ""},
    {"bcachefs", ShareVerdict::kOk, "a local disk", ""},
    {"tmpfs", ShareVerdict::kOk, "memory of this computer", ""},
    {"overlay", ShareVerdict::kOk, "a local disk", ""},
    {"apfs", ShareVerdict::kOk, "a local disk", ""},
    {"hfs", ShareVerdict::kOk, "a local disk", ""},
    {"ntfs", ShareVerdict::kOk, "NTFS", ""},
    {"ntfs3", ShareVerdict::kOk, "NTFS", ""},
    {"refs", ShareVerdict::kOk, "ReFS", ""},
    {"fuseblk", ShareVerdict::kOk, "a local disk", ""},
    {"vfat", ShareVerdict::kOk, "a FAT disk", ""},
    {"fat32", ShareVerdict::kOk, "a FAT disk", ""},
    {"exfat", ShareVerdict::kOk, "an exFAT disk", ""},
    {"nfs", ShareVerdict::kOk, "NFS", ""},
    {"nfs4", ShareVerdict::kOk, "NFS", ""},
    {"cifs", ShareVerdict::kOk, "SMB", ""},
    {"smb3", ShareVerdict::kOk, "SMB", ""},
    {"smbfs", ShareVerdict::kOk, "SMB", ""},
    {"fuse.sshfs", ShareVerdict::kOk, "sshfs", ""},
    {"9p", ShareVerdict::kWarning, "a folder of the host of this virtual machine",
     "Mount the NAS inside the virtual machine: how safely the host gives names is not known."},
    {"vboxsf", ShareVerdict::kWarning, "a folder of the host of this virtual machine",
     "Mount the NAS inside the virtual machine: how safely the host gives names is not known."},
    {"virtiofs", ShareVerdict::kWarning, "a folder of the host of this virtual machine",
     "Mount the NAS inside the virtual machine: how safely the host gives names is not known."},
    {"davfs", ShareVerdict::kRefuse, "WebDAV", kUseAnother},
    {"webdav", ShareVerdict::kRefuse, "WebDAV", kUseAnother},
    {"fuse.davfs", ShareVerdict::kRefuse, "WebDAV", kUseAnother},
    {"fuse.davfs2", ShareVerdict::kRefuse, "WebDAV", kUseAnother},
    {"fuse.rclone", ShareVerdict::kRefuse, "an rclone mount", kUseAnother},
    {"fuse.gvfsd-fuse", ShareVerdict::kRefuse, "a folder opened in the file manager (gvfs)",
     "Mount the share with mount.cifs or in /etc/fstab; then use that path."},
    {"fuse.gvfs-fuse-daemon", ShareVerdict::kRefuse, "a folder opened in the file manager (gvfs)",
     "Mount the share with mount.cifs or in /etc/fstab; then use that path."},
    {"fuse.kio-fuse", ShareVerdict::kRefuse, "a folder opened in the file manager (KIO)",
     "Mount the share with mount.cifs or in /etc/fstab; then use that path."},
    {"fuse.smbnetfs", ShareVerdict::kRefuse, "smbnetfs",
     "Mount the share with mount.cifs or in /etc/fstab; then use that path."},
    {"fuse.curlftpfs", ShareVerdict::kRefuse, "FTP", kUseAnother},
    {"fuse.s3fs", ShareVerdict::kRefuse, "an object store", kUseAnother},
    {"fuse.gcsfuse", ShareVerdict::kRefuse, "an object store", kUseAnother},
    {"fuse.google-drive-ocamlfuse", ShareVerdict::kRefuse, "a cloud folder", kUseAnother},
    {"fuse.onedriver", ShareVerdict::kRefuse, "a cloud folder", kUseAnother},
    {"fuse.mergerfs", ShareVerdict::kWarning, "several disks shown as one (mergerfs)",
     "Use a folder on one of the disks: a name may be given on two of them."},
};

const KnownKind* find_kind(const std::string& type) {
  const auto found = std::find_if(std::begin(kKinds), std::end(kKinds),
                                  [&](const KnownKind& kind) { return type == kind.type; });
  return found == std::end(kKinds) ? nullptr : found;
}

// The Windows client for WebDAV looks like a network drive.
bool is_webdav_redirector(const MountFacts& mount) {
  const std::string source = to_lower_ascii(mount.source);
  return source.find("\\davwwwroot") != std::string::npos ||
         source.find("@ssl") != std::string::npos;
}

ShareFinding kind_of(const MountFacts& mount) {
  if (!mount.known || mount.type.empty())
    return {ShareVerdict::kOk, "the system does not say what kind of folder this is", ""};
  const std::string from = mount.remote && !mount.source.empty() ? " from " + mount.source : "";
  if (is_webdav_redirector(mount))
    return {ShareVerdict::kRefuse, std::string("WebDAV") + from + kLocalCache, kUseAnother};
  const KnownKind* kind = find_kind(mount.type);
  if (!kind) {
    return {ShareVerdict::kWarning,
            "a kind of folder that was never tried (" + mount.type + ")" + from,
            "Better use SMB or NFS. If it has to be this one, run tidesync doctor --probe on two "
            "computers at the same time."};
  }
  std::string what = std::string(kind->name) + " (" + mount.type + ")" + from;
  if (kind->verdict == ShareVerdict::kRefuse) what += kLocalCache;
  return {kind->verdict, what, kind->what_to_do};
}

bool is_nfs(const MountFacts& mount) {
  return mount.type == "nfs" || mount.type == "nfs4";
}

void check_nfs(const MountFacts& mount, std::vector<ShareFinding>& findings) {
  if (mount.has_option("soft")) {
    findings.push_back({ShareVerdict::kWarning,
                        "the mount option soft: when the server is slow, a write may fail halfway",
                        "Mount with the option hard. Nothing is lost meanwhile: every batch is "
                        "read back before it counts."});
  }
  if (!mount.has_option("lookupcache=pos") && !mount.has_option("lookupcache=none")) {
    findings.push_back(
        {ShareVerdict::kOk,
         "the mount option lookupcache=pos would show new files without a delay of up to 30 s; it "
         "is not needed",
         ""});
  }
}

void check_smb(const MountFacts& mount, std::vector<ShareFinding>& findings) {
  if (mount.has_option("nobrl"))
    findings.push_back({ShareVerdict::kOk,
                        "the mount option nobrl does no harm: no locks are "
                        "used on the share",
                        ""});
  if (mount.has_option("cache=loose")) {
    findings.push_back({ShareVerdict::kWarning,
                        "the mount option cache=loose: files of others may be seen as they were",
                        "Mount with cache=strict, which is the default."});
  }
  if (mount.has_option("vers=1.0")) {
    findings.push_back({ShareVerdict::kWarning,
                        "the mount option vers=1.0: this old version of SMB was never tried",
                        "Mount with vers=3.0 or newer."});
  }
}

}  // namespace

std::vector<ShareFinding> check_mount(const MountFacts& mount) {
  std::vector<ShareFinding> findings{kind_of(mount)};
  if (is_nfs(mount)) check_nfs(mount, findings);
  if (mount.type == "cifs" || mount.type == "smb3") check_smb(mount, findings);
  if (mount.type == "fuse.sshfs") {
    findings.push_back({ShareVerdict::kWarning,
                        "sshfs keeps listings for 20 s: batches of others are seen that much later",
                        "Mount with -o dir_cache=no (older versions: -o cache=no)."});
  }
  return findings;
}

ShareFinding check_free_space(const MountFacts& mount, std::uint64_t master_bytes) {
  if (!mount.free_bytes) return {ShareVerdict::kOk, "free space is not known", ""};
  const std::string text = display_size(*mount.free_bytes) + " free";
  const std::uint64_t wanted = std::max(kLeastFreeBytes, master_bytes * kMastersThatFit);
  if (*mount.free_bytes >= wanted) return {ShareVerdict::kOk, text, ""};
  return {ShareVerdict::kWarning,
          text + ", less than the " + display_size(wanted) + " a sync may want",
          "Free space there, or raise the quota."};
}

bool has_drive_letter(const std::string& path) {
  return path.size() >= 2 && path[1] == ':' &&
         ((path[0] >= 'A' && path[0] <= 'Z') || (path[0] >= 'a' && path[0] <= 'z'));
}

std::string unc_path(const std::string& path, const MountFacts& mount) {
  if (!has_drive_letter(path) || !mount.remote || mount.source.rfind("\\\\", 0) != 0) return {};
  std::string unc = mount.source;
  while (!unc.empty() && unc.back() == '\\') unc.pop_back();
  return unc + path.substr(2);
}

std::vector<ShareFinding> check_drive_letter(const std::string& path, const MountFacts& mount) {
  if (!has_drive_letter(path) || !mount.remote) return {};
  const std::string unc = unc_path(path, mount);
  return {{ShareVerdict::kWarning,
           path.substr(0, 2) +
               " is a drive letter of this login: a scheduled task or a service does not have it",
           unc.empty() ? "Write the path as \\\\server\\share in config.toml."
                       : "Write share = '" + unc + "' in config.toml."}};
}

std::string missing_drive(const std::string& path, const MountFacts& mount,
                          const std::string& account, const std::string& unc) {
  // A disk of this computer has a file system, also when the folder is gone.
  if (!has_drive_letter(path) || mount.remote || !mount.type.empty()) return {};
  const std::string who = account.empty() ? "this account" : "the account " + account;
  return "The drive " + path.substr(0, 2) + " is not there for " + who +
         ": mapped drives belong to one login. Write share = '" +
         (unc.empty() ? "\\\\server\\share" : unc) +
         "' in config.toml. The changes made here are kept.";
}

ShareFinding check_database_mount(const MountFacts& mount) {
  if (!mount.known) return {ShareVerdict::kOk, "on a disk the system says nothing about", ""};
  const std::string where = mount.type + (mount.source.empty() ? "" : " from " + mount.source);
  if (mount.remote) {
    return {ShareVerdict::kRefuse,
            "the database lies on a network file system (" + where +
                "), where SQLite damages databases sooner or later",
            "Keep the database on this computer's own disk. Only the share belongs on the NAS."};
  }
  if (mount.type == "vboxsf" || mount.type == "virtiofs") {
    return {
        ShareVerdict::kWarning,
        "the database lies in a folder of another system (" + where + "), whose locks may not work",
        "Keep the database on this computer's own disk."};
  }
  return {ShareVerdict::kOk, "on this computer (" + mount.type + ")", ""};
}

ShareVerdict worst(const std::vector<ShareFinding>& findings) {
  ShareVerdict result = ShareVerdict::kOk;
  for (const ShareFinding& finding : findings) result = std::max(result, finding.verdict);
  return result;
}

}  // namespace tidesync
