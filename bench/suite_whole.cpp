// Cases that have to look at everything: the full comparison and the first join.
#include <sqlite3.h>

#include <boost/filesystem/operations.hpp>
#include <iostream>
#include <stdexcept>

#include "check.h"
#include "child.h"
#include "connection.h"
#include "contender.h"
#include "engine.h"
#include "stage_files.h"
#include "suites.h"
#include "sync/config.h"
#include "table.h"
#include "watched_vfs.h"

namespace tidesync::bench {
namespace {

// One reader steps through all rows of all tables and looks at nothing.
void read_all_rows(const Path& file) {
  Connection db(to_utf8(file));
  for (const std::string& table : quoting_tables()) {
    sqlite3_stmt* statement = db.prepare("SELECT * FROM " + table);
    while (sqlite3_step(statement) == SQLITE_ROW) {
      for (int column = 0; column < sqlite3_column_count(statement); ++column)
        sqlite3_column_blob(statement, column);
    }
    db.check(sqlite3_finalize(statement), table);
  }
}

void compare_by_sql(const Path& a, const Path& b) {
  Connection db(to_utf8(a));
  db.exec("ATTACH '" + to_utf8(b) + "' AS other");
  for (const std::string& table : quoting_tables()) {
    const std::string mine = "SELECT * FROM main." + table;
    const std::string theirs = "SELECT * FROM other." + table;
    if (db.get_int("SELECT count(*) FROM (" + mine + " EXCEPT " + theirs + ")") +
            db.get_int("SELECT count(*) FROM (" + theirs + " EXCEPT " + mine + ")") >
        0)
      throw std::runtime_error("not equal: " + table);
  }
}

// A name on the share is used once.
std::string new_name() {
  return "node" + std::to_string(static_cast<std::int64_t>(now_ms()));
}

// Ways to do one thing, the first of them ours.
struct Way {
  std::string name;
  std::function<void()> prepare, work;
  std::vector<Cost> costs;
};

bool compare_ways(const Options& options, const std::string& title, std::vector<Way> ways) {
  for (int i = 0; i < options.repetitions; ++i) {
    for (Way& way : ways) {
      way.costs.push_back(run_in_child(way.prepare, [&] {
        way.work();
        return std::vector<double>{};
      }));
      if (!way.costs.back().done) return false;
    }
  }
  const auto ms_of = [](const Way& way) {
    std::vector<double> values;
    for (const Cost& cost : way.costs) values.push_back(cost.wall_ms);
    return median(values);
  };
  Table table({title, "ms", "x the last", "cpu ms", "MB", "share ops", "MB in"});
  for (const Way& way : ways) {
    const Cost& cost = way.costs.back();
    table.add({way.name, number(ms_of(way)), number(ms_of(way) / ms_of(ways.back())),
               number(cost.cpu_ms), number(cost.peak_mb), std::to_string(cost.share.operations),
               number(static_cast<double>(cost.share.bytes_read) / 1e6)});
  }
  std::cout << '\n' << table.text();
  return true;
}

bool compare_everything(const Options& options, const Stage& stage) {
  const Path base = LocalPaths(stage.database(Side::kA)).base;
  return compare_ways(options, "all rows against the base copy",
                      {{"tidesync now --compare-all",
                        [] {},
                        [&] { Engine().sync(stage.database(Side::kA), {.compare_all = true}); },
                        {}},
                       {"EXCEPT both ways in SQL",
                        [] {},
                        [&] { compare_by_sql(stage.database(Side::kA), base); },
                        {}},
                       {"reading both, looking at nothing",
                        [] {},
                        [&] {
                          read_all_rows(stage.database(Side::kA));
                          read_all_rows(base);
                        },
                        {}}});
}

bool join_everything(const Options& options, const Stage& stage) {
  const Path folder = stage.folder / "c";
  const Path file = folder / "app.db";
  const auto make_room = [folder] {
    boost::filesystem::remove_all(folder);
    boost::filesystem::create_directories(folder);
  };
  const bool done = compare_ways(
      options, "a further node",
      {{"tidesync join", make_room, [&] { Engine().join(file, stage.share(), new_name()); }, {}},
       {"copying the file, with fsync",
        make_room,
        [&] { copy_content(stage.master(), file, true); },
        {}}});
  if (!done) return false;
  const Cost check = run_in_child(make_room, [&] {
    Engine().join(file, stage.share(), new_name());
    if (digest_of(file) != digest_of(stage.database(Side::kA)))
      throw std::runtime_error("joined otherwise");
    return std::vector<double>{};
  });
  return check.done;
}

}  // namespace

bool run_whole(const Options& options) {
  bool is_correct = true;
  for (const std::uint64_t rows : options.sizes) {
    StageFiles files(options.folder / "whole", rows);
    watch_sqlite(to_utf8(files.stage().share()) + "/");
    const auto ours = make_tidesync();
    const Stage& stage = files.set_up(*ours);
    std::cout << "\n### All of " << number(static_cast<double>(rows)) << " rows, "
              << number(static_cast<double>(boost::filesystem::file_size(files.pristine())) / 1e6)
              << " MB\n";
    is_correct = compare_everything(options, stage) && is_correct;
    is_correct = join_everything(options, stage) && is_correct;
  }
  return is_correct;
}

}  // namespace tidesync::bench
