#include "sim/application.h"

#include <functional>
#include <set>

#include "base/error.h"

namespace tidesync::sim {
namespace {

// One random transaction on an open database; only statements, no BEGIN and COMMIT.
class Writer {
 public:
  Writer(Database& db, Random& random, Ledger& ledger, std::int64_t now_ms, int version)
      : db_(db), random_(random), ledger_(ledger), now_ms_(now_ms), version_(version) {}

  void write() {
    if (version_ > 0 && random_.below(6) == 0) return write_new();
    const std::uint64_t draw = random_.below(100);
    if (draw < 12) return insert_parent();
    if (draw < 24) return insert_child();
    if (draw < 30) return insert_grandchild();
    if (draw < 44) return update("p", random_.below(2) ? "a" : "b", "id", pick("SELECT id FROM p"));
    if (draw < 52) return update("c", "a", "id", pick("SELECT id FROM c"));
    if (draw < 56) return update("g", "a", "id", pick("SELECT id FROM g"));
    if (draw < 60) return set_code();
    if (draw < 64) return run("DELETE FROM p WHERE id = " + pick("SELECT id FROM p"));
    if (draw < 68) return run("DELETE FROM c WHERE id = " + pick("SELECT id FROM c"));
    if (draw < 69) return run("DELETE FROM g WHERE id = " + pick("SELECT id FROM g"));
    if (draw < 72) return replace_parent();
    if (draw < 75) return swap_codes();
    if (draw < 79) return upsert_parent();
    if (draw < 81) return move_child();
    if (draw < 89) return write_named();
    if (draw < 97) return write_line();
    return write_person();
  }
  const std::set<std::string>& evicted() const { return evicted_; }

 private:
  std::string token() { return "'" + ledger_.new_token() + "'"; }
  std::string code() { return "'Q" + std::to_string(random_.below(12)) + "'"; }
  void run(const std::string& sql) { db_.exec(sql); }
  // One of the first column's values as SQL, NULL when there is none.
  std::string pick(const std::string& query) {
    std::vector<std::string> values;
    Statement rows = db_.prepare("WITH q (x) AS (" + query + ") SELECT quote(x) FROM q ORDER BY x");
    while (rows.step()) values.push_back(rows.get_text(0));
    return values.empty() ? "NULL" : values[random_.below(values.size())];
  }
  std::string stamp() { return "datetime('now')"; }

  void insert_parent() {
    run("INSERT INTO p (code, a, b, updated_at) VALUES (" + (random_.below(3) ? "NULL" : code()) +
        ", " + token() + ", " + token() + ", " + stamp() + ")");
  }
  void insert_child() {
    run("INSERT INTO c (pid, a, updated_at) SELECT id, " + token() + ", " +
        std::to_string(now_ms_) + " FROM p WHERE id = " + pick("SELECT id FROM p"));
  }
  void insert_grandchild() {
    run("INSERT INTO g (cid, a) SELECT id, " + token() +
        " FROM c WHERE id = " + pick("SELECT id FROM c"));
  }
  void update(const std::string& table, const std::string& column, const std::string& key,
              const std::string& value) {
    const std::string stamped = table == "p"   ? ", updated_at = " + stamp()
                                : table == "c" ? ", updated_at = " + std::to_string(now_ms_)
                                               : "";
    run("UPDATE " + table + " SET " + column + " = " + token() + stamped + " WHERE " + key + " = " +
        value);
  }
  void set_code() {
    run("UPDATE p SET code = " + code() + ", updated_at = " + stamp() +
        " WHERE id = " + pick("SELECT id FROM p"));
  }
  // Evicts whoever has the code, without a trigger of ours firing for it.
  void replace_parent() {
    const std::string taken =
        random_.below(2) ? pick("SELECT code FROM p WHERE code IS NOT NULL") : code();
    Statement rival = db_.prepare("SELECT 'p ' || id FROM p WHERE code = " + taken);
    if (rival.step()) evicted_.insert(rival.get_text(0));
    rival.reset();
    run("INSERT OR REPLACE INTO p (code, a, b, updated_at) VALUES (" + taken + ", " + token() +
        ", " + token() + ", " + stamp() + ")");
    // With the value gone, nothing but the number of rows shows that one was evicted.
    if (random_.below(2)) run("UPDATE p SET code = NULL WHERE id = last_insert_rowid()");
  }
  void swap_codes() {
    const std::string one = pick("SELECT id FROM p");
    const std::string two = pick("SELECT id FROM p WHERE id <> " + one);
    if (one == "NULL" || two == "NULL") return;
    const std::string code_one = db_.get_text("SELECT quote(code) FROM p WHERE id = " + one);
    const std::string code_two = db_.get_text("SELECT quote(code) FROM p WHERE id = " + two);
    run("UPDATE p SET code = NULL WHERE id = " + one);
    run("UPDATE p SET code = " + code_one + ", updated_at = " + stamp() + " WHERE id = " + two);
    run("UPDATE p SET code = " + code_two + ", updated_at = " + stamp() + " WHERE id = " + one);
  }
  void upsert_parent() {
    const std::string id = pick("SELECT id FROM p");
    if (id == "NULL") return;
    run("INSERT INTO p (id, a, updated_at) VALUES (" + id + ", " + token() + ", " + stamp() +
        ") ON CONFLICT (id) DO UPDATE SET a = excluded.a, updated_at = excluded.updated_at");
  }
  void move_child() {
    run("UPDATE c SET pid = coalesce(" + pick("SELECT id FROM p") + ", pid), updated_at = " +
        std::to_string(now_ms_) + " WHERE id = " + pick("SELECT id FROM c"));
  }
  // t: TEXT key, refers to p with SET NULL.
  void write_named() {
    const std::string name = "'name" + std::to_string(random_.below(10)) + "'";
    switch (random_.below(5)) {
      case 0:
        return run("DELETE FROM t WHERE name = " + name);
      case 1:
        return run("INSERT OR REPLACE INTO t (name, a, pid) VALUES (" + name + ", " + token() +
                   ", " + pick("SELECT id FROM p") + ")");
      case 2:
        return update("t", "b", "name", name);
      case 3:
        return update("t", "a", "name", name);
      default:
        return run("INSERT INTO t (name, a, b) VALUES (" + name + ", " + token() + ", " + token() +
                   ") ON CONFLICT (name) DO UPDATE SET a = excluded.a");
    }
  }
  // l: composite key without rowid, one part of which refers to p.
  void write_line() {
    const std::string pid = pick("SELECT id FROM p");
    const std::string where = "pid = " + pid + " AND pos = " + std::to_string(random_.below(3));
    switch (random_.below(4)) {
      case 0:
        return run("DELETE FROM l WHERE " + where);
      case 1:
        return run("UPDATE l SET a = " + token() + " WHERE " + where);
      default:
        if (pid == "NULL") return;
        return run("INSERT INTO l (pid, pos, a) VALUES (" + pid + ", " +
                   std::to_string(random_.below(3)) + ", " + token() +
                   ") ON CONFLICT (pid, pos) DO UPDATE SET a = excluded.a");
    }
  }
  // s: refers to itself.
  void write_person() {
    switch (random_.below(4)) {
      case 0:
        return run("DELETE FROM s WHERE id = " + pick("SELECT id FROM s"));
      case 1:
        return update("s", "a", "id", pick("SELECT id FROM s"));
      default:
        return run("INSERT INTO s (boss, a) VALUES (" + pick("SELECT id FROM s") + ", " + token() +
                   ")");
    }
  }

  // What later versions have: columns x, and a table u.
  void write_new() {
    switch (random_.below(static_cast<std::uint64_t>(version_))) {
      case 0:
        return update("p", "x", "id", pick("SELECT id FROM p"));
      case 1:
        if (random_.below(3) == 0)
          return run("DELETE FROM u WHERE id = " + pick("SELECT id FROM u"));
        if (random_.below(2)) return update("u", "a", "id", pick("SELECT id FROM u"));
        return run("INSERT INTO u (a) VALUES (" + token() + ")");
      default:
        return update("t", "x", "name", pick("SELECT name FROM t"));
    }
  }

  Database& db_;
  Random& random_;
  Ledger& ledger_;
  std::int64_t now_ms_;
  int version_;
  std::set<std::string> evicted_;  // places
};

std::string file_of(Database& db) {
  return db.get_text("SELECT file FROM pragma_database_list WHERE name = 'main'");
}

// A row that is new under its key has nothing of the one that had it before.
void add_hidden(const TokenRows& hidden, TokenRows& before, TokenRows& after) {
  for (const auto& [place, row] : hidden) {
    const auto old = before.find(place);
    if (old == before.end()) continue;
    old->second.tokens.insert(row.tokens.begin(), row.tokens.end());
    const auto now = after.find(place);
    if (now != after.end()) now->second.tokens.insert(row.tokens.begin(), row.tokens.end());
  }
}

void roll_back(Database& db) {
  if (db.in_transaction()) db.exec("ROLLBACK");
}

}  // namespace

std::string application_schema() {
  return "CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT UNIQUE, a, b, updated_at TEXT);"
         "CREATE TABLE c (id INTEGER PRIMARY KEY, pid INTEGER NOT NULL REFERENCES p (id)"
         " ON DELETE CASCADE, a, updated_at INTEGER);"
         "CREATE TABLE g (id INTEGER PRIMARY KEY AUTOINCREMENT, cid INTEGER NOT NULL"
         " REFERENCES c (id) ON DELETE CASCADE, a);"
         "CREATE TABLE t (name TEXT PRIMARY KEY NOT NULL, a, b, pid INTEGER REFERENCES p (id)"
         " ON DELETE SET NULL);"
         "CREATE TABLE l (pid INTEGER NOT NULL REFERENCES p (id) ON DELETE CASCADE,"
         " pos INTEGER NOT NULL, a, PRIMARY KEY (pid, pos)) WITHOUT ROWID;"
         "CREATE TABLE s (id INTEGER PRIMARY KEY, boss INTEGER REFERENCES s (id) ON DELETE CASCADE,"
         " a);";
}

const std::vector<AppTable>& application_tables(int version) {
  const auto make = [](int of) {
    const std::string x = ", x";
    std::vector<AppTable> tables{
        {"p", "id, code, a, b, updated_at" + (of > 0 ? x : ""), "id", "", true},
        {"c", "id, pid, a, updated_at", "id", "'p ' || pid", true},
        {"g", "id, cid, a", "id", "'c ' || cid", true},
        {"t", "name, a, b, pid" + (of > 2 ? x : ""), "name", "", false},
        {"l", "pid, pos, a", "pid, pos", "'p ' || pid", false},
        {"s", "id, boss, a", "id", "'s ' || boss", true}};
    if (of > 1) tables.push_back({"u", "id, a", "id", "", true});
    return tables;
  };
  static const std::vector<AppTable> kVersions[] = {make(0), make(1), make(2), make(3)};
  return kVersions[version];
}

int version_of(Database& db) {
  Statement& find = db.cached(
      "SELECT (SELECT count(*) FROM pragma_table_info('p') WHERE name = 'x') +"
      " (SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'u') +"
      " (SELECT count(*) FROM pragma_table_info('t') WHERE name = 'x')");
  const int version = find.step() ? static_cast<int>(find.get_int(0)) : 0;
  find.reset();
  return version;
}

bool upgrade(Database& db) {
  constexpr const char* kSteps[kNewestVersion] = {"ALTER TABLE p ADD COLUMN x",
                                                  "CREATE TABLE u (id INTEGER PRIMARY KEY, a)",
                                                  "ALTER TABLE t ADD COLUMN x TEXT DEFAULT 'none'"};
  const int version = version_of(db);
  if (version == kNewestVersion) return false;
  try {
    db.exec(kSteps[version]);
    return true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kBusy) throw;
    return false;
  }
}

namespace {

void for_each_field(Database& db, const std::function<void(std::string_view)>& visit) {
  for (const AppTable& table : application_tables(version_of(db))) {
    Statement rows = db.prepare("SELECT " + table.columns + " FROM " + table.name);
    while (rows.step()) {
      for (int i = 0; i < rows.column_count(); ++i) {
        const ValueView value = rows.column(i);
        if (value.type == ValueType::kText) visit(value.bytes);
      }
    }
  }
}

}  // namespace

TokenRows rows_of(Database& db) {
  return rows_of(db, version_of(db));
}

TokenRows rows_of(Database& db, int version) {
  TokenRows found;
  for (const AppTable& table : application_tables(version)) {
    std::string key = table.key;
    if (const auto comma = key.find(", "); comma != std::string::npos)
      key.replace(comma, 2, " || ' ' || ");
    Statement& rows = db.cached("SELECT '" + table.name + " ' || " + key + ", " +
                                (table.parent.empty() ? "NULL" : table.parent) + ", " +
                                table.columns + " FROM " + table.name);
    while (rows.step()) {
      RowTokens& row = found[rows.get_text(0)];
      row.parent = rows.get_text(1);
      for (int i = 2; i < rows.column_count(); ++i) {
        const ValueView value = rows.column(i);
        if (value.type == ValueType::kText) collect_tokens(value.bytes, row.tokens);
      }
    }
  }
  return found;
}

std::set<std::string> tokens_of(Database& db) {
  return all_tokens(rows_of(db));
}

std::set<std::string> doubled_tokens_of(Database& db) {
  std::set<std::string> seen;
  std::set<std::string> doubled;
  for_each_field(db, [&](std::string_view text) {
    std::set<std::string> tokens;
    collect_tokens(text, tokens);
    for (const std::string& token : tokens) {
      if (!seen.insert(token).second) doubled.insert(token);
    }
  });
  return doubled;
}

WriteResult write_something(Database& db, Random& random, Ledger& ledger, std::int64_t now_ms,
                            const TokenRows& hidden) {
  try {
    db.exec("BEGIN IMMEDIATE");
    const int version = version_of(db);
    TokenRows before = rows_of(db, version);
    Writer writer(db, random, ledger, now_ms, version);
    writer.write();
    TokenRows after = rows_of(db, version);
    add_hidden(hidden, before, after);
    db.exec("COMMIT");
    ledger.committed(before, after, {file_of(db), writer.evicted()});
    return WriteResult::kWritten;
  } catch (const Error& error) {
    roll_back(db);
    if (error.code() == ErrorCode::kBusy) return WriteResult::kBusy;
    // Everything else but a rule of its own tables means that tidesync got in the way.
    if (error.detail().find("constraint failed") == std::string::npos) throw;
    return WriteResult::kRefused;
  }
}

}  // namespace tidesync::sim
