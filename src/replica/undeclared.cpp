#include "replica/undeclared.h"

#include <algorithm>

#include "base/text.h"

namespace tidesync {
namespace {

constexpr int kMaxValues = 10'000;

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() > end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// "customer_id", "customerId", "CustomerID" -> "customer"; "" for other names.
std::string thing_named(const std::string& column) {
  const std::string lower = to_lower_ascii(column);
  if (ends_with(lower, "_id")) return lower.substr(0, lower.size() - 3);
  const bool camel = ends_with(column, "Id") || (ends_with(column, "ID") && column != lower);
  return camel ? lower.substr(0, lower.size() - 2) : std::string();
}

bool is_table_of(const std::string& table, const std::string& thing) {
  if (thing.empty()) return false;
  const std::string lower = to_lower_ascii(table);
  const std::string stem = thing.substr(0, thing.size() - 1);
  return lower == thing || lower == thing + "s" || lower == thing + "es" ||
         (thing.back() == 'y' && lower == stem + "ies");
}

bool has_integer_key(const TableShape& shape) {
  return !shape.system && shape.key.size() == 1 && !shape.without_rowid &&
         to_lower_ascii(shape.columns[shape.key[0]].decl_type) == "integer";
}

bool is_whole_number(const ColumnShape& column) {
  return to_lower_ascii(column.decl_type).find("int") != std::string::npos;
}

bool may_refer(const TableShape& child, std::size_t column, const TableShape& parent) {
  if (!has_integer_key(parent)) return false;
  const std::string& name = child.columns[column].name;
  const std::string& key = parent.columns[parent.key[0]].name;
  const bool is_named_as_key = to_lower_ascii(name) == to_lower_ascii(key) &&
                               to_lower_ascii(key) != "id" && &child != &parent;
  return is_named_as_key || is_table_of(parent.name, thing_named(name));
}

// Some values, and each of them is the key of a row.
bool all_occur(Database& db, const TableShape& child, std::size_t column,
               const TableShape& parent) {
  const std::string value = quote_name(child.columns[column].name);
  const std::string key = quote_name(parent.columns[parent.key[0]].name);
  Statement count =
      db.prepare("SELECT count(*), ifnull(sum(EXISTS (SELECT 1 FROM " + quote_name(parent.name) +
                 " AS p WHERE p." + key + " = v.x)), 0) FROM (SELECT DISTINCT " + value +
                 " AS x FROM " + quote_name(child.name) + " WHERE " + value +
                 " IS NOT NULL LIMIT " + std::to_string(kMaxValues) + ") AS v");
  return count.step() && count.get_int(0) > 0 && count.get_int(0) == count.get_int(1);
}

}  // namespace

std::vector<ConfiguredReference> find_undeclared_references(Database& db,
                                                            const std::vector<TableShape>& shapes) {
  std::vector<ConfiguredReference> found;
  for (const TableShape& child : shapes) {
    if (child.system) continue;
    for (std::size_t i = 0; i < child.columns.size(); ++i) {
      const ColumnShape& column = child.columns[i];
      if (column.in_foreign_key || !is_whole_number(column)) continue;
      // The table's own number refers to nothing.
      if (has_integer_key(child) && child.key[0] == i) continue;
      const auto parent = std::find_if(shapes.begin(), shapes.end(), [&](const TableShape& shape) {
        return may_refer(child, i, shape) && all_occur(db, child, i, shape);
      });
      if (parent != shapes.end()) found.push_back({child.name, column.name, parent->name, ""});
    }
  }
  return found;
}

std::string references_line(const std::vector<ConfiguredReference>& references) {
  std::vector<std::string> texts;
  for (const ConfiguredReference& reference : references)
    texts.push_back(quoted(reference_text(reference)));
  return "references = [" + join(texts, ", ") + "]";
}

}  // namespace tidesync
