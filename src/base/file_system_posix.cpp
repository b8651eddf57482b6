// The disk by POSIX calls.
//
// Every call that may be repeated without changing its meaning is repeated on EINTR (Linux cifs
// returns it despite SA_RESTART) and, for a while, on EAGAIN (cifs says it once when a server comes
// back). link and rename may have happened although they answered an error; they are never repeated
// blindly and answer kUnknown.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <system_error>
#include <thread>

#include "base/error.h"
#include "base/file_system.h"

namespace tidesync {
namespace {

constexpr int kAgainTries = 20;
constexpr int kAgainPauseMs = 100;
constexpr int kRenameTries = 6;          // of a rename over a file that is still open somewhere:
constexpr int kRenameFirstPauseMs = 50;  // 50 + 100 + ... + 800 ms, about 1.5 s
// macOS refuses more than INT_MAX bytes at once, Linux moves at most 2 GiB - 4 KiB.
constexpr std::size_t kMaxBytesPerCall = std::size_t{1} << 30;

void pause_ms(int duration_ms) {
  std::this_thread::sleep_for(std::chrono::milliseconds(duration_ms));
}

ErrorCode code_of(int err) {
  switch (err) {
    case ENOENT:
    case ENOTDIR:
      return ErrorCode::kNotFound;
    case EEXIST:
      return ErrorCode::kAlreadyExists;
    case EACCES:
    case EPERM:
      return ErrorCode::kNoPermission;
    case EROFS:
      return ErrorCode::kReadOnly;
    case ENOSPC:
    case EDQUOT:
      return ErrorCode::kDiskFull;
    case ESTALE:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENETDOWN:
    case ENETUNREACH:
    case ETIMEDOUT:
    case ENOTCONN:
      return ErrorCode::kShareUnreachable;
    default:
      return ErrorCode::kIo;
  }
}

[[noreturn]] void throw_errno(const char* operation, const Path& path, int err) {
  throw Error(code_of(err), operation, to_utf8(path), std::generic_category().message(err));
}

// Calls until it neither fails with EINTR nor (too often) with EAGAIN.
template <typename Call>
auto retried(Call call) {
  for (int again = 0;;) {
    const auto result = call();
    if (result != -1) return result;
    if (errno == EINTR) continue;
    if (errno != EAGAIN || ++again == kAgainTries) return result;
    pause_ms(kAgainPauseMs);
  }
}

bool means_absent(int err) {
  return err == ENOENT || err == ENOTDIR;
}

// The store says that it has no such operation. EMLINK belongs here: we only ever make a second
// name.
bool means_unsupported(int err) {
  return err == EINVAL || err == ENOTSUP || err == EOPNOTSUPP || err == ENOSYS || err == EXDEV ||
         err == EMLINK;
}

// Certain that nothing happened, and that trying again by itself will not help.
bool means_refused(int err) {
  return err == ENOSPC || err == EDQUOT || err == EROFS || err == ENAMETOOLONG || err == ELOOP;
}

bool something_has_name(const Path& path) {
  struct stat info;
  return retried([&] { return ::lstat(path.c_str(), &info); }) == 0;
}

// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }

 private:
  int fd_;
};

class PosixReadHandle : public ReadHandle {
 public:
  PosixReadHandle(int fd, Path path, std::uint64_t size)
      : fd_(fd), path_(std::move(path)), size_(size) {}

  std::size_t read(char* buffer, std::size_t size) override {
    std::size_t done = 0;
    while (done < size) {
      const std::size_t ask = std::min(size - done, kMaxBytesPerCall);
      const auto got = retried(
          [&] { return ::pread(fd_.get(), buffer + done, ask, static_cast<off_t>(offset_)); });
      if (got < 0) throw_errno("read", path_, errno);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
      offset_ += static_cast<std::uint64_t>(got);
    }
    return done;
  }

  void seek(std::uint64_t offset) override { offset_ = offset; }
  std::uint64_t size() const override { return size_; }

 private:
  Descriptor fd_;
  Path path_;
  std::uint64_t size_;
  std::uint64_t offset_ = 0;
};

class PosixWriteHandle : public WriteHandle {
 public:
  PosixWriteHandle(int fd, Path path) : fd_(fd), path_(std::move(path)) {}

  void write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const std::size_t ask = std::min(bytes.size(), kMaxBytesPerCall);
      const auto put = retried([&] { return ::write(fd_.get(), bytes.data(), ask); });
      if (put < 0) throw_errno("write", path_, errno);
      if (put == 0) throw_errno("write", path_, EIO);
      bytes.remove_prefix(static_cast<std::size_t>(put));
    }
  }

  void sync() override {
#ifdef F_FULLFSYNC
    // macOS: fsync leaves the bytes in the drive's cache; a network mount may not know this call.
    if (retried([&] { return ::fcntl(fd_.get(), F_FULLFSYNC); }) == 0) return;
#endif
    if (retried([&] { return ::fsync(fd_.get()); }) != 0) throw_errno("sync", path_, errno);
  }

  // Not repeated: on Linux the descriptor is gone whatever close() answers. Its answer counts, for
  // NFS and cifs report here what they could not write.
  void close() override {
    if (::close(fd_.release()) != 0) throw_errno("close", path_, errno);
  }

 private:
  Descriptor fd_;
  Path path_;
};

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

int stat_entry_plainly(int directory_fd, DirEntry& entry) {
  struct stat info;
  if (::fstatat(directory_fd, entry.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return errno;
  entry.is_directory = S_ISDIR(info.st_mode);
  entry.size = entry.is_directory ? 0 : static_cast<std::uint64_t>(info.st_size);
  return 0;
}

// Type and size from the attributes that the listing itself has brought: no question to the server
// per name. Returns 0 or an errno.
int stat_entry(int directory_fd, DirEntry& entry) {
#ifdef STATX_SIZE
  struct statx info;
  const int flags = AT_STATX_DONT_SYNC | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;
  if (::statx(directory_fd, entry.name.c_str(), flags, STATX_TYPE | STATX_SIZE, &info) == 0) {
    entry.is_directory = S_ISDIR(info.stx_mode);
    entry.size = entry.is_directory ? 0 : info.stx_size;
    return 0;
  }
  // EPERM: an old container's filter that does not know the call.
  if (errno != ENOSYS && errno != EPERM) return errno;
#endif
  return stat_entry_plainly(directory_fd, entry);
}

std::int64_t modified_ms_of(const struct stat& info) {
#ifdef __APPLE__
  const struct timespec& at = info.st_mtimespec;
#else
  const struct timespec& at = info.st_mtim;
#endif
  return static_cast<std::int64_t>(at.tv_sec) * 1000 + at.tv_nsec / 1000000;
}

}  // namespace

std::vector<DirEntry> DiskFileSystem::list(const Path& directory) {
  DIR* opened = nullptr;
  do {
    opened = ::opendir(directory.c_str());
  } while (opened == nullptr && errno == EINTR);
  if (opened == nullptr) throw_errno("list", directory, errno);
  const std::unique_ptr<DIR, CloseDirectory> stream(opened);

  std::vector<DirEntry> entries;
  for (;;) {
    errno = 0;
    const struct dirent* found = ::readdir(opened);
    if (found == nullptr) {
      if (errno == EINTR) continue;
      if (errno != 0) throw_errno("list", directory, errno);
      return entries;
    }
    DirEntry entry;
    entry.name = found->d_name;
    if (entry.name == "." || entry.name == "..") continue;
#ifdef DT_DIR
    entry.is_directory = found->d_type == DT_DIR;
#endif
    if (!entry.is_directory) {
      const int err = stat_entry(::dirfd(opened), entry);
      if (means_absent(err) || err == ESTALE) continue;  // removed meanwhile
      // Any other trouble with one name must not hide the rest: the name stands, its size is 0.
    }
    entries.push_back(std::move(entry));
  }
}

std::optional<FileInfo> DiskFileSystem::stat(const Path& path) {
  struct stat info;
  if (retried([&] { return ::stat(path.c_str(), &info); }) != 0) {
    if (means_absent(errno)) return std::nullopt;
    throw_errno("look at", path, errno);
  }
  FileInfo result;
  result.is_directory = S_ISDIR(info.st_mode);
  result.size = result.is_directory ? 0 : static_cast<std::uint64_t>(info.st_size);
  result.modified_ms = modified_ms_of(info);
  return result;
}

std::unique_ptr<ReadHandle> DiskFileSystem::open_read(const Path& path) {
  // Not O_NONBLOCK, which would fail on a file whose lease the local Samba has to call back.
  const int fd = retried([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY); });
  if (fd < 0) {
    if (means_absent(errno)) return nullptr;
    throw_errno("open", path, errno);
  }
  Descriptor owner(fd);
  struct stat info;
  if (retried([&] { return ::fstat(fd, &info); }) != 0) throw_errno("open", path, errno);
  if (S_ISDIR(info.st_mode)) throw_errno("open", path, EISDIR);
#ifdef POSIX_FADV_DONTNEED
  // What an earlier read left in this computer's cache proves nothing about the server's disk.
  ::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  ::posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
#endif
  return std::make_unique<PosixReadHandle>(owner.release(), path,
                                           static_cast<std::uint64_t>(info.st_size));
}

std::unique_ptr<WriteHandle> DiskFileSystem::create_new(const Path& path) {
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY;
  const int fd = retried([&] { return ::open(path.c_str(), flags, 0666); });
  if (fd >= 0) return std::make_unique<PosixWriteHandle>(fd, path);
  int err = errno;
  if (err == EPERM && something_has_name(path)) err = EEXIST;  // sshfs, for a taken name
  throw_errno("create", path, err);
}

NameOutcome DiskFileSystem::link_new(const Path& from, const Path& to) {
  if (::link(from.c_str(), to.c_str()) == 0) return NameOutcome::kCreated;
  const int err = errno;
  if (err == EEXIST) return NameOutcome::kExists;
  if (means_unsupported(err)) return NameOutcome::kUnsupported;
  if (means_absent(err) || means_refused(err)) throw_errno("link", to, err);
  if (err == EPERM) {
    // Said by sshfs for a taken name, and by FAT and many FUSE mounts for want of hard links.
    return something_has_name(to) ? NameOutcome::kExists : NameOutcome::kUnsupported;
  }
  // EIO, EACCES, EINTR, ETIMEDOUT, EHOSTDOWN, ESTALE ...: cifs and NFS say these also for links
  // that happened, or that the server makes a moment later.
  return NameOutcome::kUnknown;
}

// rename(2), whose promise not to replace a directory that has something in it is kept by the
// server of every file system we know. Never renameat2(RENAME_NOREPLACE): Linux cifs sends it as
// "replace if it exists" and two clients both win (docs/protocol.md, section 3), NFS and FUSE
// refuse it.
NameOutcome DiskFileSystem::rename_directory_new(const Path& from, const Path& to) {
  // The slash makes it fail for a file, which rename(2) would let replace another file.
  const std::string source = from.native() + "/";
  if (::rename(source.c_str(), to.c_str()) == 0) return NameOutcome::kCreated;
  const int err = errno;
  if (err == ENOTEMPTY || err == EEXIST || err == ENOTDIR) return NameOutcome::kExists;
  if (means_unsupported(err)) return NameOutcome::kUnsupported;
  if (means_refused(err)) throw_errno("rename", to, err);
  if (err == ENOENT) {
    // NFS repeats a request whose answer was lost; the second one then finds the source gone.
    if (something_has_name(to)) return NameOutcome::kUnknown;
    throw_errno("rename", to, err);
  }
  if (err == EPERM && something_has_name(to)) return NameOutcome::kExists;  // sshfs
  return NameOutcome::kUnknown;
}

void DiskFileSystem::rename_replacing(const Path& from, const Path& to) {
  bool may_have_happened = false;
  for (int attempt = 1;; ++attempt) {
    if (::rename(from.c_str(), to.c_str()) == 0) return;
    const int err = errno;
    // An interrupted attempt was carried out after all.
    if (err == ENOENT && may_have_happened && something_has_name(to)) return;
    // A cifs mount keeps files open for some seconds after close and refuses with EACCES meanwhile.
    const bool held_open = err == EACCES || err == EBUSY || err == ETXTBSY;
    const bool interrupted = err == EINTR || err == EAGAIN;
    if ((!held_open && !interrupted) || attempt >= kRenameTries) throw_errno("rename", to, err);
    may_have_happened = may_have_happened || interrupted;
    pause_ms(kRenameFirstPauseMs << (attempt - 1));
  }
}

bool DiskFileSystem::remove(const Path& path) {
  bool interrupted = false;
  for (;;) {
    // std::remove is unlink and, for a directory, rmdir.
    if (std::remove(path.c_str()) == 0) return true;
    if (errno == EINTR) {
      interrupted = true;
      continue;
    }
    if (means_absent(errno)) return interrupted;
    if (errno == EEXIST || errno == ENOTEMPTY) {
      throw Error(ErrorCode::kIo, "remove", to_utf8(path), "the folder is not empty");
    }
    throw_errno("remove", path, errno);
  }
}

bool DiskFileSystem::create_directory(const Path& path) {
  if (retried([&] { return ::mkdir(path.c_str(), 0777); }) == 0) return true;
  const int err = errno;
  if (err == EEXIST) return false;
  if (err == EPERM && something_has_name(path)) return false;  // sshfs
  throw_errno("create folder", path, err);
}

void DiskFileSystem::sync_directory(const Path& directory) {
  const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  const Descriptor fd(retried([&] { return ::open(directory.c_str(), flags); }));
  if (fd.get() < 0) throw_errno("sync folder", directory, errno);
  if (retried([&] { return ::fsync(fd.get()); }) == 0) return;
  const int err = errno;
  // Network and FUSE mounts that have nothing to offer for directories.
  if (err == EINVAL || err == EBADF || means_unsupported(err)) return;
  throw_errno("sync folder", directory, err);
}

std::string to_utf8(const Path& path) {
  return path.native();
}
Path from_utf8(std::string_view text) {
  return Path(std::string(text));
}

}  // namespace tidesync
