// The steps of a run on a terminal: one line on the standard error stream, rewritten as the run
// goes on and gone at its end. Nothing where nobody looks. Ends the run when a signal asked for it.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <utility>

#include "cli/system.h"
#include "sync/environment.h"

namespace tidesync {

class Progress : public Steps {
 public:
  // `interrupted` is asked at every step.
  Progress(std::ostream& err, const Terminal& terminal, Clock& clock,
           std::function<bool()> interrupted);
  ~Progress() override;

  // Throws Error kInterrupted, but no more once the work is done and only has to be recorded.
  void reached(Step step, std::uint64_t done, std::uint64_t total) override;
  // Bytes that went to and from the share so far are part of the line.
  void show_traffic(std::function<std::uint64_t()> bytes) { traffic_ = std::move(bytes); }
  // Draws the line again while a step waits (for a limited network).
  void redraw();
  // Takes the line away, so that other output may follow.
  void clear();
  // No line from here on: other lines go to that stream, or nobody wants any.
  void silence();

 private:
  void draw();
  void show(const std::string& text);

  std::ostream& err_;
  Terminal terminal_;
  Clock& clock_;
  std::function<bool()> interrupted_;
  std::function<std::uint64_t()> traffic_;
  std::size_t shown_columns_ = 0;
  std::int64_t shown_at_ms_ = 0;
  Step shown_step_ = Step::kDone;
  std::uint64_t done_ = 0, total_ = 0;  // of that step
};

}  // namespace tidesync
