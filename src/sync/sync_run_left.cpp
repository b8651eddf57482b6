// What a database that goes back to before a fork cannot propose again: values in columns that its
// application does not have. The base copy has them until it goes back as well, and whoever wrote
// them elsewhere has them still. When this computer wrote them itself, with a newer application,
// and its database was restored from before that, they are nowhere else: they are kept as a
// conflict.
#include <algorithm>
#include <map>
#include <set>

#include "replica/journal.h"
#include "sync/sync_run.h"

namespace tidesync {
namespace {

// Tables here that lack columns of the share's, by number.
std::map<std::uint32_t, const TableShape*> lacking(const std::vector<TableShape>& shapes) {
  std::map<std::uint32_t, const TableShape*> found;
  for (const TableShape& shape : shapes) {
    if (std::any_of(shape.columns.begin(), shape.columns.end(),
                    [](const ColumnShape& column) { return column.absent; }))
      found[shape.id] = &shape;
  }
  return found;
}

bool fills_absent(const TableShape& shape, const Change& change) {
  if (change.kind == ChangeKind::kDelete) return false;
  for (const Change::ColumnChange& column : change.columns) {
    if (column.column < shape.columns.size() && shape.columns[column.column].absent) return true;
  }
  return change.kind != ChangeKind::kUpdate;
}

// The row as the application sees it: NULL in the columns that it does not have.
RowImage without_absent(const TableShape& shape, const RowImage& row) {
  RowImage seen;
  const auto parts = split_image(row);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (shape.columns[i].absent) {
      append_value(seen, ValueView::null());
    } else {
      seen.append(parts[i]);
    }
  }
  return seen;
}

}  // namespace

// Before the base copy goes back to `common`.
std::vector<ConflictRecord> SyncRun::find_unseen_values(const Cursor& common) {
  const auto tables = lacking(local_->shapes());
  if (tables.empty()) return {};
  std::set<std::pair<std::uint32_t, KeyImage>> rows;
  for (Cursor at = base_->cursor(); !(at == common);) {
    const auto link = base_->find_link(at.hash);
    if (!link) break;
    at = Cursor{Seq{at.seq.value - 1}, link->prev};
    const auto entry = read_kept(spool_path(link->at));
    if (!entry || !machine_.had(entry->header.incarnation)) continue;
    BatchReader reader(env_.local, entry->file);
    for (Change change; reader.next(change);) {
      const TableShape* shared = base_->find_shape(entry->header.tables.at(change.table).name);
      const auto here = shared ? tables.find(shared->id) : tables.end();
      if (here != tables.end() && fills_absent(*here->second, change))
        rows.insert({shared->id, KeyImage(change.key)});
    }
  }
  std::vector<ConflictRecord> found;
  for (const auto& [table, key] : rows) {
    RowImage row;
    if (!base_->table(table).read(key, row)) continue;
    ConflictRecord record;
    record.table = table;
    record.key = key;
    record.kind = "same_column";
    record.winner = without_absent(*tables.at(table), row);
    record.loser = row;
    if (record.winner == record.loser) continue;
    record.winner_author = record.loser_author = merge_context().me;
    record.winner_author.at_ms = record.loser_author.at_ms = now_ms();
    record.rule = "the share lost this, and the application here does not have the column: kept";
    record.mine_won = true;
    found.push_back(std::move(record));
  }
  return found;
}

}  // namespace tidesync
