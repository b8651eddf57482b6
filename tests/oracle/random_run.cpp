#include "oracle/random_run.h"

#include <iostream>

#include "oracle/fleet.h"
#include "oracle/random_edits.h"

namespace tidesync::oracle {
namespace {

class Run {
 public:
  Run(std::uint64_t seed, bool trace) : random_(seed), trace_(trace) {
    for (int i = 0; i < 8; ++i) random_.next();
  }

  std::string run() {
    schema_ = make_schema(random_);
    say(schema_.sql);
    try {
      const std::string problem = play();
      return problem.empty() ? "" : problem + "\n" + schema_.sql;
    } catch (const std::exception& error) {
      return error.what() + ("\n" + schema_.sql);
    }
  }

 private:
  void say(const std::string& text) {
    if (trace_) std::cout << text << std::endl;
  }

  std::string play() {
    const int computers = 2 + static_cast<int>(random_.below(3));
    Fleet fleet(computers, schema_.sql);
    say("-- a\n" + edit_something(fleet.app(0), schema_, random_, ledger_, 40));
    fleet.settle({0, 1});
    for (int i = 0; i < computers; ++i) {
      constexpr std::int64_t kOffsetsMs[] = {0, 0, 0, 3000, -50'000, 7'200'000};
      fleet.set_clock_offset_ms(i, kOffsetsMs[random_.below(std::size(kOffsetsMs))]);
    }
    const std::uint64_t sync_percent = 5 + random_.below(40);
    const std::uint64_t steps = 20 + random_.below(60);
    for (std::uint64_t i = 0; i < steps; ++i) {
      fleet.pass_ms(static_cast<std::int64_t>(random_.below(4000)));
      const int computer = static_cast<int>(random_.below(static_cast<std::uint64_t>(computers)));
      act(fleet, computer, sync_percent);
    }
    std::vector<int> order;
    for (int i = 0; i < computers; ++i) order.push_back(i);
    say("settle");
    fleet.settle(order);
    const std::string problem = fleet.check();
    for (const auto& [table, rows] : content_of(fleet.app(0))) {
      for (const std::string& row : rows) say(table + ": " + row);
    }
    return problem.empty() ? lost(fleet) : problem;
  }

  void act(Fleet& fleet, int computer, std::uint64_t sync_percent) {
    if (random_.below(100) >= sync_percent) {
      fleet.use_clock_of(computer);
      const std::string sql = edit_something(fleet.app(computer), schema_, random_, ledger_, 5);
      say("-- " + Fleet::name(computer) + "\n" + sql);
    } else if (random_.below(8) > 0) {
      say("-- " + Fleet::name(computer) + " syncs");
      fleet.sync(computer);
    } else {
      say("-- " + Fleet::name(computer) + " syncs and crashes");
      fleet.crash_sync(computer, static_cast<int>(random_.below(18)));
    }
  }

  // Written, not replaced or deleted by anybody who saw it, and nowhere any more.
  std::string lost(Fleet& fleet) {
    std::set<std::string> kept = sim::all_tokens(tokens_in(fleet.app(0), schema_));
    Statement rows = fleet.app(0).prepare(
        "SELECT ifnull(base_row, '') || ifnull(winner_row, '') || ifnull(loser_row, '')"
        " FROM sync_conflicts");
    while (rows.step()) sim::collect_tokens(rows.get_text(0), kept);
    std::string missing;
    for (const std::string& token : ledger_.expected()) {
      if (kept.count(token) == 0) missing += " " + token;
    }
    return missing.empty() ? "" : "silently lost:" + missing;
  }

  Random random_;
  bool trace_;
  RandomSchema schema_;
  sim::Ledger ledger_;
};

}  // namespace

std::string run_seed(std::uint64_t seed, bool trace) {
  return Run(seed, trace).run();
}

}  // namespace tidesync::oracle
