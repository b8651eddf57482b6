#include "cli/exit_code.h"

#include <gtest/gtest.h>

namespace tidesync {
namespace {

int code_of(RunStatus status, std::uint64_t conflicts = 0, bool dry_run = false) {
  SyncResult result;
  result.status = status;
  result.conflicts = conflicts;
  result.dry_run = dry_run;
  return static_cast<int>(exit_code(result));
}

int code_of(ErrorCode code) {
  SyncResult result;
  result.status = RunStatus::kError;
  result.error = Error(code, "sync", "", "");
  EXPECT_EQ(exit_code(result), exit_code(code));
  return static_cast<int>(exit_code(code));
}

TEST(ExitCode, OfRuns) {
  EXPECT_EQ(code_of(RunStatus::kSuccess), 0);
  EXPECT_EQ(code_of(RunStatus::kPartial), 0);
  EXPECT_EQ(code_of(RunStatus::kSuccess, 2), 3);
  EXPECT_EQ(code_of(RunStatus::kPartial, 1), 3);
  EXPECT_EQ(code_of(RunStatus::kSuccess, 2, true), 0);
  EXPECT_EQ(code_of(RunStatus::kOffline), 4);
  EXPECT_EQ(code_of(RunStatus::kOffline, 1), 4);
  EXPECT_EQ(code_of(RunStatus::kError), 1);
}

TEST(ExitCode, OfErrors) {
  EXPECT_EQ(code_of(ErrorCode::kUsage), 2);
  EXPECT_EQ(code_of(ErrorCode::kShareUnreachable), 4);
  EXPECT_EQ(code_of(ErrorCode::kAlreadyRunning), 5);
  EXPECT_EQ(code_of(ErrorCode::kTooNew), 6);
  EXPECT_EQ(code_of(ErrorCode::kSchema), 6);
  EXPECT_EQ(code_of(ErrorCode::kInterrupted), 130);
  for (const ErrorCode code : {ErrorCode::kNotADatabase, ErrorCode::kNotFound,
                               ErrorCode::kWrongShare, ErrorCode::kDiskFull, ErrorCode::kDamaged,
                               ErrorCode::kBusy, ErrorCode::kGuard, ErrorCode::kInternal}) {
    EXPECT_EQ(code_of(code), 1) << to_string(code);
  }
}

TEST(ExitCode, HelpListsThem) {
  EXPECT_EQ(describe({ExitCode::kDone, ExitCode::kInterrupted}),
            "Exit codes:\n    0  done\n  130  interrupted\n");
}

TEST(ExitCode, OfARunThatStoppedOnTheWay) {
  SyncResult result;
  result.status = RunStatus::kPartial;
  result.error = Error(ErrorCode::kBusy, "sync", "", "");
  EXPECT_EQ(static_cast<int>(exit_code(result)), 1);
}

}  // namespace
}  // namespace tidesync
