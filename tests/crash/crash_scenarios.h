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
};
std::ostream& operator<<(std::ostream& out, const Scenario& scenario);

const std::vector<Scenario>& scenarios();

}  // namespace tidesync::test
