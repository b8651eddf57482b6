// A fleet that is put back as it was before every trial, and runs of tidesync in which one call is
// disturbed (crash_shim.cpp).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/cli_fixture.h"

namespace tidesync::test {

enum class Where { kShare, kLocal };

// What is done to one call of a run on the share or in the computer's own folder; `what` and
// `error` as in crash_shim.cpp.
struct Disturbance {
  std::string what;
  Where where = Where::kShare;
  int error = 0;
  long at = 0;
};
std::string to_text(const Disturbance& disturbance);

class CrashFleet : public CliFixture {
 public:
  using CliFixture::configure;
  using CliFixture::conflicts;
  using CliFixture::db;
  using CliFixture::dir;
  using CliFixture::give;
  using CliFixture::init;
  using CliFixture::join;
  using CliFixture::make;
  using CliFixture::now;
  using CliFixture::now_ok;
  using CliFixture::share;
  using CliFixture::side;
  using CliFixture::start_fleet_sql;
  using CliFixture::Words;

  // The entries of the log, in order.
  std::vector<Path> entries() const;
  // Between trials: keeps the whole fleet as it is now, and puts it back.
  void keep();
  void put_back();
  // Tidesync with these words, --db of this computer, and what `init` and `join` need.
  Words words_for(const std::string& name, const std::string& command);
  // How many calls an undisturbed run makes there.
  long count_calls(const std::string& name, const Words& words, Where where);
  Outcome run_disturbed(const std::string& name, const Words& words,
                        const Disturbance& disturbance);
  // "" when the entries from the floor on follow one another and each is whole; else what is wrong.
  std::string log_problem() const;

 private:
  Words environment_for(const std::string& name, Where where) const;
  Path template_folder() const { return dir() / "kept"; }
};

}  // namespace tidesync::test
