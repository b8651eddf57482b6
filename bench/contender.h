// One way to bring two people's databases together through a folder. Every contender starts from
// equal databases, lets both applications make the same edits, publishes A's, and is then timed
// twice: B's sync takes A's edits in and gives its own out, then A's takes B's. After the first, B
// and the shared copy are equal; after the second, all three.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "quoting.h"

namespace tidesync::bench {

// Where everything lies while a case runs. Always the same place: what is prepared is copied there,
// so that no database looks like a clone.
struct Stage {
  Path folder;

  Path node(Side side) const { return folder / (side == Side::kA ? "a" : "b"); }
  Path database(Side side) const { return node(side) / "app.db"; }
  Path share() const { return folder / "share"; }
  Path master() const { return share() / "master.db"; }
};

// What a contender says of one timed sync, beside what is measured around it.
struct Particulars {
  std::uint64_t bytes_before_master = 0;  // written to the share
  std::uint64_t value_bytes = 0;          // of the changes sent, 0 unless it knows
  std::vector<double> step_ms;            // by the engine's steps
};

class Contender {
 public:
  virtual ~Contender() = default;
  virtual std::string name() const = 0;
  // Makes the equal databases: three copies of `pristine` to begin with.
  virtual void prepare(const Stage& stage) = 0;
  // Whether what prepare() makes is worth keeping for the next repetition.
  virtual bool is_slow_to_prepare() const { return false; }
  // Both applications' edits; A's reach the share.
  virtual void edit(const Stage& stage, const std::string& sql_of_a,
                    const std::string& sql_of_b) = 0;
  // What is no part of the work, such as reading a list of changes to apply for a floor.
  virtual void get_ready(const Stage& /*stage*/, Side /*side*/) {}
  virtual void sync(const Stage& stage, Side side) = 0;
  virtual Particulars particulars() const { return {}; }
};

std::unique_ptr<Contender> make_tidesync();
// Full: every row of every table is compared by updated_at. Else by an index, since the last sync.
std::unique_ptr<Contender> make_plain_sql(bool full);
std::unique_ptr<Contender> make_changeset();
std::unique_ptr<Contender> make_floor();

}  // namespace tidesync::bench
