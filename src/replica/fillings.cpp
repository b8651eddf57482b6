#include "replica/fillings.h"

#include "base/text.h"
#include "replica/stored_form.h"

namespace tidesync {
namespace {

bool is_null(std::string_view encoded) {
  return encoded[0] == static_cast<char>(ValueType::kNull);
}

}  // namespace

bool Fillings::is_filling(Database& db, const TableShape& shape, std::size_t column,
                          std::string_view value) {
  const ColumnShape& what = shape.columns[column];
  if (value == stored_literal_image(what.decl_type, what.default_value)) return true;
  const auto [found, is_first] = most_.try_emplace({&db, {shape.id, column}});
  if (is_first) {
    const std::string name = quote_name(what.name);
    Statement most = db.prepare("SELECT " + name + " FROM " + quote_name(shape.name) + " WHERE " +
                                name + " IS NOT NULL GROUP BY " + name +
                                " HAVING count(*) > 1 ORDER BY count(*) DESC LIMIT 1");
    if (most.step()) most.append_columns(found->second, 0, 1);
  }
  return value == found->second;
}

RowImage Fillings::base_for(const TableShape& here, const RowImage& base, const RowImage& mine,
                            const RowImage& theirs) {
  const auto before = split_image(base);
  const auto ours = split_image(mine);
  const auto there = split_image(theirs);
  RowImage result;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const ColumnShape& column = here.columns[i];
    const bool both_changed =
        ours[i] != before[i] && there[i] != before[i] && ours[i] != there[i] && !column.absent;
    if (both_changed && column.not_null && is_null(before[i]) &&
        is_filling(local_, here, i, ours[i])) {
      result += ours[i];
    } else if (both_changed && !column.instead_of_null.empty() &&
               before[i] == column.instead_of_null && is_filling(share_, here, i, there[i])) {
      result += there[i];
    } else {
      result += before[i];
    }
  }
  return result;
}

}  // namespace tidesync
