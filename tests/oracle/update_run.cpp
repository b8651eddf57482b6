#include "oracle/update_run.h"

#include <algorithm>
#include <boost/filesystem/operations.hpp>
#include <iostream>
#include <optional>
#include <stdexcept>

#include "base/error.h"
#include "base/text.h"
#include "oracle/fleet.h"
#include "oracle/update_schema.h"
#include "sim/ledger.h"

namespace tidesync::oracle {
namespace {

constexpr int kComputers = 3;

struct Impossible : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// "tok17" anywhere, and texts such as "00017", which a column of numbers would change.
void collect(std::string_view text, std::set<std::string>& tokens) {
  sim::collect_tokens(text, tokens);
  for (std::size_t at = text.find("000"); at != std::string_view::npos; at = text.find("000", at)) {
    std::size_t end = at;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    const bool starts = at == 0 || text[at - 1] < '0' || text[at - 1] > '9';
    if (starts && end - at > 4) tokens.insert(std::string(text.substr(at, end - at)));
    at = end;
  }
}

std::string table_of(const std::string& reference) {
  return reference.substr(0, reference.find(' '));
}

class UpdateRun {
 public:
  UpdateRun(std::uint64_t seed, bool trace) : random_(seed), trace_(trace) {
    for (int i = 0; i < 8; ++i) random_.next();
  }

  UpdateOutcome run() {
    versions_.push_back(first_version(random_));
    say(create_sql(versions_[0]));
    try {
      return {play(), true};
    } catch (const Impossible& error) {
      say(std::string("impossible: ") + error.what());
      return {"", false};
    } catch (const std::exception& error) {
      return {error.what(), true};
    }
  }

 private:
  void say(const std::string& text) {
    if (trace_) std::cout << text << std::endl;
  }

  std::string play() {
    fleet_.emplace(kComputers, create_sql(versions_[0]));
    for (int i = 0; i < 12; ++i) edit(0);
    fleet_->settle({0, 1, 2});
    only_updates_ = random_.below(8) == 0;
    const std::uint64_t steps = 10 + random_.below(30);
    const std::uint64_t update_percent = 10 + random_.below(25);
    const std::uint64_t sync_percent = 20 + random_.below(30);
    for (std::uint64_t i = 0; i < steps; ++i) {
      fleet_->pass_ms(static_cast<std::int64_t>(5000 + random_.below(60'000)));
      const int computer = static_cast<int>(random_.below(kComputers));
      const std::uint64_t draw = random_.below(100);
      if (draw < update_percent) {
        update(computer);
      } else if (draw < update_percent + sync_percent) {
        sync_somehow(computer);
      } else if (!only_updates_) {
        edit(computer);
      }
    }
    return finish();
  }

  void sync_somehow(int computer) {
    if (random_.below(8) == 0) {
      const int step = static_cast<int>(random_.below(18));
      say("-- " + Fleet::name(computer) + " syncs and crashes at " + std::to_string(step));
      fleet_->crash_sync(computer, step);
      return;
    }
    sync(computer, random_.below(10) == 0);
  }

  SyncResult sync(int computer, bool accept_dropped) {
    SyncOptions options;
    options.accept_dropped = accept_dropped;
    say("-- " + Fleet::name(computer) + " syncs" + (accept_dropped ? " --accept-dropped" : ""));
    accepted_ = accepted_ || (accept_dropped && !at_the_end_);
    const SyncResult result = fleet_->sync(computer, options);
    for (const std::string& note : result.notes) say("   " + note);
    return result;
  }

  // One or more versions at once.
  void update(int computer) {
    const std::uint64_t count = random_.below(4) == 0 ? 2 : 1;
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::size_t next = at_[computer] + 1;
      if (next == versions_.size()) {
        if (versions_.size() > 6) return;
        steps_.push_back(make_step(versions_.back(), random_, dropped_));
        versions_.push_back(steps_.back().after);
      }
      take(computer, next);
    }
  }

  void take(int computer, std::size_t version) {
    const UpdateStep& step = steps_.at(version - 1);
    say("-- " + Fleet::name(computer) + " is updated to version " + std::to_string(version) + ": " +
        step.what + "\n" + step.sql);
    fleet_->use_clock_of(computer);
    const auto published = all(rows_of(fleet_->base_file(computer)));
    const auto before = tokens(computer);
    try {
      run_step(fleet_->app(computer), step);
    } catch (const Error& error) {
      throw Impossible(error.what());
    }
    at_[computer] = version;
    const auto after = tokens(computer);
    for (const std::string& token : before) {
      if (after.count(token) > 0) continue;
      // What the share has stays there: the application of one computer gave up its column.
      if (published.count(token) > 0) {
        given_up_[token] = step.dropped;
      } else {
        superseded_.insert(token);
      }
    }
  }

  using Rows = std::map<std::string, std::set<std::string>>;

  static std::set<std::string> all(const Rows& rows) {
    std::set<std::string> tokens;
    for (const auto& [place, row] : rows) tokens.insert(row.begin(), row.end());
    return tokens;
  }

  using Columns = std::map<std::string, std::set<std::string>>;  // by table, in lower case

  static Columns columns_in(Database& db) {
    Columns columns;
    Statement rows = db.prepare(
        "SELECT lower(t.name), lower(c.name) FROM sqlite_schema AS t, pragma_table_info(t.name) AS "
        "c"
        " WHERE t.type = 'table'");
    while (rows.step()) columns[rows.get_text(0)].insert(rows.get_text(1));
    return columns;
  }

  // What this application has or had: it is not hidden from it, but given up by it.
  Columns columns_ever(int computer) {
    Columns columns = columns_in(fleet_->app(computer));
    for (std::size_t version = 0; version <= at_[computer]; ++version) {
      for (const auto& [name, table] : versions_[version]) {
        for (const UpdateColumn& column : table.columns) columns[name].insert(column.name);
      }
    }
    return columns;
  }

  // Tokens by row; not those in columns of `without`.
  static Rows rows_in(Database& db, const Columns& without = {}) {
    Rows found;
    std::vector<std::string> names;
    {
      Statement tables = db.prepare(
          "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
          " AND name NOT LIKE 'tidesync_%' AND name NOT LIKE 'sync_%'");
      while (tables.step()) names.push_back(tables.get_text(0));
    }
    for (const std::string& name : names) {
      const auto skipped = without.find(to_lower_ascii(name));
      Statement rows = db.prepare("SELECT * FROM " + quote_name(name));
      while (rows.step()) {
        std::string place;
        std::set<std::string> tokens;
        for (int i = 0; i < rows.column_count(); ++i) {
          const std::string column = rows.column_name(i);
          if ((column == "id" && place.empty()) || column == "code")
            place = to_lower_ascii(name) + " " + display(rows.column(i), 60);
          if (skipped != without.end() && skipped->second.count(to_lower_ascii(column)) > 0)
            continue;
          if (rows.column(i).type == ValueType::kText) collect(rows.column(i).bytes, tokens);
        }
        found[place].insert(tokens.begin(), tokens.end());
      }
    }
    return found;
  }

  static Rows rows_of(const Path& file, const Columns& without = {}) {
    if (!boost::filesystem::exists(file)) return {};
    Database db = Database::open(file, OpenMode::kReadOnly);
    return rows_in(db, without);
  }

  std::set<std::string> tokens(int computer) { return all(rows_in(fleet_->app(computer))); }

  // With what columns that this application does not have hold: whoever deletes a row deletes them.
  std::set<std::string> tokens_with_hidden(int computer, const Rows& base) {
    const Rows here = rows_in(fleet_->app(computer));
    std::set<std::string> found = all(here);
    for (const auto& [place, row] : here) {
      const auto hidden = base.find(place);
      if (hidden != base.end()) found.insert(hidden->second.begin(), hidden->second.end());
    }
    return found;
  }

  void edit(int computer) {
    fleet_->use_clock_of(computer);
    Database& db = fleet_->app(computer);
    const UpdateTables& tables = versions_[at_[computer]];
    const Rows base = rows_of(fleet_->base_file(computer), columns_ever(computer));
    db.exec("BEGIN IMMEDIATE");
    const auto before = tokens_with_hidden(computer, base);
    std::string run;
    const std::uint64_t count = 1 + random_.below(3);
    for (std::uint64_t i = 0; i < count; ++i) {
      auto at = tables.begin();
      std::advance(at, static_cast<long>(random_.below(tables.size())));
      const std::string sql = statement(db, at->second);
      if (sql.empty()) continue;
      db.exec("SAVEPOINT one");
      try {
        db.exec(sql);
        run += sql + ";\n";
      } catch (const Error& error) {
        const bool is_rule = error.detail().find("constraint failed") != std::string::npos ||
                             error.detail().find("datatype mismatch") != std::string::npos ||
                             error.detail().find("foreign key mismatch") != std::string::npos ||
                             error.detail().find("no such table") != std::string::npos;
        if (!is_rule) throw;
        db.exec("ROLLBACK TO one");
      }
      db.exec("RELEASE one");
    }
    const auto after = tokens_with_hidden(computer, base);
    db.exec("COMMIT");
    say("-- " + Fleet::name(computer) + "\n" + run);
    for (const std::string& token : before) {
      if (after.count(token) == 0) superseded_.insert(token);
    }
    for (const std::string& token : after) {
      if (before.count(token) == 0) written_.insert(token);
    }
  }

  std::string some_key(Database& db, const UpdateTable& table) {
    std::vector<std::string> keys;
    Statement rows =
        db.prepare("SELECT quote(" + table.key + ") FROM " + table.name + " ORDER BY 1");
    while (rows.step()) keys.push_back(rows.get_text(0));
    return keys.empty() ? "" : keys[random_.below(keys.size())];
  }

  std::string value(Database& db, const UpdateColumn& column) {
    if (!column.reference.empty()) {
      const std::string parent = to_lower_ascii(table_of(column.reference));
      for (const auto& tables : versions_) {
        const auto found = tables.find(parent);
        if (found == tables.end() || random_.below(5) == 0) break;
        const std::string key = some_key(db, found->second);
        return key.empty() ? "NULL" : key;
      }
      return column.not_null ? "0" : "NULL";
    }
    if (column.name == "updated_at") return "datetime('now')";
    if (!column.not_null && random_.below(8) == 0) return "NULL";
    const std::string number = std::to_string(++last_);
    if (column.type == "INTEGER") return std::to_string(random_.below(40));
    if (column.type == "REAL" || column.type == "NUMERIC")
      return std::to_string(random_.below(40)) + (random_.below(2) ? ".5" : ".0");
    switch (random_.below(6)) {
      case 0:
        return "'000" + std::string(number.size() < 3 ? 3 - number.size() : 0, '0') + number + "'";
      case 1:
        return column.type.empty() ? "12" : "'12'";
      default:
        return "'tok" + number + "'";
    }
  }

  std::string statement(Database& db, const UpdateTable& table) {
    const std::uint64_t draw = random_.below(100);
    const std::int64_t rows = db.get_int("SELECT count(*) FROM " + table.name);
    if (rows < 3 || draw < 30) {
      std::vector<std::string> names, values;
      for (const UpdateColumn& column : table.columns) {
        const bool counts_itself =
            column.rules.starts_with("PRIMARY KEY") && column.type == "INTEGER";
        if (counts_itself) continue;
        names.push_back(column.name);
        values.push_back(column.name == table.key && column.type == "TEXT"
                             ? "'k" + std::to_string(random_.below(30)) + "'"
                             : value(db, column));
      }
      return "INSERT INTO " + table.name + " (" + join(names, ", ") + ") VALUES (" +
             join(values, ", ") + ")";
    }
    const std::string key = some_key(db, table);
    if (key.empty()) return "";
    const std::string where = " WHERE " + table.key + " = " + key;
    if (draw < 40) return "DELETE FROM " + table.name + where;
    const UpdateColumn& column = table.columns[random_.below(table.columns.size())];
    if (column.name == table.key || column.rules.starts_with("PRIMARY KEY")) return "";
    std::string set = column.name + " = " + value(db, column);
    UpdateTable copy = table;
    if (column.name != "updated_at" && copy.find("updated_at"))
      set += ", updated_at = datetime('now')";
    return "UPDATE " + table.name + " SET " + set + where;
  }

  static bool says_stuck(const SyncResult& result) {
    for (const std::string& note : result.notes) {
      if (note.find("is not synced:") != std::string::npos ||
          note.find("Not shared:") != std::string::npos)
        return true;
    }
    return false;
  }

  std::string finish() {
    say("-- everybody is updated");
    for (int i = 0; i < kComputers; ++i) {
      while (at_[i] + 1 < versions_.size()) take(i, at_[i] + 1);
    }
    at_the_end_ = true;
    std::string stuck;
    for (int round = 0; round < 8; ++round) {
      stuck.clear();
      for (int i = 0; i < kComputers; ++i) {
        fleet_->pass_ms(60'000);
        const SyncResult result = sync(i, round >= 2);
        if (says_stuck(result)) stuck = Fleet::name(i) + " is stuck: " + join(result.notes, "; ");
      }
      if (stuck.empty() && round >= 3) break;
    }
    if (!stuck.empty()) return stuck;
    fleet_->settle({0, 1, 2});
    std::string problem = fleet_->check();
    for (const auto& [table, rows] : content_of(fleet_->app(0))) {
      for (const std::string& row : rows) say(table + ": " + row);
    }
    for (int i = 0; i < kComputers && problem.empty(); ++i) problem = fleet_->verify(i);
    if (problem.empty()) problem = lost();
    // Where each computer numbers the rows for itself, the number that yields is kept.
    const bool numbered = std::any_of(steps_.begin(), steps_.end(), [](const UpdateStep& step) {
      return step.what.find("UNIQUE") != std::string::npos;
    });
    if (problem.empty() && only_updates_ && !numbered && count_conflicts() > 0)
      problem = "a conflict although nobody edited anything";
    return problem;
  }

  std::int64_t count_conflicts() {
    return fleet_->app(0).get_int("SELECT count(*) FROM sync_conflicts");
  }

  std::string lost() {
    std::set<std::string> kept = tokens(0);
    Statement rows = fleet_->app(0).prepare(
        "SELECT ifnull(base_row, '') || ' ' || ifnull(winner_row, '') || ' ' || ifnull(loser_row, "
        "'')"
        " FROM sync_conflicts");
    while (rows.step()) collect(rows.get_text(0), kept);
    std::string missing;
    for (const std::string& token : written_) {
      if (kept.count(token) > 0 || superseded_.count(token) > 0) continue;
      // A column that an admin gave up for everybody took its values with it.
      const auto given_up = given_up_.find(token);
      if (given_up != given_up_.end() && (accepted_ || !is_in_newest(given_up->second))) continue;
      missing += " " + token;
    }
    return missing.empty() ? "" : "silently lost:" + missing;
  }

  bool is_in_newest(const std::string& column) const {
    const std::size_t dot = column.find('.');
    if (dot == std::string::npos) return false;
    UpdateTables newest = versions_.back();
    const auto table = newest.find(column.substr(0, dot));
    return table != newest.end() && table->second.find(column.substr(dot + 1));
  }

  Random random_;
  bool trace_;
  bool only_updates_ = false;
  bool accepted_ = false;  // somebody said --accept-dropped while others were older
  bool at_the_end_ = false;
  std::uint64_t last_ = 0;
  std::vector<UpdateTables> versions_;
  std::vector<UpdateStep> steps_;
  std::vector<std::pair<std::string, UpdateColumn>> dropped_;
  std::size_t at_[kComputers] = {};
  std::set<std::string> written_, superseded_;
  std::map<std::string, std::string> given_up_;  // the column that it stood in, by token
  std::optional<Fleet> fleet_;
};

}  // namespace

UpdateOutcome run_update_seed(std::uint64_t seed, bool trace) {
  return UpdateRun(seed, trace).run();
}

}  // namespace tidesync::oracle
