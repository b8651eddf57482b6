#include "changeset.h"

#include <sqlite3.h>

#include <algorithm>
#include <stdexcept>

#include "quoting.h"

namespace tidesync::bench {
namespace {

void expect_ok(int code, const char* what) {
  if (code != SQLITE_OK) throw std::runtime_error(std::string(what) + ": " + sqlite3_errstr(code));
}

struct ApplyContext {
  ApplyCounts counts;
};

// Columns of the table that a conflict is about, by the name of the last one: updated_at is the
// last column but for updated_by.
int updated_at_column(sqlite3_changeset_iter* iterator) {
  const char* table = nullptr;
  int columns = 0, operation = 0, indirect = 0;
  sqlite3changeset_op(iterator, &table, &columns, &operation, &indirect);
  const std::string name = table;
  const bool has_updated_by = name != "quote_lines" && name != "quote_line_costs";
  return columns - (has_updated_by ? 2 : 1);
}

std::string text_of(sqlite3_value* value) {
  const unsigned char* text = value != nullptr ? sqlite3_value_text(value) : nullptr;
  return text != nullptr ? reinterpret_cast<const char*>(text) : "";
}

// The later of the two rows stands; a delete has no time and yields.
int on_conflict(void* context, int kind, sqlite3_changeset_iter* iterator) {
  ++static_cast<ApplyContext*>(context)->counts.conflicts;
  if (kind != SQLITE_CHANGESET_DATA) return SQLITE_CHANGESET_OMIT;
  sqlite3_value *theirs = nullptr, *ours = nullptr;
  const int column = updated_at_column(iterator);
  sqlite3changeset_new(iterator, column, &theirs);
  sqlite3changeset_conflict(iterator, column, &ours);
  return text_of(theirs) > text_of(ours) ? SQLITE_CHANGESET_REPLACE : SQLITE_CHANGESET_OMIT;
}

}  // namespace

Recorder::Recorder(Connection& db) {
  expect_ok(sqlite3session_create(db.handle(), "main", &session_), "session");
  for (const std::string& table : quoting_tables())
    expect_ok(sqlite3session_attach(session_, table.c_str()), "session");
}

Recorder::~Recorder() {
  sqlite3session_delete(session_);
}

std::string Recorder::take() {
  int size = 0;
  void* bytes = nullptr;
  expect_ok(sqlite3session_changeset(session_, &size, &bytes), "changeset");
  std::string changes(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
  sqlite3_free(bytes);
  return changes;
}

std::string record_changes(Connection& db, const std::string& sql) {
  Recorder recorder(db);
  db.exec(sql);
  return recorder.take();
}

ApplyCounts apply_changes(Connection& db, const std::string& changes) {
  ApplyContext context;
  db.exec("BEGIN IMMEDIATE");
  expect_ok(
      sqlite3changeset_apply_v2(db.handle(), static_cast<int>(changes.size()),
                                const_cast<char*>(changes.data()), nullptr, on_conflict, &context,
                                nullptr, nullptr, SQLITE_CHANGESETAPPLY_NOSAVEPOINT),
      "apply changeset");
  db.exec("COMMIT");
  return context.counts;
}

// The floor --------------------------------------------------------------------------------------

struct RowChanges::Change {
  std::size_t table = 0;
  sqlite3_int64 id = 0;
  bool names_row = false;              // its statement ends with the id of the row
  std::size_t form = 0;                // which statement
  std::vector<sqlite3_value*> values;  // of the columns that are written
};

namespace {

using Changed = std::pair<std::vector<int>, std::vector<sqlite3_value*>>;

Changed written_values(sqlite3_changeset_iter* iterator, int operation, int columns) {
  Changed changed;
  if (operation == SQLITE_DELETE) return changed;
  for (int column = 0; column < columns; ++column) {
    sqlite3_value* value = nullptr;
    sqlite3changeset_new(iterator, column, &value);
    if (value == nullptr) continue;
    changed.first.push_back(column);
    changed.second.push_back(sqlite3_value_dup(value));
  }
  return changed;
}

std::vector<std::string> column_names(Connection& db, const std::string& table) {
  std::vector<std::string> names;
  sqlite3_stmt* statement = db.prepare("SELECT name FROM pragma_table_info('" + table + "')");
  while (sqlite3_step(statement) == SQLITE_ROW)
    names.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(statement, 0)));
  sqlite3_finalize(statement);
  return names;
}

std::string statement_text(Connection& db, const std::string& table, int operation,
                           const std::vector<int>& columns) {
  if (operation == SQLITE_DELETE) return "DELETE FROM " + table + " WHERE id = ?";
  const std::vector<std::string> names = column_names(db, table);
  std::string list, marks;
  for (const int column : columns) {
    const std::string& name = names[static_cast<std::size_t>(column)];
    const char* comma = list.empty() ? "" : ", ";
    list += comma + name + (operation == SQLITE_UPDATE ? " = ?" : "");
    marks += list == name ? "?" : ", ?";
  }
  if (operation == SQLITE_UPDATE) return "UPDATE " + table + " SET " + list + " WHERE id = ?";
  return "INSERT INTO " + table + " (" + list + ") VALUES (" + marks + ")";
}

}  // namespace

RowChanges::RowChanges(const std::string& changes) {
  const std::vector<std::string>& tables = quoting_tables();
  sqlite3_changeset_iter* iterator = nullptr;
  expect_ok(sqlite3changeset_start(&iterator, static_cast<int>(changes.size()),
                                   const_cast<char*>(changes.data())),
            "read changeset");
  while (sqlite3changeset_next(iterator) == SQLITE_ROW) {
    const char* table = nullptr;
    int columns = 0, operation = 0, indirect = 0;
    sqlite3changeset_op(iterator, &table, &columns, &operation, &indirect);
    sqlite3_value* key = nullptr;
    (operation == SQLITE_INSERT ? sqlite3changeset_new : sqlite3changeset_old)(iterator, 0, &key);
    Change change;
    change.table =
        static_cast<std::size_t>(std::find(tables.begin(), tables.end(), table) - tables.begin());
    change.id = sqlite3_value_int64(key);
    change.names_row = operation != SQLITE_INSERT;
    auto [written, values] = written_values(iterator, operation, columns);
    change.values = std::move(values);
    change.form = form_number({change.table, operation, std::move(written)});
    changes_.push_back(std::move(change));
  }
  expect_ok(sqlite3changeset_finalize(iterator), "read changeset");
  std::sort(changes_.begin(), changes_.end(), [](const Change& a, const Change& b) {
    return std::tie(a.table, a.id) < std::tie(b.table, b.id);
  });
}

RowChanges::~RowChanges() {
  for (Change& change : changes_)
    for (sqlite3_value* value : change.values) sqlite3_value_free(value);
}

std::size_t RowChanges::form_number(Form form) {
  return forms_.try_emplace(std::move(form), forms_.size()).first->second;
}

void RowChanges::apply(Connection& db) const {
  std::vector<sqlite3_stmt*> statements(forms_.size());
  for (const auto& [form, number] : forms_) {
    const auto& [table, operation, columns] = form;
    statements[number] =
        db.prepare(statement_text(db, quoting_tables()[table], operation, columns));
  }
  db.exec("BEGIN IMMEDIATE");
  for (const Change& change : changes_) {
    sqlite3_stmt* statement = statements[change.form];
    int parameter = 0;
    for (sqlite3_value* value : change.values) sqlite3_bind_value(statement, ++parameter, value);
    if (change.names_row) sqlite3_bind_int64(statement, ++parameter, change.id);
    sqlite3_step(statement);
    db.check(sqlite3_reset(statement), "floor");
  }
  db.exec("COMMIT");
  for (sqlite3_stmt* statement : statements) sqlite3_finalize(statement);
}

}  // namespace tidesync::bench
