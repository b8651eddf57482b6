// A piece of work in a thread of its own that only runs while it holds the baton: between resume()
// and the next pause() or the end. So exactly one thread of a simulation runs at a time, and runs
// repeat. A task must be finished before it is destroyed.
#pragma once

#include <functional>
#include <semaphore>
#include <thread>

namespace tidesync::sim {

class Task {
 public:
  explicit Task(std::function<void()> work);
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task();

  // Hands the baton over; returns when the task paused or finished. Not for a finished task.
  void resume();
  bool is_finished() const { return finished_; }

  // Only from inside the work: gives the baton back until the next resume().
  void pause();

 private:
  std::binary_semaphore to_task_{0};
  std::binary_semaphore to_owner_{0};
  bool finished_ = false;
  std::thread thread_;
};

}  // namespace tidesync::sim
