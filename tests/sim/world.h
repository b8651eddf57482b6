// The simulated fleet: nodes with real databases over the real engine, one share in memory, one
// clock, one seed. World decides what happens next; everything that happens is a function of the
// options.
//
// Interleaving: a node's sync runs in a task of its own (task.h) and reports every step and every
// file operation to its node, which may hand the baton back, crash, or go on.
// Thread rule: everything here belongs to whoever holds the baton.
#pragma once

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "sim/ledger.h"
#include "sim/misfortunes.h"
#include "sim/options.h"
#include "sim/share_log.h"
#include "sim/sim_clock.h"
#include "support/memory_file_system.h"
#include "support/temp_dir.h"

namespace tidesync::sim {

class Node;

// A promise of the protocol that did not hold.
struct Violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Stats {
  std::uint64_t syncs = 0, crashes = 0, publishes = 0, conflicts = 0, writes = 0, busy_writes = 0;
  std::uint64_t late_links = 0, restores = 0, clones = 0, tails = 0, faults = 0, errors = 0,
                doubled = 0, holes = 0, damages = 0, rollbacks = 0, aways = 0, bases = 0,
                upgrades = 0, snapshots = 0, retired = 0, leaps = 0, adoptions = 0;
  void add(const Stats& other);
};
std::string to_string(const Stats& stats);

// How often things happen in this run; drawn from the seed, so that runs differ in character.
struct Rates {
  std::uint64_t pause_one_in = 10;  // at a file operation
  std::uint64_t step_pause_one_in = 2;
  std::uint64_t crash_one_in = 400;  // at a file operation or step
  std::uint64_t fault_one_in = 200;  // of an ordinary operation on the share
  std::uint64_t link_faults_per_mille = 160;
  std::uint64_t stale_per_mille = 30;
};

class World {
 public:
  explicit World(const Options& options);
  ~World();

  // The whole run with all checks. Throws Violation.
  void run();

  const Options& options() const { return options_; }
  const Rates& rates() const { return rates_; }
  Stats& stats() { return stats_; }
  Random& random() { return random_; }
  bool chance(std::uint64_t one_in) { return random_.below(one_in) == 0; }
  FleetTime& time() { return time_; }
  Ledger& ledger() { return ledger_; }
  test::MemoryFileSystem& share() { return share_; }
  ShareLog& log() { return log_; }
  const boost::filesystem::path& folder() const { return folder_.path(); }
  std::vector<std::unique_ptr<Node>>& nodes() { return nodes_; }
  // False while the fleet is set up and while it comes to rest.
  bool faults_are_on() const { return faults_are_on_; }
  bool copies_may_differ() const {
    const Faults& faults = options_.faults;
    return faults.restore || faults.clone || faults.tail || faults.hole || faults.damage ||
           faults.rollback;
  }

  // A snapshot does not tell a record from another that got its number since.
  bool records_may_mix() const { return stats_.leaps + stats_.adoptions > 0; }

  // A link whose request is still on its way.
  void delay_link(const Path& from, const Path& to) { late_links_.emplace_back(from, to); }

  // Feeds the digest of the run, and prints when asked to.
  void trace(std::string_view who, std::string_view what);
  std::uint64_t trace_digest() const { return trace_digest_; }
  void print_trace(bool on) { prints_trace_ = on; }
  // Prints in which rows of whose database a token stands, whenever that changes.
  void follow(const std::string& token) { followed_ = token; }

 private:
  void set_up();
  void act();
  void write(Node& node);
  void land_links();
  void come_to_rest();
  void settle();
  void welcome_newcomer();
  void observe();

  Options options_;
  Random random_;
  Rates rates_;
  Stats stats_;
  FleetTime time_;
  NodeClock server_clock_{time_, 0};
  test::MemoryFileSystem share_{server_clock_};
  ShareLog log_{share_, entries_per_folder(options_)};
  test::TempDir folder_{test::TempDir::Where::kMemory};
  Ledger ledger_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<std::pair<Path, Path>> late_links_;
  Misfortunes misfortunes_{*this};
  bool faults_are_on_ = false;
  bool prints_trace_ = false;
  std::string followed_;
  std::map<std::string, std::string> seen_at_;  // by node: the rows with the followed token
  std::uint64_t trace_digest_ = 14695981039346656037ull;
};

}  // namespace tidesync::sim
