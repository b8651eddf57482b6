#include "replica/local.h"

#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "replica/stored_form.h"
#include "schema.h"

namespace tidesync {
namespace {

// An operation in tidesync_dirty: HintKind, and above it the deletion where one is known.
constexpr int kDeletionShift = 8;
constexpr std::int64_t kKindBits = 0xFF;

}  // namespace

Local::Local(const Path& file, std::int64_t patience_ms)
    : db_(Database::open_application(file, static_cast<int>(patience_ms))) {}

bool Local::is_attached() {
  return db_.has_table("tidesync_meta");
}

void Local::create_tables() {
  db_.exec(sql::k_local_tables);
  db_.exec(sql::k_local_journal);
}

void Local::remove_tables() {
  drop_triggers();
  tables_.clear();
  db_.clear_cache();
  for (const char* table :
       {"tidesync_meta", "tidesync_dirty", "tidesync_intent", "sync_log", "sync_conflicts"}) {
    db_.exec(std::string("DROP TABLE IF EXISTS ") + table);
  }
}

void Local::note_synced_at(const TableShape& shape) {
  if (shape.find_column("synced_at"))
    return;  // an ordinary column there, because it must not be NULL
  Statement find =
      db_.prepare("SELECT name FROM pragma_table_info(?1) WHERE lower(name) = 'synced_at'");
  find.bind_text(1, shape.name);
  if (!find.step()) return;
  std::vector<std::string> terms;
  for (const std::size_t column : shape.key) {
    terms.push_back(quote_name(shape.columns[column].name) + " = ?" +
                    std::to_string(terms.size() + 2));
  }
  synced_at_[shape.id] = "UPDATE " + quote_name(shape.name) + " SET " +
                         quote_name(find.get_text(0)) + " = ?1 WHERE " + join(terms, " AND ");
}

void Local::stamp_synced(std::uint32_t table, std::string_view key, const std::string& utc) {
  Statement& update = db_.cached(synced_at_.at(table));
  update.bind_text(1, utc);
  update.bind_image(2, key);
  update.run();
}

TableAccess& Local::table(std::uint32_t id) {
  auto& access = tables_[id];
  if (!access) {
    for (const TableShape& shape : shapes_) {
      if (shape.id == id)
        access = std::make_unique<TableAccess>(
            db_, shape,
            [this](const TableShape& of, std::string_view key, RowImage& image) {
              return read_share(of, key, image);
            },
            has_exact_);
    }
  }
  if (!access) {
    throw Error(ErrorCode::kInternal, "open table", std::to_string(id), "no table has this number");
  }
  return *access;
}

// An edit that waits to go out says more than the share.
bool Local::read_share(const TableShape& shape, std::string_view key, RowImage& image) {
  if (edited_absent_.find(shape.id, key, image) &&
      split_image(image).size() == shape.columns.size())
    return true;
  return absent_values_ && absent_values_(shape, key, image);
}

bool Local::table_has(const TableShape& shape, std::string_view key) {
  RowImage row;
  return table(shape.id).read(key, row);
}

void Local::forget_absent_on_share() {
  edited_absent_.for_each([&](std::uint32_t table, const KeyImage& key) {
    RowImage wanted;
    RowImage there;
    for (const TableShape& shape : shapes_) {
      if (shape.id != table || !edited_absent_.find(table, key, wanted)) continue;
      const bool is_there = absent_values_ && absent_values_(shape, key, there);
      if (!is_there && table_has(shape, key)) return;  // not sent yet
      const auto parts = split_image(wanted);
      if (is_there && parts.size() == shape.columns.size()) {
        const auto share = split_image(there);
        for (std::size_t i = 0; i < parts.size(); ++i) {
          if (shape.columns[i].absent && parts[i] != share.at(i)) return;
        }
      }
      edited_absent_.forget(table, key);
    }
  });
  edited_absent_.reload();
}

bool Local::holds_exactly(std::string_view image) {
  if (is_utf8_) return true;
  StoredForm form("", db_.get_text("PRAGMA encoding"));
  for (const std::string_view part : split_image(image)) {
    if (form.of(part) != part) return false;
  }
  return true;
}

std::string Local::get_meta(const std::string& key, const std::string& fallback) {
  Statement& find = db_.cached("SELECT v FROM tidesync_meta WHERE k = ?1");
  find.bind_text(1, key);
  const std::string value = find.step() ? find.get_text(0) : fallback;
  find.reset();
  return value;
}

void Local::set_meta(const std::string& key, const std::string& value) {
  db_.cached("INSERT OR REPLACE INTO tidesync_meta (k, v) VALUES (?1, ?2)")
      .bind_text(1, key)
      .bind_text(2, value)
      .run();
}

Cursor Local::cursor() {
  Cursor cursor;
  const auto seq = parse_int64(get_meta("cursor_seq", "0"));
  try {
    if (!seq || *seq < 0) throw Error(ErrorCode::kDamaged, "", "", "");
    cursor.seq = Seq{static_cast<std::uint64_t>(*seq)};
    cursor.hash = digest_from_hex(get_meta("cursor_hash"));
  } catch (const Error&) {
    throw Error(
        ErrorCode::kDamaged, "read", to_utf8(db_.file()),
        "the note in its table tidesync_meta that says where in the log it stands was changed "
        "by somebody",
        "The application's data was not touched. Run: tidesync leave --force, then tidesync "
        "join with the same folder: equal rows match, and what is only here goes out.");
  }
  return cursor;
}

void Local::set_cursor(const Cursor& cursor) {
  set_meta("cursor_seq", std::to_string(cursor.seq.value));
  set_meta("cursor_hash", cursor.hash.hex());
}

bool Local::has_intent(const Uuid& uuid) {
  Statement& find = db_.cached("SELECT 1 FROM tidesync_intent WHERE u = ?1");
  find.bind_text(1, uuid);
  const bool found = find.step();
  find.reset();
  return found;
}

void Local::add_intent(const Uuid& uuid, Seq seq, std::int64_t at_ms) {
  constexpr std::int64_t kKeepIntents = 1000;
  db_.cached("INSERT OR IGNORE INTO tidesync_intent (u, seq, at) VALUES (?1, ?2, ?3)")
      .bind_text(1, uuid)
      .bind(2, static_cast<std::int64_t>(seq.value))
      .bind(3, at_ms)
      .run();
  // Only the newest can still come back: a batch is known by its seq long before a thousand others.
  db_.cached("DELETE FROM tidesync_intent WHERE seq < ?1")
      .bind(1, static_cast<std::int64_t>(seq.value) - kKeepIntents)
      .run();
}

void Local::add_hint(std::uint32_t table, std::string_view key, HintKind kind, std::int64_t at_ms,
                     DeletionId gone_by) {
  Statement& insert = db_.cached(
      "INSERT INTO tidesync_dirty (t, o, k1, k2, k3, k4, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
  const auto deletion = static_cast<std::int64_t>(gone_by) << kDeletionShift;
  insert.bind(1, std::int64_t{table}).bind(2, static_cast<std::int64_t>(kind) | deletion);
  insert.bind(7, at_ms);
  insert.bind_image(3, key);
  insert.run();
}

std::int64_t Local::load_hints(std::int64_t after, Scratch& scratch) {
  std::map<std::int64_t, std::size_t> key_size;
  for (const TableShape& shape : shapes_) key_size[shape.id] = shape.key.size();
  Statement& rows =
      db_.cached("SELECT n, t, o, at, k1, k2, k3, k4 FROM tidesync_dirty WHERE n > ?1 ORDER BY n");
  rows.bind(1, after);
  std::int64_t highest = after;
  while (rows.step()) {
    highest = rows.get_int(0);
    const auto size = key_size.find(rows.get_int(1));
    if (size == key_size.end()) continue;
    KeyImage key;
    rows.append_columns(key, 4, static_cast<int>(size->second));
    const std::int64_t operation = rows.get_int(2);
    scratch.add_hint(static_cast<std::uint32_t>(rows.get_int(1)), key, rows.get_int(3),
                     static_cast<int>(operation & kKindBits),
                     static_cast<DeletionId>(operation >> kDeletionShift));
  }
  rows.reset();
  return highest;
}

std::int64_t Local::highest_hint() {
  return db_.get_int("SELECT max(n) FROM tidesync_dirty");
}

std::uint64_t Local::count_waiting_rows() {
  return static_cast<std::uint64_t>(
      db_.get_int("SELECT count(*) FROM (SELECT DISTINCT t, k1, k2, k3, k4 FROM tidesync_dirty "
                  "WHERE t >= " +
                  std::to_string(kFirstTableId) + " AND o <> " +
                  std::to_string(static_cast<int>(HintKind::kSettled)) + ")"));
}

void Local::forget_hints(std::int64_t mark, const std::set<std::uint32_t>& keep) {
  std::vector<std::string> kept;
  for (const std::uint32_t table : keep) kept.push_back(std::to_string(table));
  for (const TableGate& gate : gates_) kept.push_back(std::to_string(gate.id));
  if (kept.empty() && highest_hint() <= mark) {
    db_.exec("DELETE FROM tidesync_dirty");  // all at once, however many
    return;
  }
  db_.cached("DELETE FROM tidesync_dirty WHERE n <= ?1 AND t NOT IN (" + join(kept, ",") + ")")
      .bind(1, mark)
      .run();
}

}  // namespace tidesync
