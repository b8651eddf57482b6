#include "cli/progress.h"

#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "cli/display_width.h"

namespace tidesync {
namespace {

constexpr std::int64_t kRedrawMs = 100;

const char* words(Step step) {
  switch (step) {
    case Step::kOpen:
    case Step::kRecover:
      return "opening the database";
    case Step::kListShare:
      return "looking at the share";
    case Step::kPull:
      return "fetching changes of others";
    case Step::kFold:
      return "checking changes of others";
    case Step::kMergeBegin:
    case Step::kMergeCommitted:
    case Step::kBaseCommitted:
      return "merging changes of others";
    case Step::kScan:
      return "collecting your changes";
    case Step::kSealed:
    case Step::kIntentCommitted:
    case Step::kPublish:
      return "sending your changes";
    case Step::kPublished:
    case Step::kAcknowledged:
    case Step::kOwnBaseCommitted:
      return "noting what was sent";
    case Step::kRefreshMaster:
      return "refreshing master.db";
    case Step::kRecord:
    case Step::kDone:
      return "writing the log";
  }
  return "";
}

}  // namespace

Progress::Progress(std::ostream& err, const Terminal& terminal, Clock& clock,
                   std::function<bool()> interrupted)
    : err_(err), terminal_(terminal), clock_(clock), interrupted_(std::move(interrupted)) {}

Progress::~Progress() {
  clear();
}

void Progress::reached(Step step, std::uint64_t done, std::uint64_t total) {
  const bool work_is_over = step == Step::kRecord || step == Step::kDone;
  if (!work_is_over && interrupted_()) {
    throw Error(ErrorCode::kInterrupted, "sync", "", "stopped on request; nothing is lost",
                "run the same command again: it goes on where this one stopped");
  }
  if (!terminal_.interactive) return;
  const std::int64_t now_ms = clock_.monotonic_ms();
  if (step == shown_step_ && now_ms - shown_at_ms_ < kRedrawMs) return;
  shown_step_ = step;
  shown_at_ms_ = now_ms;
  done_ = done;
  total_ = total;
  draw();
}

void Progress::redraw() {
  const std::int64_t now_ms = clock_.monotonic_ms();
  if (shown_columns_ == 0 || now_ms - shown_at_ms_ < kRedrawMs) return;
  shown_at_ms_ = now_ms;
  draw();
}

void Progress::draw() {
  std::string text = words(shown_step_);
  if (total_ > 0) text += " (" + with_thousands(done_) + " of " + with_thousands(total_) + ")";
  const std::uint64_t bytes = traffic_ ? traffic_() : 0;
  if (bytes > 0) text += ", " + display_size(bytes);
  show(text + " ...");
}

void Progress::clear() {
  if (shown_columns_ == 0) return;
  err_ << '\r' << std::string(shown_columns_, ' ') << '\r' << std::flush;
  shown_columns_ = 0;
  shown_step_ = Step::kDone;
}

void Progress::silence() {
  clear();
  terminal_.interactive = false;
}

void Progress::show(const std::string& text) {
  const std::size_t limit = terminal_.columns > 1 ? terminal_.columns - 1 : 79;
  const std::string line = cut_to_width(text, limit);
  err_ << '\r' << padded(line, shown_columns_) << std::flush;
  shown_columns_ = display_width(line);
}

}  // namespace tidesync
