#include "replica/table_access.h"

#include <algorithm>

#include "base/error.h"
#include "base/mutation.h"
#include "base/text.h"
#include "replica/schema_reader.h"

namespace tidesync {

std::string select_list(const TableShape& shape) {
  std::vector<std::string> terms;
  for (const ColumnShape& column : shape.columns) {
    terms.push_back(column.absent ? column.default_value : quote_name(column.name));
  }
  return join(terms, ",");
}

TableAccess::TableAccess(Database& db, const TableShape& shape, RowLookup absent_values,
                         ExactLookup has_exact)
    : db_(db),
      shape_(shape),
      absent_values_(std::move(absent_values)),
      has_exact_(std::move(has_exact)) {
  std::vector<std::string> names;
  std::vector<std::string> marks;
  for (const ColumnShape& column : shape.columns) {
    has_absent_ = has_absent_ || column.absent;
    sees_through_ =
        sees_through_ || column.absent || column.translated || !column.instead_of_null.empty();
    if (column.absent) continue;
    names.push_back(quote_name(column.name));
    marks.push_back("?");
  }
  sees_through_ = sees_through_ && absent_values_;
  select_list_ = select_list(shape);
  const std::string table = quote_name(shape.name);
  read_ = db.prepare("SELECT " + select_list_ + " FROM " + table + " WHERE " + key_condition(1));
  insert_sql_ = "INSERT OR ABORT INTO " + table + " (" + join(names, ",") + ") VALUES ";
  row_marks_ = "(" + join(marks, ",") + ")";
  parameters_per_row_ = marks.size();
  insert_ = db.prepare(insert_sql_ + row_marks_);
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

TableAccess TableAccess::of_share(Database& db, const TableShape& shape) {
  TableAccess access(db, shape);
  access.exact_ = std::make_unique<ExactRows>(db, shape.id);
  return access;
}

bool TableAccess::read_raw(std::string_view key, RowImage& image) {
  read_.bind_image(1, key);
  const bool found = read_.step();
  image.clear();
  if (found) read_.append_columns(image, 0, static_cast<int>(shape_.columns.size()));
  read_.reset();
  return found && key_of(shape_, image) == key;
}

bool TableAccess::read(std::string_view key, RowImage& image) {
  if (exact_ && exact_->find(key, image)) return true;
  if (!read_raw(key, image)) return false;
  if (sees_through()) image = see_through_share(image);
  return true;
}

bool TableAccess::read_through(std::string_view key, const RowImage& known, RowImage& image) {
  if (!read_raw(key, image)) return false;
  if (!sees_through()) return true;
  image = see_through(image, known, Absent::kTaken);
  // A value that both sides gave: here it stands in another form.
  RowImage present;
  if (absent_values_(shape_, key, present)) image = see_through(image, present, Absent::kLeft);
  return true;
}

RowImage TableAccess::image_of(const Statement& row) const {
  RowImage image;
  row.append_columns(image, 0, static_cast<int>(shape_.columns.size()));
  if (exact_ && exact_->any()) exact_->find(key_of(shape_, image), image);
  return sees_through() ? see_through_share(image) : image;
}

void TableAccess::append_image(const Statement& row, std::string& out) const {
  if (sees_through() || (exact_ && exact_->any())) {
    out.append(image_of(row));
  } else {
    row.append_columns(out, 0, static_cast<int>(shape_.columns.size()));
  }
}

RowImage TableAccess::see_through_share(const RowImage& image) const {
  RowImage known;
  if (!absent_values_(shape_, key_of(shape_, image), known)) return image;
  return see_through(image, known, Absent::kTaken);
}

RowImage TableAccess::see_through(const RowImage& image, const RowImage& known,
                                  Absent absent) const {
  const auto mine = split_image(image);
  const auto theirs = split_image(known);
  RowImage seen;
  for (std::size_t i = 0; i < mine.size(); ++i)
    seen.append(shape_.columns[i].absent
                    ? (absent == Absent::kTaken ? theirs.at(i) : mine[i])
                    : (stands_for(i, mine[i], theirs.at(i)) ? theirs[i] : mine[i]));
  return seen;
}

// Whether the column here holds what it makes of the share's value.
bool TableAccess::stands_for(std::size_t i, std::string_view here, std::string_view known) const {
  const ColumnShape& column = shape_.columns[i];
  if (here == known) return false;
  const bool is_null = here[0] == static_cast<char>(ValueType::kNull);
  if (is_null) return !column.instead_of_null.empty() && known == column.instead_of_null;
  if (!column.translated && !may_convert(column.affinity, known)) return false;
  if (mutated(Mutation::kTypesTrusted)) return false;
  auto form = forms_.find(i);
  if (form == forms_.end()) {
    const std::string encoding = db_.get_text("PRAGMA encoding");
    form = forms_.try_emplace(i, column.decl_type, encoding).first;
  }
  return form->second.of(known) == here;
}

bool TableAccess::may_be_converted(std::string_view image) const {
  ValueReader reader(image);
  for (const ColumnShape& column : shape_.columns) {
    if (may_convert(column.affinity, reader.next_encoded())) return true;
  }
  return false;
}

// After a write to a base copy.
WriteOutcome TableAccess::keep_exactly(std::string_view key, std::string_view image,
                                       WriteOutcome outcome) {
  if (!exact_ || outcome != WriteOutcome::kDone) return outcome;
  RowImage stored;
  if (may_be_converted(image) && (!read_raw(key, stored) || stored != image)) {
    exact_->put(key, image);
  } else {
    exact_->remove(key);
  }
  return outcome;
}

int TableAccess::bind_present(Statement& statement, int parameter, std::string_view image) const {
  if (!has_absent_) return statement.bind_image(parameter, image);
  const auto parts = split_image(image);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!shape_.columns[i].absent) parameter = statement.bind_image(parameter, parts[i]);
  }
  return parameter;
}

WriteOutcome TableAccess::insert(std::string_view image) {
  bind_present(insert_, 1, image);
  const WriteOutcome outcome = insert_.run_write();
  if (outcome == WriteOutcome::kDone && !erased_.empty()) give_unshared_back(key_of(shape_, image));
  if (watcher_ && outcome == WriteOutcome::kDone) watcher_(RowImage(image));
  return exact_ ? keep_exactly(key_of(shape_, image), image, outcome) : outcome;
}

std::size_t TableAccess::rows_at_once() const {
  constexpr std::size_t kMostRows = 50;
  constexpr std::size_t kMostParameters = 2000;  // of 32,766 that SQLite takes
  return std::clamp<std::size_t>(kMostParameters / parameters_per_row_, 1, kMostRows);
}

WriteOutcome TableAccess::insert_all(const std::vector<std::string_view>& images) {
  if (exact_ && std::any_of(images.begin(), images.end(),
                            [&](std::string_view image) { return may_be_converted(image); }))
    return WriteOutcome::kConstraint;  // one by one
  if (!insert_all_) {
    const std::vector<std::string> marks(rows_at_once(), row_marks_);
    insert_all_ = db_.prepare(insert_sql_ + join(marks, ","));
  }
  int parameter = 1;
  for (const std::string_view image : images)
    parameter = bind_present(*insert_all_, parameter, image);
  return insert_all_->run_write();
}

// Columns that this database has and the share has not.
const std::vector<TableAccess::UnsharedColumn>& TableAccess::unshared_columns() {
  if (unshared_) return *unshared_;
  unshared_.emplace();
  for (const ListedColumn& column : read_columns(db_, shape_.name)) {
    if (!column.generated && column.pk == 0 && !shape_.find_column(column.name))
      unshared_->push_back(
          {column.name, quote_name(column.name), column.has_default ? column.default_sql : "NULL"});
  }
  return *unshared_;
}

std::string TableAccess::unshared_list() const {
  std::vector<std::string> names;
  for (const UnsharedColumn& column : *unshared_) names.push_back(column.name);
  return join(names, ",");
}

bool TableAccess::has_unshared_values(std::string_view key, const std::set<std::string>& given_up) {
  std::vector<std::string> terms;
  for (const UnsharedColumn& column : unshared_columns()) {
    if (given_up.count(to_lower_ascii(shape_.name + "." + column.plain_name)) == 0)
      terms.push_back(column.name + " IS NOT (" + column.default_sql + ")");
  }
  if (terms.empty()) return false;
  Statement& find = db_.cached("SELECT 1 FROM " + quote_name(shape_.name) + " WHERE " +
                               key_condition(1) + " AND (" + join(terms, " OR ") + ")");
  find.bind_image(1, key);
  const bool found = find.step();
  find.reset();
  return found;
}

void TableAccess::keep_unshared(std::string_view key) {
  if (unshared_columns().empty()) return;
  Statement& find = db_.cached("SELECT " + unshared_list() + " FROM " + quote_name(shape_.name) +
                               " WHERE " + key_condition(1));
  find.bind_image(1, key);
  if (find.step()) {
    RowImage& values = erased_[std::string(key)];
    values.clear();
    find.append_columns(values, 0, static_cast<int>(unshared_->size()));
  }
  find.reset();
}

void TableAccess::give_unshared_back(std::string_view key) {
  const auto found = erased_.find(key);
  if (found == erased_.end()) return;
  std::vector<std::string> terms;
  for (const UnsharedColumn& column : *unshared_)
    terms.push_back(column.name + " = ?" + std::to_string(terms.size() + 1));
  Statement& update = db_.cached("UPDATE " + quote_name(shape_.name) + " SET " + join(terms, ",") +
                                 " WHERE " + key_condition(static_cast<int>(terms.size()) + 1));
  update.bind_image(update.bind_image(1, found->second), key);
  update.run_write();  // a rule of the newer application may want otherwise
  erased_.erase(found);
}

WriteOutcome TableAccess::update(std::string_view key, std::string_view old_image,
                                 std::string_view new_image) {
  const auto before = split_image(old_image);
  const auto after = split_image(new_image);
  std::string changed_set;
  std::vector<std::size_t> changed;
  for (std::size_t i = 0; i < after.size(); ++i) {
    const bool differs = before.at(i) != after[i] && !shape_.columns[i].absent;
    changed_set.push_back(differs ? '1' : '0');
    if (differs) changed.push_back(i);
  }
  if (changed.empty()) return WriteOutcome::kDone;
  // A row of which the table has something else is written whole.
  if (exact_ && exact_->any()) {
    RowImage exact;
    if (exact_->find(key, exact)) {
      changed.clear();
      changed_set.assign(after.size(), '1');
      for (std::size_t i = 0; i < after.size(); ++i) changed.push_back(i);
    }
  }
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
  const WriteOutcome outcome = statement.run_write();
  if (watcher_ && outcome == WriteOutcome::kDone) watcher_(RowImage(new_image));
  return exact_ ? keep_exactly(key_of(shape_, new_image), new_image, outcome) : outcome;
}

void TableAccess::erase(std::string_view key) {
  keep_unshared(key);
  if (exact_) exact_->remove(key);
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
  return db_.prepare("SELECT " + select_list_ + " FROM " + quote_name(shape_.name) + " WHERE " +
                     not_null_condition());
}

Statement TableAccess::scan_by_number() {
  return db_.prepare("SELECT " + select_list_ + " FROM " + quote_name(shape_.name) + " ORDER BY " +
                     quote_name(shape_.columns[shape_.key[0]].name));
}

}  // namespace tidesync
