// One computer of the simulated fleet: the application's database with its connection, our folder
// beside it, its own view of the share, its clock, and at most one running sync.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "base/random.h"
#include "sim/ledger.h"
#include "sim/sim_clock.h"
#include "sim/task.h"
#include "sqlite/database.h"
#include "support/faulty_file_system.h"
#include "sync/environment.h"
#include "sync/result.h"
#include "sync/session.h"

namespace tidesync::sim {

class World;

class Node : private Steps {
 public:
  Node(World& world, int index, std::int64_t clock_offset_ms);
  ~Node() override;

  // The application's first database; then init on an empty share, or join.
  void create_database();
  void init(const Path& share = "/share");
  void join();
  // What was wrong, or "".
  std::string try_join();

  const std::string& name() const { return name_; }
  const Path& database() const { return database_; }
  Path base_file() const;
  Path tidesync_folder() const;
  Database& app() { return *app_; }
  Random& random() { return random_; }
  NodeClock& clock() { return clock_; }
  Database& open_app();
  void close_app() { app_.reset(); }

  // Lets the sync go on from where it paused, or starts one.
  void step();
  bool is_syncing() const { return task_ != nullptr; }
  // Ends the running sync as a crash would.
  void crash();
  // Runs a sync to its end, without pauses.
  SyncResult sync_to_end();
  // The next run is `tidesync now --accept-hole`.
  void accept_hole_next() { accepts_hole_ = true; }

  const SyncResult& last_result() const { return last_result_; }

  // Tokens in the synced tables of the application's database.
  std::set<std::string> tokens();
  // What the base copy holds in columns that this application does not have yet. While it is lost,
  // or made anew, also what it held when this was last asked.
  TokenRows hidden_rows();

 private:
  void reached(Step step, std::uint64_t done, std::uint64_t total) override;
  test::FaultAction on_share_call(const test::FsCall& call);
  test::FaultAction on_local_call(const test::FsCall& call);
  void note_snapshot_use(const test::FsCall& call);
  test::FaultAction choose_fault(const test::FsCall& call);
  test::FaultAction choose_link_fault(const test::FsCall& call);
  // A place where the run may pause or end. Throws test::SimulatedCrash.
  void point(const std::string& what, std::uint64_t pause_one_in);
  void run_sync();
  void keep_little();
  TokenRows hidden_in_base(bool& is_whole);
  void forget_former_owners(TokenRows& hidden);
  void brew_storm();
  void collect();

  World& world_;
  std::string name_;
  Path database_;
  Random random_;
  NodeClock clock_;
  DiskFileSystem disk_;
  test::FaultyFileSystem share_;
  test::FaultyFileSystem local_;
  Environment environment_;
  std::unique_ptr<Database> app_;
  std::unique_ptr<Task> task_;
  int storm_ = 0;         // runs that are likely to crash, too
  bool is_dead_ = false;  // the running sync's process has ended
  bool accepts_hole_ = false;
  std::string failure_;  // what a sync threw that it must not
  SyncResult last_result_;
  TokenRows remembered_hidden_;
};

}  // namespace tidesync::sim
