// The application's own work, in a database that is: bare; one of ours, with triggers that note
// keys; one of plain SQL, with an index on updated_at and tombstones; recorded by a session.
#include <sqlite3.h>

#include <boost/filesystem/operations.hpp>
#include <iostream>
#include <stdexcept>

#include "changeset.h"
#include "child.h"
#include "contender.h"
#include "stage_files.h"
#include "suites.h"
#include "table.h"
#include "watched_vfs.h"

namespace tidesync::bench {
namespace {

constexpr int kBulkRows = 20000;
constexpr int kSmallTransactions = 300;
constexpr int kReads = 50000;

// What one application does. Returns how many rows it touched.
struct Work {
  const char* name;
  int transactions;
  int rows_each;
  const char* sql;  // parameter 1: the id of a line, another for each row
};

constexpr const char* kInsert =
    "INSERT INTO quote_lines (quote_id, position, component_id, description, quantity, unit_price) "
    "VALUES (1 + ?1 % 1000, 1 + ?1 % 9, 1 + ?1 % 500, 'Profile 40x40, cut, anodised; in bundles', "
    "2, 17.5)";
constexpr const char* kUpdate =
    "UPDATE quote_lines SET unit_price = unit_price + 1, updated_at = CURRENT_TIMESTAMP "
    "WHERE id = ?1";
constexpr const char* kRead = "SELECT * FROM quote_lines WHERE id = ?1";

constexpr Work kWorks[] = {
    {"insert, one transaction", 1, kBulkRows, kInsert},
    {"update, one transaction", 1, kBulkRows, kUpdate},
    {"insert, a transaction each", kSmallTransactions, 1, kInsert},
    {"update, a transaction each", kSmallTransactions, 1, kUpdate},
    {"read by key", 1, kReads, kRead},
};

void perform(Connection& db, const Work& work, std::uint64_t lines) {
  sqlite3_stmt* statement = db.prepare(work.sql);
  std::uint64_t number = 0;
  for (int i = 0; i < work.transactions; ++i) {
    db.exec("BEGIN");
    for (int row = 0; row < work.rows_each; ++row) {
      sqlite3_bind_int64(statement, 1, static_cast<sqlite3_int64>(1 + ++number * 7919 % lines));
      while (sqlite3_step(statement) == SQLITE_ROW) {
      }
      db.check(sqlite3_reset(statement), work.sql);
    }
    db.exec("COMMIT");
  }
  sqlite3_finalize(statement);
}

struct Kind {
  const char* name;
  std::unique_ptr<Contender> prepared;  // null: bare
  bool recorded = false;
};

double time_of(const Path& database, const Work& work, std::uint64_t lines, bool recorded) {
  std::unique_ptr<Connection> db;
  std::unique_ptr<Recorder> recorder;
  const Cost cost = run_in_child(
      [&] {
        db = std::make_unique<Connection>(to_utf8(database));
        if (recorded) recorder = std::make_unique<Recorder>(*db);
        perform(*db, {"", 1, 1, kRead}, lines);
      },
      [&] {
        perform(*db, work, lines);
        return std::vector<double>{};
      });
  if (!cost.done) throw std::runtime_error(std::string("could not ") + work.name);
  return cost.wall_ms;
}

// Rows a second of each kind, interleaved, on the files at `place`.
void measure(const Options& options, StageFiles& files, const Path& place,
             const std::string& where) {
  std::vector<Kind> kinds;
  kinds.push_back({"bare", make_floor()});
  kinds.push_back({"tidesync", make_tidesync()});
  kinds.push_back({"(b) index, tombstones", make_plain_sql(false)});
  kinds.push_back({"(c) session", make_changeset(), true});
  boost::filesystem::create_directories(place);
  std::vector<std::vector<double>> ms(kinds.size() * std::size(kWorks));
  for (int repetition = 0; repetition < options.repetitions; ++repetition) {
    for (std::size_t k = 0; k < kinds.size(); ++k) {
      const Path database = place / "app.db";
      for (std::size_t w = 0; w < std::size(kWorks); ++w) {
        boost::filesystem::remove(database);
        copy_content(files.set_up(*kinds[k].prepared).database(Side::kA), database);
        ms[k * std::size(kWorks) + w].push_back(
            time_of(database, kWorks[w], files.rows() * 75 / 100, kinds[k].recorded));
      }
    }
  }
  boost::filesystem::remove(place / "app.db");
  Table table({where, "bare: us a row", "tidesync: of bare speed", "(b)", "(c)"});
  for (std::size_t w = 0; w < std::size(kWorks); ++w) {
    const double bare = median(ms[w]);
    std::vector<std::string> row{
        kWorks[w].name, number(bare * 1e3 / (kWorks[w].transactions * kWorks[w].rows_each))};
    for (std::size_t k = 1; k < kinds.size(); ++k)
      row.push_back(number(bare / median(ms[k * std::size(kWorks) + w])));
    table.add(row);
  }
  std::cout << '\n' << table.text();
}

}  // namespace

bool run_capture(const Options& options) {
  constexpr std::uint64_t kRows = 100000;
  std::cout << "\n### The application's own work\n";
  StageFiles files(options.folder / "capture", std::min(kRows, options.sizes.back()));
  watch_sqlite(to_utf8(files.stage().share()) + "/");
  measure(options, files, options.folder / "memory", "in memory");
  if (!options.disk.empty()) measure(options, files, options.disk / "tidesync-bench", "on a disk");
  return true;
}

}  // namespace tidesync::bench
