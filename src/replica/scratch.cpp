#include "replica/scratch.h"

#include "replica/after_image.h"

namespace tidesync {
namespace {

// Sorting aid: the number of a single integer key, else 0.
std::int64_t order_of(std::string_view key) {
  ValueReader reader(key);
  const ValueView first = reader.next();
  return reader.at_end() && first.type == ValueType::kInteger ? first.integer : 0;
}

constexpr std::size_t kStampBytes = 14;

void append_stamp(std::string& out, std::uint16_t column, std::uint32_t batch, std::int64_t at_ms) {
  append_u16(out, column);
  append_u32(out, batch);
  append_u64(out, static_cast<std::uint64_t>(at_ms));
}

std::string stamps_of(const Change& change, std::uint32_t batch) {
  std::string stamps;
  if (change.kind == ChangeKind::kUpdate) {
    for (const auto& column : change.columns)
      append_stamp(stamps, column.column, batch, change.at_ms);
  } else {
    append_stamp(stamps, kAllColumns, batch, change.at_ms);
  }
  return stamps;
}

std::vector<ColumnStamp> parse_stamps(std::string_view bytes) {
  std::vector<ColumnStamp> stamps;
  for (; bytes.size() >= kStampBytes; bytes.remove_prefix(kStampBytes)) {
    stamps.push_back({load_u16(bytes.data()), load_u32(bytes.data() + 2),
                      static_cast<std::int64_t>(load_u64(bytes.data() + 6))});
  }
  return stamps;
}

Hint hint_from(const Statement& row) {
  return {row.get_text(0),     row.get_int(1),      row.get_int(2) != 0,
          row.get_int(3) != 0, row.get_int(4) != 0, static_cast<DeletionId>(row.get_int(5))};
}

Touched touched_from(const Statement& row, int first) {
  Touched touched;
  touched.key = row.get_text(first);
  if (!row.column(first + 1).is_null()) touched.base = row.get_text(first + 1);
  touched.replaced = row.get_int(first + 2) != 0;
  touched.stamps = parse_stamps(row.column(first + 3).bytes);
  const ValueView after = row.column(first + 4);
  touched.knows_after = !after.is_null();
  touched.notes = row.get_text(first + 5);
  if (touched.knows_after) touched.after = decode_after(after.bytes, touched.base);
  return touched;
}

}  // namespace

Scratch::Scratch() : db_(Database::temporary()) {
  db_.exec(
      "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-16000;"
      "CREATE TABLE hints (t INTEGER, o INTEGER, k BLOB, at INTEGER, gone INTEGER, again INTEGER,"
      " made INTEGER, free INTEGER, gone_by INTEGER,"
      " PRIMARY KEY (t, o, k)) WITHOUT ROWID;"
      "CREATE TABLE touched (t INTEGER, o INTEGER, k BLOB, base BLOB, replaced INTEGER, stamps "
      "BLOB, after BLOB, notes BLOB,"
      " PRIMARY KEY (t, o, k)) WITHOUT ROWID;"
      "CREATE TABLE marked (t INTEGER, o INTEGER, k BLOB, PRIMARY KEY (t, o, k)) WITHOUT ROWID;"
      "BEGIN");
  // gone: last seen deleted.  again: inserted after that.  made: inserted at all, and still there.
  // free: inserted before anything else was seen.  gone_by: the last deletion that was named.
  // Operations: HintKind.
  add_hint_ = db_.prepare(
      "INSERT INTO hints VALUES (?1, ?2, ?3, ?4, ?5 = 3, 0, ?5 = 1, ?5 = 1, ?6)"
      " ON CONFLICT (t, o, k) DO UPDATE SET at = max(at, ?4),"
      " again = CASE ?5 WHEN 3 THEN 0 WHEN 4 THEN 0 WHEN 1 THEN max(again, gone) ELSE again END,"
      " gone = CASE ?5 WHEN 3 THEN 1 WHEN 4 THEN 0 ELSE gone END,"
      " made = CASE ?5 WHEN 3 THEN 0 WHEN 4 THEN 0 WHEN 1 THEN 1 ELSE made END,"
      " free = CASE ?5 WHEN 4 THEN 0 ELSE free END,"
      " gone_by = CASE WHEN ?5 IN (3, 4) THEN 0 WHEN ?6 THEN ?6 ELSE gone_by END");
  find_hint_ = db_.prepare(
      "SELECT k, at, again, made, free, gone_by FROM hints WHERE t = ?1 AND o = ?2 AND k = ?3");
  touch_ = db_.prepare(
      "INSERT INTO touched VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
      " ON CONFLICT (t, o, k) DO UPDATE SET replaced = max(replaced, ?5), stamps = stamps || ?6,"
      " notes = notes || ?8,"
      " after = NULL");
  find_touched_ = db_.prepare(
      "SELECT k, base, replaced, stamps, after, notes FROM touched WHERE t = ?1 AND o = ?2 AND k = "
      "?3");
  mark_ = db_.prepare("INSERT OR IGNORE INTO marked VALUES (?1, ?2, ?3)");
}

Statement& Scratch::with_key(Statement& statement, std::uint32_t table, std::string_view key) {
  return statement.bind(1, std::int64_t{table}).bind(2, order_of(key)).bind_blob(3, key);
}

void Scratch::add_hint(std::uint32_t table, std::string_view key, std::int64_t at_ms, int operation,
                       DeletionId gone_by) {
  hinted_.add(table, key);
  with_key(add_hint_, table, key)
      .bind(4, at_ms)
      .bind(5, std::int64_t{operation})
      .bind(6, static_cast<std::int64_t>(gone_by))
      .run();
}

std::optional<Hint> Scratch::find_hint(std::uint32_t table, std::string_view key) {
  if (!hinted_.may_have(table, key)) return std::nullopt;
  Statement& find = with_key(find_hint_, table, key);
  std::optional<Hint> hint;
  if (find.step()) hint = hint_from(find);
  find.reset();
  return hint;
}

void Scratch::for_each_hint(std::uint32_t table, const std::function<void(const Hint&)>& visit) {
  Statement rows = db_.prepare(
      "SELECT k, at, again, made, free, gone_by FROM hints WHERE t = ?1 ORDER BY t, o, k");
  rows.bind(1, std::int64_t{table});
  while (rows.step()) visit(hint_from(rows));
}

std::uint64_t Scratch::count_hints(std::uint32_t table) {
  return static_cast<std::uint64_t>(
      db_.get_int("SELECT count(*) FROM hints WHERE t = " + std::to_string(table)));
}

bool Scratch::has_reinserted(std::uint32_t table) {
  return db_.get_int("SELECT EXISTS (SELECT 1 FROM hints WHERE again AND t = " +
                     std::to_string(table) + ")") != 0;
}

void Scratch::clear_hints() {
  db_.exec("DELETE FROM hints");
  hinted_.clear();
}

void Scratch::touch(std::uint32_t table, std::string_view key, const RowImage* before,
                    const Change& change, std::uint32_t batch) {
  touch(table, key, before, ValueView::null(), change, batch, {});
}

void Scratch::touch(std::uint32_t table, std::string_view key, const RowImage* before,
                    const RowImage* after, const Change& change, std::uint32_t batch,
                    std::string_view notes) {
  touch(table, key, before, ValueView::blob(encode_after(before, after)), change, batch, notes);
}

void Scratch::touch(std::uint32_t table, std::string_view key, const RowImage* before,
                    const ValueView& after, const Change& change, std::uint32_t batch,
                    std::string_view notes) {
  const std::string stamps = stamps_of(change, batch);
  Statement& insert = with_key(touch_, table, key);
  insert.bind(4, before ? ValueView::blob(*before) : ValueView::null());
  // An insert where a row stood before the batches: the old row went and another one came.
  const bool replaced = change.kind == ChangeKind::kReplace || change.kind == ChangeKind::kInsert;
  insert.bind(5, std::int64_t{replaced}).bind_blob(6, stamps);
  insert.bind(7, after).bind_blob(8, notes).run();
}

void Scratch::touch_whole(std::uint32_t table, std::string_view key, std::int64_t at_ms,
                          std::uint32_t batch, const RowImage* before) {
  Change change;
  // One row throughout, where one is known.
  change.kind = before ? ChangeKind::kDelete : ChangeKind::kInsert;
  change.at_ms = at_ms;
  touch(table, key, before, change, batch);
}

std::optional<Touched> Scratch::find_touched(std::uint32_t table, std::string_view key) {
  Statement& find = with_key(find_touched_, table, key);
  std::optional<Touched> touched;
  if (find.step()) touched = touched_from(find, 0);
  find.reset();
  return touched;
}

void Scratch::for_each_touched(std::uint32_t table,
                               const std::function<void(const Touched&)>& visit) {
  Statement rows = db_.prepare(
      "SELECT k, base, replaced, stamps, after, notes FROM touched WHERE t = ?1 ORDER BY t, o, k");
  rows.bind(1, std::int64_t{table});
  while (rows.step()) visit(touched_from(rows, 0));
}

void Scratch::for_each_new_touched(std::uint32_t table,
                                   const std::function<void(const Touched&)>& visit) {
  Statement rows = db_.prepare(
      "SELECT k, base, replaced, stamps, after, notes FROM touched WHERE t = ?1"
      " AND (base IS NULL OR replaced) ORDER BY t, o, k");
  rows.bind(1, std::int64_t{table});
  while (rows.step()) visit(touched_from(rows, 0));
}

std::uint64_t Scratch::count_touched(std::uint32_t table) {
  return static_cast<std::uint64_t>(
      db_.get_int("SELECT count(*) FROM touched WHERE t = " + std::to_string(table)));
}

void Scratch::clear_touched() {
  db_.exec("DELETE FROM touched; DELETE FROM marked");
}

void Scratch::mark(std::uint32_t table, std::string_view key) {
  with_key(mark_, table, key).run();
}

void Scratch::for_each_marked(std::uint32_t table,
                              const std::function<void(const KeyImage&)>& visit) {
  Statement rows = db_.prepare("SELECT k FROM marked WHERE t = ?1 ORDER BY t, o, k");
  rows.bind(1, std::int64_t{table});
  while (rows.step()) visit(rows.get_text(0));
}

}  // namespace tidesync
