// A few computers around one share, in this process: the real engine on real SQLite files, the
// share in memory, and a clock that stands where the test puts it. For programs that try out
// thousands of situations; the simulator (tests/sim) is for faults and interleavings.
//
// Thread rule: one fleet at a time, since SQLite's clock is one for the process.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "sim/sim_clock.h"
#include "sqlite/database.h"
#include "support/memory_file_system.h"
#include "support/temp_dir.h"
#include "sync/environment.h"
#include "sync/result.h"
#include "sync/session.h"
#include "sync/setup.h"

namespace tidesync::oracle {

// A table's rows as sorted texts in which type and bytes are visible.
using TableRows = std::multiset<std::string>;
using Content = std::map<std::string, TableRows>;

// All tables an application has, and sync_conflicts.
Content content_of(Database& db);
// "" or the first difference in words.
std::string difference(const Content& a, const Content& b);

class Fleet {
 public:
  // The first computer makes the dataset from the schema and its rows; the others join. Without
  // names they are "a", "b", "c", ...: later letters win a tie.
  Fleet(int nodes, const std::string& schema);
  Fleet(std::vector<std::string> names, const std::string& schema);
  // As `other` is now. `other` must be at rest, and is not to be used while this one lives.
  explicit Fleet(Fleet& other);
  Fleet& operator=(const Fleet&) = delete;
  ~Fleet();

  int size() const { return static_cast<int>(nodes_.size()); }
  static std::string name(int node) { return std::string(1, static_cast<char>('a' + node)); }
  // A further computer joins with a database of its own. Throws Error when it may not.
  SetupResult add(const std::string& name, const std::string& schema);
  // The application's own connection.
  Database& app(int node);

  std::int64_t now_ms() const { return time_.now_ms; }
  void pass_ms(std::int64_t duration_ms) { time_.now_ms += duration_ms; }
  // How far that computer's clock is ahead of the share's.
  void set_clock_offset_ms(int node, std::int64_t offset_ms);
  // SQLite has one clock for the process: from here on it is that of this computer.
  void use_clock_of(int node);
  // The application of that computer runs statements, now.
  void act(int node, const std::string& sql);
  // One sync. Throws std::runtime_error when it fails.
  SyncResult sync(int node, const SyncOptions& options = {});
  // A sync that ends as by a crash at the n-th step it reports; true when it got that far.
  bool crash_sync(int node, int step);
  Path base_file(int node) const;
  // What verify finds on that computer, in words; "" when nothing.
  std::string verify(int node);
  // Syncs in this order until nobody has anything to say.
  void settle(const std::vector<int>& order);

  // What must hold when the fleet is at rest, whatever happened: databases, base copies and
  // master.db are equal and sound. Empty when it does.
  std::string check();

 private:
  struct Node;
  void join(int index, const std::string& schema);
  void open_application(Node& node);
  std::uint64_t log_length();
  std::string check_database(const std::string& what, Database& db, const Content& expected);

  sim::FleetTime time_;
  sim::NodeClock clock_{time_, 0};
  test::MemoryFileSystem share_{clock_};
  std::vector<std::string> names_;
  test::TempDir folder_{test::TempDir::Where::kMemory};
  std::vector<std::unique_ptr<Node>> nodes_;
};

}  // namespace tidesync::oracle
