#include "replica/base.h"

#include <algorithm>

#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "replica/policies.h"
#include "schema.h"

namespace tidesync {
namespace {

[[noreturn]] void throw_diverged(const TableShape& shape, std::string_view key,
                                 const std::string& why) {
  throw Error(
      ErrorCode::kDiverged, "apply batch to", shape.name + " " + display_key(shape, key), why,
      "The base copy does not agree with the log. The application's data was not touched. Move "
      "base.db away and run again: it is rebuilt from the share.");
}

// The row after an update, from the row before; every old value is checked.
RowImage updated_image(const TableShape& shape, const Change& change, const RowImage& before,
                       FoldDirection direction) {
  const auto parts = split_image(before);
  RowImage after;
  std::size_t next = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (next == change.columns.size() || change.columns[next].column != i) {
      after.append(parts[i]);
      continue;
    }
    const auto& column = change.columns[next++];
    const bool forward = direction == FoldDirection::kForward;
    if (parts[i] != (forward ? column.old_value : column.new_value)) {
      throw_diverged(shape, change.key,
                     "column " + shape.columns[i].name + " is not as the batch says");
    }
    after.append(forward ? column.new_value : column.old_value);
  }
  return after;
}

}  // namespace

BatchTable batch_table_of(const TableShape& shape) {
  BatchTable table;
  table.name = shape.name;
  for (const ColumnShape& column : shape.columns) table.columns.push_back(column.name);
  table.key = shape.key;
  return table;
}

Base::Base(const Path& file, Journal journal) : db_(Database::open(file, OpenMode::kCreate)) {
  // The base copy can be rebuilt, so its last commits need not survive a power failure: recovery
  // folds them again.
  db_.exec(
      "PRAGMA synchronous=NORMAL; PRAGMA cache_size=-12000;"
      // A page that several commits of a run change goes to the file once, when it is closed.
      "PRAGMA wal_autocheckpoint=4000");
  if (journal == Journal::kWriteAhead) use_write_ahead_log();
  db_.exec("BEGIN IMMEDIATE");
  db_.exec(sql::k_base_tables);
  db_.exec("COMMIT");
  reload();
}

void Base::use_write_ahead_log() {
  db_.exec("PRAGMA journal_mode=WAL");
}

void Base::reload() {
  // Statements go first: they refer to the shapes and, after a rolled back schema, to missing
  // tables.
  refused_own_.reset();
  writers_.clear();
  tables_.clear();
  shapes_.clear();
  db_.clear_cache();
  const auto seq = parse_int64(get_state("seq", "0"));
  if (!seq || *seq < 0) {
    throw Error(ErrorCode::kDamaged, "open base copy", to_utf8(db_.file()),
                "it does not say which batch it holds");
  }
  cursor_.seq = Seq{static_cast<std::uint64_t>(*seq)};
  cursor_.hash = digest_from_hex(get_state("hash"));
  state_ = StateDigest::from(digest_from_hex(get_state("state")));
  held_.reload();
  if (!db_.has_table("sync_log")) return;
  const References references = read_references(db_);
  shapes_.push_back(read_shape(db_, "sync_log", {"run_id"}, references));
  shapes_.back().id = kLogTableId;
  shapes_.push_back(read_shape(db_, "sync_conflicts", {"id"}, references));
  shapes_.back().id = kConflictsTableId;
  for (const SharedTable& table : load_share_schema(db_).tables) {
    shapes_.push_back(read_shape(db_, table.name, table.key, references));
    shapes_.back().id = table.id;
  }
  apply_policies(parse_policies(get_state("policies")), shapes_);
}

const TableShape* Base::find_shape(std::string_view name) const {
  for (const TableShape& shape : shapes_) {
    if (to_lower_ascii(shape.name) == to_lower_ascii(name)) return &shape;
  }
  return nullptr;
}

TableAccess& Base::table(std::uint32_t id) {
  auto& access = tables_[id];
  if (!access) {
    for (const TableShape& shape : shapes_) {
      if (shape.id == id) access = std::make_unique<TableAccess>(TableAccess::of_share(db_, shape));
    }
  }
  if (!access) {
    throw Error(ErrorCode::kInternal, "open table", std::to_string(id), "no table has this number");
  }
  return *access;
}

RowLookup Base::row_lookup() {
  return [this](const TableShape& shape, std::string_view key, RowImage& row) {
    return table(shape.id).read(key, row);
  };
}

ExactLookup Base::exact_lookup() {
  return [this](const TableShape& shape) { return has_exact_rows(shape.id); };
}

bool Base::has_exact_rows(std::uint32_t id) {
  const bool is_here = std::any_of(shapes_.begin(), shapes_.end(),
                                   [&](const TableShape& shape) { return shape.id == id; });
  return is_here && table(id).has_exact_rows();
}

RowWriter& Base::writer(std::uint32_t id) {
  return writers_.try_emplace(id, table(id)).first->second;
}

void Base::fold_one(const TableShape& shape, const Change& change, FoldDirection direction,
                    Scratch* touched, std::uint32_t batch, DeletionId deletion) {
  RowImage before_row;
  const bool exists = table(shape.id).read(change.key, before_row);
  const bool forward = direction == FoldDirection::kForward;
  const std::string_view old_image = forward ? change.old_image : change.new_image;
  const std::string_view new_image = forward ? change.new_image : change.old_image;
  const bool is_update = change.kind == ChangeKind::kUpdate;
  const bool expects_row = is_update || !old_image.empty();
  if (exists != expects_row) {
    throw_diverged(shape, change.key, exists ? "the row exists already" : "there is no such row");
  }
  if (exists && !is_update && before_row != old_image) {
    throw_diverged(shape, change.key, "the row is not as the batch says");
  }
  RowImage after_row =
      is_update ? updated_image(shape, change, before_row, direction) : RowImage(new_image);
  const RowImage* before = exists ? &before_row : nullptr;
  const RowImage* after = is_update || !new_image.empty() ? &after_row : nullptr;
  if (touched) {
    touched->touch(shape.id, change.key, before, after, change, batch,
                   notes_of(change, deletion, !forward));
  }
  if (held_.holds(shape.id)) {
    author_.at_ms = change.at_ms;
    held_.keep(shape, change.key, before, author_);
  }
  if (before) state_.remove_row(shape.name, *before);
  if (after) state_.add_row(shape.name, *after);
  if (writer(shape.id).put(change.key, before, after) != WriteOutcome::kDone) {
    throw_diverged(shape, change.key, "a constraint of the table refuses the row");
  }
}

void Base::fold(const BatchHeader& header, const ChainLink& link, ChangeSource& changes,
                FoldDirection direction, Scratch* touched, std::uint32_t batch) {
  const bool forward = direction == FoldDirection::kForward;
  hold_where_due();  // the cursor may stand there since a run that was stopped
  author_.node = header.node.value;
  author_.incarnation = header.incarnation;
  author_.user = header.user;
  if (forward && !header.schema.empty()) apply_schema(header.schema);
  std::vector<const TableShape*> tables;
  for (const BatchTable& table : header.tables) {
    const TableShape* shape = find_shape(table.name);
    if (!shape || batch_table_of(*shape) != table) {
      throw Error(
          ErrorCode::kSchema, "apply batch to", table.name,
          "the batch has other columns for this table than this node knows",
          "A newer version of the application or of tidesync wrote it. Update this computer.");
    }
    tables.push_back(shape);
  }
  const bool is_first = forward && !touched && is_empty();
  if (is_first) {
    fill(tables, changes);
  } else {
    Change change;
    while (changes.next(change))
      fold_one(*tables.at(change.table), change, direction, touched, batch,
               deletion_by(link.at.hash));
  }
  settle(header);
  if (is_first) state_ = sum_of_rows();
  if (!forward && !header.schema.empty()) apply_schema(header.schema, direction);
  const Digest expected = forward ? header.post_state : header.base_state;
  if (state_.value() != expected) {
    throw Error(
        ErrorCode::kDiverged, "apply batch", std::to_string(header.seq.value),
        "the state after it differs from what its author had",
        "Nothing was changed in the application's database. Move base.db away and run again.");
  }
  if (forward) {
    add_link(link);
    cursor_ = link.at;
  } else {
    cursor_ = Cursor{Seq{link.at.seq.value - 1}, link.prev};
    drop_lineage_above(cursor_.seq);
  }
  save_cursor();
  held_.note_change(cursor_);
  hold_where_due();
}

void Base::hold_where_due() {
  for (const auto& [table, place] : hold_from_) {
    if (place == text_of(cursor_) && !held_.holds(table)) held_.begin(table, cursor_);
  }
}

void Base::settle(const BatchHeader& header) {
  for (auto& [id, row_writer] : writers_) {
    const auto left = row_writer.finish();
    if (left.empty()) continue;
    const TableShape& shape = table(id).shape();
    throw_diverged(
        shape, key_of(shape, left.front()),
        "batch " + std::to_string(header.seq.value) + " leaves two rows with one unique value");
  }
}

void Base::apply_own(std::uint32_t id, const Change& change, const RowImage* before,
                     const RowImage* after) {
  const TableShape& shape = table(id).shape();
  if (before) state_.remove_row(shape.name, *before);
  if (after) state_.add_row(shape.name, *after);
  if (writer(id).put(change.key, before, after) != WriteOutcome::kDone) {
    refused_own_ = id;
    throw_diverged(shape, change.key, "a constraint of the shared table refuses this row");
  }
}

std::vector<std::pair<std::uint32_t, RowImage>> Base::finish_own() {
  std::vector<std::pair<std::uint32_t, RowImage>> left;
  for (auto& [id, row_writer] : writers_) {
    for (RowImage& image : row_writer.finish()) left.emplace_back(id, std::move(image));
  }
  return left;
}

void Base::advance_own(const ChainLink& link) {
  add_link(link);
  cursor_ = link.at;
  save_cursor();
  held_.note_change(cursor_);
}

void Base::save_cursor() {
  set_state("seq", std::to_string(cursor_.seq.value));
  set_state("hash", cursor_.hash.hex());
  set_state("state", state_.value().hex());
}

std::string Base::get_state(const std::string& key, const std::string& fallback) {
  Statement& find = db_.cached("SELECT v FROM tidesync_state WHERE k = ?1");
  find.bind_text(1, key);
  const std::string value = find.step() ? find.get_text(0) : fallback;
  find.reset();
  return value;
}

void Base::set_state(const std::string& key, const std::string& value) {
  db_.cached("INSERT OR REPLACE INTO tidesync_state (k, v) VALUES (?1, ?2)")
      .bind_text(1, key)
      .bind_text(2, value)
      .run();
}

}  // namespace tidesync
