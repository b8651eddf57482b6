#include "schedule/worker_processes.h"

#include <gtest/gtest.h>

#include "support/manual_clock.h"

namespace tidesync {
namespace {

using Share = Lookout::View::Share;

std::string failed(const std::string& code) {
  return R"({"status":"error","seq_after":4,"error":{"code":")" + code + R"(","message":"m"}})";
}

TEST(SyncEnds, WhatMayPassIsToldFromWhatNeedsAPerson) {
  EXPECT_EQ(read_sync_end(0, R"({"status":"success"})").end, SyncEnd::kDone);
  EXPECT_EQ(read_sync_end(3, R"({"conflicts":2})").end, SyncEnd::kDone);
  EXPECT_EQ(read_sync_end(0, R"({"status":"partial","put_off":true})").end, SyncEnd::kWaits);
  EXPECT_EQ(read_sync_end(4, failed("share_unreachable")).end, SyncEnd::kOffline);
  for (const char* code : {"busy", "io", "disk_full", "interrupted"})
    EXPECT_EQ(read_sync_end(1, failed(code)).end, SyncEnd::kTransient) << code;
  for (const char* code :
       {"no_permission", "read_only", "not_found", "damaged", "guard", "internal"})
    EXPECT_EQ(read_sync_end(1, failed(code)).end, SyncEnd::kPermanent) << code;
  EXPECT_EQ(read_sync_end(2, R"({"error":{"code":"usage"}})").end, SyncEnd::kPermanent);
  EXPECT_EQ(read_sync_end(6, failed("too_new")).end, SyncEnd::kPermanent);
  EXPECT_EQ(read_sync_end(5, "").end, SyncEnd::kTransient);
  EXPECT_EQ(read_sync_end(130, "").end, SyncEnd::kTransient);
  EXPECT_EQ(read_sync_end(137, "").end, SyncEnd::kTransient) << "killed";
  EXPECT_EQ(read_sync_end(1, "").end, SyncEnd::kTransient) << "said nothing";
}

TEST(SyncEnds, WhatIsNoJsonIsNotPassedOn) {
  EXPECT_EQ(read_sync_end(1, "terminate called after").json, "");
  EXPECT_EQ(read_sync_end(0, "[1]").json, "");
  const SyncEnded ended = read_sync_end(0, "{\"seq_after\": 17, \"x\": null}\n");
  EXPECT_EQ(ended.json, R"({"seq_after":17,"x":null})");
  EXPECT_EQ(ended.seq_after, 17u);
  EXPECT_EQ(read_sync_end(0, R"({"seq_after":"17"})").seq_after, 0u);
}

TEST(LookLines, LinesMayComeInPieces) {
  Lookout::View view;
  std::string text = "here 4";
  read_look_lines(text, view);
  EXPECT_EQ(view.share, Share::kUnknown);
  text += "2\n.\n";
  read_look_lines(text, view);
  EXPECT_EQ(view.share, Share::kHere);
  EXPECT_EQ(view.newest, 42u);
  EXPECT_EQ(text, "");
  text = "away\n.\nhe";
  read_look_lines(text, view);
  EXPECT_EQ(view.share, Share::kAway);
  EXPECT_EQ(view.newest, 42u);
  EXPECT_EQ(text, "he");
}

TEST(WorkerProcesses, ProgramThatCannotBeStarted) {
  test::ManualClock clock;
  WorkerProcesses workers(clock, "/no/such/tidesync", "/db", {}, 1000);
  EXPECT_THROW(workers.start_sync(), std::exception);
  EXPECT_THROW(workers.start_lookout(), std::exception);
}

}  // namespace
}  // namespace tidesync
