#include "check.h"

#include <sqlite3.h>

#include <string_view>

#include "connection.h"
#include "quoting.h"

namespace tidesync::bench {
namespace {

void mix(std::uint64_t& digest, std::uint64_t with) {
  digest = (digest ^ with) * 0x9E3779B97F4A7C15ULL;
  digest ^= digest >> 29;
}

void mix_column(std::uint64_t& digest, sqlite3_stmt* statement, int column) {
  mix(digest, static_cast<std::uint64_t>(sqlite3_column_type(statement, column)));
  const void* bytes = sqlite3_column_blob(statement, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
  mix(digest, std::hash<std::string_view>()({static_cast<const char*>(bytes), size}));
}

std::uint64_t digest_of_table(Connection& db, const std::string& table) {
  std::uint64_t digest = 1;
  sqlite3_stmt* statement = db.prepare("SELECT * FROM " + table + " ORDER BY 1, 2");
  while (sqlite3_step(statement) == SQLITE_ROW) {
    for (int column = 0; column < sqlite3_column_count(statement); ++column)
      mix_column(digest, statement, column);
  }
  db.check(sqlite3_finalize(statement), "digest of " + table);
  return digest;
}

}  // namespace

std::uint64_t digest_of(const Path& database) {
  Connection db(to_utf8(database));
  std::uint64_t digest = 1;
  for (const std::string& table : quoting_tables()) mix(digest, digest_of_table(db, table));
  return digest;
}

std::uint64_t lost_in(const Path& database, const Path& pristine, const Edits& edits) {
  const Expected expected = expected_after(edits);
  Connection db(to_utf8(database));
  db.exec("ATTACH '" + to_utf8(pristine) + "' AS old");
  const auto missing = [&](std::uint64_t due, const std::string& query) {
    const auto found = static_cast<std::uint64_t>(db.get_int(query));
    return found < due ? due - found : 0;
  };
  const std::string both = "FROM quote_lines l JOIN old.quote_lines o USING (id) WHERE ";
  std::uint64_t lost =
      missing(expected.new_quotes, "SELECT count(*) FROM quotes WHERE number GLOB 'Q-2026-[AB]*'");
  lost += missing(expected.new_lines,
                  "SELECT count(*) FROM quote_lines WHERE description LIKE 'Profile 80x40%'");
  lost +=
      missing(expected.merged, "SELECT count(*) " + both +
                                   "l.unit_price - o.unit_price > 1 AND "
                                   "l.description IN (o.description || '.', o.description || '!')");
  const bool keeps_losers =
      db.get_int("SELECT count(*) FROM sqlite_schema WHERE name = 'sync_conflicts'") > 0;
  return lost + missing(expected.rivals,
                        keeps_losers ? "SELECT count(*) FROM sync_conflicts WHERE table_name = "
                                       "'quote_lines' AND loser_row IS NOT NULL"
                                     : "SELECT 0");
}

}  // namespace tidesync::bench
