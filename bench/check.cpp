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

}  // namespace tidesync::bench
