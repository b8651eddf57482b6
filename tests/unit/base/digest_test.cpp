#include "base/digest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/random.h"
#include "support/expect_error.h"

namespace tidesync {
namespace {

std::string bytes_from(int first, int last) {
  std::string bytes;
  for (int i = first; i <= last; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

std::uint32_t crc_of(std::string_view bytes) {
  Hasher hasher{Hasher::Checksum::kCrc32c};
  hasher.update(bytes);
  return hasher.crc32c();
}

// By Python's hashlib.blake2b(digest_size=32).
TEST(Digest, Blake2bVectors) {
  EXPECT_EQ(digest_of("").hex(),
            "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
  EXPECT_EQ(digest_of("abc").hex(),
            "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

// RFC 3720, appendix B.4.
TEST(Digest, Crc32cVectors) {
  EXPECT_EQ(crc_of(""), 0u);
  EXPECT_EQ(crc_of("123456789"), 0xE3069283u);
  EXPECT_EQ(crc_of(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(crc_of(std::string(32, '\xFF')), 0x62A8AB43u);
  EXPECT_EQ(crc_of(bytes_from(0, 31)), 0x46DD794Eu);
}

TEST(Digest, StreamEqualsWholeWhateverThePieces) {
  std::string bytes;
  for (int i = 0; i < 5; ++i) bytes += bytes_from(0, 255);
  const Digest whole = digest_of(bytes);
  const std::uint32_t whole_crc = crc_of(bytes);
  for (std::size_t piece = 1; piece < 300; piece += 7) {
    Hasher hasher{Hasher::Checksum::kCrc32c};
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      hasher.update(std::string_view(bytes).substr(at, piece));
    }
    EXPECT_EQ(hasher.digest(), whole);
    EXPECT_EQ(hasher.crc32c(), whole_crc);
  }
}

TEST(Digest, HasherGoesOnAfterDigest) {
  Hasher hasher;
  EXPECT_EQ(hasher.digest(), digest_of(""));
  hasher.update("a");
  EXPECT_EQ(hasher.digest(), digest_of("a"));
  EXPECT_EQ(hasher.digest(), digest_of("a"));
  hasher.update("bc");
  EXPECT_EQ(hasher.digest(), digest_of("abc"));
}

TEST(Digest, HexBothWays) {
  const Digest digest = digest_of("x");
  EXPECT_EQ(digest_from_hex(digest.hex()), digest);
  EXPECT_TRUE(digest_from_hex("").is_none());
  EXPECT_EQ(Digest{}.hex(), "");
  EXPECT_FALSE(digest.is_none());
}

TEST(Digest, WrongHexIsDamaged) {
  const std::string hex = digest_of("x").hex();
  EXPECT_ERROR(digest_from_hex(hex.substr(1)), ErrorCode::kDamaged);
  EXPECT_ERROR(digest_from_hex(hex.substr(2)), ErrorCode::kDamaged);
  EXPECT_ERROR(digest_from_hex(hex + "00"), ErrorCode::kDamaged);
  EXPECT_ERROR(digest_from_hex("g" + hex.substr(1)), ErrorCode::kDamaged);
}

// State
// --------------------------------------------------------------------------------------------

TEST(StateDigest, EmptyIsNone) {
  EXPECT_TRUE(StateDigest().value().is_none());
}

// blake2b-256 of the name's length (u32), the name and the image; in files other versions read.
TEST(StateDigest, OfOneRowIsFixed) {
  StateDigest state;
  state.add_row("t", "row");
  EXPECT_EQ(state.value(), digest_of(std::string("\x01\0\0\0trow", 8)));
}

TEST(StateDigest, OrderDoesNotMatter) {
  std::vector<std::string> rows;
  for (int i = 0; i < 200; ++i) rows.push_back("row " + std::to_string(i));
  StateDigest forward;
  for (const auto& row : rows) forward.add_row("t", row);
  std::reverse(rows.begin(), rows.end());
  StateDigest backward;
  for (const auto& row : rows) backward.add_row("t", row);
  EXPECT_EQ(forward.value(), backward.value());
  EXPECT_TRUE(forward == backward);
}

TEST(StateDigest, RemovingCancelsAdding) {
  StateDigest state;
  for (int i = 0; i < 500; ++i) state.add_row("t", std::to_string(i));
  const Digest before = state.value();
  for (int i = 500; i < 1000; ++i) state.add_row("t", std::to_string(i));
  EXPECT_NE(state.value(), before);
  for (int i = 999; i >= 500; --i) state.remove_row("t", std::to_string(i));
  EXPECT_EQ(state.value(), before);
  for (int i = 0; i < 500; ++i) state.remove_row("t", std::to_string(i));
  EXPECT_TRUE(state.value().is_none());
}

TEST(StateDigest, RemovingFirstAndAddingLaterCancelsToo) {
  StateDigest state;
  state.remove_row("t", "a");
  state.remove_row("t", "b");
  state.add_row("t", "b");
  state.add_row("t", "a");
  EXPECT_TRUE(state.value().is_none());
}

TEST(StateDigest, TheSameRowTwiceIsNotNothing) {
  StateDigest once;
  once.add_row("t", "a");
  StateDigest twice = once;
  twice.add_row("t", "a");
  EXPECT_NE(twice.value(), once.value());
  EXPECT_FALSE(twice.value().is_none());
}

TEST(StateDigest, TableAndRowDoNotRunIntoEachOther) {
  StateDigest a;
  a.add_row("ab", "c");
  StateDigest b;
  b.add_row("a", "bc");
  EXPECT_NE(a.value(), b.value());
}

TEST(StateDigest, ValueBothWays) {
  StateDigest state;
  state.add_row("t", "a");
  StateDigest copy = StateDigest::from(state.value());
  EXPECT_TRUE(copy == state);
  copy.add_row("t", "b");
  state.add_row("t", "b");
  EXPECT_EQ(copy.value(), state.value());
}

// Sums as four 64-bit words, lowest first, against the same sum done digit by digit: the carry must
// run through words that are all ones, and a borrow through words that are zero.
TEST(StateDigest, CarryAndBorrowRunThroughAllWords) {
  Random random(1);
  for (int trial = 0; trial < 2000; ++trial) {
    Digest start;
    for (std::size_t word = 0; word < 4; ++word) {
      const std::uint64_t kind = random.below(3);
      for (std::size_t i = 0; i < 8; ++i) {
        start.bytes[word * 8 + i] = static_cast<unsigned char>(kind == 0   ? 0xFF
                                                               : kind == 1 ? 0x00
                                                                           : random.below(256));
      }
    }
    const std::string row = std::to_string(trial);
    const Digest row_digest = digest_of(std::string("\x01\0\0\0t", 5) + row);
    Digest sum;
    int carry = 0;
    for (std::size_t i = 0; i < 32; ++i) {
      const int digit = start.bytes[i] + row_digest.bytes[i] + carry;
      sum.bytes[i] = static_cast<unsigned char>(digit & 0xFF);
      carry = digit >> 8;
    }
    StateDigest state = StateDigest::from(start);
    state.add_row("t", row);
    ASSERT_EQ(state.value(), sum) << "trial " << trial;
    state.remove_row("t", row);
    ASSERT_EQ(state.value(), start) << "trial " << trial;
  }
  // A row whose lowest word is the exact complement, so that the sum of words 0 is zero with carry.
  const Digest row = digest_of(std::string("\x01\0\0\0trow", 8));
  Digest complement;
  for (std::size_t i = 0; i < 32; ++i)
    complement.bytes[i] = static_cast<unsigned char>(~row.bytes[i]);
  StateDigest state = StateDigest::from(complement);
  state.add_row("t", "row");  // all ones
  EXPECT_EQ(state.value().hex(), std::string(64, 'f'));
  state.add_row("t", "row");
  state.remove_row("t", "row");
  EXPECT_EQ(state.value().hex(), std::string(64, 'f'));
}

}  // namespace
}  // namespace tidesync
