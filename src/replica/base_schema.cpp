// The tables of the base copy: made by the first entry of a log, changed by later ones.
#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "replica/base.h"
#include "replica/policies.h"

namespace tidesync {

void Base::apply_schema(std::string_view schema_json, FoldDirection direction) {
  if (is_schema_change(schema_json)) {
    const SchemaChange change = parse_schema_change(schema_json);
    change_schema(direction == FoldDirection::kForward ? change : change.backward());
  } else if (direction == FoldDirection::kForward) {
    create_tables(parse_share_schema(schema_json));
  }
  reload_shapes();
}

// They stand already when this computer set up the share: its run made them to read its first batch
// from, and a crash came between publishing that batch and folding it.
void Base::create_tables(const ShareSchema& schema) {
  if (shapes_.empty()) {
    create_base_tables(db_, schema);
  } else if (cursor_.seq.value != 0 || to_json(load_share_schema(db_)) != to_json(schema)) {
    throw Error(ErrorCode::kDiverged, "create tables", to_utf8(db_.file()),
                "it has other tables than the first batch");
  }
}

void Base::set_policies(const std::string& text) {
  parse_policies(text);  // throws before anything is changed
  set_state("policies", text);
  reload_shapes();
}

// The cursor and the state may be ahead of what is stored, in the middle of a fold.
void Base::reload_shapes() {
  const Cursor cursor = cursor_;
  const StateDigest state = state_;
  reload();
  cursor_ = cursor;
  state_ = state;
}

// The state is a sum over rows in their present form: rows of changed tables leave it in the old
// form and come back in the new one.
void Base::change_schema(const SchemaChange& change) {
  if (to_json(load_share_schema(db_)) != to_json(change.from)) {
    throw Error(ErrorCode::kDiverged, "change schema", to_utf8(db_.file()),
                "it is not the schema that the batch changes");
  }
  const auto altered = change.altered();
  hold_dropped_columns(change);
  for (const std::uint32_t table : altered) {
    for_each_row(table, [&](const TableShape& shape, const RowImage& row) {
      state_.remove_row(shape.name, row);
    });
  }
  const StateDigest without = state_;
  const auto exact = take_exact_rows(altered);
  writers_.clear();
  tables_.clear();
  db_.clear_cache();
  change_base_tables(db_, change);
  reload_shapes();
  state_ = without;
  for (const ExactRow& row : exact) put_exact_row(row);
  for (const std::uint32_t table : altered) {
    for_each_row(table, [&](const TableShape& shape, const RowImage& row) {
      state_.add_row(shape.name, row);
    });
  }
}

// A table that stands still loses a column on the share: what it had is to be known afterwards.
void Base::hold_dropped_columns(const SchemaChange& change) {
  for (const std::uint32_t table : change.altered()) {
    if (!held_.holds(table)) continue;
    for_each_row(table, [&](const TableShape& shape, const RowImage& row) {
      held_.keep_last(shape, key_of(shape, row), row);
    });
  }
}

// Rows of which the tables have something else, by the names of their columns.
std::vector<Base::ExactRow> Base::take_exact_rows(const std::set<std::uint32_t>& tables) {
  std::vector<ExactRow> rows;
  for (const std::uint32_t id : tables) {
    const auto shape = std::find_if(shapes_.begin(), shapes_.end(),
                                    [&](const TableShape& s) { return s.id == id; });
    if (shape == shapes_.end()) continue;
    Statement& read = db_.cached("SELECT k, row FROM tidesync_exact WHERE t = ?1 ORDER BY k");
    read.bind(1, std::int64_t{id});
    while (read.step()) {
      ExactRow row{id, {}};
      const RowImage image = read.get_text(1);
      std::size_t column = 0;
      for (const std::string_view part : split_image(image))
        row.values[to_lower_ascii(shape->columns.at(column++).name)] = std::string(part);
      rows.push_back(std::move(row));
    }
    read.reset();
    db_.exec("DELETE FROM tidesync_exact WHERE t = " + std::to_string(id));
  }
  return rows;
}

// Its row stands in the new table already, with what the old one had made of it.
void Base::put_exact_row(const ExactRow& row) {
  const auto shape = std::find_if(shapes_.begin(), shapes_.end(),
                                  [&](const TableShape& s) { return s.id == row.table; });
  if (shape == shapes_.end()) return;
  KeyImage key;
  for (const std::size_t column : shape->key) {
    const auto value = row.values.find(to_lower_ascii(shape->columns[column].name));
    if (value == row.values.end()) return;
    key += value->second;
  }
  RowImage stored;
  if (!table(row.table).read(key, stored)) return;
  RowImage exact;
  std::size_t column = 0;
  for (const std::string_view part : split_image(stored)) {
    const auto value = row.values.find(to_lower_ascii(shape->columns[column++].name));
    exact += value == row.values.end() ? std::string(part) : value->second;
  }
  table(row.table).update(key, stored, exact);
}

void Base::for_each_row(std::uint32_t id,
                        const std::function<void(const TableShape&, const RowImage&)>& visit) {
  for (const TableShape& shape : shapes_) {
    if (shape.id != id) continue;
    Statement rows = table(id).scan();
    while (rows.step()) visit(shape, table(id).image_of(rows));
  }
}

}  // namespace tidesync
