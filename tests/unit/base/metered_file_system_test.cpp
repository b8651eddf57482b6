#include "base/metered_file_system.h"

#include <gtest/gtest.h>

#include "support/manual_clock.h"
#include "support/memory_file_system.h"

namespace tidesync {
namespace {

class MeterTest : public ::testing::Test {
 protected:
  // By the clock, how long `work` took.
  template <class Work>
  std::int64_t duration_ms(Work work) {
    const std::int64_t began_ms = clock_.monotonic_ms();
    work();
    return clock_.monotonic_ms() - began_ms;
  }
  std::string read_all(const Path& file) {
    return read_file(meter_, file, 1u << 30).value_or("nothing");
  }

  test::MemoryFileSystem fs_;
  test::ManualClock clock_;
  int waits_ = 0;
  MeteredFileSystem meter_{fs_, clock_, [this] { ++waits_; }};
};

TEST_F(MeterTest, WithoutALimitNothingWaitsAndAllIsCounted) {
  const std::string bytes(5'000'000, 'x');
  EXPECT_EQ(duration_ms([&] { write_new_file(meter_, "/f", bytes); }), 0);
  EXPECT_EQ(meter_.bytes_written(), 5'000'000u);
  EXPECT_EQ(read_all("/f"), bytes);
  EXPECT_EQ(meter_.bytes_read(), 5'000'000u);
}

TEST_F(MeterTest, LimitHoldsForWritingAndReadingOfLargePieces) {
  meter_.set_limit(1'000'000);
  std::string bytes(5'000'000, 'x');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7);
  const std::int64_t write_ms = duration_ms([&] { write_new_file(meter_, "/f", bytes); });
  EXPECT_GE(write_ms, 5000);
  EXPECT_LE(write_ms, 5300);
  std::string read;
  const std::int64_t read_ms = duration_ms([&] { read = read_all("/f"); });
  EXPECT_GE(read_ms, 5000);
  EXPECT_LE(read_ms, 5300);
  EXPECT_TRUE(read == bytes);
}

TEST_F(MeterTest, QuietTimeIsNotSavedUp) {
  meter_.set_limit(1'000'000);
  clock_.pass(3'600'000);
  EXPECT_GE(duration_ms([&] { write_new_file(meter_, "/f", std::string(2'000'000, 'x')); }), 2000);
}

TEST_F(MeterTest, SmallFilesUnderASmallLimit) {
  meter_.set_limit(1000);
  const std::int64_t took_ms = duration_ms([&] {
    for (int i = 0; i < 10; ++i)
      write_new_file(meter_, "/f" + std::to_string(i), std::string(100, 'x'));
    write_new_file(meter_, "/empty", "");
  });
  EXPECT_EQ(took_ms, 1000);
  EXPECT_EQ(read_all("/empty"), "");
}

TEST_F(MeterTest, WaitingCanBeEnded) {
  struct Stop {};
  MeteredFileSystem meter(fs_, clock_, [] { throw Stop(); });
  meter.set_limit(1000);
  EXPECT_THROW(write_new_file(meter, "/f", std::string(100'000, 'x')), Stop);
}

}  // namespace
}  // namespace tidesync
