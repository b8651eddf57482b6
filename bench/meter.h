// What a case cost beside its time: traffic with the share, and locks on the application's
// database. One for the whole program, because SQLite's file layer is one too; a case runs alone in
// its process. Thread rule: one thread.
#pragma once

#include <cstdint>

namespace tidesync::bench {

struct ShareCost {
  std::uint64_t operations = 0;
  std::uint64_t bytes_read = 0;
  std::uint64_t bytes_written = 0;
};

// Milliseconds. A write lock is one that keeps others from writing; a read lock, in rollback mode,
// keeps a commit from ending.
struct LockCost {
  double longest_ms = 0;
  double total_ms = 0;
  double longest_read_ms = 0;
};

class Meter {
 public:
  void reset() { share_ = {}, locks_ = {}; }
  // Added to each operation on the share, by really waiting.
  void set_delay_ms(double delay_ms) { delay_ms_ = delay_ms; }

  // Called by whatever stands between a contender and the share.
  void operation();
  void read(std::uint64_t bytes) { share_.bytes_read += bytes; }
  void wrote(std::uint64_t bytes) { share_.bytes_written += bytes; }

  // Called by what stands between a contender and the application's database.
  void write_locked(double for_ms);
  void read_locked(double for_ms);

  const ShareCost& share() const { return share_; }
  const LockCost& locks() const { return locks_; }

 private:
  double delay_ms_ = 0;
  ShareCost share_;
  LockCost locks_;
};

Meter& meter();

// Of a clock that never goes back.
double now_ms();
// Waits without burning the processor.
void wait_ms(double duration_ms);

}  // namespace tidesync::bench
