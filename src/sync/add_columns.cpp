#include "sync/add_columns.h"

#include "base/text.h"

namespace tidesync {
namespace {

constexpr const char* kNow = "strftime('%Y-%m-%dT%H:%M:%fZ','now')";
constexpr const char* kNote = "stamped:";  // among the pragmas of a shared schema

std::string key_condition(const TableShape& shape) {
  std::vector<std::string> terms;
  for (const std::size_t column : shape.key) {
    const std::string name = quote_name(shape.columns[column].name);
    terms.push_back(name + " IS NEW." + name);
  }
  return join(terms, " AND ");
}

bool has_column(Database& db, const std::string& table, const char* column) {
  Statement find = db.prepare("SELECT 1 FROM pragma_table_xinfo(?1) WHERE lower(name) = ?2");
  return find.bind_text(1, table).bind_text(2, column).step();
}

void add_missing_columns(Database& db, const std::string& table) {
  for (const char* column : {"updated_at", "updated_by", "synced_at"}) {
    // A default that is not constant (CURRENT_TIMESTAMP) is refused on a table with rows.
    if (!has_column(db, table, column)) {
      db.exec("ALTER TABLE " + quote_name(table) + " ADD COLUMN " + column + " TEXT");
    }
  }
}

void add_stamp_triggers(Database& db, const TableShape& shape) {
  const std::string table = quote_name(shape.name);
  const std::string set = "UPDATE " + table + " SET updated_at = " + kNow +
                          ", updated_by = (SELECT v FROM tidesync_meta WHERE k = 'user') WHERE " +
                          key_condition(shape);
  // The WHEN keeps the trigger from answering to itself, and leaves a stamp the application wrote.
  const auto create = [&](const char* suffix, const char* event, const char* condition) {
    db.exec("CREATE TRIGGER IF NOT EXISTS " + quote_name("tidesync_stamp_" + shape.name + suffix) +
            " AFTER " + event + " ON " + table + " WHEN " + condition + " BEGIN " + set + "; END");
  };
  create("_i", "INSERT", "NEW.updated_at IS NULL");
  create("_u", "UPDATE", "NEW.updated_at IS OLD.updated_at");
}

}  // namespace

std::vector<std::string> add_columns(Database& db, const std::vector<TableChoice>& tables) {
  std::vector<std::string> stamped;
  for (const TableChoice& choice : tables) {
    const bool had_stamp = has_column(db, choice.name, "updated_at");
    add_missing_columns(db, choice.name);
    if (had_stamp) continue;
    add_stamp_triggers(db, choice.shape);
    stamped.push_back(choice.name);
  }
  return stamped;
}

void note_added_columns(ShareSchema& schema, const std::vector<std::string>& tables) {
  for (const std::string& table : tables) schema.pragmas[kNote + table] = 1;
}

std::vector<std::string> lost_columns(Database& db, const ShareSchema& schema) {
  std::vector<std::string> tables;
  for (const SharedTable& table : schema.tables) {
    if (schema.pragmas.count(kNote + table.name) > 0 && db.has_table(table.name) &&
        (!has_column(db, table.name, "updated_at") || !has_column(db, table.name, "updated_by")))
      tables.push_back(table.name);
  }
  return tables;
}

void add_noted_columns(Database& db, const ShareSchema& schema) {
  for (const SharedTable& table : schema.tables) {
    if (schema.pragmas.count(kNote + table.name) == 0 || !db.has_table(table.name)) continue;
    add_missing_columns(db, table.name);
    add_stamp_triggers(db, read_shape(db, table.name, table.key));
  }
}

}  // namespace tidesync
