// The tables of the base copy: made by the first entry of a log, changed by later ones.
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
  for (const std::uint32_t table : altered) {
    for_each_row(table, [&](const TableShape& shape, const RowImage& row) {
      state_.remove_row(shape.name, row);
    });
  }
  const StateDigest without = state_;
  writers_.clear();
  tables_.clear();
  db_.clear_cache();
  change_base_tables(db_, change);
  reload_shapes();
  state_ = without;
  for (const std::uint32_t table : altered) {
    for_each_row(table, [&](const TableShape& shape, const RowImage& row) {
      state_.add_row(shape.name, row);
    });
  }
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
