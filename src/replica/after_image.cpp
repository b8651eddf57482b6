#include "replica/after_image.h"

#include <cstdint>
#include <vector>

namespace tidesync {
namespace {

// The first byte. kChanges: u16 column, u32 length, encoded value; for each column that differs.
enum class Form : char { kAbsent = 0, kWhole = 1, kChanges = 2 };

constexpr std::size_t kChangeHead = 6;

}  // namespace

std::string encode_after(const RowImage* before, const RowImage* after) {
  const Form form = !after ? Form::kAbsent : !before ? Form::kWhole : Form::kChanges;
  std::string bytes(1, static_cast<char>(form));
  if (form == Form::kWhole) bytes += *after;
  if (form != Form::kChanges) return bytes;
  const auto old_parts = split_image(*before);
  const auto new_parts = split_image(*after);
  for (std::size_t i = 0; i < new_parts.size(); ++i) {
    if (old_parts.at(i) == new_parts[i]) continue;
    append_u16(bytes, static_cast<std::uint16_t>(i));
    append_u32(bytes, static_cast<std::uint32_t>(new_parts[i].size()));
    bytes += new_parts[i];
  }
  return bytes;
}

std::optional<RowImage> decode_after(std::string_view bytes,
                                     const std::optional<RowImage>& before) {
  const Form form{bytes.front()};
  bytes.remove_prefix(1);
  if (form == Form::kAbsent) return std::nullopt;
  if (form == Form::kWhole) return RowImage(bytes);
  std::vector<std::string_view> parts = split_image(before.value());
  while (!bytes.empty()) {
    const std::size_t size = load_u32(bytes.data() + 2);
    parts.at(load_u16(bytes.data())) = bytes.substr(kChangeHead, size);
    bytes.remove_prefix(kChangeHead + size);
  }
  RowImage after;
  for (const std::string_view part : parts) after += part;
  return after;
}

}  // namespace tidesync
