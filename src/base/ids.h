// Distinct types for the numbers and names of the protocol, so that none is passed for another.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace tidesync {

class Random;

// Number of a batch on the share: 1, 2, 3 ... 0 means "before the first".
struct Seq {
  std::uint64_t value = 0;
  auto operator<=>(const Seq&) const = default;
  Seq next() const { return Seq{value + 1}; }
};

// Name of a node in the fleet: 1-40 characters of a-z 0-9 - _ ; used in file names on the share.
struct NodeId {
  std::string value;
  auto operator<=>(const NodeId&) const = default;
};

// A random 128-bit identifier as 32 lower-case hexadecimal digits: of a publish attempt, a run, a
// conflict, a share, an incarnation.
using Uuid = std::string;
Uuid make_uuid(Random& random);
bool is_uuid(std::string_view text);

// Makes a valid node name from any text ("Bob's PC" -> "bob-s-pc"); "node" if nothing is left.
NodeId make_node_id(std::string_view text);
bool is_node_id(std::string_view text);

}  // namespace tidesync
