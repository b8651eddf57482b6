// What befalls the share and the disks of a simulated fleet, and what that destroys for good. Every
// misfortune is undone, or may be repaired by the fleet, before it has to be at rest.
// Thread rule: whoever holds the baton.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/file_system.h"
#include "base/random.h"

namespace tidesync::sim {

class World;
class Node;

class Misfortunes {
 public:
  explicit Misfortunes(World& world);
  ~Misfortunes();

  // Makes the other dataset, when one is to be mounted in the share's place.
  void set_up();
  // One of those that the options allow.
  void strike(Node& node);
  // Time passes: what was away may come back.
  void pass();
  void end();
  // Its application is used, but it does not sync.
  bool is_absent(const Node& node) const { return absent_ == &node; }

 private:
  using Bytes = std::map<std::string, std::string>;  // content by name

  void strike(int kind, Node& node);
  void lose_tail();
  void make_hole();
  void damage_entry();
  void roll_back();
  void take_away(bool puts_another);
  void bring_back();
  void send_away(Node& node);
  void lose_base(Node& node);
  void restore(Node& node);
  void clone(Node& from);

  // Tokens that some database or the log still holds.
  std::set<std::string> alive();
  // Runs `event`; what was held before it and is nowhere after it is gone for good.
  template <typename Event>
  void destroying(Event event);
  void remove_entry(std::uint64_t seq);
  // An entry that a computer of the fleet still keeps whole; 0 for none.
  std::uint64_t pick_kept_entry();
  bool all_kept_elsewhere(Node& node);

  World& world_;
  std::unique_ptr<Node> stranger_;  // has another dataset, at /other
  bool is_away_ = false;
  bool another_is_there_ = false;
  std::uint64_t away_for_ = 0;  // actions
  const Node* absent_ = nullptr;
  std::uint64_t absent_for_ = 0;  // actions
  Bytes old_log_;
};

}  // namespace tidesync::sim
