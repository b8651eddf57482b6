#include "oracle/random_edits.h"

#include "base/error.h"
#include "base/text.h"

namespace tidesync::oracle {
namespace {

class Editor {
 public:
  Editor(Database& db, const RandomSchema& schema, Random& random, sim::Ledger& ledger)
      : db_(db), schema_(schema), random_(random), ledger_(ledger) {}

  std::string statement() {
    const RandomTable& table = schema_.tables[random_.below(schema_.tables.size())];
    std::uint64_t draw = random_.below(100);
    const std::int64_t rows = db_.get_int("SELECT count(*) FROM " + table.name);
    if (rows < 2) draw = 0;
    if (draw < 25) return insert(table, "INSERT");
    if (draw < 32) return insert(table, "INSERT OR REPLACE");
    if (draw < 36) return insert(table, "INSERT OR IGNORE");
    if (draw < 41) return upsert(table);
    if (draw < 63) return update(table, "UPDATE");
    if (draw < 67) return update(table, "UPDATE OR REPLACE");
    if (draw < 74) return change_key(table);
    if (draw < 80) return swap(table);
    if (draw < 83) return "DELETE FROM " + table.name + " WHERE n = " + number();
    if (draw < 88) return delete_and_insert(table);
    return "DELETE FROM " + table.name + " WHERE " + some_row(table);
  }

 private:
  std::string number() { return std::to_string(random_.below(6)); }
  std::string word() {
    return (random_.below(2) ? "'w" : "'W") + std::to_string(random_.below(9)) + "'";
  }
  std::string anything() {
    switch (random_.below(7)) {
      case 0:
        return "1.0";
      case 1:
        return "1";
      case 2:
        return "'1'";
      case 3:
        return "x'00ff'";
      case 4:
        return "9e999";
      case 5:
        return "9223372036854775807";
      default:
        return "'" + ledger_.new_token() + "'";
    }
  }

  // A value as SQL. References take one that is there, mostly.
  std::string value(const RandomColumn& column) {
    if (!column.reference.empty()) {
      if (column.nullable && parent_row_ % 5 == 0) return "NULL";
      const std::string chosen = pick(column.reference, parent_row_);
      return chosen[0] == '\'' && random_.below(10) == 0 ? to_lower_ascii(chosen) : chosen;
    }
    if (column.nullable && random_.below(6) == 0) return "NULL";
    switch (column.domain) {
      case Domain::kToken:
        return "'" + ledger_.new_token() + "'";
      case Domain::kWord:
        return word();
      case Domain::kNumber:
        return number();
      case Domain::kAnything:
        return anything();
      case Domain::kStamp:
        return column.stamp;
    }
    return "NULL";
  }

  // The n-th value of the query as SQL, NULL when there is none.
  std::string pick(const std::string& query, std::uint64_t n) {
    std::vector<std::string> values;
    Statement rows = db_.prepare(query);
    while (rows.step()) values.push_back(rows.get_text(0));
    return values.empty() ? "NULL" : values[n % values.size()];
  }

  // A condition that one row fulfils.
  std::string some_row(const RandomTable& table) {
    std::vector<std::string> conditions;
    std::string terms;
    for (const std::string& key : table.key)
      terms += (terms.empty() ? "'" : " || ' AND ") + key + " = ' || quote(" + key + ")";
    Statement rows = db_.prepare("SELECT " + terms + " FROM " + table.name + " ORDER BY 1");
    while (rows.step()) conditions.push_back(rows.get_text(0));
    return conditions.empty() ? "0" : conditions[random_.below(conditions.size())];
  }

  std::string insert(const RandomTable& table, const std::string& verb) {
    parent_row_ = random_.next();
    std::string names;
    std::string values;
    for (const RandomColumn& column : table.columns) {
      if (!column.given && random_.below(4) > 0) continue;
      names += (names.empty() ? "" : ", ") + column.name;
      values += (values.empty() ? "" : ", ") + value(column);
    }
    return verb + " INTO " + table.name + " (" + names + ") VALUES (" + values + ")";
  }

  std::string key_list(const RandomTable& table) {
    std::string names;
    for (const std::string& key : table.key) names += (names.empty() ? "" : ", ") + key;
    return names;
  }

  std::string upsert(const RandomTable& table) {
    if (!table.may_upsert) return insert(table, "INSERT");
    return insert(table, "INSERT") + " ON CONFLICT (" + key_list(table) +
           ") DO UPDATE SET a = excluded.a";
  }

  const RandomColumn& some_column(const RandomTable& table) {
    for (;;) {
      const RandomColumn& column = table.columns[random_.below(table.columns.size())];
      if (!column.in_key) return column;
    }
  }

  std::string update(const RandomTable& table, const std::string& verb) {
    parent_row_ = random_.next();
    const RandomColumn& column = some_column(table);
    std::string set = column.name + " = " + value(column);
    for (const RandomColumn& other : table.columns) {
      // A reference of several columns goes together.
      if (!column.reference.empty() && !other.reference.empty() && &other != &column &&
          other.name != "boss")
        set += ", " + other.name + " = " + value(other);
      if (other.domain == Domain::kStamp && column.domain != Domain::kStamp && random_.below(4) > 0)
        set += ", " + other.name + " = " + other.stamp;
    }
    return verb + " " + table.name + " SET " + set + " WHERE " + some_row(table);
  }

  std::string change_key(const RandomTable& table) {
    const std::string where = some_row(table);
    for (const RandomColumn& column : table.columns) {
      if (column.in_key && random_.below(2))
        return "UPDATE " + table.name + " SET " + column.name + " = " +
               (column.domain == Domain::kNumber ? std::to_string(random_.below(12)) : word()) +
               " WHERE " + where;
    }
    return "UPDATE " + table.name + " SET a = NULL WHERE " + where;
  }

  // Two rows exchange a value that must be unique.
  std::string swap(const RandomTable& table) {
    if (table.unique.empty()) return update(table, "UPDATE");
    const std::string& column = table.unique[random_.below(table.unique.size())];
    const std::string one = some_row(table);
    const std::string two = some_row(table);
    const auto value_of = [&](const std::string& row) {
      return db_.get_text("SELECT quote(" + column + ") FROM " + table.name + " WHERE " + row,
                          "NULL");
    };
    const auto set = [&](const std::string& row, const std::string& to) {
      return "UPDATE " + table.name + " SET " + column + " = " + to + " WHERE " + row + ";";
    };
    const std::string first = value_of(one);
    const std::string second = value_of(two);
    return set(one, "NULL") + set(two, first) + set(one, second);
  }

  std::string delete_and_insert(const RandomTable& table) {
    parent_row_ = random_.next();
    const std::string row = some_row(table);
    std::string keys;
    for (const std::string& key : table.key)
      keys +=
          (keys.empty() ? "" : ", ") +
          db_.get_text("SELECT quote(" + key + ") FROM " + table.name + " WHERE " + row, "NULL");
    std::string names;
    std::string values;
    for (const RandomColumn& column : table.columns) {
      if (column.in_key) continue;
      names += ", " + column.name;
      values += ", " + value(column);
    }
    return "DELETE FROM " + table.name + " WHERE " + row + "; INSERT INTO " + table.name + " (" +
           key_list(table) + names + ") VALUES (" + keys + values + ")";
  }

  Database& db_;
  const RandomSchema& schema_;
  Random& random_;
  sim::Ledger& ledger_;
  std::uint64_t parent_row_ = 0;  // which row the statement refers to
};

}  // namespace

sim::TokenRows tokens_in(Database& db, const RandomSchema& schema) {
  sim::TokenRows found;
  std::vector<std::string> tables;
  for (const RandomTable& table : schema.tables) tables.push_back(table.name);
  if (db.has_table("audit")) tables.push_back("audit");
  for (const std::string& table : tables) {
    Statement rows = db.prepare("SELECT * FROM " + table);
    while (rows.step()) {
      for (int i = 0; i < rows.column_count(); ++i) {
        const ValueView value = rows.column(i);
        if (value.type == ValueType::kText) sim::collect_tokens(value.bytes, found["all"].tokens);
      }
    }
  }
  return found;
}

std::string edit_something(Database& db, const RandomSchema& schema, Random& random,
                           sim::Ledger& ledger, std::uint64_t at_most) {
  Editor editor(db, schema, random, ledger);
  std::string run;
  db.exec("BEGIN IMMEDIATE");
  const sim::TokenRows before = tokens_in(db, schema);
  const std::uint64_t count = 1 + random.below(at_most);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string sql = editor.statement();
    db.exec("SAVEPOINT one");
    try {
      db.exec(sql);
      run += sql + ";\n";
    } catch (const Error& error) {
      // Everything else but a rule of its own tables means that tidesync got in the way.
      const bool is_rule = error.detail().find("constraint failed") != std::string::npos ||
                           error.detail().find("no such column: n") != std::string::npos ||
                           error.detail().find("datatype mismatch") != std::string::npos ||
                           error.detail().find("cannot store") != std::string::npos ||
                           error.detail().find("ON CONFLICT clause") != std::string::npos;
      if (!is_rule) throw;
      db.exec("ROLLBACK TO one");
    }
    db.exec("RELEASE one");
  }
  const sim::TokenRows after = tokens_in(db, schema);
  // UPDATE OR REPLACE of a row that refers to the one it evicts: SQLite itself leaves that broken.
  if (db.get_int("SELECT count(*) FROM pragma_foreign_key_check") > 0) {
    db.exec("ROLLBACK");
    return "";
  }
  try {
    db.exec("COMMIT");
  } catch (const Error& error) {
    // A deferred reference.
    if (error.detail().find("constraint failed") == std::string::npos) throw;
    db.exec("ROLLBACK");
    return "";
  }
  ledger.committed(before, after);
  return run;
}

}  // namespace tidesync::oracle
