#include "child.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>

namespace tidesync::bench {
namespace {

double cpu_ms() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto ms = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

// The kernel starts counting VmHWM anew.
void forget_peak() {
  std::ofstream("/proc/self/clear_refs") << "5";
}

double peak_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word != "VmHWM:") continue;
    double kb = 0;
    status >> kb;
    return kb / 1024;
  }
  return 0;
}

void write_all(int file, const std::vector<double>& numbers) {
  const char* bytes = reinterpret_cast<const char*>(numbers.data());
  std::size_t left = numbers.size() * sizeof(double);
  while (left > 0) {
    const ssize_t wrote = ::write(file, bytes, left);
    if (wrote <= 0) return;
    bytes += wrote;
    left -= static_cast<std::size_t>(wrote);
  }
}

std::vector<double> read_all(int file) {
  std::string bytes;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::read(file, buffer, sizeof buffer)) > 0;)
    bytes.append(buffer, static_cast<std::size_t>(got));
  std::vector<double> numbers(bytes.size() / sizeof(double));
  bytes.copy(reinterpret_cast<char*>(numbers.data()), numbers.size() * sizeof(double));
  return numbers;
}

std::vector<double> measure(const std::function<std::vector<double>()>& work, double delay_ms) {
  meter().reset();
  meter().set_delay_ms(delay_ms);
  forget_peak();
  const double cpu = cpu_ms();
  const double start = now_ms();
  const std::vector<double> extra = work();
  const double wall = now_ms() - start;
  std::vector<double> numbers{wall,
                              cpu_ms() - cpu,
                              peak_mb(),
                              static_cast<double>(meter().share().operations),
                              static_cast<double>(meter().share().bytes_read),
                              static_cast<double>(meter().share().bytes_written),
                              meter().locks().longest_ms,
                              meter().locks().total_ms,
                              meter().locks().longest_read_ms};
  numbers.insert(numbers.end(), extra.begin(), extra.end());
  return numbers;
}

// Never returns: what the parent has at exit is not the child's to tidy.
[[noreturn]] void live(const std::function<void()>& prepare,
                       const std::function<std::vector<double>()>& work, double delay_ms,
                       int answer) {
  int code = 0;
  try {
    prepare();
    // Where that is allowed: what else runs on the computer disturbs less.
    ::setpriority(PRIO_PROCESS, 0, -20);
    write_all(answer, measure(work, delay_ms));
  } catch (const std::exception& error) {
    std::cerr << "failed: " << error.what() << std::endl;
    code = 1;
  }
  std::fflush(nullptr);
  ::_exit(code);
}

Cost cost_of(const std::vector<double>& numbers) {
  constexpr std::size_t kFixed = 9;
  Cost cost;
  if (numbers.size() < kFixed) return cost;
  const auto whole = [&](std::size_t i) { return static_cast<std::uint64_t>(numbers[i]); };
  cost.done = true;
  cost.wall_ms = numbers[0];
  cost.cpu_ms = numbers[1];
  cost.peak_mb = numbers[2];
  cost.share = {whole(3), whole(4), whole(5)};
  cost.locks = {numbers[6], numbers[7], numbers[8]};
  cost.extra.assign(numbers.begin() + kFixed, numbers.end());
  return cost;
}

}  // namespace

Cost run_in_child(const std::function<void()>& prepare,
                  const std::function<std::vector<double>()>& work, double delay_ms) {
  int pipe[2];
  if (::pipe(pipe) != 0) throw std::runtime_error("no pipe");
  std::cout.flush();
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("no process");
  if (child == 0) {
    ::close(pipe[0]);
    live(prepare, work, delay_ms, pipe[1]);
  }
  ::close(pipe[1]);
  const std::vector<double> numbers = read_all(pipe[0]);
  ::close(pipe[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? cost_of(numbers) : Cost{};
}

}  // namespace tidesync::bench
