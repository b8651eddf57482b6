// The loop of `tidesync run` over many syncs, with real worker processes and a clock that skips the
// waiting: its memory and open files may not grow. Prints them on the way; a program of its own,
// because 10,000 syncs take some minutes.
//
//   tidesync_run_soak TIDESYNC_PROGRAM DATABASE [SYNCS]
#include <boost/filesystem/directory.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "base/clock.h"
#include "schedule/daemon.h"
#include "schedule/worker_processes.h"
#include "sync/local_watch.h"

namespace tidesync {
namespace {

constexpr std::int64_t kIntervalMs = 60'000;

class SkippingClock : public SystemClock {
 public:
  std::int64_t now_ms() override { return SystemClock::now_ms() + skipped_ms_; }
  std::int64_t monotonic_ms() override { return SystemClock::monotonic_ms() + skipped_ms_; }
  void sleep_ms(std::int64_t duration_ms) override { skipped_ms_ += duration_ms; }

 private:
  std::int64_t skipped_ms_ = 0;
};

// A line of /proc/self/status, in kB.
long memory_kb() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    long kb = 0;
    if (word == "VmRSS:" && status >> kb) return kb;
  }
  return 0;
}

long open_files() {
  long count = 0;
  for (boost::filesystem::directory_iterator it("/proc/self/fd"), end; it != end; ++it) ++count;
  return count;
}

class Counter : public DaemonListener {
 public:
  explicit Counter(long wanted) : wanted_(wanted) {}
  void began(Due) override {}
  void ended(const SyncEnded& sync, std::int64_t) override {
    if (sync.exit_code != 0) ++failed_;
    ++done_;
    if (done_ == 1 || done_ % (wanted_ / 10) == 0)
      std::printf("%8ld %12ld %10ld %8ld\n", done_, memory_kb(), open_files(), failed_);
    std::fflush(stdout);
  }
  void share_is_silent(std::int64_t) override {}
  void share_answers() override {}
  void gave_up_sync() override { ++failed_; }
  void problem(const std::string& text) override { std::fprintf(stderr, "%s\n", text.c_str()); }
  bool is_done() const { return done_ >= wanted_; }
  long failed() const { return failed_; }

 private:
  long wanted_;
  long done_ = 0;
  long failed_ = 0;
};

int run(const Path& program, const Path& database, long syncs) {
  SkippingClock clock;
  DiskFileSystem disk;
  LocalWatch edits(disk, clock, database);
  WorkerProcesses workers(clock, program, database, {}, 1500);
  Counter counter(syncs);
  DaemonInputs inputs;
  inputs.stop = [&] { return counter.is_done(); };
  inputs.reload = [] { return false; };
  inputs.read_settings = [] { return DaemonSettings{kIntervalMs, true}; };
  inputs.has_edits = [&] { return edits.has_edits(); };
  inputs.sync_begins = [&] { edits.sync_begins(); };
  std::printf("%8s %12s %10s %8s\n", "syncs", "memory_kB", "files", "failed");
  Daemon(workers, clock, inputs, counter, {kIntervalMs, true}).run();
  return counter.failed() == 0 ? 0 : 1;
}

}  // namespace
}  // namespace tidesync

int main(int argc, char** argv) try {
  if (argc < 3) {
    std::fprintf(stderr, "tidesync_run_soak TIDESYNC_PROGRAM DATABASE [SYNCS]\n");
    return 2;
  }
  const long syncs = argc > 3 ? std::strtol(argv[3], nullptr, 10) : 10'000;
  return tidesync::run(argv[1], argv[2], syncs < 10 ? 10 : syncs);
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
