// posix_spawn(3) and not fork(2): nothing of ours runs in the child, and its cost does not grow
// with our memory. The input is an unlinked file and not a pipe, which would hold us up when it is
// full.
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/filesystem/operations.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <system_error>
#include <utility>

#include "base/child_process.h"
#include "base/clock.h"
#include "base/error.h"

#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

extern char** environ;

namespace tidesync {
namespace {

constexpr std::size_t kMaxOutputBytes = 16u << 20;
// A program may end while one of its own children keeps our pipe open, so its end is looked for.
constexpr std::int64_t kLookMs = 250;
constexpr std::int64_t kLookClosedMs = 10;
constexpr int kSignalled = 128;

[[noreturn]] void throw_start(const std::string& program, int err) {
  const bool missing = err == ENOENT || err == ENOTDIR;
  throw Error(missing         ? ErrorCode::kNotFound
              : err == EACCES ? ErrorCode::kNoPermission
                              : ErrorCode::kIo,
              "start program", program, std::generic_category().message(err));
}

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { reset(); }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_ = -1;
};

void open_input(const ChildCommand& command, Descriptor& input) {
  if (command.input.empty()) {
    input.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    return;
  }
  std::FILE* file = std::tmpfile();
  if (file == nullptr) throw_start(command.words.front(), errno);
  const bool written =
      std::fwrite(command.input.data(), 1, command.input.size(), file) == command.input.size() &&
      std::fflush(file) == 0 && ::lseek(::fileno(file), 0, SEEK_SET) == 0;
  input.reset(::fcntl(::fileno(file), F_DUPFD_CLOEXEC, 3));
  std::fclose(file);
  if (!written || input.get() < 0) throw_start(command.words.front(), EIO);
}

// Attributes and actions of one posix_spawn.
class Spawn {
 public:
  Spawn() {
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawn_file_actions_init(&actions_);
  }
  Spawn(const Spawn&) = delete;
  Spawn& operator=(const Spawn&) = delete;
  ~Spawn() {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&actions_);
  }

  void connect(int from, int to) { ::posix_spawn_file_actions_adddup2(&actions_, from, to); }

  int start(const std::vector<std::string>& words, bool own_group, pid_t& pid) {
    sigset_t all;
    sigset_t none;
    ::sigfillset(&all);
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);  // it knows nothing of our handlers
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    short flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
    if (own_group) {
      ::posix_spawnattr_setpgroup(&attributes_, 0);
      flags |= POSIX_SPAWN_SETPGROUP;
    }
    ::posix_spawnattr_setflags(&attributes_, flags);
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    return ::posix_spawnp(&pid, arguments.front(), &actions_, &attributes_, arguments.data(),
                          environ);
  }

 private:
  posix_spawnattr_t attributes_{};
  posix_spawn_file_actions_t actions_{};
};

class PosixChild : public ChildProcess {
 public:
  PosixChild(pid_t pid, bool own_group, int output)
      : pid_(pid), own_group_(own_group), pipe_(output) {}
  PosixChild(const PosixChild&) = delete;
  PosixChild& operator=(const PosixChild&) = delete;
  ~PosixChild() override { look(); }  // no zombie of one that has ended

  std::string take_output() override {
    drain();
    return std::exchange(output_, {});
  }

  std::optional<int> exit_code() override {
    look();
    return code_;
  }

  std::optional<int> wait(std::int64_t limit_ms) override {
    const std::int64_t end_ms = clock_.monotonic_ms() + limit_ms;
    for (;;) {
      drain();
      look();
      const std::int64_t left_ms = end_ms - clock_.monotonic_ms();
      if (code_ || left_ms <= 0) break;
      pollfd pipe{pipe_.get(), POLLIN, 0};
      const bool open = pipe_.get() >= 0;
      const auto slice = static_cast<int>(std::min(left_ms, open ? kLookMs : kLookClosedMs));
      if (::poll(&pipe, open ? 1 : 0, slice) < 0) break;  // a signal
    }
    drain();
    return code_;
  }

  void ask_to_end() override { send(SIGTERM); }
  void kill() override {
    send(SIGKILL);
    wait(kLookMs);  // mostly it is gone at once, and no zombie stays
  }
  std::int64_t id() const override { return pid_; }

 private:
  void send(int signal) {
    look();
    if (!code_) ::kill(own_group_ ? -pid_ : pid_, signal);
  }

  void look() {
    int status = 0;
    if (code_ || ::waitpid(pid_, &status, WNOHANG) != pid_) return;
    code_ = WIFSIGNALED(status) ? kSignalled + WTERMSIG(status) : WEXITSTATUS(status);
  }

  void drain() {
    std::array<char, 65536> buffer;
    while (pipe_.get() >= 0) {
      const ssize_t got = ::read(pipe_.get(), buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) continue;
      if (got == 0) pipe_.reset();
      if (got <= 0) return;
      const std::size_t room = kMaxOutputBytes - std::min(output_.size(), kMaxOutputBytes);
      output_.append(buffer.data(), std::min(static_cast<std::size_t>(got), room));
    }
  }

  SystemClock clock_;
  pid_t pid_;
  bool own_group_;
  Descriptor pipe_;
  std::string output_;
  std::optional<int> code_;
};

}  // namespace

std::unique_ptr<ChildProcess> ChildProcess::start(const ChildCommand& command) {
  Descriptor input;
  open_input(command, input);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw_start(command.words.front(), errno);
  Descriptor ours(ends[0]);
  const Descriptor theirs(ends[1]);
  ::fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  Spawn spawn;
  spawn.connect(input.get(), STDIN_FILENO);
  spawn.connect(theirs.get(), STDOUT_FILENO);
  if (command.capture_errors) spawn.connect(theirs.get(), STDERR_FILENO);
  pid_t pid = 0;
  if (const int err = spawn.start(command.words, command.own_group, pid); err != 0)
    throw_start(command.words.front(), err);
  return std::make_unique<PosixChild>(pid, command.own_group, ours.release());
}

std::vector<std::string> shell_words(const std::string& command_line) {
  return {"/bin/sh", "-c", command_line};
}

std::int64_t own_process_id() {
  return ::getpid();
}

Path own_program() {
#ifdef __APPLE__
  std::uint32_t size = 0;
  ::_NSGetExecutablePath(nullptr, &size);
  std::string text(size, '\0');
  ::_NSGetExecutablePath(text.data(), &size);
  return boost::filesystem::canonical(Path(text.c_str()));
#else
  // A program that was replaced while it runs, by an update: the new one has its name.
  static constexpr std::string_view kReplaced = " (deleted)";
  std::string text = boost::filesystem::read_symlink("/proc/self/exe").string();
  if (text.size() > kReplaced.size() &&
      text.compare(text.size() - kReplaced.size(), kReplaced.size(), kReplaced) == 0)
    text.resize(text.size() - kReplaced.size());
  return text;
#endif
}

}  // namespace tidesync
