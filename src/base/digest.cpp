#include "base/digest.h"

#include <sodium.h>

#include <cstring>

#include "base/error.h"
#include "base/text.h"
#include "base/value.h"

namespace tidesync {
namespace {

static_assert(sizeof(crypto_generichash_state) <= 384, "Hasher::state_ holds a libsodium state");

std::array<std::array<std::uint32_t, 256>, 8> make_crc_tables() {
  std::array<std::array<std::uint32_t, 256>, 8> tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1u) ? 0x82F63B78u : 0u);
    tables[0][i] = crc;
  }
  for (std::size_t t = 1; t < 8; ++t) {
    for (std::size_t i = 0; i < 256; ++i) {
      tables[t][i] = (tables[t - 1][i] >> 8) ^ tables[0][tables[t - 1][i] & 0xFF];
    }
  }
  return tables;
}

// CRC-32C (Castagnoli, reflected 0x82F63B78), eight bytes a step.
std::uint32_t crc32c_update(std::uint32_t crc, std::string_view bytes) {
  static const auto tables = make_crc_tables();
  const char* p = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, p += 8) {
    const std::uint64_t word = load_u64(p) ^ crc;
    crc = 0;
    for (std::size_t i = 0; i < 8; ++i) crc ^= tables[7 - i][(word >> (8 * i)) & 0xFF];
  }
  for (; left > 0; --left, ++p) {
    crc = (crc >> 8) ^ tables[0][(crc ^ static_cast<unsigned char>(*p)) & 0xFF];
  }
  return crc;
}

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::array<std::uint64_t, 4> row_digest(std::string_view table, std::string_view row_image) {
  // The name's length keeps ("ab", "c...") and ("a", "bc...") apart.
  std::string head;
  append_u32(head, static_cast<std::uint32_t>(table.size()));
  head.append(table);
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, 32);
  crypto_generichash_update(&state, raw(head), head.size());
  crypto_generichash_update(&state, raw(row_image), row_image.size());
  std::array<std::uint64_t, 4> words{};
  crypto_generichash_final(&state, reinterpret_cast<unsigned char*>(words.data()), 32);
  return words;
}

}  // namespace

std::string Digest::hex() const {
  return is_none() ? std::string() : to_hex(view());
}

Digest digest_from_hex(std::string_view hex) {
  Digest digest;
  if (hex.empty()) return digest;
  const std::string bytes = from_hex(hex);
  if (bytes.size() != digest.bytes.size()) {
    throw Error(ErrorCode::kDamaged, "read digest", std::string(hex.substr(0, 80)),
                "not 64 hexadecimal digits");
  }
  std::memcpy(digest.bytes.data(), bytes.data(), bytes.size());
  return digest;
}

Digest digest_of(std::string_view bytes) {
  Digest digest;
  crypto_generichash(digest.bytes.data(), digest.bytes.size(), raw(bytes), bytes.size(), nullptr,
                     0);
  return digest;
}

Hasher::Hasher(Checksum checksum) : state_{}, checksum_(checksum) {
  crypto_generichash_init(reinterpret_cast<crypto_generichash_state*>(state_.data()), nullptr, 0,
                          32);
}

void Hasher::update(std::string_view bytes) {
  crypto_generichash_update(reinterpret_cast<crypto_generichash_state*>(state_.data()), raw(bytes),
                            bytes.size());
  if (checksum_ == Checksum::kCrc32c) crc_ = crc32c_update(crc_, bytes);
}

Digest Hasher::digest() const {
  // Finalising spends the state, so a copy is finalised.
  alignas(64) auto copy = state_;
  Digest digest;
  crypto_generichash_final(reinterpret_cast<crypto_generichash_state*>(copy.data()),
                           digest.bytes.data(), digest.bytes.size());
  return digest;
}

void StateDigest::add_row(std::string_view table, std::string_view row_image) {
  StateDigest row;
  row.sum_ = row_digest(table, row_image);
  add(row);
}

void StateDigest::add(const StateDigest& other) {
  const auto& words = other.sum_;
  unsigned carry = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::uint64_t partial = sum_[i] + words[i];
    const unsigned overflow = partial < sum_[i] ? 1u : 0u;
    sum_[i] = partial + carry;
    carry = overflow | (sum_[i] < partial ? 1u : 0u);
  }
}

void StateDigest::remove_row(std::string_view table, std::string_view row_image) {
  const auto words = row_digest(table, row_image);
  unsigned borrow = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::uint64_t partial = sum_[i] - words[i];
    const unsigned underflow = sum_[i] < words[i] ? 1u : 0u;
    const std::uint64_t result = partial - borrow;
    borrow = underflow | (partial < borrow ? 1u : 0u);
    sum_[i] = result;
  }
}

Digest StateDigest::value() const {
  Digest digest;
  std::memcpy(digest.bytes.data(), sum_.data(), sizeof sum_);
  return digest;
}

StateDigest StateDigest::from(const Digest& value) {
  StateDigest state;
  std::memcpy(state.sum_.data(), value.bytes.data(), sizeof state.sum_);
  return state;
}

}  // namespace tidesync
