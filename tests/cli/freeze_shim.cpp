// A share whose server is gone: loaded into the real program (LD_PRELOAD), it lets no call on a
// path below $TIDESYNC_FROZEN_FOLDER return as long as the file $TIDESYNC_FREEZE exists, not even
// for a signal that the program handles, as a hard mount does.
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <csignal>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace {

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

bool is_frozen() {
  static const char* flag = std::getenv("TIDESYNC_FREEZE");
  static const auto real_access = next<int (*)(const char*, int)>("access");
  return flag != nullptr && real_access(flag, F_OK) == 0;
}

void hang_on(const char* path) {
  static const char* folder = std::getenv("TIDESYNC_FROZEN_FOLDER");
  if (folder == nullptr || path == nullptr || std::strncmp(path, folder, std::strlen(folder)) != 0)
    return;
  if (!is_frozen()) return;
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::sigprocmask(SIG_BLOCK, &all, &before);
  while (is_frozen()) {
    const timespec pause{0, 20'000'000};
    ::nanosleep(&pause, nullptr);
  }
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  static const auto real = next<int (*)(const char*, int, ...)>("open");
  va_list arguments;
  va_start(arguments, flags);
  const unsigned mode = (flags & O_CREAT) != 0 ? va_arg(arguments, unsigned) : 0;
  va_end(arguments);
  hang_on(path);
  return real(path, flags, mode);
}

int stat(const char* path, struct stat* info) {
  static const auto real = next<int (*)(const char*, struct stat*)>("stat");
  hang_on(path);
  return real(path, info);
}

int lstat(const char* path, struct stat* info) {
  static const auto real = next<int (*)(const char*, struct stat*)>("lstat");
  hang_on(path);
  return real(path, info);
}

DIR* opendir(const char* path) {
  static const auto real = next<DIR* (*)(const char*)>("opendir");
  hang_on(path);
  return real(path);
}

int link(const char* from, const char* to) {
  static const auto real = next<int (*)(const char*, const char*)>("link");
  hang_on(to);
  return real(from, to);
}

int rename(const char* from, const char* to) {
  static const auto real = next<int (*)(const char*, const char*)>("rename");
  hang_on(to);
  return real(from, to);
}
}
