#include "cli/progress.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/error.h"
#include "support/expect_error.h"

namespace tidesync {
namespace {

class StoppedClock : public Clock {
 public:
  std::int64_t now_ms() override { return 0; }
  std::int64_t monotonic_ms() override { return at_ms; }
  void sleep_ms(std::int64_t duration_ms) override { at_ms += duration_ms; }
  std::int64_t at_ms = 1000;
};

struct Screen {
  explicit Screen(bool interactive)
      : progress(err, Terminal{interactive, false, 80}, clock, [this] { return stop; }) {}
  std::ostringstream err;
  StoppedClock clock;
  bool stop = false;
  Progress progress;
};

TEST(Progress, RewritesOneLineAndTakesItAway) {
  Screen screen(true);
  screen.progress.reached(Step::kPull, 1, 1200);
  EXPECT_EQ(screen.err.str(), "\rfetching changes of others (1 of 1,200) ...");
  screen.progress.clear();
  const std::string all = screen.err.str();
  EXPECT_EQ(all.back(), '\r');
  EXPECT_EQ(all.find('\n'), std::string::npos);
}

TEST(Progress, ManyReportsOfOneStepAreNotAllDrawn) {
  Screen screen(true);
  screen.progress.reached(Step::kPull, 1, 10);
  const std::size_t drawn = screen.err.str().size();
  screen.progress.reached(Step::kPull, 2, 10);
  EXPECT_EQ(screen.err.str().size(), drawn);
  screen.clock.at_ms += 200;
  screen.progress.reached(Step::kPull, 3, 10);
  EXPECT_GT(screen.err.str().size(), drawn);
}

TEST(Progress, BytesGrowWhileAStepWaits) {
  Screen screen(true);
  std::uint64_t bytes = 0;
  screen.progress.show_traffic([&bytes] { return bytes; });
  screen.progress.redraw();
  EXPECT_EQ(screen.err.str(), "") << "no step yet";
  screen.progress.reached(Step::kPublish, 0, 0);
  EXPECT_EQ(screen.err.str(), "\rsending your changes ...");
  bytes = 3 << 20;
  screen.clock.at_ms += 200;
  screen.progress.redraw();
  EXPECT_NE(screen.err.str().find("\rsending your changes, 3.0 MiB ..."), std::string::npos)
      << screen.err.str();
}

TEST(Progress, NothingWhereNobodyLooks) {
  Screen screen(false);
  screen.progress.reached(Step::kPull, 1, 10);
  screen.progress.clear();
  EXPECT_EQ(screen.err.str(), "");
}

TEST(Progress, ASignalEndsTheRunButNotItsRecord) {
  Screen screen(false);
  screen.stop = true;
  EXPECT_ERROR(screen.progress.reached(Step::kPull, 0, 0), ErrorCode::kInterrupted);
  EXPECT_NO_THROW(screen.progress.reached(Step::kRecord, 0, 0));
  EXPECT_NO_THROW(screen.progress.reached(Step::kDone, 0, 0));
}

}  // namespace
}  // namespace tidesync
