#include "quoting.h"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace tidesync::bench {
namespace {

constexpr std::uint64_t kBlock = 100;
// Larger than any number of rows here, and prime: multiplying by it permutes them.
constexpr const char* kStride = "7368787";

struct Counts {
  std::uint64_t lines, quotes, costs, components, customers, projects;
};

Counts counts_of(std::uint64_t rows) {
  return {rows * 75 / 100, rows * 12 / 100, rows * 4 / 100,
          rows * 5 / 100,  rows * 3 / 100,  rows / 100};
}

// Replaces every {name} in a text.
std::string fill(std::string text, const std::vector<std::pair<std::string, std::string>>& values) {
  for (const auto& [name, value] : values) {
    const std::string mark = "{" + name + "}";
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at))
      text.replace(at, mark.size(), value);
  }
  return text;
}

std::string text_of(std::uint64_t number) {
  return std::to_string(number);
}

constexpr const char* kRows = R"(
BEGIN;
INSERT INTO units VALUES ('pcs', 'pieces', 0), ('m', 'metres', 2), ('h', 'hours', 1);
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {customers})
INSERT INTO customers
SELECT i, printf('C-%07d', i), 'Customer ' || (i * 7919 % 99991) || ' GmbH', 'office' || i || '@example.com',
       '+49 ' || (i * 104729 % 9999991), 'City ' || (i % 311), 'DE', i % 20, NULL,
       datetime('2025-01-01', (i % 500000) || ' minutes'), datetime('2026-01-01', (i % 90000) || ' minutes'), 'anna'
  FROM n;
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {projects})
INSERT INTO projects
SELECT i, printf('P-%07d', i), 1 + i * 31 % {customers}, 'Project ' || i, 'open', NULL, i * 100.0,
       datetime('2026-01-01', (i % 90000) || ' minutes'), 'ben' FROM n;
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {components})
INSERT INTO components
SELECT i, printf('%03d-%07d', i % 1000, i), 'Component ' || (i * 7919 % 99991) || ' steel', 'category ' || (i % 23),
       'Maker ' || (i % 17), 'pcs', i % 5000 / 10.0, i % 5000 / 7.0, i % 300 / 10.0, i % 1000, i % 60, 0,
       datetime('2026-01-01', (i % 90000) || ' minutes'), 'carla' FROM n;
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {quotes})
INSERT INTO quotes
SELECT i, printf('Q-2026-%07d', i), 1 + i * 17 % {customers}, CASE WHEN i % 3 THEN 1 + i * 13 % {projects} END,
       'Conveyor ' || (i % 1000) || ' for hall ' || (i % 77), 'draft', 'EUR', i % 100000 / 3.0, NULL, NULL,
       CASE WHEN i % 4 = 0 THEN 'Delivery as agreed on the phone.' END, datetime('2025-06-01', (i % 300000) || ' minutes'),
       datetime('2026-01-01', (i % 90000) || ' minutes'), 'dora' FROM n;
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {lines})
INSERT INTO quote_lines
SELECT i, 1 + i / 7 % {quotes}, 1 + i % 7, CASE WHEN i % 5 THEN 1 + i * 7919 % {components} END, NULL,
       'Profile 40x40, ' || (i * 104729 % 6000) || ' mm, cut, anodised, bore ' || (i % 31) ||
           ', drawing ' || printf('%08d', i * 7919 % 99999989) || '; delivered in bundles of ' || (1 + i % 12), 1.0 + i % 24, i % 9000 / 9.0,
       i % 4 * 2.5, datetime('2026-01-01', (i % 90000) || ' minutes') FROM n;
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {costs})
INSERT INTO quote_line_costs
SELECT i, i, CASE i % 3 WHEN 0 THEN 'material' WHEN 1 THEN 'labour' ELSE 'travel' END, i % 7000 / 4.0, NULL,
       datetime('2026-01-01', (i % 90000) || ' minutes') FROM n;
COMMIT;
)";

// Numbers {first} .. and, for each, the row of a table that it stands for: of those above {above},
// {of} in number.
constexpr const char* kPicks = R"(
WITH RECURSIVE n (i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {end}),
     pick (i, id) AS (SELECT i, {row} FROM n)
)";

struct Range {
  std::uint64_t first, count;
};

class EditScript {
 public:
  EditScript(std::uint64_t rows, const Edits& edits, Side side)
      : edits_(edits), side_(side), counts_(counts_of(rows)) {}

  std::string text() {
    const std::uint64_t k = edits_.count;
    // Costs stand on the first lines; what is edited here is above them.
    const std::uint64_t above = counts_.lines / 10;
    const Range lines = range(k * 60 / 100);
    update("quote_lines", above, counts_.lines, lines,
           std::string("unit_price = unit_price + ") + (side_ == Side::kA ? "1.25" : "2.5"),
           std::string("description = description || ") + (side_ == Side::kA ? "'.'" : "'!'") +
               ", discount_percent = (discount_percent + 7.5) % 50");
    update("quotes", 0, counts_.quotes, range(k * 10 / 100), "title = title || ' (new)'",
           "status = 'sent', notes = 'Sent by mail to the buyer.'");
    update("components", 0, counts_.components, range(k * 5 / 100),
           "list_price = list_price * 1.05", "stock = stock + 3, lead_time_days = 14");
    update("customers", 0, counts_.customers, range(k * 5 / 100), "phone = '+43 ' || id",
           "city = city || ' West'");
    // Behind the lines that either side updates.
    remove("quote_lines", above, counts_.lines, {k * 120 / 100 + own(k * 5 / 100), k * 5 / 100});
    insert(k * 3 / 100, k * 12 / 100);
    return "BEGIN;" + out_ + "COMMIT;";
  }

 private:
  std::uint64_t own(std::uint64_t count) const { return side_ == Side::kB ? count : 0; }
  const char* stamp() const { return side_ == Side::kA ? kStampOfA : kStampOfB; }

  // A's picks, then B's; where they overlap B begins a tenth earlier.
  Range range(std::uint64_t count) const {
    const std::uint64_t back = edits_.overlap && side_ == Side::kB ? count / 10 : 0;
    return {own(count) - back, count};
  }

  std::string picks(std::uint64_t above, std::uint64_t rows, const Range& range) const {
    const std::uint64_t of = rows - above;
    const std::string row = edits_.picks == Picks::kUniform
                                ? "{above} + 1 + i * {stride} % {of}"
                                : "{above} + 1 + i / {block} * {stride} % ({of} / {block}) * "
                                  "{block} + i % {block}";
    return fill(kPicks, {{"row", row},
                         {"first", text_of(range.first)},
                         {"end", text_of(range.first + range.count)},
                         {"above", text_of(above)},
                         {"of", text_of(of)},
                         {"block", text_of(kBlock)},
                         {"stride", kStride}});
  }

  // One half of the picks gets `one`, the other `other`.
  void update(const std::string& table, std::uint64_t above, std::uint64_t rows, const Range& range,
              const std::string& one, const std::string& other) {
    // Not the same halves on both sides, so that a row that both edit differs in half of the cases.
    const std::string half = side_ == Side::kA ? "i % 2" : "i / 2 % 2";
    for (const auto& [set, number] : {std::pair{one, "0"}, std::pair{other, "1"}}) {
      if (range.count == 0) continue;
      out_ += picks(above, rows, range) + "UPDATE " + table + " SET " + set + ", updated_at = '" +
              stamp() + "' WHERE id IN (SELECT id FROM pick WHERE " + half + " = " + number + ");";
    }
  }

  void remove(const std::string& table, std::uint64_t above, std::uint64_t rows,
              const Range& range) {
    if (range.count == 0) return;
    out_ +=
        picks(above, rows, range) + "DELETE FROM " + table + " WHERE id IN (SELECT id FROM pick);";
  }

  void insert(std::uint64_t quotes, std::uint64_t lines) {
    const bool shared = edits_.overlap;
    out_ += fill(kInserts, {{"quotes", text_of(quotes)},
                            {"lines", text_of(lines)},
                            {"quote", text_of(counts_.quotes + (shared ? 0 : own(quotes)))},
                            {"line", text_of(counts_.lines + (shared ? 0 : own(lines)))},
                            {"customers", text_of(counts_.customers)},
                            {"components", text_of(counts_.components)},
                            {"stamp", stamp()},
                            {"side", side_ == Side::kA ? "A" : "B"}});
  }

  // New quotes with four lines each.
  static constexpr const char* kInserts = R"(
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {quotes})
INSERT INTO quotes
SELECT {quote} + i, 'Q-2026-{side}' || i, 1 + i * 19 % {customers}, NULL, 'New conveyor ' || i, 'draft', 'EUR', 0, NULL, NULL,
       NULL, '{stamp}', '{stamp}', '{side}' FROM n;
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {lines})
INSERT INTO quote_lines
SELECT {line} + i, {quote} + 1 + i % {quotes}, 1 + i % 9, 1 + i * 7919 % {components}, NULL,
       'Profile 80x40, ' || (i * 7919 % 6000) || ' mm, cut, bore ' || (i % 31) ||
           ', drawing ' || printf('%08d', i * 7919 % 99999989) || '; delivered in bundles of ' || (1 + i % 12), 1.0 + i % 24, i % 9000 / 9.0, 0, '{stamp}' FROM n;
)";

  Edits edits_;
  Side side_;
  Counts counts_;
  std::string out_;
};

}  // namespace

const std::vector<std::string>& quoting_tables() {
  static const std::vector<std::string> tables{
      "units",         "customers",        "projects",
      "components",    "sub_assemblies",   "sub_assembly_components",
      "quotes",        "quote_lines",      "quote_line_costs",
      "manual_quotes", "generated_numbers"};
  return tables;
}

std::string quoting_schema() {
  std::ifstream file(TIDESYNC_QUOTING_SQL);
  std::ostringstream text;
  text << file.rdbuf();
  const std::string all = text.str();
  const auto begin = all.find("CREATE TABLE units");
  const auto end = all.find("-- quotes.total is");
  if (begin == std::string::npos || end == std::string::npos)
    throw std::runtime_error("tests/data/quoting.sql is not as expected");
  return all.substr(begin, end - begin);
}

std::string quoting_rows(std::uint64_t rows) {
  const Counts counts = counts_of(rows);
  return fill(kRows, {{"customers", text_of(counts.customers)},
                      {"projects", text_of(counts.projects)},
                      {"components", text_of(counts.components)},
                      {"quotes", text_of(counts.quotes)},
                      {"lines", text_of(counts.lines)},
                      {"costs", text_of(counts.costs)}});
}

std::string edits_sql(std::uint64_t rows, const Edits& edits, Side side) {
  return EditScript(rows, edits, side).text();
}

Expected expected_after(const Edits& edits) {
  const std::uint64_t lines = edits.count * 60 / 100;
  Expected expected{2 * (edits.count * 3 / 100), 2 * (edits.count * 12 / 100)};
  for (std::uint64_t i = lines - lines / 10; i < lines; ++i)
    ++(i % 2 == i / 2 % 2 ? expected.rivals : expected.merged);
  return expected;
}

}  // namespace tidesync::bench
