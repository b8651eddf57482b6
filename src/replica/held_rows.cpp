#include "replica/held_rows.h"

#include <cstdlib>

#include "base/mutation.h"
#include "base/text.h"

namespace tidesync {
namespace {

constexpr const char* kNote = "held:";       // + table
constexpr const char* kLast = "held_last:";  // + table

}  // namespace

std::string text_of(const Cursor& cursor) {
  return std::to_string(cursor.seq.value) + " " + cursor.hash.hex();
}

void HeldRows::reload() {
  from_.clear();
  forms_.clear();
  Statement& notes = db_.cached(
      "SELECT CAST(substr(k, 6) AS INTEGER), v FROM tidesync_state WHERE k GLOB 'held:*'");
  while (notes.step()) {
    // What an older tidesync noted is a number alone, and its rows are gone.
    const std::string from = notes.get_text(1);
    if (from.find(' ') != std::string::npos)
      from_[static_cast<std::uint32_t>(notes.get_int(0))] = from;
  }
  notes.reset();
}

std::string HeldRows::from(std::uint32_t table) const {
  const auto found = from_.find(table);
  return found == from_.end() ? std::string() : found->second;
}

void HeldRows::begin(std::uint32_t table, const Cursor& from) {
  end(table);
  from_[table] = text_of(from);
  db_.cached("INSERT OR REPLACE INTO tidesync_state (k, v) VALUES (?1, ?2)")
      .bind_text(1, kNote + std::to_string(table))
      .bind_text(2, from_[table])
      .run();
}

void HeldRows::end(std::uint32_t table) {
  from_.erase(table);
  db_.cached("DELETE FROM tidesync_state WHERE k = ?1")
      .bind_text(1, kNote + std::to_string(table))
      .run();
  db_.cached("DELETE FROM tidesync_held_row WHERE t = ?1").bind(1, std::int64_t{table}).run();
}

void HeldRows::go_back_to(const Cursor& place) {
  std::vector<std::uint32_t> beyond;
  for (const auto& [table, from] : from_) {
    if (std::strtoull(from.c_str(), nullptr, 10) > place.seq.value) beyond.push_back(table);
  }
  for (const std::uint32_t table : beyond) begin(table, place);
}

std::int64_t HeldRows::form_of(const TableShape& shape) {
  std::vector<std::string> names;
  for (const ColumnShape& column : shape.columns) names.push_back(to_lower_ascii(column.name));
  for (const auto& [form, columns] : forms_) {
    if (columns == names) return form;
  }
  std::string image;
  for (const std::string& name : names) append_value(image, ValueView::text(name));
  db_.cached("INSERT OR IGNORE INTO tidesync_held_form (columns) VALUES (?1)")
      .bind_blob(1, image)
      .run();
  Statement& find = db_.cached("SELECT form FROM tidesync_held_form WHERE columns = ?1");
  find.bind_blob(1, image);
  const std::int64_t form = find.step() ? find.get_int(0) : 0;
  find.reset();
  forms_[form] = names;
  return form;
}

void HeldRows::keep(const TableShape& shape, std::string_view key, const RowImage* before,
                    const Author& theirs) {
  if (!holds(shape.id) || mutated(Mutation::kUnheld)) return;
  changed_.insert(shape.id);
  db_.cached(
         "INSERT INTO tidesync_held_row (t, k, form, row, at, node, user)"
         " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
         " ON CONFLICT (t, k) DO UPDATE SET at = ?5, node = ?6, user = ?7")
      .bind(1, std::int64_t{shape.id})
      .bind_blob(2, key)
      .bind(3, form_of(shape))
      .bind(4, before ? ValueView::blob(*before) : ValueView::null())
      .bind(5, theirs.at_ms)
      .bind_text(6, theirs.node)
      .bind_text(7, theirs.user)
      .run();
}

std::string HeldRows::last_change(std::uint32_t table) {
  return db_.get_text("SELECT v FROM tidesync_state WHERE k = '" + std::string(kLast) +
                      std::to_string(table) + "'");
}

void HeldRows::note_change(const Cursor& by) {
  for (const std::uint32_t table : changed_) {
    db_.cached("INSERT OR REPLACE INTO tidesync_state (k, v) VALUES (?1, ?2)")
        .bind_text(1, kLast + std::to_string(table))
        .bind_text(2, text_of(by))
        .run();
  }
  changed_.clear();
}

void HeldRows::keep_last(const TableShape& shape, std::string_view key, const RowImage& row) {
  keep(shape, key, &row, find(shape.id, key).value_or(HeldRow{}).theirs);
  db_.cached("UPDATE tidesync_held_row SET last_form = ?3, last_row = ?4 WHERE t = ?1 AND k = ?2")
      .bind(1, std::int64_t{shape.id})
      .bind_blob(2, key)
      .bind(3, form_of(shape))
      .bind_blob(4, row)
      .run();
}

std::map<std::string, std::string> HeldRows::values_of(std::int64_t form, const RowImage& image) {
  if (forms_.count(form) == 0) {
    const std::string names =
        db_.get_text("SELECT columns FROM tidesync_held_form WHERE form = " + std::to_string(form));
    for (const ValueView& name : decode_image(names)) forms_[form].emplace_back(name.bytes);
  }
  std::map<std::string, std::string> values;
  std::size_t column = 0;
  for (const std::string_view part : split_image(image))
    values[forms_[form].at(column++)] = std::string(part);
  return values;
}

HeldRow HeldRows::read(const Statement& row) {
  HeldRow held;
  held.theirs.at_ms = row.get_int(2);
  held.theirs.node = row.get_text(3);
  held.theirs.user = row.get_text(4);
  held.existed = !row.column(1).is_null();
  if (held.existed) held.values = values_of(row.get_int(0), row.get_text(1));
  if (!row.column(6).is_null()) held.last_values = values_of(row.get_int(5), row.get_text(6));
  return held;
}

std::optional<HeldRow> HeldRows::find(std::uint32_t table, std::string_view key) {
  Statement& find = db_.cached(
      "SELECT form, row, at, node, user, last_form, last_row FROM tidesync_held_row"
      " WHERE t = ?1 AND k = ?2");
  find.bind(1, std::int64_t{table}).bind_blob(2, key);
  std::optional<HeldRow> held;
  if (find.step()) held = read(find);
  find.reset();
  return held;
}

void HeldRows::for_each(std::uint32_t table,
                        const std::function<void(const KeyImage& key, const HeldRow&)>& visit) {
  Statement rows = db_.prepare(
      "SELECT form, row, at, node, user, last_form, last_row, k FROM tidesync_held_row"
      " WHERE t = ?1 ORDER BY k");
  rows.bind(1, std::int64_t{table});
  while (rows.step()) visit(rows.get_text(7), read(rows));
}

}  // namespace tidesync
