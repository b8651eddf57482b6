// The lock is flock(2), which belongs to the open file and not to the process: a second ProcessLock
// of the same process is refused as well, and closing another descriptor of the file does not give
// it up, as it would with fcntl locks. A child made by fork shares it until it calls exec
// (O_CLOEXEC).
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/error.h"
#include "base/process_lock.h"

namespace tidesync {
namespace {

[[noreturn]] void throw_errno(const Path& file, int err) {
  const ErrorCode code = err == ENOENT || err == ENOTDIR  ? ErrorCode::kNotFound
                         : err == EACCES || err == EPERM  ? ErrorCode::kNoPermission
                         : err == EROFS                   ? ErrorCode::kReadOnly
                         : err == ENOSPC || err == EDQUOT ? ErrorCode::kDiskFull
                                                          : ErrorCode::kIo;
  throw Error(code, "lock", to_utf8(file), std::generic_category().message(err));
}

class PosixProcessLock : public ProcessLock {
 public:
  explicit PosixProcessLock(int fd) : fd_(fd) {}
  PosixProcessLock(const PosixProcessLock&) = delete;
  PosixProcessLock& operator=(const PosixProcessLock&) = delete;
  ~PosixProcessLock() override { ::close(fd_); }

  // Whether the name still refers to the file we opened: somebody may have deleted it meanwhile,
  // and the next comer would lock a new file of that name.
  bool still_has_name(const Path& file) const {
    struct stat ours;
    struct stat named;
    return ::fstat(fd_, &ours) == 0 && ::stat(file.c_str(), &named) == 0 &&
           ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
  }

  // The note is a courtesy: a full disk does not keep us from running.
  void write_note(const std::string& note) const {
    if (::ftruncate(fd_, 0) != 0) return;
    const auto written = ::pwrite(fd_, note.data(), note.size(), 0);
    static_cast<void>(written);
  }

 private:
  int fd_;
};

int open_lock_file(const Path& file) {
  for (;;) {
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
    if (fd >= 0) return fd;
    if (errno != EINTR) throw_errno(file, errno);
  }
}

}  // namespace

std::unique_ptr<ProcessLock> ProcessLock::try_acquire(const Path& file, const std::string& note) {
  for (;;) {
    const int fd = open_lock_file(file);
    auto lock = std::make_unique<PosixProcessLock>(fd);
    while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) return nullptr;
      if (errno != EINTR) throw_errno(file, errno);
    }
    if (!lock->still_has_name(file)) continue;
    lock->write_note(note);
    return lock;
  }
}

}  // namespace tidesync
