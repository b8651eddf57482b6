// What a fleet of two, anna and ben, is about to do when ben's next run is disturbed.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "crash/crash_fleet.h"

namespace tidesync::test {

struct Fact {
  std::string query;
  std::string answer;
};

struct Scenario {
  std::string name;
  std::function<void(CrashFleet&)> prepare;
  std::string command = "now";
  // True on both computers when all is over: no edit is lost, none stands there twice.
  std::vector<Fact> facts;
  // What anna's application does to her database before that: its tables follow ben's.
  std::string annas_update = {};
  // Anna's run may end without success while ben's has not: there is no share yet, or it waits.
  bool anna_may_wait = false;
  // In the end a third computer joins and has all.
  bool newcomer = false;
};
std::ostream& operator<<(std::ostream& out, const Scenario& scenario);

const std::vector<Scenario>& scenarios();
// Those of a share that is older than a day. In the tables quote and customer; anna's and ben's
// work do not touch the same rows, nor customer 3.
std::vector<Scenario> old_share_scenarios(const std::string& tables, const std::string& annas_work,
                                          const std::string& bens_work,
                                          const std::vector<Fact>& annas_facts,
                                          const std::vector<Fact>& bens_facts);

}  // namespace tidesync::test
