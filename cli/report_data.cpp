// A report for programs and spreadsheets.
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/csv.h"
#include "cli/json.h"
#include "cli/report_tables.h"

namespace tidesync {
namespace {

Json value_json(const ReportCell& cell, ReportKind kind) {
  if (const auto* number = std::get_if<std::int64_t>(&cell)) return *number;
  const auto* text = std::get_if<std::string>(&cell);
  if (text == nullptr) return nullptr;
  if (kind == ReportKind::kRow) return Json::parse(*text);
  return is_valid_utf8(*text) ? *text : printable(*text);
}

Json row_json(const ReportTable& table, const std::vector<ReportCell>& row) {
  Json object = Json::object();
  for (std::size_t i = 0; i < row.size(); ++i)
    object[table.columns[i].key] = value_json(row[i], table.columns[i].kind);
  return object;
}

Json table_json(const ReportTable& table) {
  if (table.is_single) return row_json(table, table.rows.front());
  Json rows = Json::array();
  for (const auto& row : table.rows) rows.push_back(row_json(table, row));
  return rows;
}

std::string csv_text(const ReportCell& cell) {
  if (const auto* number = std::get_if<std::int64_t>(&cell)) return std::to_string(*number);
  const auto* text = std::get_if<std::string>(&cell);
  return text == nullptr ? std::string() : *text;
}

const char* step_word(ReportStep step) {
  return step == ReportStep::kDay ? "day" : step == ReportStep::kWeek ? "week" : "month";
}

}  // namespace

Json report_json(const Report& report) {
  Json json;
  json["source"] = printable(report.source);
  json["from_master"] = report.from_master;
  json["period"] = {{"since", iso_utc(report.options.since_ms)},
                    {"until", iso_utc(report.options.until_ms)},
                    {"node", report.options.node.empty() ? Json() : Json(report.options.node)},
                    {"step", step_word(report.step)}};
  json["share_read"] = report.share_read;
  json["share_problem"] =
      report.share_problem.empty() ? Json() : Json(printable(report.share_problem));
  json["open_conflicts_matching"] = report.open_conflicts_matching;
  for (const ReportTable& table : report_tables(report)) json[table.key] = table_json(table);
  return json;
}

std::string report_csv(const ReportTable& table) {
  std::vector<std::string> keys;
  for (const ReportColumn& column : table.columns) keys.push_back(column.key);
  std::string text = csv_line(keys);
  for (const auto& row : table.rows) {
    std::vector<std::string> cells;
    for (const ReportCell& cell : row) cells.push_back(csv_text(cell));
    text += csv_line(cells);
  }
  return text;
}

std::string report_csv(const std::vector<ReportTable>& tables) {
  std::string text;
  for (const ReportTable& table : tables)
    text += (text.empty() ? "" : "\r\n") + csv_line({table.key}) + report_csv(table);
  return text;
}

}  // namespace tidesync
