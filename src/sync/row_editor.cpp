#include "sync/row_editor.h"

#include <cmath>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "merge/stamp_format.h"
#include "replica/search_index.h"

namespace tidesync {
namespace {

constexpr std::size_t kNamedRows = 20;

// The same for values that a foreign key takes for equal (1 and '1', 'a' and 'A' under NOCASE), and
// perhaps for more: then a row is named that was broken before, and nothing worse happens.
std::string loose(const ValueView& value) {
  switch (value.type) {
    case ValueType::kText:
      return to_lower_ascii(value.bytes);
    case ValueType::kReal:
      if (std::abs(value.real) < 1e15 && value.real == std::floor(value.real))
        return std::to_string(static_cast<std::int64_t>(value.real));
      return display(value);
    default:
      return display(value);
  }
}

std::string reference_id(std::uint32_t child, std::size_t position, const std::string& what) {
  return std::to_string(child) + "/" + std::to_string(position) + "/" + what;
}

std::string values_id(const RowImage& row, const std::vector<std::size_t>& columns) {
  const auto values = decode_image(row);
  std::string id;
  for (const std::size_t column : columns) id += loose(values.at(column)) + '\0';
  return id;
}

// Positions in the parent of the columns that the key refers to; empty when it has not all of them.
std::vector<std::size_t> parent_columns(const TableShape& parent, const ForeignKeyShape& key) {
  std::vector<std::size_t> columns;
  for (const std::string& name : key.parent_columns) {
    const auto column = parent.find_column(name);
    if (!column) return {};
    columns.push_back(*column);
  }
  return columns;
}

std::string missing_parent_query(const TableShape& child, const ForeignKeyShape& key) {
  std::vector<std::string> present, equal;
  for (std::size_t i = 0; i < key.child_columns.size(); ++i) {
    const std::string name = "c." + quote_name(child.columns[key.child_columns[i]].name);
    present.push_back(name + " IS NOT NULL");
    // The parent's column comes first: it is its collation that counts.
    equal.push_back("p." + quote_name(key.parent_columns[i]) + " = " + name);
  }
  return "SELECT " + select_list(child) + " FROM " + quote_name(child.name) + " AS c WHERE " +
         join(present, " AND ") + " AND NOT EXISTS (SELECT 1 FROM " + quote_name(key.parent_table) +
         " AS p WHERE " + join(equal, " AND ") + ")";
}

bool has_absent(const TableShape& shape) {
  for (const ColumnShape& column : shape.columns) {
    if (column.absent) return true;
  }
  return false;
}

}  // namespace

RowEditor::RowEditor(Local& local, std::string operation, std::int64_t now_ms)
    : local_(local), operation_(std::move(operation)), now_ms_(now_ms) {}

void RowEditor::put(const TableShape& shape, const KeyImage& key, const RowImage* before,
                    const RowImage* after, bool is_new_record) {
  if (!before && !after) return;
  if (before && after && *before == *after) return;
  RowWriter& writer = writers_.try_emplace(shape.id, local_.table(shape.id)).first->second;
  if (writer.put(key, before, after) == WriteOutcome::kConstraint) {
    throw Error(ErrorCode::kGuard, operation_, shape.name + " " + display_key(shape, key),
                "a rule of the table (CHECK, NOT NULL or a type) refuses the values",
                "Nothing was changed. Give other values.");
  }
  const HintKind kind = !after                     ? HintKind::kDeleted
                        : !before && is_new_record ? HintKind::kInserted
                                                   : HintKind::kUpdated;
  local_.add_hint(shape.id, key, kind, now_ms_);
  if (after && has_absent(shape)) local_.edited_absent().put(shape.id, key, *after);
  note_references(shape, key, before, after);
}

void RowEditor::note_references(const TableShape& shape, const KeyImage& key,
                                const RowImage* before, const RowImage* after) {
  for (std::size_t i = 0; i < shape.foreign_keys.size(); ++i) {
    const auto& columns = shape.foreign_keys[i].child_columns;
    if (!after || (before && values_id(*before, columns) == values_id(*after, columns))) continue;
    to_check_.insert({shape.id, i});
    moved_children_.insert(reference_id(shape.id, i, key));
  }
  if (!before) return;
  for (const TableShape& child : local_.shapes()) {
    for (std::size_t i = 0; i < child.foreign_keys.size(); ++i) {
      const ForeignKeyShape& foreign = child.foreign_keys[i];
      if (to_lower_ascii(foreign.parent_table) != to_lower_ascii(shape.name)) continue;
      const auto columns = parent_columns(shape, foreign);
      if (columns.empty()) continue;
      const std::string values = values_id(*before, columns);
      if (after && values == values_id(*after, columns)) continue;
      to_check_.insert({child.id, i});
      removed_parents_.insert(reference_id(child.id, i, values));
    }
  }
}

void RowEditor::finish() {
  check_unique();
  check_references();
  std::set<std::uint32_t> tables;
  for (const auto& [table, writer] : writers_) tables.insert(table);
  note_search_indexes_due(local_, tables);
}

void RowEditor::check_unique() {
  for (auto& [table, writer] : writers_) {
    const auto left = writer.finish();
    if (left.empty()) continue;
    const TableShape& shape = local_.table(table).shape();
    throw Error(ErrorCode::kAlreadyExists, operation_,
                shape.name + " " + display_key(shape, key_of(shape, left.front())),
                describe_rival(shape, left.front()),
                "Nothing was changed. Change or delete the other record first.");
  }
}

// Who has a value that must be unique, and which.
std::string RowEditor::describe_rival(const TableShape& shape, const RowImage& image) {
  const auto values = decode_image(image);
  for (const UniqueShape& unique : shape.uniques) {
    if (!unique.plain) continue;
    std::vector<std::string> terms, names;
    for (const std::size_t column : unique.columns) {
      terms.push_back(unique.terms.at(terms.size()) + " = ?" + std::to_string(terms.size() + 1));
      names.push_back(shape.columns[column].name + " = " + display(values.at(column)));
    }
    Statement find = local_.db().prepare("SELECT " + select_list(shape) + " FROM " +
                                         quote_name(shape.name) + " WHERE " + join(terms, " AND "));
    int parameter = 1;
    for (const std::size_t column : unique.columns) find.bind(parameter++, values.at(column));
    if (!find.step()) continue;
    const RowImage rival = local_.table(shape.id).image_of(find);
    return join(names, ", ") + " must be unique and belongs to " + shape.name + " " +
           display_key(shape, key_of(shape, rival)) + " now";
  }
  return "one of its values must be unique and belongs to another record now";
}

void RowEditor::check_references() {
  std::vector<std::string> problems;
  std::uint64_t count = 0;
  for (const Reference& reference : to_check_) find_orphans(reference, problems, count);
  if (count == 0) return;
  std::string text = join(problems, "; ");
  if (count > problems.size()) text += "; and " + with_thousands(count - problems.size()) + " more";
  throw Error(ErrorCode::kGuard, operation_, "references between tables", text,
              "Nothing was changed. Delete or change these rows first, or bring back what they "
              "refer to.");
}

void RowEditor::find_orphans(const Reference& reference, std::vector<std::string>& problems,
                             std::uint64_t& count) {
  const TableShape& child = local_.table(reference.first).shape();
  const ForeignKeyShape& foreign = child.foreign_keys.at(reference.second);
  if (!local_.db().has_table(foreign.parent_table)) return;
  Statement rows = local_.db().prepare(missing_parent_query(child, foreign));
  while (rows.step()) {
    const RowImage row = local_.table(child.id).image_of(rows);
    const KeyImage key = key_of(child, row);
    const bool ours =
        moved_children_.count(reference_id(reference.first, reference.second, key)) > 0 ||
        removed_parents_.count(reference_id(reference.first, reference.second,
                                            values_id(row, foreign.child_columns))) > 0;
    if (!ours) continue;  // it was broken before
    ++count;
    if (problems.size() == kNamedRows) continue;
    const auto values = decode_image(row);
    std::vector<std::string> parent;
    for (std::size_t i = 0; i < foreign.child_columns.size(); ++i) {
      parent.push_back(foreign.parent_columns[i] + " = " +
                       display(values.at(foreign.child_columns[i])));
    }
    problems.push_back(child.name + " " + display_key(child, key) + " refers to " +
                       foreign.parent_table + " " + join(parent, ", ") +
                       ", which would not be there");
  }
}

RowImage stamped(const TableShape& shape, const RowImage& image, const std::string& user,
                 std::int64_t now_ms) {
  RowImage result;
  std::size_t column = 0;
  for (const ValueView& value : decode_image(image)) {
    std::optional<Value> stamp;
    if (column == shape.updated_at) stamp = stamp_like(value, now_ms);
    const bool is_name = column == shape.updated_by && value.type == ValueType::kText &&
                         !shape.columns[column].in_foreign_key && !user.empty();
    if (is_name) stamp = Value::text(user);
    append_value(result, stamp ? stamp->view() : value);
    ++column;
  }
  return result;
}

}  // namespace tidesync
