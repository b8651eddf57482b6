#include "cli/json.h"

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace tidesync {
namespace {

Json tables_to_json(const std::vector<TableReport>& tables) {
  Json list = Json::array();
  for (const TableReport& table : tables) {
    list.push_back({{"name", table.name},
                    {"synced", table.synced},
                    {"reason", table.reason},
                    {"rows", table.rows}});
  }
  return list;
}

Json hole_to_json(const std::optional<Hole>& hole) {
  if (!hole) return {};
  return {{"missing", hole->missing.value},
          {"newest", hole->newest.value},
          {"computers", Json(hole->holders)}};
}

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

}  // namespace

Json to_json(const Error& error) {
  return {{"code", to_string(error.code())}, {"message", error.what()}, {"hint", error.hint()}};
}

Json error_object(const Error& error) {
  Json object = Json::object();
  object["error"] = to_json(error);
  return object;
}

Json to_json(const SyncResult& result) {
  Json tables = Json::object();
  for (const auto& [name, table] : result.tables) {
    tables[name] = {
        {"pulled", table.pulled}, {"pushed", table.pushed}, {"conflicts", table.conflicts}};
  }
  return {{"run", result.run},
          {"status", to_string(result.status)},
          {"direction", to_string(result.direction)},
          {"pulled", result.pulled},
          {"pushed", result.pushed},
          {"conflicts", result.conflicts},
          {"seq_before", result.seq_before.value},
          {"seq_after", result.seq_after.value},
          {"tables", tables},
          {"master_seq", result.master_seq.value},
          {"duration_ms", result.duration_ms},
          {"error", result.error ? to_json(*result.error) : Json()},
          {"dry_run", result.dry_run},
          {"put_off", result.put_off},
          {"bytes_pulled", result.bytes_pulled},
          {"bytes_pushed", result.bytes_pushed},
          {"share_bytes_read", result.share_bytes_read},
          {"share_bytes_written", result.share_bytes_written},
          {"failing_runs", result.failing_runs},
          {"failing_since",
           result.failing_since_ms == 0 ? Json() : Json(iso_utc(result.failing_since_ms))},
          {"notes", Json(result.notes)}};
}

Json to_json(const SetupResult& result) {
  return {{"share_id", result.share_id},
          {"node", result.node.value},
          {"user", result.user},
          {"seq", result.seq.value},
          {"tables", tables_to_json(result.tables)},
          {"created_database", result.created_database},
          {"equal_rows", result.equal_rows},
          {"rows_only_here", result.rows_only_here},
          {"rows_only_there", result.rows_only_there},
          {"differing_rows", result.differing_rows},
          {"backup", to_utf8(result.backup)},
          {"undeclared_references",
           result.undeclared_references.empty() ? Json() : Json(result.undeclared_references)},
          {"warnings", Json(result.warnings)},
          {"sync", to_json(result.sync)}};
}

Json to_json(const RunRecord& run) {
  return {{"id", run.id},
          {"timestamp", run.timestamp},
          {"direction", run.direction},
          {"status", run.status},
          {"records_pulled", run.pulled},
          {"records_pushed", run.pushed},
          {"conflicts", run.conflicts},
          {"error_message", run.error_message.empty() ? Json() : Json(run.error_message)},
          {"duration_ms", run.duration_ms},
          {"run_id", run.run_id},
          {"node", run.node},
          {"user", run.user},
          {"seq_before", run.seq_before},
          {"seq_after", run.seq_after},
          {"runs", run.runs}};
}

Json to_json(const StatusReport& report) {
  return {
      {"node", report.config.node.value},
      {"user", report.config.user},
      {"share", to_utf8(report.config.share)},
      {"share_id", report.share_id},
      {"state", to_string(report.health.state)},
      {"reason", report.health.reason},
      {"share_reachable", report.share_reachable},
      {"share_problem", report.share_reachable ? Json() : Json(report.share_problem)},
      {"seq_here", report.seq_here.value},
      {"seq_on_share", report.share_reachable ? Json(report.seq_on_share.value) : Json()},
      {"hole", hole_to_json(report.hole)},
      {"seq_in_master", report.seq_in_master.value},
      {"pending", Json(report.pending)},
      {"open_conflicts", report.open_conflicts},
      {"oldest_conflict", report.oldest_conflict.empty() ? Json() : Json(report.oldest_conflict)},
      {"last_run", report.last_run ? to_json(*report.last_run) : Json()},
      {"clock_offset_ms", or_null(report.clock_offset_ms)},
      {"failing_since", report.failing_since.empty() ? Json() : Json(report.failing_since)},
      {"failing_runs", report.failing_runs},
      {"interval_minutes", report.config.interval_minutes},
      {"next_sync", report.scheduler ? Json(iso_utc(report.scheduler->next_ms)) : Json()},
      {"watching", report.scheduler ? Json(report.scheduler->watch) : Json()},
      {"policies", Json(report.policies)},
      {"references", Json(report.references)},
      {"tables", tables_to_json(report.tables)}};
}

Json to_json(const RowDiff& row) {
  Json columns = Json::array();
  for (const ColumnDiff& column : row.columns) {
    columns.push_back(
        {{"column", column.column}, {"old", column.old_value}, {"new", column.new_value}});
  }
  return {{"table", row.table}, {"key", row.key}, {"kind", row.kind}, {"columns", columns}};
}

}  // namespace tidesync
