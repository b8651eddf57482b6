#include "cli/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace tidesync::test {
namespace {

constexpr std::int64_t kLimitMs = 60'000;

std::string executable() {
  const char* other = std::getenv("TIDESYNC_TEST_BINARY");
  return other == nullptr ? TIDESYNC_BINARY : other;
}

int nameless_file(const char* name) {
  const int descriptor = ::memfd_create(name, MFD_CLOEXEC);
  if (descriptor < 0) throw std::runtime_error("memfd_create failed");
  return descriptor;
}

std::string content_of(int descriptor) {
  std::string text;
  std::array<char, 65536> buffer{};
  ::lseek(descriptor, 0, SEEK_SET);
  for (;;) {
    const ssize_t size = ::read(descriptor, buffer.data(), buffer.size());
    if (size <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(size));
  }
}

// In the child, between fork and exec.
[[noreturn]] void become(const std::vector<char*>& arguments, const ProcessOptions& options,
                         int out, int err) {
  ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  if (!options.working_folder.empty() && ::chdir(options.working_folder.c_str()) != 0) ::_exit(126);
  if (options.user_id >= 0) {
    const auto id = static_cast<uid_t>(options.user_id);
    if (::setgid(id) != 0 || ::setuid(id) != 0) ::_exit(126);
  }
  for (const std::string& variable : options.environment) {
    const auto name_end = variable.find('=');
    ::setenv(variable.substr(0, name_end).c_str(), variable.c_str() + name_end + 1, 1);
  }
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

}  // namespace

nlohmann::json Outcome::json() const {
  auto value = nlohmann::json::parse(out, nullptr, false);
  if (!value.is_discarded()) return value;
  ADD_FAILURE() << "no JSON: " << text();
  return nullptr;
}

std::string Outcome::text() const {
  return "exit code " + std::to_string(exit_code) + "\n--- out\n" + out + "--- err\n" + err;
}

Process::Process(const std::vector<std::string>& arguments, const ProcessOptions& options)
    : out_(nameless_file("out")), err_(nameless_file("err")) {
  std::vector<std::string> words{executable()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) become(pointers, options, out_, err_);
  if (pid_ < 0) throw std::runtime_error("fork failed");
}

Process::~Process() {
  if (!reaped_) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, &status_, 0);
  }
  ::close(out_);
  ::close(err_);
}

void Process::send(int signal) {
  if (!reaped_) ::kill(pid_, signal);
}

bool Process::ended_within_ms(std::int64_t limit_ms) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(limit_ms);
  for (;;) {
    if (reaped_ || ::waitpid(pid_, &status_, WNOHANG) == pid_) return reaped_ = true;
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

Outcome Process::wait() {
  if (!ended_within_ms(kLimitMs)) {
    ADD_FAILURE() << "tidesync did not end within a minute";
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, &status_, 0);
    reaped_ = true;
  }
  Outcome outcome;
  outcome.exit_code = WIFSIGNALED(status_) ? 128 + WTERMSIG(status_) : WEXITSTATUS(status_);
  outcome.out = content_of(out_);
  outcome.err = content_of(err_);
  return outcome;
}

Outcome tidesync(const std::vector<std::string>& arguments, const ProcessOptions& options) {
  return Process(arguments, options).wait();
}

}  // namespace tidesync::test
