#include "merge/row_effect.h"

#include <vector>

#include "base/error.h"

namespace tidesync {
namespace {

using Kind = RowEffect::Kind;

[[noreturn]] void cannot_follow() {
  throw Error(ErrorCode::kDamaged, "add up changes", "log",
              "a change does not follow the one before it");
}

// The image with the values that `value_of` gives for some columns; nullptr leaves a column.
template <typename ValueOf>
RowImage with_columns(std::string_view image, ValueOf value_of) {
  RowImage result;
  std::uint16_t column = 0;
  for (const std::string_view part : split_image(image)) {
    const std::string* value = value_of(column++);
    if (value) {
      result.append(*value);
    } else {
      result.append(part);
    }
  }
  return result;
}

RowImage updated(std::string_view image, const Change& change) {
  std::map<std::uint16_t, std::string> values;
  for (const auto& column : change.columns) values[column.column] = std::string(column.new_value);
  return with_columns(image, [&](std::uint16_t column) -> const std::string* {
    const auto found = values.find(column);
    return found == values.end() ? nullptr : &found->second;
  });
}

// A whole row as the log has it now, as it was before the columns were written.
RowImage rewound(std::string_view image,
                 const std::map<std::uint16_t, RowEffect::Column>& columns) {
  return with_columns(image, [&](std::uint16_t column) -> const std::string* {
    const auto found = columns.find(column);
    return found == columns.end() ? nullptr : &found->second.before;
  });
}

void add_update(RowEffect& effect, const Change& change) {
  switch (effect.kind) {
    case Kind::kInserted:
    case Kind::kReplaced:
      effect.after = updated(effect.after, change);
      return;
    case Kind::kUpdated:
      for (const auto& column : change.columns) {
        const auto [at, is_first] = effect.columns.try_emplace(column.column);
        if (is_first) at->second.before = std::string(column.old_value);
        at->second.after = std::string(column.new_value);
      }
      return;
    default:
      cannot_follow();
  }
}

void add_delete(RowEffect& effect, const Change& change) {
  switch (effect.kind) {
    case Kind::kInserted:
      effect = {};
      return;
    case Kind::kReplaced:
      effect.kind = Kind::kDeleted;
      effect.after.clear();
      return;
    case Kind::kUpdated:
      effect.before = rewound(change.old_image, effect.columns);
      effect.kind = Kind::kDeleted;
      effect.columns.clear();
      return;
    default:
      cannot_follow();
  }
}

void add_insert(RowEffect& effect, const Change& change) {
  if (effect.kind != Kind::kNone && effect.kind != Kind::kDeleted) cannot_follow();
  effect.kind = effect.kind == Kind::kNone ? Kind::kInserted : Kind::kReplaced;
  effect.after = RowImage(change.new_image);
}

void append_bytes(std::string& out, std::string_view bytes) {
  append_value(out, ValueView::blob(bytes));
}

}  // namespace

void add_change(RowEffect& effect, const Change& change) {
  switch (change.kind) {
    case ChangeKind::kInsert:
      return add_insert(effect, change);
    case ChangeKind::kUpdate:
      // The row was there before: this is the first that is known of it.
      if (effect.kind == Kind::kNone) effect.kind = Kind::kUpdated;
      return add_update(effect, change);
    case ChangeKind::kDelete:
      if (effect.kind == Kind::kNone) effect.kind = Kind::kUpdated;
      return add_delete(effect, change);
    case ChangeKind::kReplace:
      if (effect.kind == Kind::kNone) effect.kind = Kind::kUpdated;
      add_delete(effect, change);
      return add_insert(effect, change);
  }
}

std::string encode_effect(const RowEffect& effect) {
  std::string out;
  append_value(out, ValueView::of(static_cast<std::int64_t>(effect.kind)));
  append_bytes(out, effect.before);
  append_bytes(out, effect.after);
  for (const auto& [number, column] : effect.columns) {
    append_value(out, ValueView::of(number));
    append_bytes(out, column.before);
    append_bytes(out, column.after);
  }
  return out;
}

RowEffect decode_effect(std::string_view bytes) {
  ValueReader reader(bytes);
  RowEffect effect;
  effect.kind = static_cast<Kind>(reader.next().integer);
  effect.before = std::string(reader.next().bytes);
  effect.after = std::string(reader.next().bytes);
  while (!reader.at_end()) {
    RowEffect::Column& column = effect.columns[static_cast<std::uint16_t>(reader.next().integer)];
    column.before = std::string(reader.next().bytes);
    column.after = std::string(reader.next().bytes);
  }
  return effect;
}

}  // namespace tidesync
