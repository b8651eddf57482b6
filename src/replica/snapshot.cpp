#include "replica/snapshot.h"

#include "base/error.h"
#include "base/text.h"
#include "merge/effective_time.h"

namespace tidesync {
namespace {

std::int64_t time_of(const TableShape& shape, const RowImage& row, std::int64_t fallback_ms) {
  if (!shape.updated_at) return fallback_ms;
  return parse_stamp(decode_image(row).at(*shape.updated_at)).value_or(fallback_ms);
}

Change update_of(const TableShape& shape, const RowImage& before, const RowImage& after) {
  Change change;
  change.kind = ChangeKind::kUpdate;
  const auto old_parts = split_image(before);
  const auto new_parts = split_image(after);
  for (std::size_t i = 0; i < shape.columns.size(); ++i) {
    if (old_parts[i] != new_parts[i])
      change.columns.push_back({static_cast<std::uint16_t>(i), old_parts[i], new_parts[i]});
  }
  return change;
}

// Rows that the snapshot has and the base copy has not, or otherwise.
void write_new_rows(TableAccess& ours, TableAccess& theirs, std::size_t table, std::int64_t at_ms,
                    ChangeSink& sink) {
  const TableShape& shape = ours.shape();
  Statement rows = theirs.scan();
  RowImage before;
  while (rows.step()) {
    const RowImage after = theirs.image_of(rows);
    const KeyImage key = key_of(shape, after);
    const bool exists = ours.read(key, before);
    if (exists && before == after) continue;
    Change change = exists ? update_of(shape, before, after) : Change{};
    if (!exists) change.new_image = after;
    change.table = table;
    change.at_ms = time_of(shape, after, at_ms);
    change.key = key;
    sink.add(change);
  }
}

void write_lost_rows(TableAccess& ours, TableAccess& theirs, std::size_t table, std::int64_t at_ms,
                     ChangeSink& sink) {
  const TableShape& shape = ours.shape();
  Statement rows = ours.scan();
  RowImage ignored;
  while (rows.step()) {
    const RowImage before = ours.image_of(rows);
    const KeyImage key = key_of(shape, before);
    if (theirs.read(key, ignored)) continue;
    Change change;
    change.kind = ChangeKind::kDelete;
    change.table = table;
    change.at_ms = at_ms;
    change.key = key;
    change.old_image = before;
    sink.add(change);
  }
}

void require_sound(Database& db, const Path& file) {
  const std::string found = db.get_text("PRAGMA quick_check(1)");
  if (found == "ok") return;
  throw Error(ErrorCode::kDamaged, "copy", to_utf8(file), found,
              "Move base.db away and run tidesync now: it is made anew from the share.");
}

}  // namespace

bool has_many_gaps(Database& db) {
  return db.get_int("PRAGMA freelist_count") * 5 > db.get_int("PRAGMA page_count");
}

void export_state(Base& base, const Path& to, ExportWay way) {
  if (way == ExportWay::kPages && !has_many_gaps(base.db())) {
    base.db().copy_pages_to(to);
  } else {
    way = ExportWay::kCompact;
    base.db().exec("VACUUM INTO " + quote_text(to_utf8(to)));
  }
  Database db = Database::open(to, OpenMode::kReadWrite);
  // The file is complete or it is not used: it need not survive a power failure. What is dropped
  // must not be readable in it.
  db.exec("PRAGMA synchronous = OFF; PRAGMA secure_delete = ON");
  if (way == ExportWay::kCompact) require_sound(db, to);
  db.exec(
      "PRAGMA journal_mode = DELETE; DROP TABLE tidesync_held_row; DROP TABLE tidesync_held_form;"
      "DROP TABLE tidesync_moved;"
      "DELETE FROM tidesync_state WHERE k NOT IN ('seq', 'hash', 'state', 'policies', 'left_out')"
      " AND k NOT GLOB 'pragma.*'");
  if (db.get_int("SELECT EXISTS (SELECT 1 FROM tidesync_exact)") == 0)
    db.exec("DROP TABLE tidesync_exact");
  db.exec("INSERT INTO tidesync_state (k, v) VALUES ('" + std::string(kStateFormatKey) + "', " +
          std::to_string(kStateFormat) + ")");
}

ShareSchema schema_of_snapshot(Database& snapshot) {
  return parse_share_schema(to_json(load_share_schema(snapshot)));
}

void write_difference(Base& base, Database& snapshot, std::int64_t at_ms, ChangeSink& sink) {
  std::size_t table = 0;
  for (const TableShape& shape : base.shapes()) {
    TableAccess theirs = TableAccess::of_share(snapshot, shape);
    write_new_rows(base.table(shape.id), theirs, table, at_ms, sink);
    write_lost_rows(base.table(shape.id), theirs, table, at_ms, sink);
    ++table;
  }
}

}  // namespace tidesync
