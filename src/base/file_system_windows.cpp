// The disk by Win32 calls. Every file is opened for reading, writing and deleting by others, so
// that we stand in nobody's way; virus scanners and the redirector's late closes do stand in ours,
// hence the patience with sharing violations.
#include <windows.h>

#include <algorithm>
#include <array>
#include <cwchar>

#include "base/error.h"
#include "base/file_system.h"

namespace tidesync {
namespace {

constexpr DWORD kShareAll = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
constexpr int kPatienceTries = 8;  // 20 + 40 + ... + 1280 ms, about 2.5 s
constexpr DWORD kFirstPauseMs = 20;
constexpr std::size_t kMaxBytesPerCall = std::size_t{64} << 20;  // redirectors dislike more

constexpr DWORD kErrorDiskQuotaExceeded = 1295;  // MinGW's headers have no name for it

ErrorCode code_of(DWORD err) {
  switch (err) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_DIRECTORY:
      return ErrorCode::kNotFound;
    case ERROR_FILE_EXISTS:
    case ERROR_ALREADY_EXISTS:
      return ErrorCode::kAlreadyExists;
    case ERROR_ACCESS_DENIED:
    case ERROR_PRIVILEGE_NOT_HELD:
    case ERROR_LOGON_FAILURE:
      return ErrorCode::kNoPermission;
    case ERROR_WRITE_PROTECT:
      return ErrorCode::kReadOnly;
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
    case ERROR_NOT_ENOUGH_QUOTA:
    case kErrorDiskQuotaExceeded:
      return ErrorCode::kDiskFull;
    case ERROR_BAD_NETPATH:
    case ERROR_BAD_NET_NAME:
    case ERROR_NETNAME_DELETED:
    case ERROR_NETWORK_BUSY:
    case ERROR_NETWORK_UNREACHABLE:
    case ERROR_HOST_UNREACHABLE:
    case ERROR_HOST_DOWN:
    case ERROR_UNEXP_NET_ERR:
    case ERROR_REM_NOT_LIST:
    case ERROR_DEV_NOT_EXIST:
    case ERROR_NO_NETWORK:
    case ERROR_NO_NET_OR_BAD_PATH:
    case ERROR_CONNECTION_UNAVAIL:
    case ERROR_NOT_CONNECTED:
    case ERROR_SEM_TIMEOUT:
      return ErrorCode::kShareUnreachable;
    default:
      return ErrorCode::kIo;
  }
}

std::string text_of(DWORD err) {
  std::array<wchar_t, 512> buffer{};
  const DWORD flags = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS;
  DWORD size = FormatMessageW(flags, nullptr, err, 0, buffer.data(),
                              static_cast<DWORD>(buffer.size()), nullptr);
  while (size > 0 && std::wcschr(L"\r\n. ", buffer[size - 1]) != nullptr) --size;
  if (size == 0) return "Windows error " + std::to_string(err);
  return to_utf8(Path(std::wstring(buffer.data(), size)));
}

[[noreturn]] void throw_windows(const char* operation, const Path& path, DWORD err) {
  throw Error(code_of(err), operation, to_utf8(path), text_of(err));
}

// \\?\C:\... or \\?\UNC\server\...: without the limit of 260 characters, and taken literally.
std::wstring long_path(const Path& path) {
  const std::wstring& given = path.native();
  if (given.rfind(L"\\\\?\\", 0) == 0) return given;
  const DWORD needed = GetFullPathNameW(given.c_str(), 0, nullptr, nullptr);
  if (needed == 0) return given;
  std::wstring full(needed, L'\0');
  full.resize(GetFullPathNameW(given.c_str(), needed, full.data(), nullptr));
  if (full.rfind(L"\\\\", 0) == 0) return L"\\\\?\\UNC\\" + full.substr(2);
  return L"\\\\?\\" + full;
}

bool means_absent(DWORD err) {
  return code_of(err) == ErrorCode::kNotFound;
}

// Somebody (a scanner, an indexer, the redirector) has it open for a moment.
bool means_held_open(DWORD err) {
  return err == ERROR_SHARING_VIOLATION || err == ERROR_LOCK_VIOLATION ||
         err == ERROR_ACCESS_DENIED || err == ERROR_USER_MAPPED_FILE || err == ERROR_DELETE_PENDING;
}

bool means_unsupported(DWORD err) {
  return err == ERROR_INVALID_FUNCTION || err == ERROR_NOT_SUPPORTED ||
         err == ERROR_CALL_NOT_IMPLEMENTED || err == ERROR_NOT_SAME_DEVICE ||
         err == ERROR_INVALID_PARAMETER || err == ERROR_TOO_MANY_LINKS;
}

bool means_refused(DWORD err) {
  const ErrorCode code = code_of(err);
  return code == ErrorCode::kDiskFull || code == ErrorCode::kReadOnly ||
         err == ERROR_FILENAME_EXCED_RANGE || err == ERROR_INVALID_NAME;
}

DWORD attributes_of(const Path& path) {
  return GetFileAttributesW(long_path(path).c_str());
}

bool something_has_name(const Path& path) {
  return attributes_of(path) != INVALID_FILE_ATTRIBUTES;
}

bool is_directory(const Path& path) {
  const DWORD attributes = attributes_of(path);
  return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
}

// Calls until it succeeds (true), or fails for another reason than being held open, or patience
// ends. Leaves the error of the last attempt in GetLastError.
template <typename Call>
bool with_patience(Call call) {
  DWORD pause_ms = kFirstPauseMs;
  for (int attempt = 1;; ++attempt) {
    if (call()) return true;
    const DWORD err = GetLastError();
    if (!means_held_open(err) || attempt == kPatienceTries) {
      SetLastError(err);
      return false;
    }
    Sleep(pause_ms);
    pause_ms *= 2;
  }
}

// A handle that closes itself.
class Handle {
 public:
  explicit Handle(HANDLE handle) : handle_(handle) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    if (handle_ != INVALID_HANDLE_VALUE) CloseHandle(handle_);
  }
  HANDLE get() const { return handle_; }
  HANDLE release() {
    HANDLE handle = handle_;
    handle_ = INVALID_HANDLE_VALUE;
    return handle;
  }

 private:
  HANDLE handle_;
};

class WindowsReadHandle : public ReadHandle {
 public:
  WindowsReadHandle(HANDLE handle, Path path, std::uint64_t size)
      : handle_(handle), path_(std::move(path)), size_(size) {}

  std::size_t read(char* buffer, std::size_t size) override {
    std::size_t done = 0;
    while (done < size) {
      OVERLAPPED at{};
      at.Offset = static_cast<DWORD>(offset_);
      at.OffsetHigh = static_cast<DWORD>(offset_ >> 32);
      const auto ask = static_cast<DWORD>(std::min(size - done, kMaxBytesPerCall));
      DWORD got = 0;
      if (!ReadFile(handle_.get(), buffer + done, ask, &got, &at)) {
        if (GetLastError() == ERROR_HANDLE_EOF) break;
        throw_windows("read", path_, GetLastError());
      }
      if (got == 0) break;
      done += got;
      offset_ += got;
    }
    return done;
  }

  void seek(std::uint64_t offset) override { offset_ = offset; }
  std::uint64_t size() const override { return size_; }

 private:
  Handle handle_;
  Path path_;
  std::uint64_t size_;
  std::uint64_t offset_ = 0;
};

class WindowsWriteHandle : public WriteHandle {
 public:
  WindowsWriteHandle(HANDLE handle, Path path) : handle_(handle), path_(std::move(path)) {}

  void write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const auto ask = static_cast<DWORD>(std::min(bytes.size(), kMaxBytesPerCall));
      DWORD put = 0;
      if (!WriteFile(handle_.get(), bytes.data(), ask, &put, nullptr)) {
        throw_windows("write", path_, GetLastError());
      }
      if (put == 0) throw_windows("write", path_, ERROR_WRITE_FAULT);
      bytes.remove_prefix(put);
    }
  }

  void sync() override {
    if (!FlushFileBuffers(handle_.get())) throw_windows("sync", path_, GetLastError());
  }

  void close() override {
    HANDLE handle = handle_.release();
    if (handle == INVALID_HANDLE_VALUE || !CloseHandle(handle)) {
      throw_windows("close", path_,
                    handle == INVALID_HANDLE_VALUE ? ERROR_INVALID_HANDLE : GetLastError());
    }
  }

 private:
  Handle handle_;
  Path path_;
};

std::uint64_t joined(DWORD high, DWORD low) {
  return (static_cast<std::uint64_t>(high) << 32) | low;
}

// FILETIME counts 100 ns since 1601.
std::int64_t utc_ms_of(const FILETIME& time) {
  constexpr std::int64_t kMsFrom1601To1970 = 11644473600000;
  const auto ticks = static_cast<std::int64_t>(joined(time.dwHighDateTime, time.dwLowDateTime));
  return ticks / 10000 - kMsFrom1601To1970;
}

struct CloseFind {
  using pointer = HANDLE;
  void operator()(HANDLE handle) const { FindClose(handle); }
};

}  // namespace

std::vector<DirEntry> DiskFileSystem::list(const Path& directory) {
  const std::wstring pattern = long_path(directory) + L"\\*";
  WIN32_FIND_DATAW found;
  HANDLE first = FindFirstFileExW(pattern.c_str(), FindExInfoBasic, &found, FindExSearchNameMatch,
                                  nullptr, FIND_FIRST_EX_LARGE_FETCH);
  std::vector<DirEntry> entries;
  if (first == INVALID_HANDLE_VALUE) {
    const DWORD err = GetLastError();
    // The root of an empty drive has not even "." in it.
    if (err == ERROR_FILE_NOT_FOUND && is_directory(directory)) return entries;
    throw_windows("list", directory, err);
  }
  const std::unique_ptr<HANDLE, CloseFind> search(first);
  do {
    DirEntry entry;
    entry.name = to_utf8(Path(std::wstring(found.cFileName)));
    if (entry.name == "." || entry.name == "..") continue;
    entry.is_directory = (found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0 &&
                         (found.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) == 0;
    entry.size = entry.is_directory ? 0 : joined(found.nFileSizeHigh, found.nFileSizeLow);
    entries.push_back(std::move(entry));
  } while (FindNextFileW(first, &found));
  if (GetLastError() != ERROR_NO_MORE_FILES) throw_windows("list", directory, GetLastError());
  return entries;
}

std::optional<FileInfo> DiskFileSystem::stat(const Path& path) {
  WIN32_FILE_ATTRIBUTE_DATA data;
  if (!GetFileAttributesExW(long_path(path).c_str(), GetFileExInfoStandard, &data)) {
    const DWORD err = GetLastError();
    if (means_absent(err)) return std::nullopt;
    throw_windows("look at", path, err);
  }
  FileInfo info;
  info.is_directory = (data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
  info.size = info.is_directory ? 0 : joined(data.nFileSizeHigh, data.nFileSizeLow);
  info.modified_ms = utc_ms_of(data.ftLastWriteTime);
  return info;
}

std::unique_ptr<ReadHandle> DiskFileSystem::open_read(const Path& path) {
  const std::wstring name = long_path(path);
  if (is_directory(path)) {
    throw Error(ErrorCode::kIo, "open", to_utf8(path), "this is a folder, not a file");
  }
  HANDLE opened = INVALID_HANDLE_VALUE;
  const bool done = with_patience([&] {
    opened = CreateFileW(name.c_str(), GENERIC_READ, kShareAll, nullptr, OPEN_EXISTING,
                         FILE_ATTRIBUTE_NORMAL | FILE_FLAG_SEQUENTIAL_SCAN, nullptr);
    return opened != INVALID_HANDLE_VALUE;
  });
  if (!done) {
    const DWORD err = GetLastError();
    if (means_absent(err)) return nullptr;
    throw_windows("open", path, err);
  }
  Handle owner(opened);
  LARGE_INTEGER size;
  if (!GetFileSizeEx(opened, &size)) throw_windows("open", path, GetLastError());
  return std::make_unique<WindowsReadHandle>(owner.release(), path,
                                             static_cast<std::uint64_t>(size.QuadPart));
}

std::unique_ptr<WriteHandle> DiskFileSystem::create_new(const Path& path) {
  HANDLE handle = CreateFileW(long_path(path).c_str(), GENERIC_WRITE, kShareAll, nullptr,
                              CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (handle != INVALID_HANDLE_VALUE) return std::make_unique<WindowsWriteHandle>(handle, path);
  DWORD err = GetLastError();
  // A directory of that name, or a file that is being deleted.
  if (err == ERROR_ACCESS_DENIED && something_has_name(path)) err = ERROR_FILE_EXISTS;
  throw_windows("create", path, err);
}

NameOutcome DiskFileSystem::link_new(const Path& from, const Path& to) {
  if (CreateHardLinkW(long_path(to).c_str(), long_path(from).c_str(), nullptr)) {
    return NameOutcome::kCreated;
  }
  const DWORD err = GetLastError();
  if (err == ERROR_ALREADY_EXISTS || err == ERROR_FILE_EXISTS) return NameOutcome::kExists;
  if (means_unsupported(err)) return NameOutcome::kUnsupported;
  if (means_absent(err) || means_refused(err)) throw_windows("link", to, err);
  return NameOutcome::kUnknown;
}

// A directory is renamed by name only if nothing has the new one: NTFS refuses a taken name
// (access denied or already exists), Samba answers "already exists" for its rename(2)'s ENOTEMPTY.
NameOutcome DiskFileSystem::rename_directory_new(const Path& from, const Path& to) {
  // MoveFileExW would move a file as well, but even then not over another one.
  if (MoveFileExW(long_path(from).c_str(), long_path(to).c_str(), 0)) return NameOutcome::kCreated;
  const DWORD err = GetLastError();
  if (err == ERROR_ALREADY_EXISTS || err == ERROR_FILE_EXISTS || err == ERROR_DIR_NOT_EMPTY) {
    return NameOutcome::kExists;
  }
  if (means_unsupported(err)) return NameOutcome::kUnsupported;
  if (means_refused(err)) throw_windows("rename", to, err);
  if (means_absent(err) && !something_has_name(to)) throw_windows("rename", to, err);
  // Includes access denied: a taken name on NTFS, or an open file below `from`.
  return NameOutcome::kUnknown;
}

void DiskFileSystem::rename_replacing(const Path& from, const Path& to) {
  const std::wstring source = long_path(from);
  const std::wstring target = long_path(to);
  if (is_directory(to)) {
    throw Error(ErrorCode::kIo, "rename", to_utf8(to), "a folder has this name");
  }
  const bool done = with_patience(
      [&] { return MoveFileExW(source.c_str(), target.c_str(), MOVEFILE_REPLACE_EXISTING) != 0; });
  if (!done) throw_windows("rename", to, GetLastError());
}

bool DiskFileSystem::remove(const Path& path) {
  const std::wstring name = long_path(path);
  const DWORD attributes = attributes_of(path);
  if (attributes == INVALID_FILE_ATTRIBUTES) {
    if (means_absent(GetLastError())) return false;
    throw_windows("remove", path, GetLastError());
  }
  const bool directory = (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
  const bool done = with_patience([&] {
    return (directory ? RemoveDirectoryW(name.c_str()) : DeleteFileW(name.c_str())) != 0;
  });
  if (done) return true;
  const DWORD err = GetLastError();
  if (means_absent(err)) return false;
  throw_windows("remove", path, err);  // a folder that is not empty: kIo
}

bool DiskFileSystem::create_directory(const Path& path) {
  if (CreateDirectoryW(long_path(path).c_str(), nullptr)) return true;
  const DWORD err = GetLastError();
  if (err == ERROR_ALREADY_EXISTS || err == ERROR_FILE_EXISTS) return false;
  // The root of a drive or a share.
  if (err == ERROR_ACCESS_DENIED && something_has_name(path)) return false;
  throw_windows("create folder", path, err);
}

// NTFS logs its names; there is nothing to ask for. Only the promise about a missing one is kept.
void DiskFileSystem::sync_directory(const Path& directory) {
  if (!is_directory(directory)) throw_windows("sync folder", directory, ERROR_PATH_NOT_FOUND);
}

std::string to_utf8(const Path& path) {
  const std::wstring& wide = path.native();
  const int length = static_cast<int>(wide.size());
  const int needed =
      WideCharToMultiByte(CP_UTF8, 0, wide.data(), length, nullptr, 0, nullptr, nullptr);
  std::string text(static_cast<std::size_t>(needed), '\0');
  WideCharToMultiByte(CP_UTF8, 0, wide.data(), length, text.data(), needed, nullptr, nullptr);
  return text;
}

Path from_utf8(std::string_view text) {
  const int length = static_cast<int>(text.size());
  const int needed = MultiByteToWideChar(CP_UTF8, 0, text.data(), length, nullptr, 0);
  std::wstring wide(static_cast<std::size_t>(needed), L'\0');
  MultiByteToWideChar(CP_UTF8, 0, text.data(), length, wide.data(), needed);
  return Path(wide);
}

}  // namespace tidesync
