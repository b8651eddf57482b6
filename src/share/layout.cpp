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

}  // namespace

std::string log_folder(Seq seq) {
  return std::string(kLogFolder) + "/" + padded(seq.value / kEntriesPerFolder, 7);
}

std::string entry_name(Seq seq) {
  return padded(seq.value, 8);
}

std::string entry_path(Seq seq) {
  return log_folder(seq) + "/" + entry_name(seq);
}

std::optional<Seq> parse_entry_name(std::string_view name) {
  std::uint64_t number = 0;
  const char* end = name.data() + name.size();
  const auto [stopped, error] = std::from_chars(name.data(), end, number);
  if (error != std::errc() || stopped != end || number == 0) return std::nullopt;
  // Only the one spelling we write: "1" and "000000001" are files of somebody else.
  const Seq seq{number};
  if (entry_name(seq) != name) return std::nullopt;
  return seq;
}

std::string node_note(const NodeId& node) {
  return std::string(kNodesFolder) + "/" + node.value + ".json";
}

}  // namespace tidesync::layout
