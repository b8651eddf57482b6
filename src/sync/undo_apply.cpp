#include "sync/undo_apply.h"

#include "base/text.h"
#include "merge/effective_time.h"
#include "replica/journal.h"
#include "replica/outbox.h"

namespace tidesync {
namespace {

constexpr const char* kOperation = "undo";
constexpr std::size_t kNamedRows = 20;
constexpr std::size_t kShortId = 8;

using Kind = RowEffect::Kind;

bool touches_stamps(const TableShape& shape, const RowEffect& effect) {
  for (const auto& [column, values] : effect.columns) {
    if (shape.is_meta(column)) return true;
  }
  return false;
}

void name_row(std::vector<std::string>& names, std::uint64_t& count, const std::string& text) {
  ++count;
  if (names.size() < kNamedRows) names.push_back(text);
}

}  // namespace

UndoApplier::UndoApplier(EditSession& session, const UndoOptions& options, std::int64_t now_ms,
                         UndoResult& result)
    : session_(session), options_(options), now_ms_(now_ms), result_(result) {}

void UndoApplier::apply(UndoEffects& effects) {
  RowEditor editor(session_.local(), kOperation, now_ms_);
  for (const TableShape& shape : session_.local().shapes()) {
    if (shape.system) continue;
    effects.for_each(shape.id, [&](const KeyImage& key, const RowEffect& effect) {
      apply_row(shape, key, effect, editor);
    });
  }
  result_.refused = result_.changed_count > 0 && !options_.force;
  if (result_.refused) return;
  editor.finish();
  result_.guarded = guarded_tables(session_.base(), result_.tables);
}

void UndoApplier::apply_row(const TableShape& shape, const KeyImage& key, const RowEffect& effect,
                            RowEditor& editor) {
  RowImage image;
  const RowImage* current = session_.local().table(shape.id).read(key, image) ? &image : nullptr;
  const Verdict verdict = judge(shape, effect, current);
  if (!verdict.changed.empty()) {
    const std::string name = shape.name + " " + display_key(shape, key) + ": " + verdict.changed;
    name_row(result_.changed, result_.changed_count, name);
    if (!options_.force) return;
    if (verdict.is_other_record) return name_row(result_.left, result_.left_count, name);
    if (current) keep_newer(shape, key, *current, verdict);
  } else if (!verdict.matters) {
    if (effect.kind != Kind::kNone) ++result_.already;
    return;
  }
  const RowImage* wanted = verdict.wanted ? &*verdict.wanted : nullptr;
  editor.put(shape, key, current, wanted);
  if (result_.edits.size() < kNamedRows)
    result_.edits.push_back(
        {shape.name, display_key(shape, key), column_edits(shape, current, wanted)});
  count(shape, current != nullptr, verdict.wanted.has_value());
}

UndoApplier::Verdict UndoApplier::judge(const TableShape& shape, const RowEffect& effect,
                                        const RowImage* current) const {
  if (effect.kind == Kind::kNone) return {};
  Verdict verdict = effect.kind == Kind::kUpdated ? judge_update(shape, effect, current)
                                                  : judge_whole(shape, effect, current);
  const bool stamps = effect.kind != Kind::kUpdated || touches_stamps(shape, effect);
  if (verdict.wanted && stamps)
    verdict.wanted = stamped(shape, *verdict.wanted, session_.user(), now_ms_);
  return verdict;
}

UndoApplier::Verdict UndoApplier::judge_update(const TableShape& shape, const RowEffect& effect,
                                               const RowImage* current) const {
  Verdict verdict;
  const auto values = current ? split_image(*current) : std::vector<std::string_view>();
  std::vector<std::string_view> wanted = values;
  std::vector<std::string_view> at_run = values;
  std::vector<std::string> changes;
  for (const auto& [column, effect_of] : effect.columns) {
    if (shape.is_meta(column) || effect_of.before == effect_of.after) continue;
    verdict.matters = true;
    if (!current) continue;
    wanted.at(column) = effect_of.before;
    at_run.at(column) = effect_of.after;
    if (values[column] != effect_of.before && values[column] != effect_of.after) {
      changes.push_back(shape.columns[column].name + " is " +
                        display(ValueReader(values[column]).next()) + " now, the run had set " +
                        display(ValueReader(effect_of.after).next()));
    }
  }
  if (!verdict.matters) return verdict;
  if (!current) {
    verdict.changed = "deleted since";
    verdict.is_other_record = true;
    return verdict;
  }
  verdict.matters = wanted != values;
  verdict.changed = join(changes, "; ");
  verdict.wanted.emplace();
  verdict.at_run.emplace();
  for (const std::string_view value : wanted) verdict.wanted->append(value);
  for (const std::string_view value : at_run) verdict.at_run->append(value);
  return verdict;
}

UndoApplier::Verdict UndoApplier::judge_whole(const TableShape& shape, const RowEffect& effect,
                                              const RowImage* current) const {
  Verdict verdict;
  const bool was_there = effect.kind != Kind::kInserted;
  const bool left_a_row = effect.kind != Kind::kDeleted;
  if (was_there) verdict.wanted = effect.before;
  if (left_a_row) verdict.at_run = effect.after;
  const bool as_before =
      was_there ? current && same_but_for_stamps(shape, *current, effect.before) : !current;
  if (as_before) return verdict;
  verdict.matters = true;
  const bool as_run_left_it =
      left_a_row ? current && same_but_for_stamps(shape, *current, effect.after) : !current;
  if (as_run_left_it) return verdict;
  verdict.changed = !current      ? "deleted since"
                    : !left_a_row ? "inserted again since"
                                  : "changed since";
  verdict.is_other_record = !current || !left_a_row;
  return verdict;
}

void UndoApplier::count(const TableShape& shape, bool before, bool after) {
  UndoneTable& table = result_.tables[shape.name];
  if (before && after) ++table.updated;
  if (before && !after) ++table.deleted;
  if (!before && after) ++table.brought_back;
}

void UndoApplier::keep_newer(const TableShape& shape, const KeyImage& key, const RowImage& current,
                             const Verdict& verdict) {
  ConflictRecord record;
  record.table = shape.id;
  record.key = key;
  record.kind = "undo";
  record.base = verdict.at_run;
  record.winner = verdict.wanted;
  record.loser = current;
  record.winner_author = {now_ms_, session_.config().node.value, "", session_.user()};
  record.loser_author = author_of(shape, key, current);
  record.rule = "changed after run " + result_.run_id.substr(0, kShortId) +
                ", which was undone: the values from before the run are back";
  record_conflict(session_.local(), record, now_ms_);
  ++result_.conflicts;
}

// As far as it is known here: an edit that was not sent yet is ours.
Author UndoApplier::author_of(const TableShape& shape, const KeyImage& key,
                              const RowImage& current) {
  Author author;
  const auto values = decode_image(current);
  if (shape.updated_at) author.at_ms = parse_stamp(values.at(*shape.updated_at)).value_or(0);
  RowImage published;
  const bool is_sent = session_.base().table(shape.id).read(key, published) && published == current;
  if (!is_sent) {
    author.node = session_.config().node.value;
    author.user = session_.user();
  } else if (shape.updated_by && values.at(*shape.updated_by).type == ValueType::kText) {
    author.user = std::string(values[*shape.updated_by].bytes);
  }
  return author;
}

std::vector<std::string> guarded_tables(Base& base,
                                        const std::map<std::string, UndoneTable>& tables) {
  std::vector<std::string> guarded;
  for (const auto& [name, table] : tables) {
    if (table.deleted <= kGuardRows) continue;
    const TableShape* shape = base.find_shape(name);
    if (!shape) continue;
    const std::uint64_t rows = base.table(shape->id).count();
    if (table.deleted * 100 > rows * kGuardPercent) guarded.push_back(name);
  }
  return guarded;
}

}  // namespace tidesync
