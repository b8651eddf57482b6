// The lock is a byte range far behind the note, so that the note can be read while it is held. A
// second ProcessLock of the same process has another handle and is refused as well.
#include <windows.h>

#include "base/error.h"
#include "base/process_lock.h"

namespace tidesync {
namespace {

constexpr DWORD kLockOffset = 0x40000000;

[[noreturn]] void throw_windows(const Path& file, DWORD err) {
  const ErrorCode code = err == ERROR_PATH_NOT_FOUND  ? ErrorCode::kNotFound
                         : err == ERROR_ACCESS_DENIED ? ErrorCode::kNoPermission
                         : err == ERROR_WRITE_PROTECT ? ErrorCode::kReadOnly
                         : err == ERROR_DISK_FULL     ? ErrorCode::kDiskFull
                                                      : ErrorCode::kIo;
  throw Error(code, "lock", to_utf8(file), "Windows error " + std::to_string(err));
}

class WindowsProcessLock : public ProcessLock {
 public:
  explicit WindowsProcessLock(HANDLE handle) : handle_(handle) {}
  WindowsProcessLock(const WindowsProcessLock&) = delete;
  WindowsProcessLock& operator=(const WindowsProcessLock&) = delete;
  ~WindowsProcessLock() override { CloseHandle(handle_); }

  // The note is a courtesy: a full disk does not keep us from running.
  void write_note(const std::string& note) const {
    DWORD written = 0;
    if (WriteFile(handle_, note.data(), static_cast<DWORD>(note.size()), &written, nullptr)) {
      SetEndOfFile(handle_);
    }
  }

 private:
  HANDLE handle_;
};

}  // namespace

std::unique_ptr<ProcessLock> ProcessLock::try_acquire(const Path& file, const std::string& note) {
  // Not shared for deletion: nobody takes the name away while the lock is held.
  HANDLE handle =
      CreateFileW(file.c_str(), GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                  nullptr, OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (handle == INVALID_HANDLE_VALUE) throw_windows(file, GetLastError());
  auto lock = std::make_unique<WindowsProcessLock>(handle);
  OVERLAPPED at{};
  at.Offset = kLockOffset;
  const DWORD flags = LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY;
  if (!LockFileEx(handle, flags, 0, 1, 0, &at)) {
    const DWORD err = GetLastError();
    if (err == ERROR_LOCK_VIOLATION || err == ERROR_IO_PENDING) return nullptr;
    throw_windows(file, err);
  }
  lock->write_note(note);
  return lock;
}

}  // namespace tidesync
