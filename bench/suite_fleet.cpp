// Many nodes around one share: who syncs next is drawn by lot, and several sync at the same time,
// as processes.
#include <boost/filesystem/operations.hpp>
#include <iostream>
#include <stdexcept>
#include <thread>

#include "check.h"
#include "child.h"
#include "connection.h"
#include "engine.h"
#include "quoting.h"
#include "suites.h"
#include "table.h"
#include "watched_vfs.h"

namespace tidesync::bench {
namespace {

constexpr int kProcesses = 4;
constexpr std::uint64_t kRows = 300;
constexpr int kEditsEach = 5;
constexpr int kFewestSyncs = 100;
constexpr int kMostSyncs = 400;

// Sums over syncs.
struct Sums {
  double syncs = 0, ms = 0, cpu_ms = 0, operations = 0, rows_in = 0, entries_in = 0;
  double attempts = 0, published = 0, most_attempts = 0;

  void add(const Cost& cost) {
    const std::vector<double>& e = cost.extra;
    syncs += e.at(0);
    ms += cost.wall_ms;
    cpu_ms += cost.cpu_ms;
    operations += static_cast<double>(cost.share.operations);
    rows_in += e.at(1);
    entries_in += e.at(2);
    attempts += e.at(3);
    published += e.at(4);
    most_attempts = std::max(most_attempts, e.at(5));
  }
};

// How often a run tries to publish.
class Attempts : public Steps {
 public:
  void reached(Step step, std::uint64_t, std::uint64_t) override {
    if (step == Step::kPublish) ++tried;
    if (step == Step::kPublished) ++published;
  }
  double tried = 0, published = 0;
};

class Fleet {
 public:
  Fleet(const Path& folder, int nodes) : folder_(folder), nodes_(nodes) {
    boost::filesystem::remove_all(folder);
    boost::filesystem::create_directories(share());
    watch_sqlite(to_utf8(share()) + "/");
  }
  ~Fleet() {
    boost::system::error_code ignored;
    boost::filesystem::remove_all(folder_, ignored);
  }
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  bool found() {
    return run_in_child([] {},
                        [this] {
                          for (int i = 0; i < nodes_; ++i) add_node(i);
                          return std::vector<double>{};
                        })
        .done;
  }

  // Each process has nodes of its own, and draws among them.
  Sums work() {
    const int syncs = std::clamp(2 * nodes_, kFewestSyncs, kMostSyncs);
    std::vector<Cost> costs(kProcesses);
    std::vector<std::thread> waiting;
    for (int p = 0; p < kProcesses; ++p) {
      waiting.emplace_back([&, p] {
        costs[static_cast<std::size_t>(p)] =
            run_in_child([] {}, [&] { return work_alone(p, syncs / kProcesses); });
      });
    }
    for (std::thread& thread : waiting) thread.join();
    Sums sums;
    for (const Cost& cost : costs) {
      if (!cost.done) throw std::runtime_error("a process of the fleet failed");
      sums.add(cost);
    }
    return sums;
  }

  // Everybody takes in what is left; then nothing is left to do.
  void settle() {
    const Cost cost = run_in_child([] {},
                                   [this] {
                                     for (int round = 0; round < 2; ++round)
                                       for (int i = 0; i < nodes_; ++i) Engine().sync(database(i));
                                     return std::vector<double>{};
                                   });
    if (!cost.done) throw std::runtime_error("the fleet did not settle");
  }

  Cost idle() {
    return run_in_child([] {},
                        [this] {
                          Engine().sync(database(nodes_ / 2));
                          return std::vector<double>{};
                        });
  }

  bool all_equal() {
    return run_in_child([] {},
                        [this] {
                          const std::uint64_t expected = digest_of(share() / "master.db");
                          for (int i = 0; i < nodes_; ++i)
                            if (digest_of(database(i)) != expected)
                              throw std::runtime_error("nodes differ");
                          return std::vector<double>{};
                        })
        .done;
  }

 private:
  Path share() const { return folder_ / "share"; }
  Path database(int node) const { return folder_ / ("n" + std::to_string(node)) / "app.db"; }

  void add_node(int node) {
    const Path file = database(node);
    boost::filesystem::create_directories(file.parent_path());
    const std::string name = "n" + std::to_string(node);
    if (node > 0) return Engine().join(file, share(), name);
    Connection(to_utf8(file)).exec(quoting_schema() + quoting_rows(kRows));
    Engine().init(file, share(), name);
  }

  void edit(int node, Random& random) const {
    Connection db(to_utf8(database(node)));
    for (int i = 0; i < kEditsEach; ++i) {
      db.exec("UPDATE quote_lines SET unit_price = " + std::to_string(random.below(10000)) +
              ", updated_at = strftime('%Y-%m-%d %H:%M:%f', 'now') WHERE id = " +
              std::to_string(1 + random.below(kRows * 3 / 4)));
    }
  }

  std::vector<double> work_alone(int process, int syncs) const {
    Random random(static_cast<std::uint64_t>(process) + 1);
    std::vector<double> sums(6);
    for (int i = 0; i < syncs; ++i) {
      const auto of_mine =
          static_cast<std::uint64_t>((nodes_ - process + kProcesses - 1) / kProcesses);
      const int node = process + kProcesses * static_cast<int>(random.below(of_mine));
      edit(node, random);
      Attempts attempts;
      SyncOptions options;
      options.steps = &attempts;
      const SyncResult result = Engine().sync(database(node), options);
      sums[0] += 1;
      sums[1] += static_cast<double>(result.pulled);
      sums[2] += static_cast<double>(result.seq_after.value - result.seq_before.value) -
                 attempts.published;
      sums[3] += attempts.tried;
      sums[4] += attempts.published;
      sums[5] = std::max(sums[5], attempts.tried);
    }
    return sums;
  }

  Path folder_;
  int nodes_;
};

}  // namespace

bool run_fleet(const Options& options) {
  Table table({"nodes", "syncs", "ms", "cpu ms", "batches in", "rows in", "cpu ms a batch",
               "share ops", "attempts", "most", "idle ops", "idle cpu ms", "all equal"});
  bool is_correct = true;
  for (const std::uint64_t nodes : options.nodes) {
    Fleet fleet(options.folder / "fleet", static_cast<int>(nodes));
    if (!fleet.found()) return false;
    const Sums s = fleet.work();
    fleet.settle();
    const Cost idle = fleet.idle();
    const bool equal = fleet.all_equal();
    is_correct = is_correct && equal && idle.done;
    table.add(
        {std::to_string(nodes), number(s.syncs), number(s.ms / s.syncs), number(s.cpu_ms / s.syncs),
         number(s.entries_in / s.syncs), number(s.rows_in / s.syncs),
         s.entries_in > 0 ? number((s.cpu_ms - idle.cpu_ms * s.syncs) / s.entries_in) : "-",
         number(s.operations / s.syncs), number(s.attempts / s.published), number(s.most_attempts),
         std::to_string(idle.share.operations), number(idle.cpu_ms), equal ? "yes" : "NO"});
  }
  std::cout << "\n### A fleet, " << kProcesses << " syncing at a time; per sync\n\n"
            << table.text();
  return is_correct;
}

}  // namespace tidesync::bench
