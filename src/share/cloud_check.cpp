// Folders that a program synchronises with copies elsewhere. Such a program gives each computer a
// copy of its own: both get the name of a batch, and one of the two becomes a "conflicted copy".
#include <algorithm>
#include <cstdlib>

#include "base/error.h"
#include "base/text.h"
#include "share/share_check.h"

namespace tidesync {
namespace {

constexpr const char* kVariables[] = {"OneDrive", "OneDriveCommercial", "OneDriveConsumer"};

// What lies in the folder that is synchronised, or above it.
struct Marker {
  const char* name;
  const char* program;
};
constexpr Marker kMarkers[] = {
    {".dropbox", "Dropbox"},
    {".dropbox.cache", "Dropbox"},
    {".stfolder", "Syncthing"},
    {".owncloudsync.log", "ownCloud"},
    {".nextcloudsync.log", "Nextcloud"},
    {".sync_journal.db", "Nextcloud"},
    {".tmp.driveupload", "Google Drive"},
    {".tmp.drivedownload", "Google Drive"},
    {".megaignore", "MEGA"},
};
// What the folder itself is called. In lower case.
constexpr Marker kNames[] = {
    {"dropbox", "Dropbox"},          {"onedrive", "OneDrive"},
    {"my drive", "Google Drive"},    {"google drive", "Google Drive"},
    {"googledrive", "Google Drive"}, {"mobile documents", "iCloud"},
    {"iclouddrive", "iCloud"},       {"cloudstorage", "the cloud"},
};

std::string program_of_marker(const std::string& name) {
  for (const Marker& marker : kMarkers) {
    if (name == marker.name) return marker.program;
  }
  // .sync_0123abcd.db and ._sync_0123abcd.db
  const bool journal = name.rfind(".sync_", 0) == 0 || name.rfind("._sync_", 0) == 0;
  return journal && name.ends_with(".db") ? "Nextcloud" : "";
}

bool contains(const std::vector<std::string>& names, const char* name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Names that these programs also give to their own folder in a home directory, which is not
// synchronised: there ~/.dropbox is a folder, and ~/.sync has no file ID.
std::string program_of_names(const std::vector<std::string>& found, const Path& folder,
                             const FolderNames& names, std::string& sign) {
  for (const std::string& name : found) {
    sign = name;
    if (name == ".dropbox" && !names(folder / name).empty()) continue;
    if (name == ".sync" && contains(names(folder / name), "ID")) return "Resilio Sync";
    const std::string program = program_of_marker(name);
    if (!program.empty()) return program;
  }
  return {};
}

std::string program_of_name(const std::string& name) {
  const std::string lower = to_lower_ascii(name);
  for (const Marker& marker : kNames) {
    if (lower == marker.name) return marker.program;
  }
  // "OneDrive - Company", "Dropbox (Company)", as these programs call them.
  if (lower.rfind("onedrive - ", 0) == 0) return "OneDrive";
  return lower.rfind("dropbox (", 0) == 0 ? "Dropbox" : "";
}

ShareFinding refusal(const std::string& program, const Path& folder, const std::string& sign) {
  return {ShareVerdict::kRefuse,
          program + " synchronises " + to_utf8(folder) + " (" + sign +
              "): each computer has a copy of its own there, so two can publish the same batch "
              "number and one of them loses its changes",
          "Use a folder on the NAS that is mounted over SMB or NFS, outside of such programs."};
}

bool lies_in(std::string path, std::string folder) {
  path = to_lower_ascii(path);
  folder = to_lower_ascii(folder);
  if (folder.empty() || path.rfind(folder, 0) != 0) return false;
  return path.size() == folder.size() || path[folder.size()] == '/' || path[folder.size()] == '\\';
}

}  // namespace

CloudVariables cloud_variables() {
  CloudVariables variables;
  for (const char* name : kVariables) {
    const char* value = std::getenv(name);
    if (value && *value != '\0') variables[name] = value;
  }
  return variables;
}

FolderNames folder_names(FileSystem& fs) {
  return [&fs](const Path& folder) {
    std::vector<std::string> names;
    try {
      for (const DirEntry& entry : fs.list(folder)) names.push_back(entry.name);
    } catch (const Error&) {
      names.clear();  // not ours to read, or no folder: it tells nothing
    }
    return names;
  };
}

std::vector<ShareFinding> check_cloud(const Path& folder, const FolderNames& names,
                                      const CloudVariables& variables) {
  for (const auto& [variable, value] : variables) {
    if (lies_in(to_utf8(folder), value))
      return {refusal("OneDrive", from_utf8(value), "the variable " + variable + " names it")};
  }
  for (Path at = folder; !at.empty(); at = at.parent_path()) {
    std::string sign;
    const std::string program = program_of_names(names(at), at, names, sign);
    if (!program.empty()) return {refusal(program, at, "it holds " + printable(sign))};
    const std::string called = program_of_name(to_utf8(at.filename()));
    if (!called.empty()) return {refusal(called, at, "by its name")};
    if (at == at.parent_path()) break;
  }
  return {};
}

}  // namespace tidesync
