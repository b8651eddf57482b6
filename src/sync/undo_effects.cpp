#include "sync/undo_effects.h"

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "base/text.h"

namespace tidesync {
namespace {

// Where the columns of a batch's table are in a shape.
struct Mapping {
  const TableShape* shape = nullptr;                // nullptr: leave the table out
  std::vector<std::optional<std::size_t>> columns;  // by position in the batch
  bool is_identity = true;
};

Mapping map_table(const BatchTable& table, const Local& local) {
  Mapping mapping;
  for (const TableShape& shape : local.shapes()) {
    if (!shape.system && to_lower_ascii(shape.name) == to_lower_ascii(table.name))
      mapping.shape = &shape;
  }
  if (!mapping.shape) return mapping;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    mapping.columns.push_back(mapping.shape->find_column(table.columns[i]));
    mapping.is_identity = mapping.is_identity && mapping.columns.back() == i;
  }
  mapping.is_identity =
      mapping.is_identity && mapping.columns.size() == mapping.shape->columns.size();
  return mapping;
}

// Columns that the batch does not know yet are NULL.
RowImage mapped(const Mapping& mapping, std::string_view image) {
  std::string null;
  append_value(null, ValueView::null());
  std::vector<std::string_view> parts(mapping.shape->columns.size(), null);
  std::size_t i = 0;
  for (const std::string_view part : split_image(image)) {
    if (mapping.columns.at(i)) parts[*mapping.columns[i]] = part;
    ++i;
  }
  RowImage result;
  for (const std::string_view part : parts) result.append(part);
  return result;
}

}  // namespace

UndoEffects::UndoEffects() : db_(Database::temporary()) {
  db_.exec(
      "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-16000;"
      "CREATE TABLE effects (t INTEGER, k BLOB, e BLOB, PRIMARY KEY (t, k)) WITHOUT ROWID;"
      "BEGIN");
}

void UndoEffects::add(BatchReader& batch, const Local& local) {
  std::vector<Mapping> mappings;
  for (const BatchTable& table : batch.header().tables) mappings.push_back(map_table(table, local));
  for (Change change; batch.next(change);) {
    const Mapping& mapping = mappings.at(change.table);
    if (!mapping.shape) {
      const std::string& name = batch.header().tables[change.table].name;
      if (name != "sync_log" && name != "sync_conflicts") left_out_.insert(name);
      continue;
    }
    if (mapping.is_identity) {
      add_change_of(*mapping.shape, change);
      continue;
    }
    Change moved = change;
    const RowImage old_image = change.old_image.empty() ? "" : mapped(mapping, change.old_image);
    const RowImage new_image = change.new_image.empty() ? "" : mapped(mapping, change.new_image);
    moved.old_image = old_image;
    moved.new_image = new_image;
    moved.columns.clear();
    for (auto column : change.columns) {
      const auto position = mapping.columns.at(column.column);
      if (!position) continue;
      column.column = static_cast<std::uint16_t>(*position);
      moved.columns.push_back(column);
    }
    add_change_of(*mapping.shape, moved);
  }
}

void UndoEffects::add_change_of(const TableShape& shape, const Change& change) {
  Statement& find = db_.cached("SELECT e FROM effects WHERE t = ?1 AND k = ?2");
  find.bind(1, std::int64_t{shape.id}).bind_blob(2, change.key);
  RowEffect effect;
  if (find.step()) effect = decode_effect(find.column(0).bytes);
  find.reset();
  add_change(effect, change);
  db_.cached("INSERT OR REPLACE INTO effects (t, k, e) VALUES (?1, ?2, ?3)")
      .bind(1, std::int64_t{shape.id})
      .bind_blob(2, change.key)
      .bind_blob(3, encode_effect(effect))
      .run();
}

void UndoEffects::for_each(std::uint32_t table, const Visit& visit) {
  Statement rows = db_.prepare("SELECT k, e FROM effects WHERE t = ?1 ORDER BY k");
  rows.bind(1, std::int64_t{table});
  while (rows.step()) visit(rows.get_text(0), decode_effect(rows.column(1).bytes));
}

}  // namespace tidesync
