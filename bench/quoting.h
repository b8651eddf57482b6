// The quoting software's database at any size, and edits in it. All of it is SQL from fixed
// numbers, so every run makes the same rows.
//
// The schema is that of tests/data/quoting.sql without the triggers that keep quotes.total: they
// change rows without touching updated_at, so nobody who goes by that column would be correct.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tidesync::bench {

enum class Picks { kUniform, kClustered };  // single rows all over a table, or blocks of 100
enum class Side { kA, kB };

struct Edits {
  std::uint64_t count = 0;  // on each side: 80 % updates, 15 % inserts, 5 % deletes
  Picks picks = Picks::kUniform;
  // Each tenth row is edited by both, half of those in the same column, and new rows get the next
  // free number on both sides, as they do at work. Else no row is touched by both.
  bool overlap = false;
};

// Tables of the schema, parents first.
const std::vector<std::string>& quoting_tables();
std::string quoting_schema();
// `rows` in all tables together, three quarters of them quote lines.
std::string quoting_rows(std::uint64_t rows);
// What one side's application does, in one transaction, in a database of `rows`.
std::string edits_sql(std::uint64_t rows, const Edits& edits, Side side);

// What must be found in the end where both edited the same rows.
struct Expected {
  std::uint64_t new_quotes = 0, new_lines = 0;  // of both sides together
  std::uint64_t merged = 0;                     // lines in which each changed another column
  std::uint64_t rivals = 0;                     // lines in which both changed the same
};
Expected expected_after(const Edits& edits);

// When A's and B's edits are stamped, and moments around them.
inline constexpr const char* kLastSyncOfBoth = "2026-04-01 09:00:00";
inline constexpr const char* kStampOfA = "2026-04-01 10:00:00";
inline constexpr const char* kSyncOfA = "2026-04-01 11:00:00";
inline constexpr const char* kStampOfB = "2026-04-01 12:00:00";
inline constexpr const char* kSyncOfB = "2026-04-01 13:00:00";

}  // namespace tidesync::bench
