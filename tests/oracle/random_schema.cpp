#include "oracle/random_schema.h"

namespace tidesync::oracle {
namespace {

class Maker {
 public:
  explicit Maker(Random& random) : random_(random) {}

  RandomSchema make() {
    const std::uint64_t count = 2 + random_.below(3);
    for (std::uint64_t i = 0; i < count; ++i) add_table("t" + std::to_string(i));
    add_triggers();
    return std::move(schema_);
  }

 private:
  bool chance(std::uint64_t percent) { return random_.below(100) < percent; }
  std::string one_of(const std::vector<std::string>& words) {
    return words[random_.below(words.size())];
  }

  // Of the table that is being made.
  struct Parts {
    std::vector<std::string> definitions;  // columns, then constraints
    std::vector<std::string> constraints;
    std::string options;
    std::string indexes;
    bool strict = false;
  };

  void add_table(const std::string& name) {
    RandomTable table;
    table.name = name;
    Parts parts;
    parts.strict = chance(20);
    add_key(table, parts);
    add_value_columns(table, parts);
    if (!schema_.tables.empty() && chance(70)) add_reference(table, parts);
    if (table.key.size() == 1 && chance(20)) add_self_reference(table, parts);
    add_unique(table, parts);
    if (chance(25)) add_generated(parts);
    if (chance(50)) add_stamp(table, parts);
    std::string text;
    for (const auto* list : {&parts.definitions, &parts.constraints}) {
      for (const std::string& part : *list) text += (text.empty() ? "" : ", ") + part;
    }
    if (parts.strict) parts.options += parts.options.empty() ? " STRICT" : ", STRICT";
    schema_.sql +=
        "CREATE TABLE " + name + " (" + text + ")" + parts.options + ";\n" + parts.indexes;
    schema_.tables.push_back(std::move(table));
  }

  void add_key(RandomTable& table, Parts& parts) {
    table.may_upsert = true;
    const RandomTable* parent =
        schema_.tables.empty() ? nullptr : &schema_.tables[random_.below(schema_.tables.size())];
    switch (random_.below(11)) {
      case 8:
        // An extension of a row of the parent.
        if (!parent || parent->key[0] != "id")
          return add_number(table, parts, "INTEGER PRIMARY KEY");
        add_key_of_parent(table, parts, *parent, "INTEGER PRIMARY KEY");
        return;
      case 9:
      case 10:
        // Lines of a record.
        if (!parent || parent->key.size() > 1)
          return add_number(table, parts, "INTEGER PRIMARY KEY");
        add_key_of_parent(table, parts, *parent, type_of(*parent, parent->key[0]) + " NOT NULL");
        add_column(table, parts, {"m", Domain::kNumber, "", "", false, true, true},
                   "INTEGER NOT NULL");
        parts.constraints.push_back("PRIMARY KEY (" + table.key[0] + ", m)");
        table.key.push_back("m");
        if (chance(50)) parts.options = " WITHOUT ROWID";
        return;
      case 0:
      case 1:
        return add_number(table, parts, "INTEGER PRIMARY KEY");
      case 2:
        return add_number(table, parts, "INTEGER PRIMARY KEY AUTOINCREMENT");
      case 3:
        add_column(
            table, parts, {"k", Domain::kWord, "", "", false, true, true},
            chance(40) ? "TEXT PRIMARY KEY NOT NULL COLLATE NOCASE" : "TEXT PRIMARY KEY NOT NULL");
        table.key = {"k"};
        if (chance(30)) parts.options = " WITHOUT ROWID";
        return;
      case 4:
        add_column(table, parts, {"k", Domain::kNumber, "", "", false, true, true},
                   "INT NOT NULL PRIMARY KEY");
        table.key = {"k"};
        return;
      case 5:
        // No primary key: the index serves.
        add_column(table, parts, {"k", Domain::kWord, "", "", false, true, true}, "TEXT NOT NULL");
        parts.indexes += "CREATE UNIQUE INDEX " + table.name + "_key ON " + table.name + " (k);\n";
        table.key = {"k"};
        return;
      default:
        add_column(table, parts, {"k", Domain::kWord, "", "", false, true, true}, "TEXT NOT NULL");
        add_column(table, parts, {"m", Domain::kNumber, "", "", false, true, true},
                   "INTEGER NOT NULL");
        parts.constraints.push_back("PRIMARY KEY (k, m)");
        table.key = {"k", "m"};
        if (chance(50)) parts.options = " WITHOUT ROWID";
        return;
    }
  }

  void add_key_of_parent(RandomTable& table, Parts& parts, const RandomTable& parent,
                         const std::string& declaration) {
    const bool is_text = type_of(parent, parent.key[0]) == "TEXT";
    RandomColumn column{"r", is_text ? Domain::kWord : Domain::kNumber, "", "", false, true, true};
    column.reference = "SELECT quote(" + parent.key[0] + ") FROM " + parent.name + " ORDER BY 1";
    add_column(table, parts, column, declaration);
    parts.constraints.push_back("FOREIGN KEY (r) REFERENCES " + parent.name + " (" + parent.key[0] +
                                ")" + actions(false));
    table.key = {"r"};
  }

  void add_number(RandomTable& table, Parts& parts, const std::string& declaration) {
    add_column(table, parts, {"id", Domain::kNumber, "", "", false, true, false}, declaration);
    table.key = {"id"};
  }

  void add_column(RandomTable& table, Parts& parts, const RandomColumn& column,
                  const std::string& declaration) {
    parts.definitions.push_back(column.name + " " + declaration);
    table.columns.push_back(column);
  }

  void add_value_columns(RandomTable& table, Parts& parts) {
    add_column(table, parts, {"a", Domain::kToken, "", "", true, false, true}, "TEXT");
    const bool must = chance(30);
    add_column(table, parts, {"b", Domain::kToken, "", "", !must, false, true},
               must ? "TEXT NOT NULL DEFAULT 'none'" : "TEXT");
    if (chance(60)) {
      add_column(table, parts, {"n", Domain::kNumber, "", "", true, false, true},
                 parts.strict ? "INTEGER"
                              : one_of({"INTEGER", "REAL", "NUMERIC", "INTEGER DEFAULT 7", ""}));
    }
    if (chance(30)) {
      add_column(table, parts, {"x", Domain::kAnything, "", "", true, false, true},
                 parts.strict ? "ANY" : "");
    }
    if (chance(15) && !must) parts.constraints.push_back("CHECK (a IS NULL OR b IS NULL)");
    if (chance(15)) parts.constraints.push_back("CHECK (length(a) < 60)");
  }

  std::string actions(bool nullable) {
    std::string text =
        one_of({"", " ON DELETE CASCADE", " ON DELETE RESTRICT", " ON DELETE CASCADE"});
    if (nullable && chance(40)) text = " ON DELETE SET NULL";
    return text + one_of({"", " ON UPDATE CASCADE"}) +
           one_of({"", "", "", " DEFERRABLE INITIALLY DEFERRED"});
  }

  std::string type_of(const RandomTable& table, const std::string& column) {
    for (const RandomColumn& candidate : table.columns) {
      if (candidate.name == column) return candidate.domain == Domain::kWord ? "TEXT" : "INTEGER";
    }
    return "TEXT";
  }

  void add_reference(RandomTable& table, Parts& parts) {
    const RandomTable& parent = schema_.tables[random_.below(schema_.tables.size())];
    const bool nullable = chance(50);
    if (!parent.referable.empty() && chance(40)) {
      RandomColumn column{"ru", Domain::kNumber, "", "", nullable, false, true};
      column.reference = "SELECT quote(" + parent.referable + ") FROM " + parent.name + " WHERE " +
                         parent.referable + " IS NOT NULL ORDER BY 1";
      add_column(table, parts, column,
                 type_of(parent, parent.referable) + (nullable ? "" : " NOT NULL"));
      parts.constraints.push_back("FOREIGN KEY (ru) REFERENCES " + parent.name + " (" +
                                  parent.referable + ")" + actions(nullable));
      return;
    }
    std::string columns;
    std::string keys;
    for (const std::string& key : parent.key) keys += (keys.empty() ? "" : ", ") + key;
    for (const std::string& key : parent.key) {
      RandomColumn column{"r" + key, Domain::kNumber, "", "", nullable, false, true};
      column.reference = "SELECT quote(" + key + ") FROM " + parent.name + " ORDER BY " + keys;
      add_column(table, parts, column, type_of(parent, key) + (nullable ? "" : " NOT NULL"));
      columns += (columns.empty() ? "" : ", ") + column.name;
    }
    parts.constraints.push_back("FOREIGN KEY (" + columns + ") REFERENCES " + parent.name + " (" +
                                keys + ")" + actions(nullable));
  }

  void add_self_reference(RandomTable& table, Parts& parts) {
    RandomColumn column{"boss", Domain::kNumber, "", "", true, false, true};
    column.reference = "SELECT quote(" + table.key[0] + ") FROM " + table.name + " ORDER BY 1";
    add_column(table, parts, column, type_of(table, table.key[0]));
    parts.constraints.push_back("FOREIGN KEY (boss) REFERENCES " + table.name + " (" +
                                table.key[0] + ")" + actions(true));
  }

  void add_unique(RandomTable& table, Parts& parts) {
    const std::uint64_t count = random_.below(3);
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::string name = "u" + std::to_string(i);
      const bool text = chance(60);
      const bool must = chance(20);
      RandomColumn column{name, text ? Domain::kWord : Domain::kNumber, "", "", !must, false, true};
      const std::string type = std::string(text ? "TEXT" : "INTEGER") + (must ? " NOT NULL" : "");
      const std::string on =
          "CREATE UNIQUE INDEX " + table.name + "_" + name + " ON " + table.name + " (";
      table.unique.push_back(name);
      switch (random_.below(8)) {
        case 7:
          add_column(table, parts, column, type + " UNIQUE ON CONFLICT REPLACE");
          break;
        case 0:
          parts.indexes += on + name + ") WHERE a IS NOT NULL;\n";
          add_column(table, parts, column, type);
          break;
        case 1:
          parts.indexes += on + (text ? "lower(" + name + ")" : name + " % 4") + ");\n";
          add_column(table, parts, column, type);
          break;
        case 2:
          parts.indexes += on + name + (text ? " COLLATE NOCASE);\n" : " DESC);\n");
          add_column(table, parts, column, type);
          break;
        case 3:
          add_column(table, parts, column, type);
          parts.constraints.push_back("UNIQUE (" + name + ", b)");
          break;
        case 4:
          add_column(table, parts, column, type + (text ? " COLLATE NOCASE UNIQUE" : " UNIQUE"));
          break;
        default:
          add_column(table, parts, column, type + " UNIQUE");
          table.referable = name;
          break;
      }
    }
  }

  void add_generated(Parts& parts) {
    parts.definitions.push_back("g TEXT GENERATED ALWAYS AS (coalesce(a, '') || '/' || b) " +
                                one_of({"VIRTUAL", "STORED"}));
  }

  void add_stamp(RandomTable& table, Parts& parts) {
    RandomColumn column{"updated_at", Domain::kStamp, "", "", true, false, true};
    std::string type = "TEXT";
    switch (random_.below(4)) {
      case 0:
        column.stamp = "datetime('now')";
        break;
      case 1:
        column.stamp = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";
        break;
      case 2:
        column.stamp = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)";
        type = "INTEGER";
        break;
      default:
        column.stamp = "julianday('now')";
        type = "REAL";
        break;
    }
    add_column(table, parts, column, type);
  }

  // An audit, and a number kept up to date in another table.
  void add_triggers() {
    if (chance(30)) {
      schema_.sql +=
          "CREATE TABLE audit (id INTEGER PRIMARY KEY, text TEXT);\n"
          "CREATE TRIGGER t0_audit AFTER INSERT ON t0 BEGIN"
          " INSERT INTO audit (text) VALUES ('new ' || ifnull(NEW.a, '')); END;\n";
    }
    if (chance(30)) {
      schema_.sql +=
          "CREATE TRIGGER t1_copies AFTER UPDATE OF b ON t1 BEGIN"
          " UPDATE t0 SET a = 'by trigger' WHERE a = OLD.b; END;\n";
    }
  }

  Random& random_;
  RandomSchema schema_;
};

}  // namespace

RandomSchema make_schema(Random& random) {
  return Maker(random).make();
}

}  // namespace tidesync::oracle
