// What must hold in each database for itself: SQLite's own checks, references, our bookkeeping.
#include <set>

#include "base/text.h"
#include "inspect/verify_parts.h"

namespace tidesync {
namespace {

void check_pages(Verification& it, Database& db, const std::string& name,
                 const std::string& what_to_do) {
  const std::string found = db.get_text("PRAGMA integrity_check(1)");
  if (found != "ok") it.difference(name + " is damaged: " + printable(found), what_to_do);
}

void check_references(Verification& it, Database& db, const std::string& name) {
  Statement broken = db.prepare(
      "SELECT \"table\", rowid, parent, count(*) OVER () FROM pragma_foreign_key_check LIMIT 1");
  if (!broken.step()) return;
  it.remark(name + ": " + with_thousands(static_cast<std::uint64_t>(broken.get_int(3))) +
                " references lead nowhere, the first from table " + broken.get_text(0) +
                " to table " + broken.get_text(2),
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
