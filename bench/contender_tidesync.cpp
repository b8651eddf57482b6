// Ours, by the functions that the command line calls.
#include <boost/filesystem/operations.hpp>

#include "connection.h"
#include "contender.h"
#include "engine.h"
#include "meter.h"
#include "sync/base_mark.h"
#include "sync/config.h"

namespace tidesync::bench {
namespace {

class StepTimes : public Steps {
 public:
  StepTimes() : ms(static_cast<std::size_t>(Step::kDone) + 1), at_(now_ms()) {}
  void reached(Step step, std::uint64_t, std::uint64_t) override {
    const double now = now_ms();
    ms[static_cast<std::size_t>(last_)] += now - at_;
    at_ = now;
    last_ = step;
    if (step == Step::kRefreshMaster) bytes_before_master = meter().share().bytes_written;
  }

  std::vector<double> ms;  // from each step to the next
  std::uint64_t bytes_before_master = 0;

 private:
  double at_;
  Step last_ = Step::kOpen;
};

class Tidesync : public Contender {
 public:
  std::string name() const override { return "tidesync"; }

  bool is_slow_to_prepare() const override { return true; }
  void prepare(const Stage& stage) override {
    boost::filesystem::remove(stage.master());
    Engine engine;
    engine.init(stage.database(Side::kA), stage.share(), "anna");
    engine.join(stage.database(Side::kB), stage.share(), "ben");
    for (const char* phone : {"phone || '0'", "rtrim(phone, '0')"}) warm_up(stage, phone);
    // A large master.db is refreshed every five minutes; here, with every sync.
    for (const Side side : {Side::kA, Side::kB}) {
      Connection base(to_utf8(LocalPaths(stage.database(side)).base));
      base.exec("DELETE FROM tidesync_state WHERE k = 'master_at_ms'");
    }
  }

  void edit(const Stage& stage, const std::string& sql_of_a, const std::string& sql_of_b) override {
    // The base copies were copied to their places, which a run would take for a restored backup.
    DiskFileSystem disk;
    for (const Side side : {Side::kA, Side::kB}) mark_base(disk, LocalPaths(stage.database(side)));
    Connection(to_utf8(stage.database(Side::kA))).exec(sql_of_a);
    run(stage, Side::kA);
    Connection(to_utf8(stage.database(Side::kB))).exec(sql_of_b);
  }

  void sync(const Stage& stage, Side side) override {
    StepTimes steps;
    const SyncResult result = run(stage, side, &steps);
    particulars_ = {steps.bytes_before_master, result.bytes_pushed, steps.ms};
  }
  Particulars particulars() const override { return particulars_; }

 private:
  // Both have sent something and taken something in, as after any first day.
  void warm_up(const Stage& stage, const std::string& phone) {
    for (const Side side : {Side::kA, Side::kB}) {
      Connection(to_utf8(stage.database(side)))
          .exec("UPDATE customers SET phone = " + phone +
                " WHERE id = " + (side == Side::kA ? "1" : "2"));
      run(stage, side);
    }
    run(stage, Side::kA);
  }

  static SyncResult run(const Stage& stage, Side side, Steps* steps = nullptr) {
    SyncOptions options;
    options.steps = steps;
    return Engine().sync(stage.database(side), options);
  }

  Particulars particulars_;
};

}  // namespace

std::unique_ptr<Contender> make_tidesync() {
  return std::make_unique<Tidesync>();
}

}  // namespace tidesync::bench
