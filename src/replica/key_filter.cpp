#include "replica/key_filter.h"

namespace tidesync {
namespace {

// FNV-1a, and a last mix so that the upper bits depend on all bytes. Nobody gains by keys that
// collide: a wrong "may have" costs one look into the set.
std::uint64_t hash_of(std::uint32_t table, std::string_view key) {
  std::uint64_t hash = 0xCBF29CE484222325u ^ table;
  for (const char byte : key) {
    hash ^= static_cast<unsigned char>(byte);
    hash *= 0x100000001B3u;
  }
  hash ^= hash >> 33;
  hash *= 0xFF51AFD7ED558CCDu;
  return hash ^ (hash >> 33);
}

}  // namespace

void KeyFilter::add(std::uint32_t table, std::string_view key) {
  if (!bits_) bits_ = std::make_unique<Bits>();
  const std::uint64_t hash = hash_of(table, key);
  const std::uint64_t step = (hash >> 32) | 1u;
  for (int i = 0; i < kProbes; ++i)
    bits_->set((hash + static_cast<std::uint64_t>(i) * step) % kBits);
}

bool KeyFilter::may_have(std::uint32_t table, std::string_view key) const {
  if (!bits_) return false;
  const std::uint64_t hash = hash_of(table, key);
  const std::uint64_t step = (hash >> 32) | 1u;
  for (int i = 0; i < kProbes; ++i) {
    if (!bits_->test((hash + static_cast<std::uint64_t>(i) * step) % kBits)) return false;
  }
  return true;
}

}  // namespace tidesync
