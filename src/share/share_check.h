// Whether a folder is fit to be the share, told from where it lies: the kind of mount, its options,
// and what synchronising programs leave in folders. Pure: facts in, findings out. What only trying
// can tell is in share/probe.h.
//
// A kind that is known to lose changes is refused, whatever a probe says: such a store answers from
// its own cache, and one computer alone does not notice. An unknown kind is a warning.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/mount.h"

namespace tidesync {

enum class ShareVerdict { kOk, kWarning, kRefuse };

struct ShareFinding {
  ShareVerdict verdict = ShareVerdict::kOk;
  std::string what;        // "NFS (nfs4) from nas:/vol1"
  std::string what_to_do;  // empty when there is nothing to do
};

// The kind of mount first, then one finding for each option that matters.
std::vector<ShareFinding> check_mount(const MountFacts& mount);

// What the environment variables of the user say of cloud folders: OneDrive -> C:\Users\...
using CloudVariables = std::map<std::string, std::string>;
CloudVariables cloud_variables();
// Names in a folder; empty for one that cannot be read.
using FolderNames = std::function<std::vector<std::string>(const Path&)>;
FolderNames folder_names(FileSystem& fs);
// Whether a program synchronises the folder, or one above it, with copies elsewhere.
std::vector<ShareFinding> check_cloud(const Path& folder, const FolderNames& names,
                                      const CloudVariables& variables);

// Room for what a sync writes. `master_bytes`: size of master.db, 0 when unknown.
ShareFinding check_free_space(const MountFacts& mount, std::uint64_t master_bytes);

// A mapped drive letter belongs to one login; a service account does not have it. Empty when `path`
// is no such path.
std::vector<ShareFinding> check_drive_letter(const std::string& path, const MountFacts& mount);
// "Z:\quotes" and the like.
bool has_drive_letter(const std::string& path);
// The same folder without the mapped drive: "\\nas\office\quotes"; "" when it is on none.
std::string unc_path(const std::string& path, const MountFacts& mount);
// What to do when the drive of `path` is not there for this account; "" when that is not so. `unc`:
// where it led when it was there, "" when nobody saw it.
std::string missing_drive(const std::string& path, const MountFacts& mount,
                          const std::string& account, const std::string& unc);

// Whether the application's own database may lie there.
ShareFinding check_database_mount(const MountFacts& mount);

// The worst of them; kOk when there is none.
ShareVerdict worst(const std::vector<ShareFinding>& findings);

}  // namespace tidesync
