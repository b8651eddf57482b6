#include "replica/exact_rows.h"

#include <string>

namespace tidesync {

ExactRows::ExactRows(Database& db, std::uint32_t table) : db_(db), table_(table) {
  any_ =
      db.has_table("tidesync_exact") &&
      db.get_int("SELECT EXISTS (SELECT 1 FROM tidesync_exact WHERE t = " + std::to_string(table) +
                 ")") != 0;
}

bool ExactRows::find(std::string_view key, RowImage& row) {
  if (!any_) return false;
  Statement& find = db_.cached("SELECT row FROM tidesync_exact WHERE t = ?1 AND k = ?2");
  find.bind(1, table_).bind_blob(2, key);
  const bool found = find.step();
  if (found) row = find.get_text(0);
  find.reset();
  return found;
}

void ExactRows::put(std::string_view key, std::string_view row) {
  any_ = true;
  db_.cached("INSERT OR REPLACE INTO tidesync_exact (t, k, row) VALUES (?1, ?2, ?3)")
      .bind(1, table_)
      .bind_blob(2, key)
      .bind_blob(3, row)
      .run();
}

void ExactRows::remove(std::string_view key) {
  if (!any_) return;
  db_.cached("DELETE FROM tidesync_exact WHERE t = ?1 AND k = ?2")
      .bind(1, table_)
      .bind_blob(2, key)
      .run();
}

}  // namespace tidesync
