// Every damage of one byte, and every cut, of a small file.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace tidesync::test {

// `use` gets the bytes and what was done to them.
inline void for_each_cut(const std::string& whole,
                         const std::function<void(const std::string&, const std::string&)>& use) {
  for (std::size_t size = 0; size < whole.size(); ++size) {
    use(whole.substr(0, size), "cut to " + std::to_string(size) + " bytes");
  }
}

inline void for_each_flipped_bit(
    const std::string& whole,
    const std::function<void(const std::string&, const std::string&)>& use) {
  std::string damaged = whole;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      damaged[at] = static_cast<char>(whole[at] ^ (1 << bit));
      use(damaged, "bit " + std::to_string(bit) + " of byte " + std::to_string(at) + " flipped");
    }
    damaged[at] = whole[at];
  }
}

}  // namespace tidesync::test
