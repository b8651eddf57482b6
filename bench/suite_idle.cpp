#include <iostream>

#include "child.h"
#include "contender.h"
#include "stage_files.h"
#include "suites.h"
#include "table.h"
#include "watched_vfs.h"

namespace tidesync::bench {

bool run_idle(const Options& options) {
  Table table({"nothing to do", "ms", "cpu ms", "MB", "share ops", "kB in", "kB out", "lock ms"});
  for (const std::uint64_t rows : options.sizes) {
    StageFiles files(options.folder / "idle", rows);
    watch_sqlite(to_utf8(files.stage().share()) + "/");
    const auto ours = make_tidesync();
    files.set_up(*ours);
    std::vector<double> wall, cpu;
    Cost last;
    for (int i = 0; i < options.repetitions; ++i) {
      last = run_in_child([] {},
                          [&] {
                            ours->sync(files.stage(), Side::kB);
                            return std::vector<double>{};
                          });
      if (!last.done) return false;
      wall.push_back(last.wall_ms);
      cpu.push_back(last.cpu_ms);
    }
    table.add({number(static_cast<double>(rows)) + " rows", number(median(wall)),
               number(median(cpu)), number(last.peak_mb), std::to_string(last.share.operations),
               number(static_cast<double>(last.share.bytes_read) / 1e3),
               number(static_cast<double>(last.share.bytes_written) / 1e3),
               number(last.locks.longest_ms)});
  }
  std::cout << "\n### Nothing to do\n\n" << table.text();
  return true;
}

}  // namespace tidesync::bench
