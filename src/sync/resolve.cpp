#include "sync/resolve.h"

#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "sqlite/transaction.h"
#include "sync/edit_session.h"
#include "sync/row_editor.h"
#include "sync/typed_value.h"

namespace tidesync {
namespace {

constexpr const char* kOperation = "resolve conflict";

std::string resolution_of(const ResolveOptions& options) {
  if (options.keep == ResolveOptions::Keep::kWinner) return "winner";
  if (options.keep == ResolveOptions::Keep::kLoser) return "loser";
  std::vector<std::string> parts;
  for (const auto& [name, text] : options.set)
    parts.push_back(name + " = " + (text ? *text : "NULL"));
  return "set " + join(parts, ", ");
}

void check_open(const ConflictRow& conflict, const ResolveOptions& options) {
  if (conflict.is_open() || options.force) return;
  throw Error(ErrorCode::kAlreadyExists, kOperation, conflict.id.substr(0, 8),
              "it was resolved by " + conflict.resolved_by + " at " + conflict.resolved_at + " (" +
                  conflict.resolution + ")",
              "Nothing was changed. --force resolves it again.");
}

void mark_resolved(EditSession& session, const std::string& id, const ResolveOptions& options,
                   std::int64_t now_ms) {
  Local& local = session.local();
  local.db()
      .cached(
          "UPDATE sync_conflicts SET resolved_at = ?2, resolved_by = ?3, resolution = ?4 WHERE"
          " id = ?1")
      .bind_text(1, id)
      .bind_text(2, iso_utc(now_ms))
      .bind_text(3, session.user())
      .bind_text(4, resolution_of(options))
      .run();
  KeyImage key;
  append_value(key, ValueView::text(id));
  local.add_hint(kConflictsTableId, key, HintKind::kUpdated, now_ms);
}

// Of a table that nobody syncs any more, or that stands still here: nothing can be edited, but
// nobody need look at the conflict for ever.
std::optional<ResolveResult> settle_without_edit(EditSession& session,
                                                 const ResolveOptions& options,
                                                 std::int64_t now_ms) {
  const ConflictRow conflict = find_conflict(session.local().db(), options.id);
  for (const TableShape& shape : session.local().shapes()) {
    if (to_lower_ascii(shape.name) == to_lower_ascii(conflict.table)) return std::nullopt;
  }
  if (options.keep != ResolveOptions::Keep::kWinner) {
    throw Error(ErrorCode::kSchema, kOperation, conflict.table,
                "the table is not synced any more, or stands still here",
                "Nothing was changed. Change the row in the application if it is to change, then "
                "settle the conflict with --keep winner.");
  }
  check_open(conflict, options);
  mark_resolved(session, conflict.id, options, now_ms);
  ResolveResult result;
  result.conflict = *read_conflict(session.local().db(), conflict.id);
  result.notes.push_back("Table " + conflict.table +
                         " is not synced here: no row was changed, the conflict is settled.");
  result.dry_run = options.dry_run;
  return result;
}

class Resolver {
 public:
  Resolver(EditSession& session, const ResolveOptions& options, std::int64_t now_ms)
      : session_(session),
        options_(options),
        now_ms_(now_ms),
        conflict_(find_conflict(session.local().db(), options.id)),
        shape_(session.table(conflict_.table, kOperation)),
        key_(key_image()) {}

  ResolveResult run() {
    check_open(conflict_, options_);
    RowImage image;
    if (session_.local().table(shape_.id).read(key_, image)) current_ = image;
    const std::optional<RowImage> wanted = wanted_row();
    write(wanted);
    mark_resolved(session_, conflict_.id, options_, now_ms_);
    result_.conflict = *read_conflict(session_.local().db(), conflict_.id);
    result_.dry_run = options_.dry_run;
    return std::move(result_);
  }

 private:
  std::string row_name() const { return shape_.name + " " + display_key(shape_, key_); }

  [[noreturn]] void refuse(const std::string& why, const std::string& hint) const {
    throw Error(ErrorCode::kGuard, kOperation, row_name(), why, hint);
  }
  [[noreturn]] void refuse_changed(const std::string& why) const {
    refuse(why,
           "Nothing was changed. Look at it with tidesync conflicts show, then use --set, or "
           "--force to do it all the same.");
  }

  KeyImage key_image() const {
    KeyImage key;
    for (const std::size_t column : shape_.key) {
      const Value* value = find_value(conflict_.key, shape_.columns[column].name);
      if (!value) {
        throw Error(ErrorCode::kSchema, kOperation, shape_.name,
                    "the conflict was recorded under another key than the table has now",
                    "Change the row in the application, then use --keep winner.");
      }
      append_value(key, value->view());
    }
    return key;
  }

  // A version of the record in the order of the table; columns that it has not are as they are now.
  RowImage image_of(const NamedRow& row) const {
    const auto now = current_ ? decode_image(*current_) : std::vector<ValueView>();
    RowImage image;
    for (std::size_t i = 0; i < shape_.columns.size(); ++i) {
      const Value* value = find_value(row, shape_.columns[i].name);
      append_value(image, value ? value->view() : current_ ? now.at(i) : ValueView::null());
    }
    return image;
  }

  bool is_as_in(const NamedRow& row) const {
    return current_ && same_but_for_stamps(shape_, *current_, image_of(row));
  }

  std::optional<RowImage> wanted_row() {
    switch (options_.keep) {
      case ResolveOptions::Keep::kWinner:
        return row_of_winner();
      case ResolveOptions::Keep::kLoser:
        return row_of_loser();
      case ResolveOptions::Keep::kValues:
        return row_with_values();
    }
    return current_;
  }

  void note(const std::string& sentence) { result_.notes.push_back(sentence); }

  // The winner is in the table already, unless somebody changed it meanwhile: that stays.
  std::optional<RowImage> row_of_winner() {
    const bool columns_only = conflict_.winner && conflict_.loser && current_;
    if (columns_only) return with_disputed(*conflict_.winner, false);
    const bool as_decided = conflict_.winner ? current_.has_value() : !current_;
    if (as_decided) return current_;
    note(current_ ? "The row was deleted by the decision and is there again now."
                  : "The row was deleted later.");
    if (options_.force && conflict_.winner) return image_of(*conflict_.winner);
    if (options_.force) return std::nullopt;
    result_.notes.back() += " It was left as it is; --force takes the winner.";
    return current_;
  }

  std::optional<RowImage> row_of_loser() {
    if (!conflict_.loser) return row_of_deletion();
    if (!conflict_.winner) return row_brought_back();
    if (current_) return with_disputed(*conflict_.loser, true);
    if (!options_.force) refuse_changed("the row was deleted since the conflict");
    return image_of(*conflict_.loser);
  }

  // The deletion lost: it is done now.
  std::optional<RowImage> row_of_deletion() {
    if (!current_) note("The row is deleted already.");
    if (current_ && conflict_.winner && !is_as_in(*conflict_.winner) && !options_.force)
      refuse_changed("the row was changed since the conflict");
    return std::nullopt;
  }

  std::optional<RowImage> row_brought_back() {
    if (!current_) return image_of(*conflict_.loser);
    if (is_as_in(*conflict_.loser)) {
      note("The row is back already.");
      return current_;
    }
    if (!options_.force) refuse_changed("another version of the row, or another record, is there");
    return image_of(*conflict_.loser);
  }

  // The row of now with the disputed columns of one version.
  RowImage with_disputed(const NamedRow& version, bool is_loser) {
    const NamedRow& other = is_loser ? *conflict_.winner : *conflict_.loser;
    auto values = decode_image(*current_);
    std::vector<std::string> changed_since;
    for (const std::string& name : disputed_columns(conflict_)) {
      const auto column = shape_.find_column(name);
      const Value* wanted = find_value(version, name);
      const Value* lost = find_value(other, name);
      if (!column || !wanted || values[*column] == wanted->view()) continue;
      if (shape_.columns[*column].absent) {
        refuse("the table here has no column " + name + ", which is in dispute",
               "Nothing was changed. Resolve it on a computer with the newer application.");
      }
      const bool as_other = lost && values[*column] == lost->view();
      if (!(is_loser && as_other))
        changed_since.push_back(name + " is " + display(values[*column]));
      if (options_.force || (is_loser && as_other)) values[*column] = wanted->view();
    }
    if (!changed_since.empty() && !options_.force) {
      const std::string since = join(changed_since, ", ") + " now, changed since the conflict";
      if (is_loser) refuse_changed(since);
      note(since + ". It was left as it is; --force takes the winner.");
    }
    return encode(values);
  }

  RowImage row_with_values() {
    if (!current_) {
      refuse("the row is not there: it was deleted",
             conflict_.loser ? "Nothing was changed. --keep loser brings it back." : "");
    }
    auto values = decode_image(*current_);
    std::vector<Value> kept;  // what the views refer to
    kept.reserve(options_.set.size());
    for (const auto& [name, text] : options_.set) {
      const auto column = shape_.find_column(name);
      if (!column || shape_.columns[*column].absent) throw_no_column(name);
      for (const std::size_t key_column : shape_.key) {
        if (key_column == *column) refuse(name + " is part of the key", "Give another column.");
      }
      kept.push_back(text ? typed_value(*text, shape_.columns[*column].decl_type, examples(*column))
                          : Value::null());
      values[*column] = kept.back().view();
    }
    return encode(values);
  }

  [[noreturn]] void throw_no_column(const std::string& name) const {
    std::vector<std::string> names;
    for (const ColumnShape& column : shape_.columns) {
      if (!column.absent) names.push_back(column.name);
    }
    throw Error(ErrorCode::kUsage, kOperation, name,
                "the table " + shape_.name + " has no such column",
                "Its columns are: " + join(names, ", "));
  }

  // What stands and stood in the column, to learn its type from.
  std::vector<ValueView> examples(std::size_t column) const {
    std::vector<ValueView> values{decode_image(*current_).at(column)};
    for (const auto* row : {&conflict_.winner, &conflict_.loser, &conflict_.base}) {
      const Value* value = *row ? find_value(**row, shape_.columns[column].name) : nullptr;
      if (value) values.push_back(value->view());
    }
    return values;
  }

  static RowImage encode(const std::vector<ValueView>& values) {
    RowImage image;
    for (const ValueView& value : values) append_value(image, value);
    return image;
  }

  bool sets_stamp() const {
    for (const auto& [name, text] : options_.set) {
      if (is_stamp_column(name)) return true;
    }
    return false;
  }

  void write(std::optional<RowImage> wanted) {
    if (wanted == current_) return;
    if (wanted && !sets_stamp()) wanted = stamped(shape_, *wanted, session_.user(), now_ms_);
    RowEditor editor(session_.local(), kOperation, now_ms_);
    // Without a version before, the record was never on the share: another one that has its number
    // there by now is not the same.
    editor.put(shape_, key_, current_ ? &*current_ : nullptr, wanted ? &*wanted : nullptr,
               !conflict_.base.has_value());
    editor.finish();
    describe(wanted.has_value());
  }

  // What the table has now, which is what SQLite made of the values.
  void describe(bool exists) {
    using Change = ResolveResult::Change;
    RowImage after;
    if (exists) session_.local().table(shape_.id).read(key_, after);
    result_.change = !exists    ? Change::kDeleted
                     : current_ ? Change::kUpdated
                                : Change::kBroughtBack;
    result_.columns =
        column_edits(shape_, current_ ? &*current_ : nullptr, exists ? &after : nullptr);
  }

  EditSession& session_;
  const ResolveOptions& options_;
  std::int64_t now_ms_;
  ConflictRow conflict_;
  const TableShape& shape_;
  KeyImage key_;
  std::optional<RowImage> current_;
  ResolveResult result_;
};

}  // namespace

ResolveResult resolve_conflict(Environment& env, const Path& database,
                               const ResolveOptions& options) {
  EditSession session(env, database, kOperation);
  Transaction transaction(session.local().db(), Transaction::Kind::kImmediate);
  auto settled = settle_without_edit(session, options, env.clock.now_ms());
  ResolveResult result =
      settled ? std::move(*settled) : Resolver(session, options, env.clock.now_ms()).run();
  if (!options.dry_run) transaction.commit();
  return result;
}

}  // namespace tidesync
