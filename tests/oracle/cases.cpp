#include "oracle/cases.h"

#include <stdexcept>

namespace tidesync::oracle {
namespace {

// How a table of records writes the key of record n, in its several forms.
struct KeyStyle {
  std::string declaration;  // of the table's columns and constraints
  std::string suffix;       // behind the parenthesis
  std::string names;        // of the key's columns
  std::string own;          // values of record 2{n}: a key of this computer alone
  std::string values(int n) const { return replace_number(values_text, n); }
  std::string where(int n) const { return replace_number(where_text, n); }
  std::string set(int n) const { return replace_number(set_text, n); }
  std::string values_text, where_text, set_text, set_own;

  static std::string replace_number(std::string text, int n) {
    for (std::size_t at; (at = text.find('#')) != std::string::npos;)
      text.replace(at, 1, std::to_string(n));
    return text;
  }
};

KeyStyle number_key(const std::string& words = "INTEGER PRIMARY KEY") {
  return {
      "id " + words + ", a TEXT, b TEXT", "", "id", "2{n}", "#", "id = #", "id = #", "id = 2{n}"};
}
KeyStyle name_key() {
  return {"k TEXT PRIMARY KEY NOT NULL, a TEXT, b TEXT",
          "",
          "k",
          "'k2{n}'",
          "'k#'",
          "k = 'k#'",
          "k = 'k#'",
          "k = 'k2{n}'"};
}
KeyStyle pair_key() {
  return {"k TEXT NOT NULL, m INTEGER NOT NULL, a TEXT, b TEXT, PRIMARY KEY (k, m)",
          " WITHOUT ROWID",
          "k, m",
          "'k', 2{n}",
          "'k', #",
          "k = 'k' AND m = #",
          "m = #",
          "m = 2{n}"};
}

// Records with two columns, under whatever key; `stamped`: with updated_at, kept by the
// application.
Shape records(const std::string& name, const KeyStyle& key, bool stamped = false) {
  const std::string column = stamped ? ", strftime('%Y-%m-%d %H:%M:%f', 'now')" : "";
  const std::string touch = stamped ? ", updated_at = strftime('%Y-%m-%d %H:%M:%f', 'now')" : "";
  const auto insert = [&](const std::string& words, const std::string& keys, const std::string& a,
                          const std::string& b) {
    return words + " INTO {t} VALUES (" + keys + ", " + a + ", " + b + column + ")";
  };
  const auto update = [&](const std::string& set) {
    return "UPDATE {t} SET " + set + touch + " WHERE " + key.where(3);
  };
  const std::string replaced_key = KeyStyle::replace_number(key.names == "id"  ? "#"
                                                            : key.names == "k" ? "'k#'"
                                                                               : "'k',#",
                                                            3);
  Shape shape;
  shape.name = name;
  std::string declaration = key.declaration;
  if (stamped) declaration += ", updated_at TEXT";
  shape.schema = "CREATE TABLE {t} (" + declaration + ")" + key.suffix + ";";
  for (int n = 1; n <= 3; ++n) {
    const std::string number = std::to_string(n);
    shape.schema += "INSERT INTO {t} VALUES (" + key.values(n) + ", 'tok" + number + "1', 'tok" +
                    number + "2'" + (stamped ? ", '2025-01-01 10:00:00'" : "") + ");";
  }
  TableRules& rules = shape.rules["{t}"];
  rules.numbered = key.names == "id";
  if (stamped) rules.meta = 2;
  shape.key["{t}"] = key.names;
  shape.columns["{t}"] = stamped ? "a, b, updated_at" : "a, b";
  const std::string a = "'tok{n}01'";
  const std::string b = "'tok{n}02'";
  shape.operations = {
      {"nothing", "", {}, {}},
      {"insert", insert("INSERT", key.values(4), a, b), {}, {}},
      {"insert_same", insert("INSERT", key.values(4), "'tok7'", "'tok8'"), {}, {}},
      {"edit_a", update("a = " + a), {}, {}},
      {"edit_b", update("b = " + b), {}, {}},
      {"edit_a_same", update("a = 'tok7'"), {}, {}},
      {"edit_both", update("a = " + a + ", b = " + b), {}, {}},
      {"upsert",
       insert("INSERT", key.values(3), a, "'never'") + " ON CONFLICT (" + key.names +
           ") DO UPDATE SET a = excluded.a" + (stamped ? ", updated_at = excluded.updated_at" : ""),
       {},
       {}},
      {"or_ignore", insert("INSERT OR IGNORE", key.values(3), a, b), {}, {}},
      {"or_replace", insert("INSERT OR REPLACE", key.values(3), a, b), {}, {}},
      {"delete", "DELETE FROM {t} WHERE " + key.where(3), {}, {}},
      {"change_key", update(key.set(9)), {}, {}},
      {"change_key_own", update(key.set_own), {}, {}},
      {"delete_insert",
       "DELETE FROM {t} WHERE " + key.where(3) + ";" + insert("INSERT", key.values(3), a, b),
       {{"{t}", {replaced_key}}},
       {}},
  };
  return shape;
}

// A row of which only one column may have a value.
Shape either() {
  Shape shape = records("either", number_key());
  shape.schema =
      "CREATE TABLE {t} (id INTEGER PRIMARY KEY, a TEXT, b TEXT,"
      " CHECK (a IS NULL OR b IS NULL));"
      "INSERT INTO {t} VALUES (1, NULL, NULL), (2, NULL, NULL), (3, NULL, NULL);";
  shape.rules["{t}"].only_one_value = true;
  shape.operations = {{"nothing", "", {}, {}},
                      shape.operation("edit_a"),
                      shape.operation("edit_b"),
                      shape.operation("edit_a_same"),
                      shape.operation("delete")};
  return shape;
}

// Records with a value that must be unique: a text, or a number.
Shape unique(const std::string& name, bool text) {
  const auto value = [&](int n) {
    return text ? "'tok" + std::to_string(n) + "3'" : std::to_string(n);
  };
  const std::string shared = text ? "'tok7'" : "77";
  const std::string a = "'tok{n}01'";
  Shape shape;
  shape.name = name;
  shape.schema = std::string("CREATE TABLE {t} (id INTEGER PRIMARY KEY, u ") +
                 (text ? "TEXT" : "INTEGER") + " UNIQUE, a TEXT);";
  for (int n = 1; n <= 3; ++n) {
    const std::string number = std::to_string(n);
    shape.schema +=
        "INSERT INTO {t} VALUES (" + number + ", " + value(n) + ", 'tok" + number + "1');";
  }
  TableRules& rules = shape.rules["{t}"];
  rules.numbered = true;
  rules.unique = 0;
  rules.unique_takes_suffix = text;
  shape.key["{t}"] = "id";
  shape.columns["{t}"] = "u, a";
  const auto set = [&](const std::string& to, int id) {
    return "UPDATE {t} SET u = " + to + " WHERE id = " + std::to_string(id) + ";";
  };
  shape.operations = {
      {"nothing", "", {}, {}},
      {"insert_taken", "INSERT INTO {t} VALUES (4, " + shared + ", " + a + ")", {}, {}},
      {"insert_taken_far", "INSERT INTO {t} VALUES (3{n}, " + shared + ", " + a + ")", {}, {}},
      {"take", "UPDATE {t} SET u = " + shared + " WHERE id = {n}", {}, {}},
      {"take_for_3", set(shared, 3), {}, {}},
      {"swap", set("NULL", 1) + set(value(1), 2) + set(value(2), 1), {}, {}},
      {"rotate", set("NULL", 1) + set(value(1), 2) + set(value(2), 3) + set(value(3), 1), {}, {}},
      {"evict",
       "INSERT OR REPLACE INTO {t} VALUES (3{n}, " + value(2) + ", " + a + ")",
       {},
       {{"{t}", {"2"}}}},
      {"evict_by_update",
       "UPDATE OR REPLACE {t} SET u = " + value(2) + " WHERE id = 1",
       {},
       {{"{t}", {"2"}}}},
      {"free_and_take", "DELETE FROM {t} WHERE id = 2;" + set(value(2), 1), {}, {}},
      {"edit_1", "UPDATE {t} SET a = " + a + " WHERE id = 1", {}, {}},
      {"edit_2", "UPDATE {t} SET a = " + a + " WHERE id = 2", {}, {}},
      {"delete_2", "DELETE FROM {t} WHERE id = 2", {}, {}},
      {"clear", set("NULL", 2), {}, {}},
  };
  return shape;
}

// Parents and children: what is deleted goes with its children, a changed key takes them along.
Shape family() {
  Shape shape;
  shape.name = "family";
  shape.schema =
      "CREATE TABLE {t} (id INTEGER PRIMARY KEY, a TEXT);"
      "CREATE TABLE {t}_child (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES {t} (id)"
      " ON DELETE CASCADE ON UPDATE CASCADE, a TEXT);"
      "INSERT INTO {t} VALUES (1, 'tok11'), (2, 'tok21'), (3, 'tok31');"
      "INSERT INTO {t}_child VALUES (11, 3, 'tok41'), (12, 3, 'tok42'), (13, 2, 'tok43');";
  shape.rules["{t}"].numbered = true;
  TableRules& child = shape.rules["{t}_child"];
  child.numbered = true;
  child.parent = "{t}";
  child.reference = 0;
  shape.key = {{"{t}", "id"}, {"{t}_child", "id"}};
  shape.columns = {{"{t}", "a"}, {"{t}_child", "parent, a"}};
  const std::string a = "'tok{n}01'";
  const std::string b = "'tok{n}02'";
  const std::string new_child = "INSERT INTO {t}_child VALUES (14, ";
  shape.operations = {
      {"nothing", "", {}, {}},
      {"add_child", new_child + "3, " + a + ")", {}, {}},
      {"add_family",
       "INSERT INTO {t} VALUES (4, " + a + ");" + new_child + "4, " + b + ")",
       {},
       {}},
      {"edit_parent", "UPDATE {t} SET a = " + a + " WHERE id = 3", {}, {}},
      {"edit_child", "UPDATE {t}_child SET a = " + a + " WHERE id = 11", {}, {}},
      {"move_child", "UPDATE {t}_child SET parent = 1 WHERE id = 11", {}, {}},
      {"move_to_new_parent",
       "INSERT INTO {t} VALUES (4, " + a + "); UPDATE {t}_child SET parent = 4 WHERE id = 11",
       {},
       {}},
      {"delete_parent", "DELETE FROM {t} WHERE id = 3", {}, {}},
      {"empty_and_delete",
       "UPDATE {t}_child SET parent = 1 WHERE parent = 3; DELETE FROM {t} WHERE id = 3",
       {},
       {}},
      {"delete_child", "DELETE FROM {t}_child WHERE id = 11", {}, {}},
      {"use_number_again",
       "DELETE FROM {t} WHERE id = 3; INSERT INTO {t} VALUES (3, " + a + ");" + new_child + "3, " +
           b + ")",
       {{"{t}", {"3"}}},
       {}},
      {"change_key", "UPDATE {t} SET id = 9 WHERE id = 3", {}, {}},
  };
  return shape;
}

}  // namespace

const Operation& Shape::operation(const std::string& operation_name) const {
  for (const Operation& candidate : operations) {
    if (candidate.name == operation_name) return candidate;
  }
  throw std::runtime_error("no operation " + operation_name + " of " + name);
}

const std::vector<Shape>& shapes() {
  static const std::vector<Shape> kShapes{
      records("number", number_key()),
      records("autoincrement", number_key("INTEGER PRIMARY KEY AUTOINCREMENT")),
      records("stamped", number_key(), true),
      records("name", name_key()),
      records("stamped_name", name_key(), true),
      records("pair", pair_key()),
      either(),
      unique("unique_text", true),
      unique("unique_number", false),
      family()};
  return kShapes;
}

std::string fill_in(std::string text, const std::string& table, int computer) {
  for (const auto& [mark, value] :
       {std::pair<std::string, std::string>{"{t}", table}, {"{n}", std::to_string(computer)}}) {
    for (std::size_t at; (at = text.find(mark)) != std::string::npos;)
      text.replace(at, mark.size(), value);
  }
  return text;
}

}  // namespace tidesync::oracle
