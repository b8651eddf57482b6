// Two contenders that get the changes handed to them.
//
// (c): the session extension records in the application's own connection; the changes of each lie
// as a file on the share, and are applied to the other database and to master.db there.
//
// (d), the floor: the same changes as prepared statements in one transaction on each database that
// must change. Nothing is recorded, read, compared or sent.
#include <optional>

#include "changeset.h"
#include "contender.h"
#include "meter.h"
#include "metered_share.h"

namespace tidesync::bench {
namespace {

constexpr std::uint64_t kMostBytes = 1u << 30;

Path changes_on_share(const Stage& stage, Side side) {
  return stage.share() / (side == Side::kA ? "a.changes" : "b.changes");
}

Path changes_here(const Stage& stage, Side side) {
  return stage.node(side) / "changes";
}

Side other(Side side) {
  return side == Side::kA ? Side::kB : Side::kA;
}

class Recorded : public Contender {
 public:
  void prepare(const Stage&) override {}

  void edit(const Stage& stage, const std::string& sql_of_a, const std::string& sql_of_b) override {
    record(stage, Side::kA, sql_of_a);
    publish(stage, Side::kA);
    record(stage, Side::kB, sql_of_b);
  }

 protected:
  std::string read(const Path& file) { return read_file(disk_, file, kMostBytes).value_or(""); }

  void record(const Stage& stage, Side side, const std::string& sql) {
    Connection db(to_utf8(stage.database(side)));
    write_new_file(disk_, changes_here(stage, side), record_changes(db, sql), false);
  }

  virtual void publish(const Stage& stage, Side side) {
    const std::string changes = read(changes_here(stage, side));
    write_new_file(share_, changes_on_share(stage, side), changes);
    apply(stage.master(), changes);
  }

  static void apply(const Path& database, const std::string& changes) {
    Connection db(to_utf8(database));
    db.disable_triggers();
    apply_changes(db, changes);
  }

  DiskFileSystem disk_;
  MeteredShare share_{disk_};
};

class Changeset : public Recorded {
 public:
  std::string name() const override { return "(c) captured changesets"; }

  void sync(const Stage& stage, Side side) override {
    share_.list(stage.share());
    const auto theirs = read_file(share_, changes_on_share(stage, other(side)), kMostBytes);
    apply(stage.database(side), theirs.value_or(""));
    if (side == Side::kB) publish(stage, side);  // A's are there already
  }
};

class Floor : public Recorded {
 public:
  std::string name() const override { return "(d) floor"; }

  void get_ready(const Stage& stage, Side side) override {
    theirs_.emplace(read(changes_here(stage, other(side))));
    ours_.emplace(side == Side::kB ? read(changes_here(stage, side)) : "");
  }

  void sync(const Stage& stage, Side side) override {
    apply_rows(stage.database(side), *theirs_);
    if (side == Side::kB) apply_rows(stage.master(), *ours_);
  }

 private:
  static void apply_rows(const Path& database, const RowChanges& changes) {
    Connection db(to_utf8(database));
    db.disable_triggers();
    changes.apply(db);
  }

  std::optional<RowChanges> theirs_, ours_;
};

}  // namespace

std::unique_ptr<Contender> make_changeset() {
  return std::make_unique<Changeset>();
}

std::unique_ptr<Contender> make_floor() {
  return std::make_unique<Floor>();
}

}  // namespace tidesync::bench
