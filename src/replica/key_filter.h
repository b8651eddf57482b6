// Tells of most keys that are not in a set that they are not, without asking the set: a Bloom
// filter of a fixed size, however many keys there are.
#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <string_view>

namespace tidesync {

class KeyFilter {
 public:
  void add(std::uint32_t table, std::string_view key);
  // False: certainly never added. True for about one in fifty others after a million keys.
  bool may_have(std::uint32_t table, std::string_view key) const;
  void clear() { bits_.reset(); }

 private:
  static constexpr std::size_t kBits = std::size_t{1} << 23;  // 1 MiB
  static constexpr int kProbes = 4;
  using Bits = std::bitset<kBits>;

  std::unique_ptr<Bits> bits_;  // made by the first key
};

}  // namespace tidesync
