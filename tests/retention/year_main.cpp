// tidesync_year: what a year leaves on the share, with the retention that a new configuration has.
//
//     tidesync_year [NODES [RUNS_A_DAY [DAYS]]]      default: 5 12 365
#include <chrono>
#include <cstdlib>
#include <iostream>

#include "retention/years.h"
#include "sync/config.h"

namespace {

using tidesync::test::kDay;
using tidesync::test::Years;

constexpr const char* kSchema =
    "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT);"
    "CREATE TABLE quote (id INTEGER PRIMARY KEY, title TEXT, price REAL, updated_at TEXT);";

struct Size {
  std::uint64_t files = 0, bytes = 0;
};

Size size_of(tidesync::FileSystem& fs, const tidesync::Path& folder) {
  Size size;
  for (const auto& entry : fs.list(folder)) {
    const Size part = entry.is_directory ? size_of(fs, folder / entry.name) : Size{1, entry.size};
    size.files += part.files;
    size.bytes += part.bytes;
  }
  return size;
}

}  // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int i, int fallback) {
    return argc > i ? std::atoi(argv[i]) : fallback;
  };
  const int nodes = argument(1, 5), runs = argument(2, 12), days = argument(3, 365);
  Years fleet(1000);
  std::vector<std::string> names;
  for (int i = 0; i < nodes; ++i) {
    names.push_back("node" + std::to_string(i));
    if (i == 0) {
      fleet.init(names[0], kSchema);
    } else {
      fleet.join(names.back());
    }
    fleet.shorten(names.back(), tidesync::Retention{});
  }
  const auto started = std::chrono::steady_clock::now();
  for (int day = 0; day < days; ++day) {
    for (int run = 0; run < runs; ++run) {
      for (const std::string& name : names) {
        fleet.pass(kDay / (nodes * runs));
        fleet.act(name,
                  "INSERT INTO quote (title, price) VALUES (hex(randomblob(20)), 1);"
                  "UPDATE quote SET price = price + 1 WHERE id % 97 = abs(random() % 97)");
        fleet.sync(name);
      }
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  std::cout << nodes * runs * days << " runs in " << took.count() << " s\n";
  for (const char* folder : {"log", "snap", "quarantine", "tmp", "nodes", "backups"}) {
    const Size size = size_of(fleet.share(), tidesync::Path("/nas") / folder);
    std::cout << folder << ": " << fleet.names(folder).size() << " names, " << size.files
              << " files, " << size.bytes / 1024 << " KiB\n";
  }
  const auto rows = fleet.rows(names[0],
                               "SELECT count(*), (SELECT v FROM tidesync_meta WHERE k = "
                               "'cursor_seq') FROM quote");
  std::cout << "rows|newest batch: " << rows[0] << "\n";
  const Size here = [&] {
    tidesync::DiskFileSystem disk;
    return size_of(disk, fleet.paths(names[0]).folder);
  }();
  std::cout << "beside the database: " << here.files << " files, " << here.bytes / 1024 << " KiB\n";
  fleet.sync(names[0]);
  fleet.sync(names[0]);
  std::cout << "operations with nothing to do: " << fleet.counted().total() << "\n";
  fleet.counted().reset();
  fleet.join("latecomer");
  std::cout << "operations of a join:\n" << fleet.counted().table();
}
