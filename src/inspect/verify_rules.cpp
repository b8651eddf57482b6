// What must hold in each database for itself: SQLite's own checks, references, our bookkeeping.
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "inspect/verify_parts.h"

namespace tidesync {
namespace {

void check_pages(Verification& it, Database& db, const std::string& name,
                 const std::string& what_to_do) {
  std::string found;
  try {
    found = db.get_text("PRAGMA integrity_check(1)");
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kSql) throw;
    it.remark(name +
                  " was not checked by SQLite: it uses functions or collations that only the "
                  "application has",
              "The rows of the synced tables were compared all the same.");
    return;
  }
  if (found != "ok") it.difference(name + " is damaged: " + printable(found), what_to_do);
}

// Table by table: SQLite checks none of those behind one whose reference it cannot follow, because
// it leads to columns that are not UNIQUE.
void check_references(Verification& it, Database& db, const std::string& name) {
  std::vector<std::string> tables;
  {
    Statement rows =
        db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
    while (rows.step()) tables.push_back(rows.get_text(0));
  }
  std::uint64_t count = 0;
  std::string first;
  for (const std::string& table : tables) {
    try {
      Statement broken = db.prepare("SELECT parent FROM pragma_foreign_key_check(?1)");
      broken.bind_text(1, table);
      while (broken.step()) {
        if (count++ == 0) first = "from table " + table + " to table " + broken.get_text(0);
      }
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kSql) throw;
      it.remark(
          name + ": references of table " + table +
              " cannot be checked: they lead to columns that are not UNIQUE, or to a table that "
              "only the application can read",
          "SQLite itself does not check them either. Rows are synced as they are.");
    }
  }
  if (count == 0) return;
  it.remark(name + ": " + with_thousands(count) + " references lead nowhere, the first " + first,
            "The application wrote them with foreign keys off. They are synced as they are; "
            "correct them there.");
}

void check_hints(Verification& it) {
  std::set<std::int64_t> known;
  for (const TableShape& shape : it.base.shapes()) known.insert(shape.id);
  Statement tables = it.local.db().prepare("SELECT DISTINCT t FROM tidesync_dirty ORDER BY t");
  std::vector<std::string> unknown;
  while (tables.step()) {
    if (known.count(tables.get_int(0)) == 0) unknown.push_back(std::to_string(tables.get_int(0)));
  }
  if (unknown.empty()) return;
  it.remark("notes of changes in tables that are not synced (number " + join(unknown, ", ") + ")",
            "Run tidesync now: it forgets them.");
}

void check_cursor(Verification& it) {
  const Cursor here = it.local.cursor();
  if (here == it.base.cursor()) return;
  it.remark("this database is at batch " + std::to_string(here.seq.value) +
                ", its base copy at batch " + std::to_string(it.base.cursor().seq.value) +
                ": a sync was stopped, or the database was restored. Differences in rows mean "
                "nothing until that is settled",
            "Run tidesync now, then tidesync verify.");
}

}  // namespace

void verify_rules(Verification& it) {
  const std::string base = "base.db";
  check_cursor(it);
  check_hints(it);
  check_pages(it, it.local.db(), "the database",
              "Stop the application, keep a copy of the file, and restore it from a backup; then "
              "run tidesync now.");
  check_pages(it, it.base.db(), base,
              "Move base.db away and run tidesync now: it is made anew from the share.");
  check_references(it, it.local.db(), "the database");
  check_references(it, it.base.db(), base);
}

}  // namespace tidesync
