#include "cli/history_view.h"

#include "base/text.h"
#include "cli/csv.h"
#include "cli/times.h"

namespace tidesync {
namespace {

constexpr std::size_t kShortId = 8;
constexpr std::size_t kMinutes =
    16;  // "2026-11-21 10:00": the seconds would cost a column its place

Style style_of(const std::string& status) {
  if (status == "success") return Style::kPlain;
  return status == "error" ? Style::kBad : Style::kWarning;
}

// The last ones are left out first where there is no room.
std::vector<Column> columns_of(bool steady) {
  const auto width = [&](std::size_t columns) { return steady ? columns : 0; };
  return {{"time", Fit::kWhole, Room::kAlways, width(kMinutes)},
          {"node", Fit::kText, Room::kAlways, width(10)},
          {"status", Fit::kWhole, Room::kAlways, width(7)},
          {"in", Fit::kNumber, Room::kAlways, width(5)},
          {"out", Fit::kNumber, Room::kAlways, width(5)},
          {"conflicts", Fit::kNumber},
          {"took", Fit::kNumber, Room::kAlways, width(6)},
          {"run", Fit::kWhole, Room::kIfItFits, width(kShortId)},
          {"user", Fit::kText, Room::kIfItFits, width(12)},
          {"batches", Fit::kWhole, Room::kIfItFits}};
}

std::string time_of(const RunRecord& run, bool utc) {
  return (utc ? utc_time(run.timestamp) : local_time(run.timestamp)).substr(0, kMinutes);
}

// "12 to 14", "14" where it did not move.
std::string batches_of(const RunRecord& run) {
  const std::string after = std::to_string(run.seq_after);
  return run.seq_before == run.seq_after ? after : std::to_string(run.seq_before) + " to " + after;
}

// The time in the row is that of the first of them.
std::string note_of(const RunRecord& run) {
  if (run.runs <= 1) return run.message;
  return with_thousands(run.runs) + " runs in a row ended like this: " + run.message;
}

}  // namespace

void print_runs(Printer& printer, const std::vector<RunRecord>& runs, const HistoryTable& options) {
  Table table{columns_of(options.steady), {}, {}, options.has_titles};
  for (const RunRecord& run : runs) {
    table.rows.push_back(
        {Cell(time_of(run, options.utc)), Cell(run.node), Cell(run.status, style_of(run.status)),
         Cell(with_thousands(run.pulled)), Cell(with_thousands(run.pushed)),
         Cell(with_thousands(run.conflicts), run.conflicts > 0 ? Style::kWarning : Style::kPlain),
         Cell(display_duration(run.duration_ms)), Cell(run.run_id.substr(0, kShortId)),
         Cell(run.user), Cell(batches_of(run))});
    if (!run.message.empty()) table.notes[table.rows.size() - 1] = note_of(run);
  }
  printer.table(table);
}

std::string csv_titles_of_runs() {
  return csv_line({"timestamp", "node", "user", "direction", "status", "runs", "records_pulled",
                   "records_pushed", "conflicts", "duration_ms", "seq_before", "seq_after",
                   "run_id", "error_message"});
}

std::string csv_line_of(const RunRecord& run) {
  return csv_line({run.timestamp, run.node, run.user, run.direction, run.status,
                   std::to_string(run.runs), std::to_string(run.pulled), std::to_string(run.pushed),
                   std::to_string(run.conflicts), std::to_string(run.duration_ms),
                   std::to_string(run.seq_before), std::to_string(run.seq_after), run.run_id,
                   run.message});
}

}  // namespace tidesync
