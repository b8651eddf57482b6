// Runs for people and for spreadsheets.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "inspect/history.h"

namespace tidesync {

struct HistoryTable {
  bool utc = false;
  bool has_titles = true;
  bool steady = false;  // columns as wide as they may become, for a table that goes on
};
// One line a run, what went wrong below it.
void print_runs(Printer& printer, const std::vector<RunRecord>& runs, const HistoryTable& options);

// The columns of sync_log, the times in UTC.
std::string csv_titles_of_runs();
std::string csv_line_of(const RunRecord& run);

}  // namespace tidesync
