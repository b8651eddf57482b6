// Entries that are damaged anywhere: cut to every length, every bit flipped. None gets as far as
// its first record. And entries that somebody sealed after the damage, which only the rules of the
// format can tell: they are read as something, or refused, and nothing worse.
#include <gtest/gtest.h>

#include <functional>

#include "base/error.h"
#include "share/batch_format.h"
#include "support/one_file.h"
#include "unit/share/batch_builder.h"
#include "unit/share/damage.h"

namespace tidesync {
namespace {

const Path kFile = "entry";

// The trailer that belongs to these bytes.
std::string sealed(std::string bytes) {
  bytes.resize(bytes.size() - kBatchTrailerBytes);
  Hasher hasher{Hasher::Checksum::kCrc32c};
  hasher.update(bytes);
  const std::uint64_t size = bytes.size() + kBatchTrailerBytes;
  return bytes + batch_format::make_trailer(hasher, size);
}

std::string content_of(const Path& file) {
  DiskFileSystem disk;
  return read_file(disk, file, 1u << 20).value();
}

class BatchDamage : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    whole_ = content_of(Path(TIDESYNC_GOLDEN_DIR) / GetParam());
    fs_.content = whole_;
    BatchReader reader(fs_, kFile);
    EXPECT_EQ(sealed(whole_), whole_);
  }
  void expect_refused(const std::string& bytes, const std::string& what) {
    fs_.content = bytes;
    try {
      const BatchReader reader(fs_, kFile);
      ADD_FAILURE() << "accepted although " << what;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kDamaged) << what << ": " << error.what();
    }
  }
  // How many records it gives; -1 when it is refused, at once or in the middle.
  int read_all(const std::string& bytes) {
    fs_.content = bytes;
    try {
      BatchReader reader(fs_, kFile);
      int records = 0;
      for (Change change; reader.next(change);) ++records;
      return records;
    } catch (const Error& error) {
      const bool expected =
          error.code() == ErrorCode::kDamaged || error.code() == ErrorCode::kTooNew;
      EXPECT_TRUE(expected) << error.what();
      return -1;
    }
  }

  test::OneFile fs_;
  std::string whole_;
};

TEST_P(BatchDamage, CutToAnyLengthItIsRefused) {
  test::for_each_cut(whole_,
                     [&](const auto& bytes, const auto& what) { expect_refused(bytes, what); });
}

TEST_P(BatchDamage, WithAnyBitFlippedItIsRefused) {
  test::for_each_flipped_bit(
      whole_, [&](const auto& bytes, const auto& what) { expect_refused(bytes, what); });
}

TEST_P(BatchDamage, WithAnythingBehindItItIsRefused) {
  expect_refused(whole_ + '\0', "longer by one byte");
  expect_refused(whole_ + whole_, "there twice");
}

TEST_P(BatchDamage, SealedAfterTheDamageItIsReadOrRefused) {
  int accepted = 0;
  const auto use = [&](const std::string& bytes, const std::string& what) {
    SCOPED_TRACE(what);
    if (read_all(sealed(bytes)) >= 0) ++accepted;
  };
  test::for_each_flipped_bit(whole_.substr(0, whole_.size() - kBatchTrailerBytes),
                             [&](const auto& bytes, const auto& what) {
                               use(bytes + std::string(kBatchTrailerBytes, '\0'), what);
                             });
  test::for_each_cut(whole_, [&](const auto& bytes, const auto& what) {
    if (bytes.size() >= kBatchTrailerBytes) use(bytes, what);
  });
  // A user's name, a value of a row: what no rule of the format can tell.
  EXPECT_GT(accepted, 0);
}

INSTANTIATE_TEST_SUITE_P(Golden, BatchDamage,
                         ::testing::Values("batch-v1-plain.tideb", "batch-v1-zstd.tideb"),
                         [](const auto& file) { return std::string(file.param).substr(9, 4); });

}  // namespace
}  // namespace tidesync
