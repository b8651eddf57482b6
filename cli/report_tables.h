// The figures of a report as tables, one a question: what the page shows as tables, what --json and
// --csv give, and where every charted number stands. One place, so that all three are the same.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <variant>
#include <vector>

#include "inspect/report.h"

namespace tidesync {

enum class ReportKind {
  kText,
  kId,  // of a run: people see its beginning, as in history
  kCount,
  kDuration,  // milliseconds
  kSize,      // bytes
  kTime,      // ISO UTC
  kDay,       // a date, the first of its step
  kOffset,    // milliseconds to be added to a clock
  kRow,       // a row or a key as JSON
};

struct ReportColumn {
  std::string key;    // in --json and --csv, a promise to scripts
  std::string title;  // for people
  ReportKind kind = ReportKind::kText;
};

using ReportCell = std::variant<std::monostate, std::int64_t, std::string>;

struct ReportTable {
  std::string key, title;
  bool is_single = false;  // one row, always
  std::vector<ReportColumn> columns;
  std::vector<std::vector<ReportCell>> rows;
};

// In the order of the page.
std::vector<ReportTable> report_tables(const Report& report);
const ReportTable& table_of(const std::vector<ReportTable>& tables, std::string_view key);

// Times of a report for people: of this computer's clock, or UTC.
struct ReportTimes {
  bool utc = false;
  std::string time(const std::string& iso_utc) const;  // "2026-11-21 10:00"; "" for ""
  std::string zone(std::int64_t at_ms) const;          // "UTC", "CET"
};

// The cell as people read it; "" for nothing.
std::string cell_text(const ReportCell& cell, ReportKind kind, const ReportTimes& times);

// {"period":{...},"totals":{...},"nodes":[...], ...}
nlohmann::ordered_json report_json(const Report& report);
// The table as a file: a line of keys, then the rows, values as in --json.
std::string report_csv(const ReportTable& table);
// All tables in one file: the name of each in a line of its own, a blank line between.
std::string report_csv(const std::vector<ReportTable>& tables);

}  // namespace tidesync
