// A library that is loaded before all others (LD_PRELOAD) into the real tidesync and disturbs one
// of the calls that change something in the file system: SQLite's, too, since it goes through the
// same names of libc.
//
//   TIDESYNC_CRASH_UNDER=/folder     calls on files below it are counted, from 1; others pass
//   TIDESYNC_CRASH_COUNT=/file       at its end the process writes here how many there were
//   TIDESYNC_CRASH_TRACE=/file       and each of them here, a line each
//   TIDESYNC_CRASH=kill:K            SIGKILL right before the K-th call
//                  tear:K            the same, but if it writes, half of its bytes are written
//                  fail:K:E          the K-th is not made and answers the errno E
//                  fail_from:K:E     that one and all after it; of ENOSPC only those that need room
//                  lie:K:E           the K-th is made and answers the errno E
// A close that fails does close, as on Linux. What a process writes through mapped memory (SQLite's
// -shm file) and through stdio (the log) is not seen.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

enum class Mode { kNone, kKill, kTear, kFail, kFailFrom, kLie };
enum class Needs { kRoom, kNothing };

struct Settings {
  Mode mode = Mode::kNone;
  long at = 0;
  int error = 0;
  std::string under;
  std::string count_file;
  int trace = -1;
};

std::atomic<long> calls{0};
std::array<std::atomic<bool>, 4096> written{};  // descriptors whose close() matters

template <typename Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Mode mode_of(const std::string& name) {
  if (name == "kill") return Mode::kKill;
  if (name == "tear") return Mode::kTear;
  if (name == "fail") return Mode::kFail;
  if (name == "fail_from") return Mode::kFailFrom;
  return name == "lie" ? Mode::kLie : Mode::kNone;
}

Settings read_settings() {
  Settings settings;
  settings.under = variable("TIDESYNC_CRASH_UNDER");
  settings.count_file = variable("TIDESYNC_CRASH_COUNT");
  const std::string trace = variable("TIDESYNC_CRASH_TRACE");
  if (!trace.empty()) {
    const auto open_it = real<int (*)(const char*, int, ...)>("open");
    settings.trace = open_it(trace.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  }
  const std::string what = variable("TIDESYNC_CRASH");
  settings.mode = mode_of(what.substr(0, what.find(':')));
  if (settings.mode != Mode::kNone) {
    std::sscanf(what.c_str() + what.find(':'), ":%ld:%d", &settings.at, &settings.error);
  }
  return settings;
}

const Settings& settings() {
  static const Settings* const kSettings = new Settings(read_settings());  // outlives all
  return *kSettings;
}

bool is_ours(const char* path) {
  const std::string& under = settings().under;
  return !under.empty() && path != nullptr && std::strncmp(path, under.c_str(), under.size()) == 0;
}

std::string path_of(int fd) {
  char link[64];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  char path[PATH_MAX];
  const ssize_t size = ::readlink(link, path, sizeof path);
  return size <= 0 ? "" : std::string(path, static_cast<std::size_t>(size));
}

void trace(long number, const char* name, const char* path) {
  char line[PATH_MAX + 64];
  const int size = std::snprintf(line, sizeof line, "%ld %s %s\n", number, name, path);
  const auto write_it = real<ssize_t (*)(int, const void*, size_t)>("write");
  if (settings().trace >= 0) write_it(settings().trace, line, static_cast<std::size_t>(size));
}

[[noreturn]] void die() {
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

// What happens to a call: counted, and perhaps disturbed.
class Call {
 public:
  Call(const char* name, const char* path, Needs needs) {
    if (!is_ours(path)) return;
    const long number = ++calls;
    trace(number, name, path);
    const Settings& plan = settings();
    const bool from_here = plan.mode == Mode::kFailFrom && number >= plan.at &&
                           (plan.error != ENOSPC || needs == Needs::kRoom);
    if (number == plan.at || from_here) mode_ = plan.mode;
    if (mode_ == Mode::kFailFrom && !from_here) mode_ = Mode::kNone;
    if (mode_ == Mode::kKill) die();
  }
  Call(const char* name, int fd, Needs needs) : Call(name, path_of(fd).c_str(), needs) {}

  bool tears() const { return mode_ == Mode::kTear; }
  bool fails() const { return mode_ == Mode::kFail || mode_ == Mode::kFailFrom; }

  // Makes the call, or not.
  template <typename Make>
  auto answer(Make make) const {
    using Result = decltype(make());
    if (fails()) {
      errno = settings().error;
      return Result{-1};
    }
    const Result result = make();
    if (tears()) die();
    if (mode_ != Mode::kLie) return result;
    errno = settings().error;
    return Result{-1};
  }

 private:
  Mode mode_ = Mode::kNone;
};

void note_written(int fd, bool value) {
  if (fd >= 0 && static_cast<std::size_t>(fd) < written.size()) {
    written[static_cast<std::size_t>(fd)] = value;
  }
}

bool makes_a_file(const char* path, int flags) {
  struct stat info;
  if ((flags & O_TRUNC) != 0) return true;
  return (flags & O_CREAT) != 0 && ::lstat(path, &info) != 0;
}

using Open = int (*)(const char*, int, ...);

int open_with(const char* name, const char* path, int flags, mode_t mode) {
  const auto next = real<Open>(name);
  if (!is_ours(path) || !makes_a_file(path, flags)) return next(path, flags, mode);
  const Call call(name, path, Needs::kRoom);
  int opened = -1;
  const int answered = call.answer([&] { return opened = next(path, flags, mode); });
  if (answered < 0 && opened >= 0) ::close(opened);
  note_written(answered, true);
  return answered;
}

template <typename Make>
ssize_t write_with(const char* name, int fd, std::size_t size, Make make) {
  const Call call(name, fd, Needs::kRoom);
  note_written(fd, true);
  return call.answer([&] { return make(call.tears() ? size / 2 : size); });
}

__attribute__((destructor)) void write_count() {
  const Settings& plan = settings();
  if (plan.count_file.empty()) return;
  std::FILE* file = std::fopen(plan.count_file.c_str(), "w");
  if (file == nullptr) return;
  std::fprintf(file, "%ld\n", calls.load());
  std::fclose(file);
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = va_arg(rest, mode_t);
  va_end(rest);
  return open_with("open", path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = va_arg(rest, mode_t);
  va_end(rest);
  return open_with("open64", path, flags, mode);
}

ssize_t write(int fd, const void* bytes, size_t size) {
  static const auto next = real<ssize_t (*)(int, const void*, size_t)>("write");
  return write_with("write", fd, size, [&](size_t part) { return next(fd, bytes, part); });
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  static const auto next = real<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  return write_with("pwrite", fd, size, [&](size_t part) { return next(fd, bytes, part, at); });
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  static const auto next = real<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  return write_with("pwrite64", fd, size, [&](size_t part) { return next(fd, bytes, part, at); });
}

int ftruncate(int fd, off_t size) noexcept {
  static const auto next = real<int (*)(int, off_t)>("ftruncate");
  return Call("ftruncate", fd, Needs::kRoom).answer([&] { return next(fd, size); });
}

int ftruncate64(int fd, off64_t size) noexcept {
  static const auto next = real<int (*)(int, off64_t)>("ftruncate64");
  return Call("ftruncate64", fd, Needs::kRoom).answer([&] { return next(fd, size); });
}

int fsync(int fd) {
  static const auto next = real<int (*)(int)>("fsync");
  return Call("fsync", fd, Needs::kRoom).answer([&] { return next(fd); });
}

int fdatasync(int fd) {
  static const auto next = real<int (*)(int)>("fdatasync");
  return Call("fdatasync", fd, Needs::kRoom).answer([&] { return next(fd); });
}

int close(int fd) {
  static const auto next = real<int (*)(int)>("close");
  const auto slot = static_cast<std::size_t>(fd);
  const bool counts = fd >= 0 && slot < written.size() && written[slot];
  note_written(fd, false);
  if (!counts) return next(fd);
  const Call call("close", fd, Needs::kRoom);
  if (call.fails()) next(fd);
  return call.answer([&] { return next(fd); });
}

int rename(const char* from, const char* to) noexcept {
  static const auto next = real<int (*)(const char*, const char*)>("rename");
  return Call("rename", to, Needs::kRoom).answer([&] { return next(from, to); });
}

int link(const char* from, const char* to) noexcept {
  static const auto next = real<int (*)(const char*, const char*)>("link");
  return Call("link", to, Needs::kRoom).answer([&] { return next(from, to); });
}

int unlink(const char* path) noexcept {
  static const auto next = real<int (*)(const char*)>("unlink");
  return Call("unlink", path, Needs::kNothing).answer([&] { return next(path); });
}

int rmdir(const char* path) noexcept {
  static const auto next = real<int (*)(const char*)>("rmdir");
  return Call("rmdir", path, Needs::kNothing).answer([&] { return next(path); });
}

int remove(const char* path) noexcept {
  static const auto next = real<int (*)(const char*)>("remove");
  return Call("remove", path, Needs::kNothing).answer([&] { return next(path); });
}

int mkdir(const char* path, mode_t mode) noexcept {
  static const auto next = real<int (*)(const char*, mode_t)>("mkdir");
  return Call("mkdir", path, Needs::kRoom).answer([&] { return next(path, mode); });
}

}  // extern "C"
