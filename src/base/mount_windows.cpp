// Windows: drives and UNC paths.
// clang-format off
#include <windows.h>
#include <winnetwk.h>
// clang-format on

#include <array>

#include "base/mount.h"
#include "base/text.h"

namespace tidesync {
namespace {

// "Z:\" or "\\nas\quotes\", with the separator at the end that Windows wants.
std::wstring volume_root(const Path& path) {
  std::array<wchar_t, MAX_PATH + 1> root{};
  if (GetVolumePathNameW(path.c_str(), root.data(), static_cast<DWORD>(root.size())) == 0)
    return {};
  return root.data();
}

// What a mapped drive letter stands for: "\\nas\quotes".
std::string unc_of_drive(const std::wstring& root) {
  if (root.size() < 2 || root[1] != L':') return to_utf8(Path(root));
  std::array<wchar_t, 1024> remote{};
  DWORD size = static_cast<DWORD>(remote.size());
  const std::wstring drive = root.substr(0, 2);
  if (WNetGetConnectionW(drive.c_str(), remote.data(), &size) != NO_ERROR) return {};
  return to_utf8(Path(remote.data()));
}

void read_volume(const std::wstring& root, MountFacts& facts) {
  std::array<wchar_t, MAX_PATH + 1> type{};
  DWORD flags = 0;
  if (GetVolumeInformationW(root.c_str(), nullptr, 0, nullptr, nullptr, &flags, type.data(),
                            static_cast<DWORD>(type.size())) == 0)
    return;
  facts.type = to_lower_ascii(to_utf8(Path(type.data())));
  facts.read_only = (flags & FILE_READ_ONLY_VOLUME) != 0;
}

}  // namespace

MountFacts read_mount(const Path& path) {
  MountFacts facts;
  const std::wstring root = volume_root(path);
  if (root.empty()) return facts;
  facts.known = true;
  facts.mount_point = Path(root);
  facts.remote = GetDriveTypeW(root.c_str()) == DRIVE_REMOTE || root.rfind(L"\\\\", 0) == 0;
  read_volume(root, facts);
  facts.source = facts.remote ? unc_of_drive(root) : to_utf8(Path(root));
  ULARGE_INTEGER free_bytes{};
  ULARGE_INTEGER total_bytes{};
  if (GetDiskFreeSpaceExW(root.c_str(), &free_bytes, &total_bytes, nullptr) != 0) {
    facts.free_bytes = free_bytes.QuadPart;
    facts.total_bytes = total_bytes.QuadPart;
  }
  return facts;
}

}  // namespace tidesync
