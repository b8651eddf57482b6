#include "replica/table_access.h"

#include "base/error.h"
#include "base/text.h"

namespace tidesync {

TableAccess::TableAccess(Database& db, const TableShape& shape) : db_(db), shape_(shape) {
  std::vector<std::string> names;
  std::vector<std::string> marks;
  for (const ColumnShape& column : shape.columns) {
    names.push_back(quote_name(column.name));
    marks.push_back("?");
  }
  column_list_ = join(names, ",");
  const std::string table = quote_name(shape.name);
  read_ = db.prepare("SELECT " + column_list_ + " FROM " + table + " WHERE " + key_condition(1));
  insert_ = db.prepare("INSERT OR ABORT INTO " + table + " (" + column_list_ + ") VALUES (" +
                       join(marks, ",") + ")");
  erase_ = db.prepare("DELETE FROM " + table + " WHERE " + key_condition(1));
}

std::string TableAccess::key_condition(int first_parameter) const {
  std::vector<std::string> terms;
  for (const std::size_t column : shape_.key) {
    terms.push_back(quote_name(shape_.columns[column].name) + " = ?" +
                    std::to_string(first_parameter++));
  }
  return join(terms, " AND ");
}

std::string TableAccess::not_null_condition() const {
  std::vector<std::string> terms;
  for (const std::size_t column : shape_.key) {
    terms.push_back(quote_name(shape_.columns[column].name) + " IS NOT NULL");
  }
  return join(terms, " AND ");
}

bool TableAccess::read(std::string_view key, RowImage& image) {
  read_.bind_image(1, key);
  const bool found = read_.step();
  if (found) image = image_of(read_);
  read_.reset();
  return found && key_of(shape_, image) == key;
}

RowImage TableAccess::image_of(const Statement& row) const {
  RowImage image;
  row.append_columns(image, 0, static_cast<int>(shape_.columns.size()));
  return image;
}

WriteOutcome TableAccess::insert(std::string_view image) {
  insert_.bind_image(1, image);
  return insert_.run_write();
}

WriteOutcome TableAccess::update(std::string_view key, std::string_view old_image,
                                 std::string_view new_image) {
  const auto before = split_image(old_image);
  const auto after = split_image(new_image);
  std::string changed_set;
  std::vector<std::size_t> changed;
  for (std::size_t i = 0; i < after.size(); ++i) {
    const bool differs = before.at(i) != after[i];
    changed_set.push_back(differs ? '1' : '0');
    if (differs) changed.push_back(i);
  }
  if (changed.empty()) return WriteOutcome::kDone;
  auto found = updates_.find(changed_set);
  if (found == updates_.end()) {
    std::vector<std::string> terms;
    for (const std::size_t i : changed) {
      terms.push_back(quote_name(shape_.columns[i].name) + " = ?" +
                      std::to_string(terms.size() + 1));
    }
    Statement statement =
        db_.prepare("UPDATE OR ABORT " + quote_name(shape_.name) + " SET " + join(terms, ", ") +
                    " WHERE " + key_condition(static_cast<int>(terms.size()) + 1));
    found = updates_.emplace(changed_set, std::move(statement)).first;
  }
  Statement& statement = found->second;
  int parameter = 1;
  for (const std::size_t i : changed) parameter = statement.bind_image(parameter, after[i]);
  statement.bind_image(parameter, key);
  return statement.run_write();
}

void TableAccess::erase(std::string_view key) {
  erase_.bind_image(1, key);
  erase_.run();
}

std::uint64_t TableAccess::count() {
  bool key_may_be_null = false;
  for (const std::size_t column : shape_.key) {
    key_may_be_null = key_may_be_null || !shape_.columns[column].not_null;
  }
  if (shape_.key_kind == KeyKind::kSurrogate || shape_.without_rowid) key_may_be_null = false;
  const std::string sql = "SELECT count(*) FROM " + quote_name(shape_.name) +
                          (key_may_be_null ? " WHERE " + not_null_condition() : "");
  return static_cast<std::uint64_t>(db_.get_int(sql));
}

Statement TableAccess::scan() {
  return db_.prepare("SELECT " + column_list_ + " FROM " + quote_name(shape_.name) + " WHERE " +
                     not_null_condition());
}

}  // namespace tidesync
