#include "replica/journal.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/text.h"

namespace tidesync {
namespace {

using Json = nlohmann::ordered_json;

Json value_json(const ValueView& value) {
  switch (value.type) {
    case ValueType::kNull:
      return nullptr;
    case ValueType::kInteger:
      return value.integer;
    case ValueType::kReal:
      if (std::isinf(value.real)) return Json{{"$real", value.real > 0 ? "inf" : "-inf"}};
      return value.real;
    case ValueType::kText:
      // JSON text can hold NUL, but few readers of it can.
      if (is_valid_utf8(value.bytes) && value.bytes.find('\0') == std::string_view::npos) {
        return std::string(value.bytes);
      }
      return Json{{"$text", to_hex(value.bytes)}};
    case ValueType::kBlob:
      return Json{{"$blob", to_hex(value.bytes)}};
  }
  return nullptr;
}

ValueView text_or_null(const std::optional<std::string>& text) {
  return text ? ValueView::text(*text) : ValueView::null();
}

std::optional<std::string> json_of(const TableShape& shape, const std::optional<RowImage>& image) {
  return image ? std::optional(row_json(shape, *image)) : std::nullopt;
}

void append_optional(std::string& out, const std::optional<RowImage>& image) {
  out.push_back(image ? '+' : '-');
  if (image) {
    append_u64(out, image->size());
    out.append(*image);
  }
}

KeyImage text_key(const std::string& text) {
  KeyImage key;
  append_value(key, ValueView::text(text));
  return key;
}

}  // namespace

std::string conflict_id(const TableShape& shape, const ConflictRecord& record) {
  std::string bytes = shape.name + '\0' + record.kind + '\0';
  append_u64(bytes, record.key.size());
  bytes.append(record.key);
  append_optional(bytes, record.base);
  append_optional(bytes, record.winner);
  append_optional(bytes, record.loser);
  append_u64(bytes, static_cast<std::uint64_t>(record.winner_author.at_ms));
  append_u64(bytes, static_cast<std::uint64_t>(record.loser_author.at_ms));
  return digest_of(bytes).hex().substr(0, 32);
}

std::string row_json(const TableShape& shape, const RowImage& image) {
  Json row = Json::object();
  std::size_t i = 0;
  for (const ValueView& value : decode_image(image)) {
    if (i < shape.columns.size()) row[shape.columns[i].name] = value_json(value);
    ++i;
  }
  return row.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string key_json(const TableShape& shape, const KeyImage& key) {
  Json row = Json::object();
  std::size_t i = 0;
  for (const ValueView& value : decode_image(key)) {
    if (i < shape.key.size()) row[shape.columns[shape.key[i]].name] = value_json(value);
    ++i;
  }
  return row.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string record_conflict(Local& local, const ConflictRecord& record, std::int64_t now_ms) {
  const TableShape& shape = local.table(record.table).shape();
  const std::string id = conflict_id(shape, record);
  Statement& insert = local.db().cached(
      "INSERT OR IGNORE INTO sync_conflicts (id, table_name, row_key, kind, base_row, winner_row,"
      " loser_row, winner_node, loser_node, winner_user, loser_user, winner_updated_at,"
      " loser_updated_at, rule, created_at)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)");
  insert.bind_text(1, id).bind_text(2, shape.name).bind_text(3, key_json(shape, record.key));
  insert.bind_text(4, record.kind);
  insert.bind(5, text_or_null(json_of(shape, record.base)));
  insert.bind(6, text_or_null(json_of(shape, record.winner)));
  insert.bind(7, text_or_null(json_of(shape, record.loser)));
  insert.bind_text(8, record.winner_author.node).bind_text(9, record.loser_author.node);
  insert.bind_text(10, record.winner_author.user).bind_text(11, record.loser_author.user);
  insert.bind_text(12, iso_utc(record.winner_author.at_ms))
      .bind_text(13, iso_utc(record.loser_author.at_ms));
  insert.bind_text(14, record.rule).bind_text(15, iso_utc(now_ms)).run();
  local.add_hint(kConflictsTableId, text_key(id), HintKind::kInserted, now_ms);
  return id;
}

void record_run(Local& local, const LogRow& row, std::int64_t now_ms) {
  Statement& insert = local.db().cached(
      "INSERT OR IGNORE INTO sync_log (timestamp, direction, status, records_pulled, "
      "records_pushed,"
      " conflicts, error_message, duration_ms, run_id, node, user, seq_before, seq_after)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)");
  insert.bind_text(1, row.timestamp).bind_text(2, row.direction).bind_text(3, row.status);
  insert.bind(4, static_cast<std::int64_t>(row.pulled))
      .bind(5, static_cast<std::int64_t>(row.pushed));
  insert.bind(6, static_cast<std::int64_t>(row.conflicts));
  insert.bind(7,
              row.error_message.empty() ? ValueView::null() : ValueView::text(row.error_message));
  insert.bind(8, row.duration_ms)
      .bind_text(9, row.run_id)
      .bind_text(10, row.node)
      .bind_text(11, row.user);
  insert.bind(12, static_cast<std::int64_t>(row.seq_before));
  insert.bind(13, static_cast<std::int64_t>(row.seq_after)).run();
  local.add_hint(kLogTableId, text_key(row.run_id), HintKind::kInserted, now_ms);
}

bool repeat_run(Local& local, const std::string& run_id, const std::string& error_message,
                std::int64_t now_ms) {
  local.db()
      .cached("UPDATE sync_log SET error_message = ?2 WHERE run_id = ?1")
      .bind_text(1, run_id)
      .bind_text(2, error_message)
      .run();
  if (local.db().changes() == 0) return false;
  local.add_hint(kLogTableId, text_key(run_id), HintKind::kUpdated, now_ms);
  return true;
}

}  // namespace tidesync
