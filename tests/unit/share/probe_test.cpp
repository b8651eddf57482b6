// The probe against stores that cannot, that lie, that are full, and that are interrupted.
#include "share/probe.h"

#include "support/temp_dir.h"
#include "unit/share/dataset_fixture.h"

namespace tidesync {
namespace {

using test::FaultAction;
using test::FsCall;
using test::FsOp;

class ProbeTest : public test::DatasetFixture {
 protected:
  ProbeTest() { create(); }
  ProbeReport probe(const ProbeOptions& options = {}) {
    return probe_share(fs_, "nas", clock_, random_, options);
  }
  static ProbeOptions race() {
    ProbeOptions options;
    options.names = kRacedNames;
    return options;
  }
  // The error of a probe that must fail, having left nothing behind.
  std::string failure(ErrorCode code) {
    try {
      probe();
    } catch (const Error& error) {
      EXPECT_EQ(to_string(error.code()), to_string(code)) << error.what();
      EXPECT_FALSE(error.hint().empty()) << error.what();
      EXPECT_EQ(staged(), 0U);
      return error.what();
    }
    ADD_FAILURE() << "it did not fail";
    return {};
  }
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(ProbeTest, AHealthyStorePublishesByLinks) {
  const ProbeReport report = probe();
  EXPECT_EQ(report.primitive, PublishPrimitive::kLink);
  EXPECT_EQ(report.link_problem + report.rename_problem + report.listing_problem, "");
  EXPECT_EQ(report.clock_offset_ms, 7000);
  EXPECT_EQ(staged(), 0U);
}

TEST_F(ProbeTest, OperationsAreBoundedAndCounted) {
  const ProbeReport cheap = probe();
  EXPECT_EQ(cheap.operations, fs_.total()) << fs_.table();
  EXPECT_LE(cheap.operations, 50U);
  fs_.reset();
  const ProbeReport raced = probe(race());
  EXPECT_EQ(raced.operations, fs_.total()) << fs_.table();
  EXPECT_LE(raced.operations, 150U);
  EXPECT_EQ(raced.raced_names, kRacedNames);
  fs_.reset();
  ProbeOptions folders = race();
  folders.only = PublishPrimitive::kDirectory;
  const ProbeReport by_folder = probe(folders);
  EXPECT_EQ(by_folder.operations, fs_.total()) << fs_.table();
  EXPECT_LE(by_folder.operations, 400U);
  EXPECT_EQ(by_folder.primitive, PublishPrimitive::kDirectory);
}

TEST_F(ProbeTest, WithoutHardLinksFoldersAreTried) {
  faulty_.set_hook(at_every(FsOp::kLink, FaultAction::answer(NameOutcome::kUnsupported)));
  const ProbeReport report = probe(race());
  EXPECT_EQ(report.primitive, PublishPrimitive::kDirectory);
  EXPECT_NE(report.link_problem, "");
  EXPECT_EQ(report.raced_names, kRacedNames);
  EXPECT_EQ(staged(), 0U);
}

TEST_F(ProbeTest, OnlyThePrimitiveOfTheDatasetCounts) {
  faulty_.set_hook(at_every(FsOp::kLink, FaultAction::answer(NameOutcome::kUnsupported)));
  ProbeOptions options;
  options.only = PublishPrimitive::kLink;
  const ProbeReport report = probe(options);
  EXPECT_EQ(report.primitive, std::nullopt);
  EXPECT_ERROR(require_primitive(report, PublishPrimitive::kLink, "nas"), ErrorCode::kUsage);
}

TEST_F(ProbeTest, TwoWinnersOfARaceRuleLinksOut) {
  // A server that answers everybody "created" once several come at a time.
  faulty_.set_hook([](const FsCall& call) {
    const bool raced = contains(to_utf8(call.second_path), "race");
    return call.op == FsOp::kLink && raced ? FaultAction::answer(NameOutcome::kCreated)
                                           : FaultAction::pass();
  });
  const ProbeReport report = probe(race());
  EXPECT_EQ(report.primitive, PublishPrimitive::kDirectory);
  EXPECT_TRUE(contains(report.link_problem, "two got one name")) << report.link_problem;
  EXPECT_EQ(staged(), 0U);
}

TEST_F(ProbeTest, ALinkThatNeverHappensIsNoticed) {
  faulty_.set_hook(at_every(FsOp::kLink, FaultAction::answer(NameOutcome::kCreated)));
  EXPECT_EQ(probe().primitive, PublishPrimitive::kDirectory);
  faulty_.set_hook([](const FsCall& call) {
    const bool gives = call.op == FsOp::kLink || call.op == FsOp::kRenameDirectory;
    return gives ? FaultAction::lose_and_say_done() : FaultAction::pass();
  });
  EXPECT_EQ(probe().primitive, std::nullopt);
  EXPECT_EQ(staged(), 0U);
}

TEST_F(ProbeTest, ALyingRenameIsToldAndDoesNotStopTheLog) {
  faulty_.set_hook(at_every(FsOp::kRename, FaultAction::lose_and_say_done()));
  const ProbeReport report = probe();
  EXPECT_EQ(report.primitive, PublishPrimitive::kLink);
  EXPECT_TRUE(contains(report.rename_problem, "it was not")) << report.rename_problem;
  EXPECT_EQ(staged(), 0U);
}

TEST_F(ProbeTest, ReadOnlyShare) {
  faulty_.set_hook(at_every(FsOp::kCreateNew, FaultAction::fail_before(ErrorCode::kReadOnly)));
  failure(ErrorCode::kReadOnly);
  faulty_.set_hook(at_every(FsOp::kCreateNew, FaultAction::fail_before(ErrorCode::kNoPermission)));
  failure(ErrorCode::kNoPermission);
}

TEST_F(ProbeTest, FullShareAtWriteSyncAndClose) {
  for (const FsOp op : {FsOp::kWrite, FsOp::kSync, FsOp::kClose}) {
    faulty_.set_hook(test::disk_full_at(op));
    const std::string text = failure(ErrorCode::kDiskFull);
    EXPECT_TRUE(contains(text, "nothing was left there")) << text;
  }
}

TEST_F(ProbeTest, EverySingleErrorEndsCleanly) {
  fs_.reset();
  probe(race());
  const std::uint64_t calls = fs_.total();
  for (std::uint64_t k = 1; k <= calls; ++k) {
    faulty_.set_hook(test::at_call(k, FaultAction::fail_before(ErrorCode::kIo)));
    try {
      ProbeOptions options = race();
      options.threads = 1;
      probe(options);
    } catch (const Error&) {
      // Which one does not matter here.
    }
    faulty_.set_hook({});
    // At most the file whose removal failed.
    EXPECT_LE(staged(), 1U) << "call " << k;
    for (const DirEntry& entry : share_.list("nas/tmp"))
      share_.remove(Path("nas/tmp") / entry.name);
  }
}

TEST_F(ProbeTest, WhatAKilledProbeLeftIsRemovedAnHourLater) {
  for (const bool folders : {false, true}) {
    ProbeOptions options;
    if (folders) options.only = PublishPrimitive::kDirectory;
    faulty_.set_hook(test::crash_at_call(folders ? 30 : 14));
    EXPECT_THROW(probe(options), test::SimulatedCrash);
    faulty_.set_hook({});
    const std::size_t left = staged();
    ASSERT_GT(left, 0U);
    // Another computer may be in the middle of it.
    EXPECT_EQ(probe().removed, 0U);
    EXPECT_EQ(staged(), left);
    clock_.now += 61 * 60 * 1000;
    share_clock_.now = clock_.now;
    EXPECT_EQ(probe().removed, left);
    EXPECT_EQ(staged(), 0U);
  }
}

TEST_F(ProbeTest, FilesOfOthersInTheStagingFolderStay) {
  write_new_file(share_, "nas/tmp/bob-0123456789abcdef", "his batch");
  clock_.now += 61 * 60 * 1000;
  share_clock_.now = clock_.now;
  probe();
  EXPECT_EQ(staged(), 1U);
}

TEST_F(ProbeTest, AStagingFolderThatWasDeletedIsMadeAgainUnlessTheShareIsGone) {
  share_.remove("nas/tmp");
  EXPECT_EQ(probe().primitive, PublishPrimitive::kLink);
  remove_all(share_, "nas");
  share_.create_directory("nas");
  EXPECT_ERROR(probe(), ErrorCode::kShareUnreachable);
  EXPECT_TRUE(share_.list("nas").empty());
}

TEST(ProbeOnDisk, TheRealDiskPasses) {
  const test::TempDir dir;
  DiskFileSystem disk;
  SystemClock clock;
  Random random(3);
  boost::filesystem::create_directory(dir / "tmp");
  for (const auto only : {PublishPrimitive::kLink, PublishPrimitive::kDirectory}) {
    ProbeOptions options;
    options.only = only;
    options.names = kRacedNames;
    const ProbeReport report = probe_share(disk, dir.path(), clock, random, options);
    EXPECT_EQ(report.primitive, only) << report.link_problem << report.folder_problem;
    EXPECT_TRUE(disk.list(dir / "tmp").empty());
  }
}

}  // namespace
}  // namespace tidesync
