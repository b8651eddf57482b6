// Digests: BLAKE2b-256 (libsodium) for content, CRC32C as the cheap first check, and the order-free
// digest of a whole database state.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace tidesync {

// 32 bytes of BLAKE2b-256. All zero means "none" (the predecessor of the first batch).
struct Digest {
  std::array<unsigned char, 32> bytes{};
  bool operator==(const Digest&) const = default;
  auto operator<=>(const Digest&) const = default;
  bool is_none() const { return *this == Digest{}; }
  std::string hex() const;  // 64 digits; "" for none
  std::string_view view() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
};
// "" gives none. Throws Error kDamaged for anything that is not 64 hexadecimal digits.
Digest digest_from_hex(std::string_view hex);

Digest digest_of(std::string_view bytes);

// Digest and CRC32C of a stream.
class Hasher {
 public:
  // The checksum costs as much again.
  enum class Checksum { kNone, kCrc32c };
  explicit Hasher(Checksum checksum = Checksum::kNone);
  void update(std::string_view bytes);
  // Digest of all bytes so far; more may follow.
  Digest digest() const;
  // Of a hasher made with kCrc32c.
  std::uint32_t crc32c() const { return ~crc_; }

 private:
  alignas(64) std::array<unsigned char, 384> state_;  // crypto_generichash_state
  Checksum checksum_;
  std::uint32_t crc_ = 0xFFFFFFFFu;
};

// Sum modulo 2^256 of one digest per row: equal states have equal sums whatever the order in which
// their rows were written, and one row is added or taken away at the cost of one digest.
class StateDigest {
 public:
  void add_row(std::string_view table, std::string_view row_image);
  void remove_row(std::string_view table, std::string_view row_image);
  // All rows of another one.
  void add(const StateDigest& other);
  Digest value() const;
  static StateDigest from(const Digest& value);
  bool operator==(const StateDigest&) const = default;

 private:
  std::array<std::uint64_t, 4> sum_{};
};

}  // namespace tidesync
