// A share in memory whose clock is ours plus an offset, behind faults and a count of operations,
// and a local disk in memory.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "share/dataset.h"
#include "share/layout.h"
#include "support/counting_file_system.h"
#include "support/expect_error.h"
#include "support/faulty_file_system.h"
#include "support/memory_file_system.h"
#include "unit/share/batch_builder.h"

namespace tidesync::test {

class TestClock : public Clock {
 public:
  explicit TestClock(std::int64_t offset_ms = 0) : offset_ms_(offset_ms) {}
  std::int64_t now_ms() override { return now + offset_ms_; }
  std::int64_t monotonic_ms() override { return now; }
  void sleep_ms(std::int64_t duration_ms) override {
    now += duration_ms;
    if (on_sleep) on_sleep();
  }
  std::int64_t now = 1700000000000;
  std::function<void()> on_sleep;

 private:
  std::int64_t offset_ms_;
};

// `action` for every call of these kinds on an entry.
inline FaultHook at_every_in_log(std::vector<FsOp> ops, FaultAction action) {
  return [ops = std::move(ops), action](const FsCall& call) {
    const bool on_entry = to_utf8(call.path).find("/log/") != std::string::npos;
    const bool is_meant = std::find(ops.begin(), ops.end(), call.op) != ops.end();
    return on_entry && is_meant ? action : FaultAction::pass();
  };
}

class DatasetFixture : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kAnySize = std::uint64_t{1} << 32;

  DatasetFixture() { share_.create_directory("nas"); }

  // A dataset whose store has hard links, or has not.
  DatasetFormat create(PublishPrimitive primitive = PublishPrimitive::kLink) {
    if (primitive == PublishPrimitive::kDirectory) {
      faulty_.set_hook(at_every(FsOp::kLink, FaultAction::answer(NameOutcome::kUnsupported)));
    }
    const DatasetFormat format = dataset_.create("tidesync test");
    EXPECT_EQ(format.primitive, primitive);
    faulty_.set_hook({});
    fs_.reset();
    return format;
  }
  // A batch on the local disk; the digest of its file.
  Digest seal(const Path& file, Seq seq, const std::string& body = "text") {
    BatchHeader header = sample_header();
    header.seq = seq;
    write_batch(local_, file, {insert_quote(1, body)}, header);
    return digest_of(read_file(local_, file, kAnySize).value());
  }
  PublishOutcome publish(Seq seq, const std::string& body = "text") {
    const Path file = "batch-" + std::to_string(++files_);
    const Digest digest = seal(file, seq, body);
    fs_.reset();
    return dataset_.publish(seq, local_, file, digest);
  }
  // What another node puts there, past all faults.
  void publish_as_bob(Seq seq, PublishPrimitive primitive = PublishPrimitive::kLink) {
    Random random(99);
    Dataset bob(share_, "nas", clock_, random, NodeId{"bob"});
    EXPECT_EQ(bob.open("").primitive, primitive);
    const Digest digest = seal("bobs", seq, "bob was here");
    EXPECT_EQ(bob.publish(seq, local_, "bobs", digest), PublishOutcome::kPublished);
    local_.remove("bobs");
  }
  std::string on_share(const std::string& path) {
    return read_file(share_, Path("nas") / path, kAnySize).value_or("(absent)");
  }
  // The entry's bytes, in either form.
  std::string entry(Seq seq) {
    const std::string path = layout::entry_path(seq);
    const auto info = share_.stat(Path("nas") / path);
    return on_share(info && info->is_directory ? path + "/b" : path);
  }
  std::string last_sealed() {
    return read_file(local_, "batch-" + std::to_string(files_), kAnySize).value();
  }
  std::size_t staged() { return share_.list("nas/tmp").size(); }

  TestClock clock_;
  TestClock share_clock_{7000};  // started at the same time, and 7 s ahead
  MemoryFileSystem share_{share_clock_};
  FaultyFileSystem faulty_{share_};
  CountingFileSystem fs_{faulty_};
  MemoryFileSystem local_;
  Random random_{1};
  Dataset dataset_{fs_, "nas", clock_, random_, NodeId{"alice"}};
  int files_ = 0;
};

}  // namespace tidesync::test
