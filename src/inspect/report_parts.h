// The parts of reading a report. Private to this room.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/report.h"
#include "sqlite/database.h"

namespace tidesync {

// A row of an answer by the names of its columns. A name that the file does not give is a mistake
// of ours and throws kInternal.
class FigureRow {
 public:
  explicit FigureRow(const Statement& row);
  std::string text(std::string_view column) const;     // "" for NULL
  std::uint64_t count(std::string_view column) const;  // 0 for NULL or a negative number
  std::optional<std::int64_t> number(std::string_view column) const;  // nullopt for NULL

 private:
  int index_of(std::string_view column) const;
  const Statement& row_;
  std::vector<std::string> names_;
};

// What the files of schema/reports/ may be told, by the names of their parameters.
struct FigureParameters {
  std::string since, until, node, per, zone;  // "" is NULL
  std::optional<std::int64_t> limit;
};
FigureParameters parameters_of(const Report& report);
// Runs one of the files and calls `row` for each row of its answer.
void read_figure(Database& db, const char* sql, const FigureParameters& parameters,
                 const std::function<void(const FigureRow& row)>& row);

// How wide the steps of a chart are in this period.
ReportStep step_of(std::int64_t period_ms);
// The step after the one that begins on `day`.
std::string next_day(const std::string& day, ReportStep step);
// From `first` to `last`, both steps' first days, without a gap; nothing when one is empty.
std::vector<std::string> days_between(const std::string& first, const std::string& last,
                                      ReportStep step);

// All figures of sync_log and sync_conflicts of `runs`, and the sizes of `state`: base.db or
// master.db. One snapshot of `runs`.
void read_figures(Database& runs, Database& state, Report& report);
// The states of the computers, from what the runs tell.
void judge_nodes(Report& report, const HealthThresholds& thresholds);

}  // namespace tidesync
