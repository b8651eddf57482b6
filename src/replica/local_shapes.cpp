// The tables of this database, seen through those of the share: the application may be older here
// than elsewhere (tables and columns are missing), newer (there are more), or may have changed its
// mind (something is gone that was here before).
//
// What was here is remembered in tidesync_meta:
//   forms           "1" once the notes below are complete
//   columns:<id>    the shared columns that the table had at the last run, one per line
//   gated:<id>      "1" while a gate is closed, so that its end is noticed
//   gone:<id>       columns that were gone while it stood still, one per line; "*" the whole table
//   types:<id>      the declared types of its columns at the last run
//   held_from:<id>  the place in the log where it began to stand still
//   made:<id>       digest of its CREATE statement, its first page, and the version of all tables:
//                   a column that was dropped and added again shows in nothing else
//   refused:<id>    digest of the CREATE statement of a table that cannot take the share's rows,
//                   and the reason
#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "replica/form_notes.h"
#include "replica/local.h"
#include "replica/policies.h"
#include "replica/schema_reader.h"
#include "replica/stored_form.h"

namespace tidesync {
namespace {

// What a column of the type makes of the literal when it stores it, as a literal again.
std::string stored_literal(const std::string& type, const std::string& literal) {
  Database scratch = Database::in_memory();
  try {
    scratch.exec("CREATE TABLE t (c " + quote_type(type) + "); INSERT INTO t VALUES (" + literal +
                 ")");
  } catch (const Error&) {
    return literal;
  }
  return scratch.get_text("SELECT quote(c) FROM t");
}

std::string digest_of_table(Database& db, const std::string& table) {
  Statement find =
      db.prepare("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE");
  find.bind_text(1, table);
  return find.step() ? digest_of(find.get_text(0)).hex() : std::string();
}

std::string missing_name(const std::string& table, const std::string& column) {
  return to_lower_ascii(table + "." + column);
}

std::string type_name(const std::string& type) {
  return type.empty() ? "none" : type;
}

std::string number(std::uint32_t id) {
  return std::to_string(id);
}

}  // namespace

void Local::use_shapes(const std::vector<TableShape>& base_shapes, Gates gates) {
  std::set<std::string> missing;
  if (gates != Gates::kReopen) missing = what_is_missing();
  if (gates == Gates::kKeepAndHide) {
    for (const TableShape& base : base_shapes) hide_new_columns(base, missing);
  }
  missing_ = std::move(missing);
  tables_.clear();
  shapes_.clear();
  synced_at_.clear();
  gates_.clear();
  not_here_yet_.clear();
  newcomers_.clear();
  references_ = read_references(db_);
  is_utf8_ = db_.get_text("PRAGMA encoding") == "UTF-8";
  edited_absent_.reload();
  for (const TableShape& base : base_shapes) use_shape(base, gates);
}

void Local::hide_new_columns(const TableShape& base, std::set<std::string>& missing) {
  const auto seen = lines_of(get_meta("columns:" + number(base.id)));
  if (seen.empty()) return;
  for (const ColumnShape& column : base.columns) {
    if (!has_name(seen, column.name)) missing.insert(missing_name(base.name, column.name));
  }
}

std::set<std::string> Local::what_is_missing() const {
  std::set<std::string> names;
  for (const std::string& table : not_here_yet_) names.insert(to_lower_ascii(table));
  for (const TableShape& shape : shapes_) {
    for (const ColumnShape& column : shape.columns) {
      if (column.absent) names.insert(missing_name(shape.name, column.name));
    }
  }
  return names;
}

void Local::use_shape(const TableShape& base, Gates gates) {
  TableGate gate{base.id, base.name, {}, false, {}};
  const bool was_gated = get_meta("gated:" + number(base.id)) == "1";
  TableShape here;
  auto reason = why_gated(base, gate, here);
  if (!reason && was_gated && gates != Gates::kReopen)
    reason = "it is taken in again by the next run";
  if (reason) {
    gate.reason = *reason;
    gates_.push_back(std::move(gate));
    return;
  }
  if (!db_.has_table(base.name) || missing_.count(to_lower_ascii(base.name)) > 0) {
    not_here_yet_.push_back(base.name);
    return;
  }
  TableShape shape = shape_here(base, here);
  Newcomer newcomer = what_is_new(shape, was_gated);
  if (newcomer.any()) newcomers_.push_back(std::move(newcomer));
  note_synced_at(shape);
  shapes_.push_back(std::move(shape));
}

Newcomer Local::what_is_new(const TableShape& shape, bool was_gated) {
  const std::string id = number(shape.id);
  const auto seen = lines_of(get_meta("columns:" + id));
  const auto gone = lines_of(get_meta("gone:" + id));
  const std::string made = get_meta("made:" + id);
  Newcomer newcomer;
  newcomer.table = shape.id;
  newcomer.was_gated = was_gated;
  newcomer.gated_from = get_meta("held_from:" + id);
  newcomer.is_new = seen.empty() && get_meta("forms") == "1";
  newcomer.is_untracked = !seen.empty() && !has_any_trigger(shape);
  newcomer.was_altered = !shape.system && !made.empty() && made != made_note(shape.name);
  // Another table under the old name: the application dropped it and made it again meanwhile.
  if (newcomer.is_untracked && std::find(gone.begin(), gone.end(), kWholeTable) != gone.end())
    newcomer.is_new = true;
  if (seen.empty()) return newcomer;
  for (const ColumnShape& column : shape.columns) {
    if (!column.absent && (!has_name(seen, column.name) || has_name(gone, column.name)))
      newcomer.columns.push_back(column.name);
  }
  for (const std::string& name : gone) newcomer.gone.push_back(name);
  const auto types = lines_of(get_meta("types:" + id));
  for (const ColumnShape& column : shape.columns) {
    const std::string start = line_of(column.name) + " ";
    for (const std::string& line : types) {
      if (line.starts_with(start) && line.substr(start.size()) != column.decl_type)
        newcomer.old_types[column.name] = line.substr(start.size());
    }
  }
  return newcomer;
}

std::optional<std::string> Local::why_gated(const TableShape& base, TableGate& gate,
                                            TableShape& here) {
  const auto seen = lines_of(get_meta("columns:" + number(base.id)));
  if (!db_.has_table(base.name)) {
    gate.vanished = true;
    return seen.empty() ? std::nullopt : std::optional<std::string>("it is gone here");
  }
  const auto refused = lines_of(get_meta("refused:" + number(base.id)));
  if (refused.size() == 2 && refused[0] == digest_of_table(db_, base.name) &&
      tries_again_.count(base.id) == 0) {
    gate.refuses = true;
    return refused[1];
  }
  try {
    std::vector<std::string> key;
    for (const std::size_t column : base.key) key.push_back(base.columns[column].name);
    here = read_shape(db_, base.name, key, references_);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kSchema) throw;
    for (const std::size_t column : base.key) gate.columns.push_back(base.columns[column].name);
    return "its key is another one here: " + error.detail();
  }
  std::string key_type;
  for (std::size_t i = 0; i < base.key.size(); ++i) {
    const ColumnShape& share = base.columns[base.key[i]];
    const ColumnShape& mine = here.columns[here.key[i]];
    if (share.affinity == mine.affinity) continue;
    gate.other_key_type = true;
    key_type = "its key " + share.name + " has another type here: " + type_name(mine.decl_type) +
               ", the share's is " + type_name(share.decl_type);
  }
  for (const ColumnShape& column : base.columns) {
    if (!here.find_column(column.name) && has_name(seen, column.name))
      gate.columns.push_back(column.name);
  }
  if (gate.columns.empty()) return key_type.empty() ? std::nullopt : std::optional(key_type);
  return (gate.columns.size() == 1 ? "its column " : "its columns ") + join(gate.columns, ", ") +
         (gate.columns.size() == 1 ? " is" : " are") + " gone here (dropped or renamed)" +
         (key_type.empty() ? "" : ", and " + key_type);
}

// How the column here may differ from the share's without a difference in what was written.
void Local::see_through_form(const TableShape& base, const ColumnShape& share, ColumnShape& here) {
  for (const std::size_t key : base.key) {
    if (&base.columns[key] == &share) return;  // a key is what it is
  }
  here.translated = here.affinity != share.affinity || !is_utf8_;
  if (share.not_null && !here.not_null)
    here.instead_of_null = stored_literal_image(share.decl_type, share.default_value);
}

// Rows are compared as images in the base copy's order of columns.
TableShape Local::shape_here(const TableShape& base, const TableShape& here) {
  TableShape shape = here;
  shape.id = base.id;
  shape.columns.clear();
  std::vector<std::optional<std::size_t>> position(here.columns.size());
  for (const ColumnShape& column : base.columns) {
    const auto found = here.find_column(column.name);
    if (found && missing_.count(missing_name(here.name, column.name)) == 0) {
      position[*found] = shape.columns.size();
      shape.columns.push_back(here.columns[*found]);
      see_through_form(base, column, shape.columns.back());
      continue;
    }
    ColumnShape absent{column.name, column.decl_type};
    absent.default_value = stored_literal(column.decl_type, column.default_value);
    absent.absent = true;
    shape.columns.push_back(absent);
  }
  for (std::size_t& column : shape.key) column = position[column].value();
  for (UniqueShape& unique : shape.uniques) {
    std::vector<std::size_t> columns;
    for (const std::size_t column : unique.columns) {
      if (position[column]) columns.push_back(*position[column]);
    }
    // A column that is not shared yet: what the index holds is left to SQLite.
    unique.plain = unique.plain && columns.size() == unique.columns.size();
    unique.columns = columns;
  }
  std::erase_if(shape.foreign_keys, [&](ForeignKeyShape& foreign) {
    for (std::size_t& column : foreign.child_columns) {
      if (!position[column]) return true;
      column = *position[column];
    }
    return false;
  });
  shape.updated_at = base.updated_at;
  shape.updated_by = base.updated_by;
  inherit_policy(base, shape);
  return shape;
}

std::vector<std::string> Local::given_up_here(const std::set<std::string>& left_out) {
  std::vector<std::string> found;
  for (const TableShape& shape : shapes_) {
    Statement columns = db_.prepare("SELECT name FROM pragma_table_info(?1)");
    columns.bind_text(1, shape.name);
    while (columns.step()) {
      const std::string name = shape.name + "." + columns.get_text(0);
      if (left_out.count(to_lower_ascii(name)) > 0) found.push_back(name);
    }
  }
  for (const std::string& name : left_out) {
    if (db_.has_table(name)) found.push_back(name);
  }
  return found;
}

void Local::refuse_table(const TableShape& shape, const std::string& reason) {
  set_meta("refused:" + number(shape.id), digest_of_table(db_, shape.name) + "\n" + reason);
  if (get_meta("gated:" + number(shape.id)) != "1")
    set_meta("held_from:" + number(shape.id), text_of(cursor()));
  set_meta("gated:" + number(shape.id), "1");
}

void Local::set_absent_values(RowLookup lookup, ExactLookup has_exact) {
  tables_.clear();
  absent_values_ = std::move(lookup);
  has_exact_ = std::move(has_exact);
}

}  // namespace tidesync
