#include "oracle/update_schema.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace tidesync::oracle {
namespace {

std::string column_sql(const UpdateColumn& column) {
  std::string sql = column.name + " " + column.type;
  if (!column.rules.empty()) sql += " " + column.rules;
  if (column.unique) sql += " UNIQUE";
  if (!column.reference.empty()) sql += " REFERENCES " + column.reference;
  return sql;
}

std::string table_sql(const UpdateTable& table, const std::string& name) {
  std::vector<std::string> columns;
  for (const UpdateColumn& column : table.columns) columns.push_back(column_sql(column));
  return "CREATE TABLE " + name + " (" + join(columns, ", ") + ")";
}

// New column name -> SQL over the old table.
using Values = std::map<std::string, std::string>;

class Stepper {
 public:
  Stepper(const UpdateTables& now, Random& random,
          std::vector<std::pair<std::string, UpdateColumn>>& dropped)
      : random_(random), dropped_(dropped) {
    step_.after = now;
  }

  UpdateStep make() {
    for (;;) {
      if (try_one()) return step_;
    }
  }

 private:
  UpdateTable& some_table() {
    auto at = step_.after.begin();
    std::advance(at, static_cast<long>(random_.below(step_.after.size())));
    return at->second;
  }
  // A column that is neither the key nor a reference; nullptr: none.
  UpdateColumn* some_column(UpdateTable& table) {
    std::vector<UpdateColumn*> found;
    for (UpdateColumn& column : table.columns) {
      if (column.name != table.key && column.reference.empty() &&
          column.rules.find("PRIMARY") == std::string::npos)
        found.push_back(&column);
    }
    return found.empty() ? nullptr : found[random_.below(found.size())];
  }

  bool try_one() {
    switch (random_.below(15)) {
      case 0:
      case 1:
        return add_column();
      case 2:
        return drop_column();
      case 3:
      case 4:
        return bring_back();
      case 5:
        return rename_column();
      case 6:
      case 7:
        return change_type();
      case 8:
        return add_unique();
      case 9:
        return change_null();
      case 10:
        return add_table();
      case 11:
        return rename_by_case();
      case 12:
        return change_reference();
      case 13:
        return change_key();
      default:
        return only_rebuild();
    }
  }

  std::string fresh_name(const UpdateTable& table) {
    for (int n = 1;; ++n) {
      const std::string name = "x" + std::to_string(n);
      UpdateTable copy = table;
      const bool was_there = std::any_of(dropped_.begin(), dropped_.end(), [&](const auto& gone) {
        return gone.first == to_lower_ascii(table.name) && gone.second.name == name;
      });
      if (!copy.find(name) && !was_there) return name;
    }
  }

  UpdateColumn new_column(const UpdateTable& table) {
    static const char* const kTypes[] = {"TEXT", "TEXT", "INTEGER", "REAL", "NUMERIC", ""};
    UpdateColumn column{fresh_name(table), kTypes[random_.below(6)], "", "", false, false};
    switch (random_.below(4)) {
      case 0:
        column.rules = column.type == "TEXT" ? "DEFAULT 'none'" : "DEFAULT 0";
        break;
      case 1:
        column.rules = column.type == "TEXT" ? "NOT NULL DEFAULT ''" : "NOT NULL DEFAULT 1";
        column.not_null = true;
        break;
      default:
        break;
    }
    return column;
  }

  bool add_column() {
    UpdateTable& table = some_table();
    if (table.columns.size() > 9) return false;
    const UpdateColumn column = new_column(table);
    step_.what = "new column " + table.name + "." + column.name;
    if (random_.below(2)) {
      step_.sql = "ALTER TABLE " + table.name + " ADD COLUMN " + column_sql(column) + ";";
      table.columns.push_back(column);
    } else {
      const UpdateTable before = table;
      table.columns.insert(
          table.columns.begin() + 1 + static_cast<long>(random_.below(table.columns.size())),
          column);
      rebuild(before, table, {});
    }
    if (random_.below(3) == 0 && column.type != "TEXT")
      step_.sql += "UPDATE " + table.name + " SET " + column.name + " = 7;";
    return true;
  }

  bool drop_column() {
    UpdateTable& table = some_table();
    UpdateColumn* column = some_column(table);
    if (!column || column->unique || table.columns.size() < 3) return false;
    const UpdateTable before = table;
    const UpdateColumn gone = *column;
    dropped_.emplace_back(to_lower_ascii(table.name), gone);
    std::erase_if(table.columns, [&](const auto& c) { return c.name == gone.name; });
    step_.what = "dropped " + table.name + "." + gone.name;
    step_.dropped = to_lower_ascii(table.name) + "." + gone.name;
    if (random_.below(2)) {
      step_.sql = "ALTER TABLE " + table.name + " DROP COLUMN " + gone.name + ";";
    } else {
      rebuild(before, table, {});
    }
    return true;
  }

  bool bring_back() {
    if (dropped_.empty()) return false;
    const std::size_t which = random_.below(dropped_.size());
    const auto [name, column] = dropped_[which];
    const auto found = step_.after.find(name);
    if (found == step_.after.end() || found->second.find(column.name)) return false;
    dropped_.erase(dropped_.begin() + static_cast<long>(which));
    UpdateTable& table = found->second;
    step_.what = "back again: " + table.name + "." + column.name;
    const bool has_check = column.rules.find("CHECK") != std::string::npos;
    const bool needs_default = column.not_null && column.rules.find("DEFAULT") == std::string::npos;
    if (random_.below(2) && !has_check && !needs_default) {
      step_.sql = "ALTER TABLE " + table.name + " ADD COLUMN " + column_sql(column) + ";";
      table.columns.push_back(column);
    } else {
      const UpdateTable before = table;
      table.columns.push_back(column);
      Values values;
      if (needs_default) values[column.name] = "''";
      rebuild(before, table, values);
    }
    return true;
  }

  bool rename_column() {
    UpdateTable& table = some_table();
    UpdateColumn* column = some_column(table);
    if (!column || column->rules.find("CHECK") != std::string::npos) return false;
    const UpdateTable before = table;
    const std::string old = column->name;
    const std::string fresh = "r" + std::to_string(table.columns.size()) + old;
    if (fresh.size() > 8 || old == "updated_at") return false;
    column->name = fresh;
    step_.what = "renamed " + table.name + "." + old + " to " + fresh;
    if (random_.below(2)) {
      step_.sql = "ALTER TABLE " + table.name + " RENAME COLUMN " + old + " TO " + fresh + ";";
    } else {
      rebuild(before, table, {{fresh, old}});
    }
    return true;
  }

  bool change_type() {
    UpdateTable& table = some_table();
    UpdateColumn* column = some_column(table);
    if (!column) return false;
    static const char* const kTypes[] = {"TEXT", "INTEGER", "REAL", "NUMERIC", ""};
    const std::string type = kTypes[random_.below(5)];
    if (type == column->type) return false;
    const UpdateTable before = table;
    step_.what = table.name + "." + column->name + " from " + column->type + " to " + type;
    column->type = type;
    rebuild(before, table, {});
    return true;
  }

  bool add_unique() {
    UpdateTable& table = some_table();
    if (table.columns.size() > 9) return false;
    UpdateColumn column{
        fresh_name(table), random_.below(2) ? "INTEGER" : "TEXT", "", "", false, true};
    const UpdateTable before = table;
    step_.what = "new UNIQUE column " + table.name + "." + column.name;
    // Numbered in the order in which the rows stand here, newest first or oldest first.
    const bool up = random_.below(2) == 0;
    const std::string number = "(SELECT count(*) FROM " + before.name + " AS o WHERE o.rowid " +
                               (up ? "<" : ">") + "= " + before.name + ".rowid)";
    table.columns.push_back(column);
    rebuild(before, table, {{column.name, column.type == "TEXT" ? "'N' || " + number : number}});
    return true;
  }

  bool change_null() {
    UpdateTable& table = some_table();
    UpdateColumn* column = some_column(table);
    if (!column || column->unique) return false;
    const UpdateTable before = table;
    Values values;
    column->not_null = !column->not_null;
    if (column->not_null) {
      const std::string filled = column->type == "TEXT" ? "'filled'" : "3";
      column->rules = random_.below(2) ? "NOT NULL DEFAULT " + filled : "NOT NULL";
      values[column->name] = "ifnull(" + column->name + ", " + filled + ")";
    } else {
      column->rules = "";
    }
    step_.what =
        table.name + "." + column->name + " is " + (column->not_null ? "NOT " : "") + "NULL now";
    rebuild(before, table, values);
    return true;
  }

  bool add_table() {
    if (step_.after.size() > 4) return false;
    const std::string name = "extra" + std::to_string(step_.after.size());
    if (step_.after.count(name) > 0) return false;
    UpdateTable table;
    table.name = name;
    table.key = "id";
    table.columns = {{"id", "INTEGER", "PRIMARY KEY", "", false, false},
                     {"a", "TEXT", "", "", false, false},
                     {"item", "", "", "item (" + step_.after.at("item").key + ")", false, false}};
    step_.what = "new table " + name;
    step_.sql = table_sql(table, name) + ";";
    step_.after[name] = table;
    return true;
  }

  bool rename_by_case() {
    UpdateTable& table = some_table();
    const std::string old = table.name;
    table.name[0] = table.name[0] >= 'a' ? static_cast<char>(table.name[0] - 32)
                                         : static_cast<char>(table.name[0] + 32);
    step_.what = "renamed " + old + " to " + table.name;
    // SQLite takes the two for one name, so tools go through a third.
    step_.sql = "ALTER TABLE " + old +
                " RENAME TO between_names; ALTER TABLE between_names RENAME TO " + table.name + ";";
    return true;
  }

  bool change_reference() {
    UpdateTable& table = some_table();
    const UpdateTable before = table;
    for (UpdateColumn& column : table.columns) {
      if (column.name != "ref") continue;
      column.reference = column.reference.empty() ? "grp" : "";
      step_.what = table.name + ".ref " + (column.reference.empty() ? "no longer" : "now") +
                   " refers to grp";
      Values values;
      if (!column.reference.empty())
        values["ref"] = "(SELECT id FROM grp WHERE grp.id = " + before.name + ".ref)";
      rebuild(before, table, values);
      return true;
    }
    return false;
  }

  bool change_key() {
    UpdateTable& table = some_table();
    const UpdateTable before = table;
    if (!table.key_is_number && !table.find("id")) {
      // A number of its own, as most tools like it; the old key stays UNIQUE NOT NULL.
      table.find(table.key)->rules = "NOT NULL";
      table.find(table.key)->unique = true;
      table.columns.insert(table.columns.begin(),
                           {"id", "INTEGER", "PRIMARY KEY", "", false, false});
      step_.what = table.name + " gets id INTEGER PRIMARY KEY";
      rebuild(before, table, {{"id", "NULL"}});
      return true;
    }
    if (table.key_is_number && table.name == "grp" && random_.below(3) == 0 &&
        table.columns[0].type == "INTEGER") {
      table.columns[0].type = "TEXT";
      table.columns[0].rules = "PRIMARY KEY NOT NULL";
      step_.what = table.name + ".id becomes TEXT";
      rebuild(before, table, {});
      return true;
    }
    return false;
  }

  bool only_rebuild() {
    UpdateTable& table = some_table();
    const UpdateTable before = table;
    if (random_.below(2)) std::swap(table.columns[1], table.columns.back());
    step_.what = "made anew: " + table.name;
    rebuild(before, table, {});
    return true;
  }

  void rebuild(const UpdateTable& before, const UpdateTable& after, const Values& values) {
    const auto style = static_cast<RebuildStyle>(random_.below(4));
    std::vector<std::string> names, copied, sources;
    UpdateTable old = before;
    for (const UpdateColumn& column : after.columns) {
      const auto given = values.find(column.name);
      if (given == values.end() && !old.find(column.name)) continue;
      names.push_back(column.name);
      sources.push_back(given == values.end() ? column.name : given->second);
    }
    const std::string into = " (" + join(names, ", ") + ") ";
    const std::string copy = into + "SELECT " + join(sources, ", ") + " FROM ";
    const std::string& t = before.name;
    std::string& sql = step_.sql;
    switch (style) {
      case RebuildStyle::kNewThenRename:
      case RebuildStyle::kTwelveSteps:
        sql += table_sql(after, "new__" + t) + "; INSERT INTO new__" + t + copy + t +
               "; DROP TABLE " + t + "; ALTER TABLE new__" + t + " RENAME TO " + t + ";";
        step_.keeps_triggers = style == RebuildStyle::kTwelveSteps;
        step_.what += step_.keeps_triggers ? " (twelve steps)" : " (new, then rename)";
        break;
      case RebuildStyle::kRenameThenNew: {
        const bool legacy = random_.below(2) == 0;
        // What refers to the row's own table by name is looked up in the renamed one.
        std::string from_old = copy;
        for (std::size_t at = from_old.find(t + "."); at != std::string::npos;
             at = from_old.find(t + ".", at + t.size() + 5))
          from_old.replace(at, t.size(), t + "_old");
        for (std::size_t at = from_old.find("FROM " + t + " AS"); at != std::string::npos;
             at = from_old.find("FROM " + t + " AS", at + 1))
          from_old.replace(at, 5 + t.size(), "FROM " + t + "_old");
        if (legacy) sql += "PRAGMA legacy_alter_table=ON;";
        sql += "ALTER TABLE " + t + " RENAME TO " + t + "_old; " + table_sql(after, t) +
               "; INSERT INTO " + t + from_old + t + "_old; DROP TABLE " + t + "_old;";
        if (legacy) sql += "PRAGMA legacy_alter_table=OFF;";
        step_.what += legacy ? " (rename, then new)" : " (rename, then new; references follow)";
        break;
      }
      case RebuildStyle::kThroughCopy:
        sql += table_sql(after, "altered_" + t) + "; INSERT INTO altered_" + t + copy + t +
               "; DROP TABLE " + t + "; " + table_sql(after, t) + "; INSERT INTO " + t + into +
               "SELECT " + join(names, ", ") + " FROM altered_" + t + "; DROP TABLE altered_" + t +
               ";";
        step_.what += " (through a copy)";
        break;
    }
    step_.table = t;
  }

  Random& random_;
  std::vector<std::pair<std::string, UpdateColumn>>& dropped_;
  UpdateStep step_;
};

}  // namespace

UpdateColumn* UpdateTable::find(const std::string& column) {
  for (UpdateColumn& c : columns) {
    if (c.name == column) return &c;
  }
  return nullptr;
}

UpdateTables first_version(Random& random) {
  UpdateTables tables;
  UpdateTable grp;
  grp.name = "grp";
  grp.key = "id";
  grp.columns = {{"id", "INTEGER", "PRIMARY KEY", "", false, false},
                 {"a", "TEXT", "", "", false, false}};
  UpdateTable item;
  item.name = "item";
  item.key = "id";
  if (random.below(3) == 0) {
    item.key = "code";
    item.key_is_number = false;
    item.columns.push_back({"code", "TEXT", "PRIMARY KEY NOT NULL", "", true, false});
  } else {
    item.columns.push_back({"id", "INTEGER", "PRIMARY KEY", "", false, false});
  }
  item.columns.push_back({"a", "TEXT", "", "", false, false});
  item.columns.push_back({"b", "TEXT", "", "", false, false});
  item.columns.push_back({"n", "INTEGER", "", "", false, false});
  item.columns.push_back({"ref", "INTEGER", "", "grp", false, false});
  if (random.below(2)) item.columns.push_back({"updated_at", "TEXT", "", "", false, false});
  tables["grp"] = grp;
  tables["item"] = item;
  return tables;
}

std::string create_sql(const UpdateTables& tables) {
  std::string sql;
  for (const auto& [name, table] : tables) sql += table_sql(table, table.name) + ";\n";
  return sql;
}

UpdateStep make_step(const UpdateTables& now, Random& random,
                     std::vector<std::pair<std::string, UpdateColumn>>& dropped) {
  return Stepper(now, random, dropped).make();
}

void run_step(Database& db, const UpdateStep& step) {
  db.clear_cache();
  std::vector<std::string> again;
  if (step.keeps_triggers) {
    Statement rows = db.prepare(
        "SELECT sql FROM sqlite_schema WHERE type IN ('trigger', 'index') AND sql IS NOT NULL"
        " AND tbl_name = ?1 COLLATE NOCASE");
    rows.bind_text(1, step.table);
    while (rows.step()) again.push_back(rows.get_text(0));
  }
  db.exec("PRAGMA foreign_keys=OFF; BEGIN IMMEDIATE");
  try {
    db.exec(step.sql);
    for (const std::string& sql : again) db.exec(sql);
    db.exec("COMMIT; PRAGMA foreign_keys=ON");
  } catch (const Error&) {
    db.exec("ROLLBACK; PRAGMA legacy_alter_table=OFF; PRAGMA foreign_keys=ON");
    throw;
  }
}

}  // namespace tidesync::oracle
