#include "share/layout.h"

#include <charconv>
#include <cstdio>

namespace tidesync::layout {
namespace {

std::string padded(std::uint64_t number, int digits) {
  char buffer[24];
  std::snprintf(buffer, sizeof buffer, "%0*llu", digits, static_cast<unsigned long long>(number));
  return buffer;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return number;
}

}  // namespace

std::string folder_name(std::uint64_t number) {
  return padded(number, 7);
}

std::string log_folder(Seq seq, std::uint64_t per_folder) {
  return std::string(kLogFolder) + "/" + folder_name(seq.value / per_folder);
}

std::string entry_name(Seq seq) {
  return padded(seq.value, 8);
}

std::string entry_path(Seq seq, std::uint64_t per_folder) {
  return log_folder(seq, per_folder) + "/" + entry_name(seq);
}

// Only the one spelling we write: "1" and "000000001" are files of somebody else.
std::optional<Seq> parse_entry_name(std::string_view name) {
  const auto number = parse_number(name);
  if (!number || *number == 0 || entry_name(Seq{*number}) != name) return std::nullopt;
  return Seq{*number};
}

std::optional<std::uint64_t> parse_folder_name(std::string_view name) {
  const auto number = parse_number(name);
  if (!number || folder_name(*number) != name) return std::nullopt;
  return number;
}

std::string node_note(const NodeId& node) {
  return std::string(kNodesFolder) + "/" + node.value + ".json";
}

}  // namespace tidesync::layout
