// The real program is disturbed at each call that changes something in the file system: killed
// before it, in the middle of it, or the call fails. Afterwards the other computer is not blocked,
// and an ordinary run sets everything right: all databases are equal, no edit is lost or doubled,
// the log is whole.
//
// Where there are many calls a part of them is tried, spread evenly; TIDESYNC_CRASH_ALL=1 (see
// scripts/crash-matrix.sh) tries all.
#include <gtest/gtest.h>

#include <boost/filesystem/operations.hpp>
#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <numeric>

#include "crash/crash_scenarios.h"

namespace tidesync::test {
namespace {

struct Plan {
  Disturbance disturbance;
  long most_tried = 0;
};

const std::vector<Plan> kCrashes{{{"kill", Where::kShare}, 20},
                                 {{"kill", Where::kLocal}, 12},
                                 {{"tear", Where::kShare}, 3},
                                 {{"tear", Where::kLocal}, 5}};
const std::vector<Plan> kFailures{
    {{"fail", Where::kShare, ENOSPC}, 5},      {{"fail", Where::kShare, EIO}, 5},
    {{"fail", Where::kShare, EACCES}, 3},      {{"lie", Where::kShare, EIO}, 5},
    {{"fail_from", Where::kShare, ENOSPC}, 2}, {{"fail_from", Where::kShare, EIO}, 2},
    {{"fail", Where::kLocal, ENOSPC}, 4},      {{"fail", Where::kLocal, EIO}, 4},
    {{"lie", Where::kLocal, EIO}, 3},          {{"fail_from", Where::kLocal, ENOSPC}, 3},
    {{"fail_from", Where::kLocal, EIO}, 2}};

// Which of `total` calls are tried, at most so many: evenly spread, elsewhere for another offset.
std::vector<long> points(long total, long most, long offset) {
  if (total <= most || std::getenv("TIDESYNC_CRASH_ALL") != nullptr) most = total;
  long stride = total * 618 / 1000 + 1;
  while (std::gcd(stride, total) != 1) ++stride;
  std::vector<long> chosen;
  for (long i = 0; i < most; ++i) chosen.push_back(1 + (offset + i * stride) % total);
  return chosen;
}

class CrashMatrix : public CrashFleet, public ::testing::WithParamInterface<Scenario> {
 protected:
  // Every plan, each from the fleet as the scenario leaves it.
  void try_all(const std::vector<Plan>& plans) {
    const Scenario& scenario = GetParam();
    ASSERT_NO_FATAL_FAILURE(scenario.prepare(*this));
    keep();
    words_ = words_for("ben", scenario.command);
    expected_conflicts_ = undisturbed_conflicts();
    const long offset = static_cast<long>(scenario.name.size() * 7);
    for (const Plan& plan : plans) {
      put_back();
      const long total = count_calls("ben", words_, plan.disturbance.where);
      ASSERT_TRUE(total > 0 || plan.disturbance.where == Where::kShare);
      const auto chosen = total == 0 ? std::vector<long>() : points(total, plan.most_tried, offset);
      for (const long at : chosen) try_one(plan.disturbance, at);
      std::cout << "  " << scenario.name << ", " << to_text(plan.disturbance) << ": "
                << chosen.size() << " of " << total << " calls\n";
      if (HasFailure()) return;
    }
  }

 private:
  std::string undisturbed_conflicts() {
    EXPECT_TRUE(ended_well(tidesync(words_)));
    finish();
    return conflicts("ben");
  }

  void try_one(Disturbance disturbance, long at) {
    disturbance.at = at;
    SCOPED_TRACE(GetParam().name + ", " + to_text(disturbance));
    put_back();
    const Outcome outcome = run_disturbed("ben", words_, disturbance);
    const bool dies = disturbance.what == "kill" || disturbance.what == "tear";
    if (dies) {
      // The last calls may be later or fewer than in the run that was counted.
      EXPECT_TRUE(outcome.exit_code == 128 + 9 || ended_well(outcome)) << outcome.text();
    } else {
      expect_a_clear_end(outcome);
    }
    go_on();
  }

  // Success, or one of our exit codes with a reason.
  static void expect_a_clear_end(const Outcome& outcome) {
    if (ended_well(outcome)) return;
    EXPECT_GT(outcome.exit_code, 0) << outcome.text();
    EXPECT_LT(outcome.exit_code, 8) << outcome.text();
    EXPECT_FALSE(outcome.err.empty()) << outcome.text();
    EXPECT_EQ(outcome.err.find("internal"), std::string::npos) << outcome.text();
  }

  static bool ended_well(const Outcome& outcome) {
    return outcome.exit_code == 0 || outcome.exit_code == 3;
  }

  // Life after the disturbance.
  void go_on() {
    const bool has_anna = boost::filesystem::exists(side("anna"));
    if (has_anna) {
      const Outcome other = now("anna");
      if (GetParam().anna_may_wait) {
        expect_a_clear_end(other);
      } else {
        EXPECT_TRUE(ended_well(other)) << "the other computer is blocked: " << other.text();
      }
    }
    const Outcome again = tidesync(words_);
    if (GetParam().command.rfind("now", 0) != 0 && !ended_well(again)) {
      // It had got as far as being a node, or as the share being there: from there any sync goes
      // on.
      EXPECT_TRUE(again.err.find("synced already") != std::string::npos ||
                  again.err.find("there already") != std::string::npos)
          << again.text();
      const Outcome next = now("ben");
      EXPECT_TRUE(ended_well(next)) << next.text();
    } else {
      EXPECT_TRUE(ended_well(again)) << again.text();
    }
    finish();
    EXPECT_EQ(conflicts("ben"), expected_conflicts_);
  }

  void finish() {
    if (!boost::filesystem::exists(side("anna"))) {
      boost::filesystem::create_directories(dir() / "anna");
      const Outcome joined = join("anna");
      EXPECT_TRUE(ended_well(joined)) << joined.text();
    }
    if (!GetParam().annas_update.empty()) sql(db("anna"), GetParam().annas_update);
    for (const std::string name : {"ben", "anna"}) {
      sql(db(name), "INSERT INTO customer (id, name) VALUES (" +
                        std::string(name == "ben" ? "100" : "200") + ", 'last')");
    }
    for (const std::string name : {"ben", "anna", "ben"}) {
      const Outcome outcome = now(name);
      EXPECT_TRUE(ended_well(outcome)) << name << ": " << outcome.text();
    }
    expect_all_equal({"anna", "ben"});
    EXPECT_EQ(log_problem(), "");
    if (GetParam().newcomer) {
      const Outcome joined = join("carl");
      EXPECT_TRUE(ended_well(joined)) << "nobody can join: " << joined.text();
      expect_all_equal({"anna", "carl"});
    }
    EXPECT_EQ(count(db("anna"), "customer WHERE name = 'last'"), 2);
    sql(db("anna"), "DELETE FROM customer WHERE name = 'last'");
    for (const Fact& fact : GetParam().facts) {
      EXPECT_EQ(ask(db("anna"), fact.query), fact.answer) << fact.query;
    }
  }

  Words words_;
  std::string expected_conflicts_;
};

TEST_P(CrashMatrix, KilledAtACallAndTheNextRunGoesOn) {
  try_all(kCrashes);
}

TEST_P(CrashMatrix, ACallFailsAndTheNextRunSetsItRight) {
  try_all(kFailures);
}

INSTANTIATE_TEST_SUITE_P(Scenarios, CrashMatrix, ::testing::ValuesIn(scenarios()),
                         [](const auto& scenario) { return scenario.param.name; });

}  // namespace
}  // namespace tidesync::test
