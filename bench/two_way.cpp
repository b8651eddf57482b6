#include "suites.h"

#include <algorithm>
#include <iostream>
#include <optional>
#include <stdexcept>

#include "check.h"
#include "child.h"
#include "contender.h"
#include "stage_files.h"
#include "table.h"
#include "watched_vfs.h"

namespace tidesync::bench {
namespace {

constexpr double kMostWaitingMs = 3000;  // longer delays are added up instead of waited for
constexpr std::uint64_t kEditsWithOverlap = 1000;
constexpr double kMegabyte = 1e6;

// One contender in one cell.
struct Entry {
  std::unique_ptr<Contender> contender;
  std::vector<Cost> of_b, of_a;  // one per repetition
  bool is_equal = true;          // all three databases, in every repetition
  std::vector<std::uint64_t> digests;
  std::uint64_t lost = 0;  // edits that are nowhere any more; asked only where both met
  bool failed = false;
  double slow_ms[2] = {0, 0};  // B's sync with 0.5 and 5 ms more for each operation
  bool is_computed[2] = {false, false};

  double wall_b() const { return median_of(of_b, &Cost::wall_ms); }
  double cpu_b() const { return median_of(of_b, &Cost::cpu_ms); }
  double wall_a() const { return median_of(of_a, &Cost::wall_ms); }
  double both() const { return wall_b() + wall_a(); }

  static double median_of(const std::vector<Cost>& costs, double Cost::*what) {
    std::vector<double> values;
    for (const Cost& cost : costs) values.push_back(cost.*what);
    return median(values);
  }
};

constexpr double kDelaysMs[2] = {0.5, 5};

class Cell {
 public:
  Cell(const Options& options, StageFiles& files, const Edits& edits)
      : options_(options), files_(files), edits_(edits) {
    add(make_tidesync());
    if (!options.only_ours) {
      add(make_plain_sql(true));
      add(make_plain_sql(false));
      add(make_changeset());
    }
    // No list of changes fits where both changed the same.
    if (!edits.overlap) add(make_floor());
  }

  bool run() {
    for (int repetition = 0; repetition < options_.repetitions; ++repetition)
      for (Entry& entry : entries_) run_once(entry);
    for (Entry& entry : entries_)
      if (options_.delays) run_slow(entry);
    print();
    return is_correct(entries_.front());
  }

 private:
  void add(std::unique_ptr<Contender> contender) {
    entries_.push_back({});
    entries_.back().contender = std::move(contender);
  }

  Cost timed(Entry& entry, Side side, double delay_ms) {
    const Stage& stage = files_.stage();
    Contender& contender = *entry.contender;
    Cost cost = run_in_child([&] { contender.get_ready(stage, side); },
                             [&] {
                               contender.sync(stage, side);
                               const Particulars p = contender.particulars();
                               std::vector<double> extra{static_cast<double>(p.bytes_before_master),
                                                         static_cast<double>(p.value_bytes)};
                               extra.insert(extra.end(), p.step_ms.begin(), p.step_ms.end());
                               return extra;
                             },
                             delay_ms);
    entry.failed = entry.failed || !cost.done;
    return cost;
  }

  bool set_up(Entry& entry) {
    const Stage& stage = files_.set_up(*entry.contender);
    const Cost cost =
        run_in_child([] {},
                     [&] {
                       entry.contender->edit(stage, edits_sql(files_.rows(), edits_, Side::kA),
                                             edits_sql(files_.rows(), edits_, Side::kB));
                       return std::vector<double>{};
                     });
    entry.failed = entry.failed || !cost.done;
    return cost.done;
  }

  void run_once(Entry& entry) {
    if (entry.failed || !set_up(entry)) return;
    entry.of_b.push_back(timed(entry, Side::kB, 0));
    entry.of_a.push_back(timed(entry, Side::kA, 0));
    if (!entry.failed) check(entry);
  }

  std::uint64_t lost(const Stage& stage) const {
    return edits_.overlap ? lost_in(stage.database(Side::kA), files_.pristine(), edits_) : 0;
  }

  void check(Entry& entry) {
    const Stage& stage = files_.stage();
    const Cost cost =
        run_in_child([] {},
                     [&] {
                       std::vector<double> halves;
                       for (const Path& file :
                            {stage.database(Side::kA), stage.database(Side::kB), stage.master()}) {
                         const std::uint64_t digest = digest_of(file);
                         halves.push_back(static_cast<double>(digest >> 32));
                         halves.push_back(static_cast<double>(digest & 0xFFFFFFFF));
                       }
                       halves.push_back(static_cast<double>(lost(stage)));
                       return halves;
                     });
    if (!cost.done) {
      entry.failed = true;
      return;
    }
    const auto digest = [&](std::size_t i) {
      return (static_cast<std::uint64_t>(cost.extra.at(2 * i)) << 32) |
             static_cast<std::uint64_t>(cost.extra.at(2 * i + 1));
    };
    entry.is_equal = entry.is_equal && digest(0) == digest(1) && digest(1) == digest(2);
    entry.digests.push_back(digest(0));
    entry.lost = std::max(entry.lost, static_cast<std::uint64_t>(cost.extra.at(6)));
  }

  // Waits for real where that ends soon, else adds up: one operation follows the other.
  void run_slow(Entry& entry) {
    if (entry.failed || entry.of_b.empty()) return;
    const auto operations = static_cast<double>(entry.of_b.front().share.operations);
    for (int i = 0; i < 2; ++i) {
      const double waiting_ms = operations * kDelaysMs[i];
      if (waiting_ms > kMostWaitingMs || waiting_ms == 0) {
        entry.is_computed[i] = waiting_ms > 0;
        entry.slow_ms[i] = entry.wall_b() + waiting_ms;
      } else if (set_up(entry)) {
        entry.slow_ms[i] = timed(entry, Side::kB, kDelaysMs[i]).wall_ms;
      }
    }
  }

  bool has_floor() const { return !edits_.overlap; }
  const Entry& floor() const { return entries_.back(); }

  // All databases equal, and as the floor made them, where nobody edited the same row.
  bool is_correct(const Entry& entry) const {
    if (entry.failed || !entry.is_equal || entry.digests.empty()) return false;
    if (edits_.overlap) return entry.lost == 0;
    return std::all_of(entry.digests.begin(), entry.digests.end(), [&](std::uint64_t digest) {
      return !floor().digests.empty() && digest == floor().digests.front();
    });
  }

  // The fastest that was correct, but for ours and the floor.
  double best_other(double (Entry::*what)() const) const {
    double best = 0;
    const std::size_t end = entries_.size() - (has_floor() ? 1 : 0);
    for (std::size_t i = 1; i < end; ++i) {
      const double value = (entries_[i].*what)();
      if (is_correct(entries_[i]) && (best == 0 || value < best)) best = value;
    }
    return best;
  }

  static std::string ratio(double value, double to) { return to > 0 ? number(value / to) : "-"; }

  std::string slow(const Entry& entry, int i) const {
    if (!options_.delays) return "-";
    return (entry.is_computed[i] ? "~" : "") + number(entry.slow_ms[i]);
  }

  std::string verdict(const Entry& entry) const {
    if (!entry.is_equal) return "NO: not equal";
    if (entry.lost > 0) return "NO: " + std::to_string(entry.lost) + " lost";
    return is_correct(entry) ? "yes" : "NO";
  }

  std::vector<std::string> row(const Entry& entry) const {
    if (entry.of_b.empty() || entry.of_a.empty() || entry.failed)
      return {entry.contender->name(), "failed"};
    const Cost& b = entry.of_b.back();
    return {entry.contender->name(),
            number(entry.wall_b()),
            number(entry.wall_a()),
            number(entry.cpu_b()),
            ratio(entry.wall_b(), has_floor() ? floor().wall_b() : 0),
            ratio(entry.wall_b(), best_other(&Entry::wall_b)),
            ratio(entry.cpu_b(), best_other(&Entry::cpu_b)),
            ratio(entry.both(), best_other(&Entry::both)),
            number(Entry::median_of(entry.of_b, &Cost::peak_mb)),
            std::to_string(b.share.operations),
            number(static_cast<double>(b.share.bytes_read) / kMegabyte),
            number(static_cast<double>(b.share.bytes_written) / kMegabyte),
            slow(entry, 0),
            slow(entry, 1),
            number(b.locks.longest_ms),
            number(b.locks.total_ms),
            number(b.locks.longest_read_ms),
            verdict(entry)};
  }

  void print() const {
    std::cout << "\n### " << files_.rows() << " rows, " << edits_.count << " edits on each side, "
              << (edits_.picks == Picks::kUniform ? "uniform" : "clustered")
              << (edits_.overlap ? ", some of the same rows" : "") << "\n\n";
    Table table({"", "B ms", "A ms", "B cpu", "x floor", "x best", "cpu x best", "both x best",
                 "MB", "share ops", "MB in", "MB out", "+0.5 ms", "+5 ms", "lock ms", "locks ms",
                 "read lock", "correct"});
    for (const Entry& entry : entries_) table.add(row(entry));
    std::cout << table.text();
    print_ours();
  }

  void print_ours() const {
    const Entry& ours = entries_.front();
    if (ours.failed || ours.of_b.empty()) return;
    const std::vector<double>& extra = ours.of_b.back().extra;
    std::cout << "\ntidesync: " << number(extra[0] / 1e3)
              << " kB to the share before master.db for " << number(extra[1] / 1e3)
              << " kB of batch\n";
    if (!options_.steps) return;
    print_steps("B", ours.of_b);
    print_steps("A", ours.of_a);
  }

  static void print_steps(const char* who, const std::vector<Cost>& costs) {
    constexpr const char* kSteps[] = {"open",   "recover", "list",      "pull",         "fold",
                                      "merge",  "merged",  "base",      "scan",         "sealed",
                                      "intent", "publish", "published", "acknowledged", "own base",
                                      "master", "record",  "done"};
    std::cout << "  " << who << ":";
    for (std::size_t i = 0; i < std::size(kSteps); ++i) {
      std::vector<double> values;
      for (const Cost& cost : costs) values.push_back(cost.extra.at(2 + i));
      std::cout << ' ' << kSteps[i] << ' ' << number(median(values));
    }
    std::cout << '\n';
  }

  const Options& options_;
  StageFiles& files_;
  Edits edits_;
  std::vector<Entry> entries_;
};

}  // namespace

bool run_two_way(const Options& options) {
  bool is_correct = true;
  for (const std::uint64_t rows : options.sizes) {
    StageFiles files(options.folder / "two-way", rows);
    watch_sqlite(to_utf8(files.stage().share()) + "/");
    for (const std::uint64_t count : options.counts) {
      if (count > rows / 4) continue;
      for (const Picks picks : {Picks::kUniform, Picks::kClustered}) {
        if (picks == Picks::kClustered && !options.clustered) continue;
        is_correct = Cell(options, files, {count, picks, false}).run() && is_correct;
      }
      if (count == kEditsWithOverlap)
        is_correct = Cell(options, files, {count, Picks::kUniform, true}).run() && is_correct;
    }
  }
  return is_correct;
}

}  // namespace tidesync::bench
