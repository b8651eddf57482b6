#include "replica/application_draft.h"

#include "base/text.h"
#include "replica/snapshot.h"

namespace tidesync {
namespace {

void drop_our_notes(Database& draft) {
  std::vector<std::string> tables;
  Statement rows = draft.prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'tidesync\\_%' ESCAPE "
      "'\\'");
  while (rows.step()) tables.push_back(rows.get_text(0));
  rows.reset();
  for (const std::string& table : tables) draft.exec("DROP TABLE " + quote_name(table));
}

// The base copy makes the UNIQUE indexes that the schema names. Whatever else stood there would be
// an index that no other computer has.
void drop_unknown_indexes(Database& draft, const ShareSchema& schema) {
  std::set<std::string> known;
  for (const SharedObject& object : schema.objects) known.insert(object.sql);
  std::vector<std::string> unknown;
  Statement rows = draft.prepare(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
      " AND tbl_name <> 'sync_log'");
  while (rows.step()) {
    if (known.count(rows.get_text(1)) == 0) unknown.push_back(rows.get_text(0));
  }
  rows.reset();
  for (const std::string& index : unknown) draft.exec("DROP INDEX " + quote_name(index));
}

}  // namespace

void draft_application(Base& base, const Path& to) {
  const ShareSchema schema = base.schema();
  base.db().copy_pages_to(to);
  Database draft = Database::open(to, OpenMode::kReadWrite);
  draft.exec("PRAGMA synchronous = OFF; PRAGMA secure_delete = ON; PRAGMA journal_mode = DELETE");
  drop_our_notes(draft);
  drop_unknown_indexes(draft, schema);
  const std::int64_t size = draft.get_int("PRAGMA page_size");
  const auto wanted = schema.pragmas.find("page_size");
  const std::int64_t wanted_size = wanted == schema.pragmas.end() ? size : wanted->second;
  if (size != wanted_size || has_many_gaps(draft))
    draft.exec("PRAGMA page_size = " + std::to_string(wanted_size) + "; VACUUM");
}

}  // namespace tidesync
