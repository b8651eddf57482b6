#include "sim/world.h"

#include <iostream>

#include "base/error.h"
#include "sim/application.h"
#include "sim/checks.h"
#include "sim/node.h"
#include "sim/sqlite_clock.h"

namespace tidesync::sim {
namespace {

constexpr int kMaxRounds = 30;
constexpr std::int64_t kDayMs = 25LL * 60 * 60 * 1000;
constexpr std::uint64_t kFirstMisfortune = 965;  // of 1000

std::int64_t draw_offset_ms(Random& random, bool skew) {
  constexpr std::int64_t kOffsetsMs[] = {0, 0, 0, 5'000, -5'000, 50'000, -7'200'000, 259'200'000};
  const std::int64_t drawn = kOffsetsMs[random.below(std::size(kOffsetsMs))];
  return skew ? drawn : 0;
}

}  // namespace

void Stats::add(const Stats& o) {
  syncs += o.syncs, crashes += o.crashes, publishes += o.publishes, conflicts += o.conflicts;
  writes += o.writes, busy_writes += o.busy_writes, late_links += o.late_links;
  restores += o.restores, clones += o.clones, tails += o.tails;
  holes += o.holes, damages += o.damages, rollbacks += o.rollbacks, aways += o.aways;
  bases += o.bases, upgrades += o.upgrades;
  snapshots += o.snapshots, retired += o.retired, leaps += o.leaps;
  adoptions += o.adoptions;
  faults += o.faults, errors += o.errors, doubled += o.doubled;
}

std::string to_string(const Stats& s) {
  const auto part = [](const char* name, std::uint64_t n) {
    return std::string(name) + " " + std::to_string(n) + "  ";
  };
  return part("syncs", s.syncs) + part("crashes", s.crashes) + part("entries", s.publishes) +
         part("conflicts", s.conflicts) + part("writes", s.writes) +
         part("busy writes", s.busy_writes) + part("faults", s.faults) +
         part("late links", s.late_links) + part("failed runs", s.errors) +
         part("doubled values", s.doubled) + part("restores", s.restores) +
         part("clones", s.clones) + part("lost tails", s.tails) + part("holes", s.holes) +
         part("damaged", s.damages) + part("rollbacks", s.rollbacks) + part("share away", s.aways) +
         part("base copies lost", s.bases) + part("upgrades", s.upgrades) +
         part("snapshots", s.snapshots) + part("retired entries", s.retired) +
         part("leaps", s.leaps) + part("adoptions", s.adoptions);
}

World::World(const Options& options) : options_(options), random_(options.seed) {
  set_mutation(options_.mutation);
  for (int i = 0; i < 8; ++i) random_.next();
  if (options_.nodes == 0) options_.nodes = 2 + static_cast<int>(random_.below(4));
  if (options_.steps == 0) options_.steps = 150 + static_cast<int>(random_.below(350));
  constexpr std::uint64_t kPauses[] = {3, 8, 20, 60};
  constexpr std::uint64_t kCrashes[] = {80, 250, 1000};
  constexpr std::uint64_t kFaults[] = {60, 200, 1000};
  rates_.pause_one_in = kPauses[random_.below(std::size(kPauses))];
  rates_.crash_one_in = kCrashes[random_.below(std::size(kCrashes))];
  rates_.fault_one_in = kFaults[random_.below(std::size(kFaults))];
  if (!options_.faults.retention) return;
  // Entries enough that a part of them can be retired.
  if (options.steps == 0) options_.steps *= 2;
  rates_.pause_one_in *= 10;
  rates_.step_pause_one_in = 16;
}

World::~World() {
  for (auto& node : nodes_) node->crash();
  nodes_.clear();
  set_sqlite_clock(nullptr);
  set_mutation(Mutation::kNone);
}

void World::trace(std::string_view who, std::string_view what) {
  for (const std::string_view text : {who, what}) {
    for (const char c : text)
      trace_digest_ = (trace_digest_ ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  }
  if (prints_trace_) std::cout << time_.now_ms << " " << who << " " << what << "\n";
}

void World::observe() {
  log_.observe();
  if (followed_.empty()) return;
  std::set<std::string> on_share;
  log_.collect(on_share);
  const std::string there = on_share.count(followed_) > 0 ? " yes" : " no";
  std::string& was_there = seen_at_["share"];
  if (there != was_there) std::cout << time_.now_ms << " share HAS" << there << "\n";
  was_there = there;
  for (auto& node : nodes_) {
    std::string rows;
    try {
      rows = lines_with(dump(node->app()), followed_);
    } catch (const Error&) {
      continue;  // locked just now
    }
    std::string& seen = seen_at_[node->name()];
    if (rows != seen) std::cout << time_.now_ms << " " << node->name() << " HAS" << rows << "\n";
    seen = rows;
  }
}

void World::set_up() {
  share_.create_directory("/share");
  for (int i = 0; i < options_.nodes; ++i) {
    nodes_.push_back(
        std::make_unique<Node>(*this, i, draw_offset_ms(random_, options_.faults.skew)));
    Node& node = *nodes_.back();
    if (i == 0) {
      node.create_database();
      node.init();
    } else {
      node.join();
    }
    // What mode the application uses is its own affair.
    if (random_.below(2)) node.open_app().exec("PRAGMA journal_mode=WAL");
    node.open_app();
  }
  misfortunes_.set_up();
  observe();
}

void World::run() {
  set_up();
  faults_are_on_ = true;
  for (int i = 0; i < options_.steps; ++i) {
    // Each action has chance of its own, so that one that is left out changes no other.
    random_ = Random(options_.seed * 1'000'003 + static_cast<std::uint64_t>(i));
    if (options_.skipped.count(i) == 0) act();
  }
  random_ = Random(options_.seed);
  faults_are_on_ = false;
  come_to_rest();
  check_everything(*this);
}

void World::act() {
  time_.now_ms += static_cast<std::int64_t>(random_.below(3000));
  if (chance(200)) time_.now_ms += 61 * 60 * 1000;
  if (options_.faults.retention && chance(12))
    time_.now_ms += static_cast<std::int64_t>(random_.below(20 * 60 * 60 * 1000));
  Node& node = *nodes_[random_.below(nodes_.size())];
  const std::uint64_t draw = random_.below(1000);
  misfortunes_.pass();
  if (draw < 350) {
    write(node);
  } else if (draw < 925) {
    if (!misfortunes_.is_absent(node)) node.step();
  } else if (draw < 945) {
    if (options_.faults.crash) node.crash();
  } else if (draw < kFirstMisfortune) {
    land_links();
  } else {
    misfortunes_.strike(node);
  }
  observe();
}

void World::write(Node& node) {
  set_sqlite_clock(&node.clock());
  if (options_.faults.upgrade && chance(25)) {
    const bool upgraded = upgrade(node.app());
    stats_.upgrades += upgraded;
    trace(node.name(), upgraded ? "UPGRADED" : "upgrade refused");
    return;
  }
  const WriteResult result =
      write_something(node.app(), random_, ledger_, node.clock().now_ms(), node.hidden_rows());
  stats_.writes += result == WriteResult::kWritten;
  stats_.busy_writes += result == WriteResult::kBusy;
  trace(node.name(), "write " + std::to_string(static_cast<int>(result)) + " up to tok" +
                         std::to_string(ledger_.last()));
}

void World::land_links() {
  for (const auto& [from, to] : late_links_) {
    try {
      const NameOutcome outcome = share_.link_new(from, to);
      trace("late link", to_utf8(to) + " " + std::to_string(static_cast<int>(outcome)));
    } catch (const Error&) {
      // Its source was removed meanwhile.
    }
  }
  late_links_.clear();
}

void World::come_to_rest() {
  misfortunes_.end();
  for (auto& node : nodes_) {
    if (random_.below(2)) node->crash();
    if (node->is_syncing()) node->sync_to_end();
    observe();
  }
  land_links();
  observe();
  // What is broken inside is only found by those who look once a day.
  if (options_.faults.damage) time_.now_ms += kDayMs;
  settle();
  if (options_.faults.upgrade) {
    for (auto& node : nodes_) {
      while (upgrade(node->app())) continue;
    }
    settle();
  }
  const Faults& faults = options_.faults;
  if (faults.damage || faults.hole || faults.retention) welcome_newcomer();
  stats_.snapshots = log_.snapshots();
  stats_.retired = log_.first() - 1;
}

// Until a round of everybody changes nothing.
void World::settle() {
  std::string trouble;
  for (int round = 0; round < kMaxRounds; ++round) {
    const std::uint64_t before = log_.length();
    trouble.clear();
    for (auto& node : nodes_) {
      const SyncResult result = node->sync_to_end();
      observe();
      if (result.status == RunStatus::kSuccess) continue;
      trouble = node->name() + ": ";
      if (result.error) trouble += result.error->what();
      // Somebody does what the message says, when it has stood there for a while.
      const bool asks =
          result.error && result.error->hint().find("--accept-hole") != std::string::npos;
      if (asks && round % 4 == 3) node->accept_hole_next();
      for (const std::string& note : result.notes) trouble += note;
    }
    // A hole that nobody can fill is waited for, a week each.
    if (!trouble.empty() && round % 4 == 3) time_.now_ms += 7 * kDayMs;
    stats_.publishes = log_.length();
    if (trouble.empty() && round > 0 && stats_.publishes == before) {
      stats_.conflicts = static_cast<std::uint64_t>(
          nodes_[0]->app().get_int("SELECT count(*) FROM sync_conflicts"));
      return;
    }
  }
  throw Violation("the fleet does not come to rest; " + trouble);
}

// Whoever joins reads the whole log, and so finds what is broken in entries that all others have.
void World::welcome_newcomer() {
  constexpr int kAttempts = 10;
  nodes_.push_back(std::make_unique<Node>(*this, static_cast<int>(nodes_.size()), 0));
  std::string trouble;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    trouble = nodes_.back()->try_join();
    if (trouble.empty()) return settle();
    time_.now_ms += kDayMs;
    for (std::size_t i = 0; i + 1 < nodes_.size(); ++i) nodes_[i]->sync_to_end();
    observe();
  }
  throw Violation("nobody can join: " + trouble);
}

}  // namespace tidesync::sim
