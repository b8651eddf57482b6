// The tables of this database, seen through those of the share: the application may be older here
// than elsewhere (tables and columns are missing), newer (there are more), or may have changed its
// mind (something is gone that was here before).
//
// What was here is remembered in tidesync_meta:
//   forms           "1" once the notes below are complete
//   columns:<id>    the shared columns that the table had at the last run, one per line
//   gated:<id>      "1" while a gate is closed, so that its end is noticed
//   refused:<id>    digest of the CREATE statement of a table that cannot take the share's rows,
//                   and the reason
#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "replica/local.h"
#include "replica/policies.h"
#include "replica/schema_reader.h"

namespace tidesync {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

// A name on a line of its own, whatever is in it.
std::string line_of(const std::string& name) {
  std::string line = quote_name(to_lower_ascii(name));
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

bool has_name(const std::vector<std::string>& lines, const std::string& name) {
  return std::find(lines.begin(), lines.end(), line_of(name)) != lines.end();
}

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

std::string number(std::uint32_t id) {
  return std::to_string(id);
}

}  // namespace

void Local::use_shapes(const std::vector<TableShape>& base_shapes, Gates gates) {
  std::set<std::string> missing;
  if (gates == Gates::kKeep) missing = what_is_missing();
  missing_ = std::move(missing);
  tables_.clear();
  shapes_.clear();
  synced_at_.clear();
  gates_.clear();
  not_here_yet_.clear();
  newcomers_.clear();
  references_ = read_references(db_);
  for (const TableShape& base : base_shapes) use_shape(base, gates);
}

std::set<std::string> Local::what_is_missing() const {
  std::set<std::string> names(not_here_yet_.begin(), not_here_yet_.end());
  for (const TableShape& shape : shapes_) {
    for (const ColumnShape& column : shape.columns) {
      if (column.absent) names.insert(shape.name + "." + column.name);
    }
  }
  return names;
}

void Local::use_shape(const TableShape& base, Gates gates) {
  TableGate gate{base.id, base.name, {}, false, {}};
  const bool was_gated = get_meta("gated:" + number(base.id)) == "1";
  TableShape here;
  auto reason = why_gated(base, gate, here);
  if (!reason && was_gated && gates == Gates::kKeep)
    reason = "it is taken in again by the next run";
  if (reason) {
    gate.reason = *reason;
    gates_.push_back(std::move(gate));
    return;
  }
  if (!db_.has_table(base.name) || missing_.count(base.name) > 0) {
    not_here_yet_.push_back(base.name);
    return;
  }
  TableShape shape = shape_here(base, here);
  const auto seen = lines_of(get_meta("columns:" + number(base.id)));
  // First, so that what is missing comes in whatever else is known of it.
  if (!seen.empty() && !has_any_trigger(shape))
    newcomers_.push_back({base.id, Newcomer::Kind::kRebuilt, {}});
  if (was_gated) {
    newcomers_.push_back({base.id, Newcomer::Kind::kGateOver, {}});
  } else if (seen.empty() && get_meta("forms") == "1") {
    newcomers_.push_back({base.id, Newcomer::Kind::kTable, {}});
  } else if (!seen.empty()) {
    Newcomer newcomer{base.id, Newcomer::Kind::kColumns, {}};
    for (const ColumnShape& column : shape.columns) {
      if (!column.absent && !has_name(seen, column.name)) newcomer.columns.push_back(column.name);
    }
    if (!newcomer.columns.empty()) newcomers_.push_back(std::move(newcomer));
  }
  note_synced_at(shape);
  shapes_.push_back(std::move(shape));
}

std::optional<std::string> Local::why_gated(const TableShape& base, TableGate& gate,
                                            TableShape& here) {
  const auto seen = lines_of(get_meta("columns:" + number(base.id)));
  if (!db_.has_table(base.name)) {
    gate.vanished = true;
    return seen.empty() ? std::nullopt : std::optional<std::string>("it is gone here");
  }
  const auto refused = lines_of(get_meta("refused:" + number(base.id)));
  if (refused.size() == 2 && refused[0] == digest_of_table(db_, base.name)) return refused[1];
  try {
    std::vector<std::string> key;
    for (const std::size_t column : base.key) key.push_back(base.columns[column].name);
    here = read_shape(db_, base.name, key, references_);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kSchema) throw;
    for (const std::size_t column : base.key) gate.columns.push_back(base.columns[column].name);
    return "its key is another one here: " + error.detail();
  }
  for (const ColumnShape& column : base.columns) {
    if (!here.find_column(column.name) && has_name(seen, column.name))
      gate.columns.push_back(column.name);
  }
  if (gate.columns.empty()) return std::nullopt;
  return (gate.columns.size() == 1 ? "its column " : "its columns ") + join(gate.columns, ", ") +
         (gate.columns.size() == 1 ? " is" : " are") + " gone here (dropped or renamed)";
}

// Rows are compared as images in the base copy's order of columns.
TableShape Local::shape_here(const TableShape& base, const TableShape& here) {
  TableShape shape = here;
  shape.id = base.id;
  shape.columns.clear();
  std::vector<std::optional<std::size_t>> position(here.columns.size());
  for (const ColumnShape& column : base.columns) {
    const auto found = here.find_column(column.name);
    if (found && missing_.count(here.name + "." + column.name) == 0) {
      position[*found] = shape.columns.size();
      shape.columns.push_back(here.columns[*found]);
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

std::map<std::string, std::string> Local::form_notes() {
  std::map<std::string, std::string> notes{{"forms", "1"}};
  for (const TableShape& shape : shapes_) {
    std::vector<std::string> names;
    for (const ColumnShape& column : shape.columns) {
      if (!column.absent) names.push_back(line_of(column.name));
    }
    notes["columns:" + number(shape.id)] = join(names, "\n");
    notes["gated:" + number(shape.id)] = "";
    notes["refused:" + number(shape.id)] = "";
  }
  for (const TableGate& gate : gates_) notes["gated:" + number(gate.id)] = "1";
  return notes;
}

bool Local::forms_have_changed() {
  const auto notes = form_notes();
  return std::any_of(notes.begin(), notes.end(),
                     [&](const auto& note) { return get_meta(note.first) != note.second; });
}

void Local::note_forms() {
  for (const auto& [key, value] : form_notes()) {
    if (get_meta(key) != value) set_meta(key, value);
  }
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
  set_meta("gated:" + number(shape.id), "1");
}

void Local::set_absent_values(RowLookup lookup) {
  tables_.clear();
  absent_values_ = std::move(lookup);
}

}  // namespace tidesync
