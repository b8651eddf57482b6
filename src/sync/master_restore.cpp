// The rows of a backup against those of the application's database: what differs is edited, row by
// row, in one transaction. A preview is the same work, rolled back.
#include "base/error.h"
#include "base/text.h"
#include "sqlite/transaction.h"
#include "sync/backup_source.h"
#include "sync/master.h"
#include "sync/row_editor.h"
#include "sync/undo_apply.h"

namespace tidesync {
namespace {

constexpr const char* kOperation = "master restore";
constexpr std::size_t kNamedRows = 20;

std::set<std::string> columns_of(Database& db, const std::string& table) {
  std::set<std::string> columns;
  Statement rows = db.prepare("SELECT name FROM pragma_table_info(?1)");
  rows.bind_text(1, table);
  while (rows.step()) columns.insert(to_lower_ascii(rows.get_text(0)));
  return columns;
}

class Restorer {
 public:
  Restorer(EditSession& session, BackupSource& source, std::int64_t now_ms, RestoreResult& result)
      : session_(session),
        source_(source),
        now_ms_(now_ms),
        result_(result),
        editor_(session.local(), kOperation, now_ms) {}

  void restore(const TableShape& shape) {
    TableShape then = shape;
    const std::string why = follow_form(then);
    if (!why.empty()) {
      result_.left.push_back(shape.name + ": " + why);
      return;
    }
    // What the backup has no column for stays as it is.
    TableAccess backup(source_.db(), then,
                       [&](const TableShape&, std::string_view key, RowImage& image) {
                         return session_.local().table(shape.id).read(key, image);
                       });
    for (const KeyImage& key : keys_only_here(shape, backup)) put(shape, key, nullptr);
    Statement rows = backup.scan();
    while (rows.step()) {
      const RowImage wanted = backup.image_of(rows);
      put(shape, key_of(shape, wanted), &wanted);
    }
  }

  void finish() {
    editor_.finish();
    result_.guarded = guarded_tables(session_.base(), result_.tables);
  }

 private:
  // The table as the backup has it; why it cannot be used, or "".
  std::string follow_form(TableShape& then) {
    if (!source_.db().has_table(then.name)) return "the backup has no such table";
    const std::set<std::string> columns = columns_of(source_.db(), then.name);
    for (ColumnShape& column : then.columns) {
      // The columns of the backup count, also those that this application does not have.
      column.absent = columns.count(to_lower_ascii(column.name)) == 0;
    }
    for (const std::size_t column : then.key) {
      if (then.columns[column].absent) return "it had another key then";
    }
    return {};
  }

  std::vector<KeyImage> keys_only_here(const TableShape& shape, TableAccess& backup) {
    std::vector<KeyImage> keys;
    RowImage ignored;
    TableAccess& here = session_.local().table(shape.id);
    Statement rows = here.scan();
    while (rows.step()) {
      KeyImage key = key_of(shape, here.image_of(rows));
      if (!backup.read(key, ignored)) keys.push_back(std::move(key));
    }
    return keys;
  }

  void put(const TableShape& shape, const KeyImage& key, const RowImage* wanted) {
    RowImage image;
    const RowImage* current = session_.local().table(shape.id).read(key, image) ? &image : nullptr;
    if (current && wanted && same_but_for_stamps(shape, *current, *wanted)) return;
    std::optional<RowImage> after;
    if (wanted) after = stamped(shape, *wanted, session_.user(), now_ms_);
    const RowImage* target = after ? &*after : nullptr;
    editor_.put(shape, key, current, target);
    UndoneTable& table = result_.tables[shape.name];
    ++(!target ? table.deleted : current ? table.updated : table.brought_back);
    if (result_.edits.size() < kNamedRows) {
      result_.edits.push_back(
          {shape.name, display_key(shape, key), column_edits(shape, current, target)});
    }
  }

  EditSession& session_;
  BackupSource& source_;
  std::int64_t now_ms_;
  RestoreResult& result_;
  RowEditor editor_;
};

std::vector<const TableShape*> chosen_tables(EditSession& session, const RestoreOptions& options,
                                             RestoreResult& result) {
  std::vector<const TableShape*> chosen;
  for (const std::string& name : options.tables) chosen.push_back(&session.table(name, kOperation));
  if (!chosen.empty()) return chosen;
  for (const TableShape& shape : session.local().shapes()) {
    if (!shape.system) chosen.push_back(&shape);
  }
  for (const TableGate& gate : session.local().gates())
    result.left.push_back(gate.table + ": it stands still here, because " + gate.reason);
  return chosen;
}

void keep_copy(Environment& env, EditSession& session, RestoreResult& result) {
  const LocalPaths& paths = session.paths();
  create_directories(env.local, paths.backups);
  result.backup = paths.backups / (to_utf8(paths.database.filename()) + "." +
                                   std::to_string(env.clock.now_ms()) + ".before-restore");
  env.local.remove(result.backup);
  session.local().db().backup_to(result.backup);
}

}  // namespace

std::uint64_t RestoreResult::rows() const {
  std::uint64_t sum = 0;
  for (const auto& [table_name, table] : tables)
    sum += table.updated + table.deleted + table.brought_back;
  return sum;
}

RestoreResult restore_master(Environment& env, const Path& database,
                             const RestoreOptions& options) {
  EditSession session(env, database, kOperation);
  RestoreResult result;
  const auto tables = chosen_tables(session, options, result);
  // Before the transaction: no application waits while the share is read.
  BackupSource source(env, session, options.from);
  result.name = source.name();
  result.made_at = iso_utc(source.note().made_at_ms);
  result.seq = source.note().seq;
  result.hand_edited = source.note().kind == BackupKind::kHandEdited;
  if (options.confirmed) keep_copy(env, session, result);
  Transaction transaction(session.local().db(), Transaction::Kind::kImmediate);
  Restorer restorer(session, source, env.clock.now_ms(), result);
  for (const TableShape* shape : tables) restorer.restore(*shape);
  restorer.finish();
  if (!options.confirmed) return result;
  transaction.commit();
  result.done = true;
  return result;
}

}  // namespace tidesync
