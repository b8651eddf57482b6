#include "cli/sql.h"

#include <algorithm>
#include <boost/filesystem/operations.hpp>
#include <boost/filesystem/path.hpp>
#include <fstream>
#include <iterator>
#include <set>

#include "base/text.h"
#include "base/value.h"

namespace tidesync::test {
namespace {

constexpr std::size_t kShownBytes = 1500;

std::string shown(const ValueView& value) {
  switch (value.type) {
    case ValueType::kNull:
      return "NULL";
    case ValueType::kInteger:
      return std::to_string(value.integer);
    case ValueType::kReal:
      return std::to_string(value.real);
    default:
      return std::string(value.bytes);
  }
}

std::string shown_row(const RowImage& row) {
  std::vector<std::string> parts;
  for (ValueReader reader(row); !reader.at_end();) {
    parts.push_back(printable(shown(reader.next())).substr(0, 80));
  }
  return join(parts, "|");
}

std::string column_list(Database& db, const std::string& table) {
  std::vector<std::string> names;
  // synced_at says when a row arrived on this computer, and is not synced itself.
  Statement rows = db.prepare(
      "SELECT name FROM pragma_table_xinfo(?1) WHERE hidden = 0 AND name <> 'synced_at'");
  rows.bind_text(1, table);
  while (rows.step()) names.push_back(quote_name(rows.get_text(0)));
  return join(names, ",");
}

// All rows as encoded images, in the order of their bytes.
std::vector<RowImage> rows_of(Database& db, const std::string& table, const std::string& columns) {
  std::vector<RowImage> images;
  Statement rows = db.prepare("SELECT " + columns + " FROM " + quote_name(table));
  while (rows.step()) {
    images.emplace_back();
    rows.append_columns(images.back(), 0, rows.column_count());
  }
  std::sort(images.begin(), images.end());
  return images;
}

std::string table_difference(Database& a, Database& b, const std::string& table) {
  if (!b.has_table(table)) return table + " is missing in " + to_utf8(b.file()) + "\n";
  const std::string columns = column_list(a, table);
  if (columns != column_list(b, table)) return table + " has other columns\n";
  const auto in_a = rows_of(a, table, columns);
  const auto in_b = rows_of(b, table, columns);
  std::vector<RowImage> only_a;
  std::vector<RowImage> only_b;
  std::set_difference(in_a.begin(), in_a.end(), in_b.begin(), in_b.end(),
                      std::back_inserter(only_a));
  std::set_difference(in_b.begin(), in_b.end(), in_a.begin(), in_a.end(),
                      std::back_inserter(only_b));
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(2, only_a.size()); ++i) {
    text += table + " only in " + to_utf8(a.file()) + ": " + shown_row(only_a[i]) + "\n";
  }
  for (std::size_t i = 0; i < std::min<std::size_t>(2, only_b.size()); ++i) {
    text += table + " only in " + to_utf8(b.file()) + ": " + shown_row(only_b[i]) + "\n";
  }
  return text;
}

std::string content_of(const Path& file) {
  std::ifstream stream(file.string(), std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

}  // namespace

Database open_as_application(const Path& file) {
  Database db = Database::open(file, OpenMode::kCreate);
  db.exec("PRAGMA foreign_keys = ON");
  return db;
}

void sql(const Path& file, const std::string& statements) {
  open_as_application(file).exec(statements);
}

std::string ask(const Path& file, const std::string& query) {
  Database db = Database::open(file, OpenMode::kReadOnly);
  Statement rows = db.prepare(query);
  std::vector<std::string> lines;
  while (rows.step()) {
    std::vector<std::string> parts;
    for (int i = 0; i < rows.column_count(); ++i) parts.push_back(shown(rows.column(i)));
    lines.push_back(join(parts, "|"));
  }
  return join(lines, "\n");
}

std::int64_t count(const Path& file, const std::string& table_and_condition) {
  return Database::open(file, OpenMode::kReadOnly)
      .get_int("SELECT count(*) FROM " + table_and_condition);
}

std::vector<std::string> synced_tables(const Path& file, const std::vector<std::string>& without) {
  Database db = Database::open(file, OpenMode::kReadOnly);
  Statement rows = db.prepare(
      "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
      " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE 'tidesync\\_%' ESCAPE '\\'"
      " AND name <> 'sync_log' ORDER BY name");
  std::vector<std::string> tables;
  while (rows.step()) {
    const std::string name = rows.get_text(0);
    if (std::find(without.begin(), without.end(), name) == without.end()) tables.push_back(name);
  }
  return tables;
}

std::string difference(const Path& a, const Path& b, const std::vector<std::string>& tables) {
  Database left = Database::open(a, OpenMode::kReadOnly);
  Database right = Database::open(b, OpenMode::kReadOnly);
  std::string text;
  for (const std::string& table : tables) {
    if (text.size() < kShownBytes) text += table_difference(left, right, table);
  }
  return text;
}

std::string defects(const Path& file) {
  const std::string integrity = ask(file, "PRAGMA integrity_check");
  return (integrity == "ok" ? "" : integrity) + ask(file, "PRAGMA foreign_key_check");
}

std::map<std::string, std::string> snapshot(const Path& folder_or_file) {
  namespace fs = boost::filesystem;
  std::map<std::string, std::string> found;
  if (!fs::exists(folder_or_file)) return found;
  if (!fs::is_directory(folder_or_file)) {
    found[folder_or_file.string()] = content_of(folder_or_file);
    return found;
  }
  for (const auto& entry : fs::recursive_directory_iterator(folder_or_file)) {
    const bool folder = fs::is_directory(entry.path());
    found[entry.path().string()] = folder ? "folder" : content_of(entry.path());
  }
  return found;
}

std::string changed_since(const std::map<std::string, std::string>& before,
                          const Path& folder_or_file) {
  const auto after = snapshot(folder_or_file);
  std::string text;
  for (const auto& [name, content] : before) {
    const auto now = after.find(name);
    if (now == after.end()) {
      text += "removed: " + name + "\n";
    } else if (now->second != content) {
      text += "changed: " + name + "\n";
    }
  }
  for (const auto& [name, content] : after) {
    if (before.count(name) == 0) text += "added: " + name + "\n";
  }
  return text;
}

}  // namespace tidesync::test
