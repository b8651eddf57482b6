#include "sim/task.h"

#include <utility>

namespace tidesync::sim {

Task::Task(std::function<void()> work)
    : thread_([this, run = std::move(work)] {
        to_task_.acquire();
        run();
        finished_ = true;
        to_owner_.release();
      }) {}

Task::~Task() {
  thread_.join();
}

void Task::resume() {
  to_task_.release();
  to_owner_.acquire();
}

void Task::pause() {
  to_owner_.release();
  to_task_.acquire();
}

}  // namespace tidesync::sim
