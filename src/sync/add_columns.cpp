#include "sync/add_columns.h"

#include "base/text.h"

namespace tidesync {
namespace {

constexpr const char* kNow = "strftime('%Y-%m-%dT%H:%M:%fZ','now')";

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

}  // namespace

void add_columns(Database& db, const std::vector<TableChoice>& tables, const std::string& user) {
  for (const TableChoice& choice : tables) {
    const std::string table = quote_name(choice.name);
    bool added_stamp = false;
    for (const char* column : {"updated_at", "updated_by", "synced_at"}) {
      if (has_column(db, choice.name, column)) continue;
      // A default that is not constant (CURRENT_TIMESTAMP) is refused on a table with rows.
      db.exec("ALTER TABLE " + table + " ADD COLUMN " + column + " TEXT");
      added_stamp = added_stamp || std::string_view(column) == "updated_at";
    }
    if (!added_stamp) continue;
    const std::string set = "UPDATE " + table + " SET updated_at = " + kNow +
                            ", updated_by = " + quote_text(user) + " WHERE " +
                            key_condition(choice.shape);
    // The WHEN keeps the trigger from answering to itself, and leaves a stamp the application
    // wrote.
    db.exec("CREATE TRIGGER " + quote_name("stamp_" + choice.name + "_i") + " AFTER INSERT ON " +
            table + " WHEN NEW.updated_at IS NULL BEGIN " + set + "; END");
    db.exec("CREATE TRIGGER " + quote_name("stamp_" + choice.name + "_u") + " AFTER UPDATE ON " +
            table + " WHEN NEW.updated_at IS OLD.updated_at BEGIN " + set + "; END");
  }
}

}  // namespace tidesync
