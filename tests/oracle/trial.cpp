#include "oracle/trial.h"

#include <algorithm>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>

#include "oracle/cases.h"
#include "oracle/fleet.h"
#include "sim/ledger.h"

namespace tidesync::oracle {
namespace {

// Cases in one fleet: its start costs as much as some twenty, and each table makes every sync
// longer.
constexpr std::size_t kTogether = 24;

const Shape& shape_of(const Case& which) {
  for (const Shape& shape : shapes()) {
    if (shape.name == which.shape) return shape;
  }
  throw std::runtime_error("no shape " + which.shape);
}

std::set<std::string> tokens_of(const State& state) {
  std::set<std::string> tokens;
  for (const auto& [table, rows] : state) {
    for (const auto& [key, values] : rows) {
      for (const std::string& value : values) sim::collect_tokens(value, tokens);
    }
  }
  return tokens;
}

std::string text_of(const State& state) {
  std::ostringstream text;
  for (const auto& [table, rows] : state) {
    for (const auto& [key, values] : rows) {
      text << " " << key << ":(";
      for (const std::string& value : values) text << " " << value;
      text << " )";
    }
    text << ";";
  }
  return text.str();
}

// One case with its table in a fleet that it shares with others.
class Trial {
 public:
  Trial(const Case& which, int number)
      : case_(which), shape_(shape_of(which)), table_("t" + std::to_string(number)) {}

  std::string schema() const { return fill_in(shape_.schema, table_, 0); }
  void read_base(Database& db) { base_ = read(db); }

  void act(Fleet& fleet, int computer) {
    const Operation& operation =
        shape_.operation(case_.operations[static_cast<std::size_t>(computer)]);
    fleet.act(computer, fill_in(operation.sql, table_, computer + 1));
    Work& work = work_[computer];
    work.state = read(fleet.app(computer));
    work.when = {fleet.now_ms(), Fleet::name(computer)};
    for (const auto& [table, keys] : operation.replaced) work.replaced[table] = keys;
    for (const auto& [table, keys] : operation.evicted) work.evicted[table] = keys;
    work.sequence["{t}"] = highest_given(fleet.app(computer));
  }

  // "" or what came out otherwise.
  std::string compare(Fleet& fleet) {
    Log log(shape_.rules, base_);
    for (const char name : case_.order) log.publish(work_.at(name - 'a'));
    const State result = read(fleet.app(0));
    std::string problem;
    if (result != log.state())
      problem += "\n    expected" + text_of(log.state()) + "\n    got     " + text_of(result);
    const std::set<std::string> kinds = conflict_kinds(fleet.app(0));
    if (kinds != log.conflicts())
      problem += "\n    expected conflicts: " + list(log.conflicts()) + "; got: " + list(kinds);
    const std::string lost = list(lost_tokens(fleet.app(0), result));
    if (!lost.empty()) problem += "\n    lost: " + lost;
    return problem.empty() ? "" : case_.text() + problem;
  }

 private:
  State read(Database& db) const {
    State state;
    for (const auto& [name, key] : shape_.key) {
      Rows& rows = state[name];
      Statement all =
          db.prepare("SELECT " + quoted(key, "||','||") + ", " +
                     quoted(shape_.columns.at(name), ", ") + " FROM " + fill_in(name, table_, 0));
      while (all.step()) {
        Values& values = rows[all.get_text(0)];
        for (int i = 1; i < all.column_count(); ++i) values.push_back(all.get_text(i));
      }
    }
    return state;
  }

  static std::string quoted(const std::string& columns, const std::string& between) {
    std::string sql;
    std::istringstream words(columns);
    for (std::string name; std::getline(words >> std::ws, name, ',');)
      sql += (sql.empty() ? "" : between) + "quote(" + name + ")";
    return sql;
  }

  std::int64_t highest_given(Database& db) const {
    if (!db.has_table("sqlite_sequence")) return 0;
    return db.get_int("SELECT seq FROM sqlite_sequence WHERE name = '" + table_ + "'");
  }

  std::string where_ours() const {
    return " FROM sync_conflicts WHERE table_name IN ('" + table_ + "', '" + table_ + "_child')";
  }
  std::set<std::string> conflict_kinds(Database& db) const {
    std::set<std::string> kinds;
    Statement rows = db.prepare("SELECT kind" + where_ours());
    while (rows.step()) kinds.insert(rows.get_text(0));
    return kinds;
  }

  // Values that somebody wrote, and that are neither there, nor were replaced or deleted by
  // somebody who had them before him, nor are kept in a conflict.
  std::set<std::string> lost_tokens(Database& db, const State& result) const {
    std::set<std::string> expected = tokens_of(base_);
    const std::set<std::string> before = expected;
    for (const auto& [computer, work] : work_) expected.merge(tokens_of(work.state));
    for (const auto& [computer, work] : work_) {
      const std::set<std::string> after = tokens_of(work.state);
      for (const std::string& token : before) {
        if (after.count(token) == 0) expected.erase(token);
      }
    }
    std::set<std::string> kept = tokens_of(result);
    Statement rows = db.prepare(
        "SELECT ifnull(base_row, '') || ifnull(winner_row, '') || ifnull(loser_row, '')" +
        where_ours());
    while (rows.step()) sim::collect_tokens(rows.get_text(0), kept);
    for (const std::string& token : kept) expected.erase(token);
    return expected;
  }

  static std::string list(const std::set<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
  }

  Case case_;
  const Shape& shape_;
  std::string table_;
  State base_;
  std::map<int, Work> work_;
};

// Who publishes in which order, and who is newest.
std::vector<std::pair<std::string, std::string>> circumstances(int computers, Choice choice) {
  std::vector<std::pair<std::string, std::string>> pairs;
  std::string names;
  for (int i = 0; i < computers; ++i) names += Fleet::name(i);
  std::string order = names;
  do {
    for (const char newest : names) pairs.emplace_back(order, std::string(1, newest));
    pairs.emplace_back(order, "nobody");
  } while (choice == Choice::kAll && std::next_permutation(order.begin(), order.end()));
  // Every combination of operations is there with every distribution over the computers: another
  // order is another name for the same, but where the name decides.
  if (choice == Choice::kDistinct)
    pairs.emplace_back(std::string(names.rbegin(), names.rend()), "nobody");
  return pairs;
}

// A fleet that has just begun; the last one is kept, since it takes long to make.
Fleet& start(int computers, const std::string& schema) {
  static std::unique_ptr<Fleet> last;
  static std::string last_schema;
  if (!last || last->size() != computers || last_schema != schema) {
    last.reset();
    last = std::make_unique<Fleet>(computers, schema);
    last_schema = schema;
  }
  return *last;
}

// All of the cases have the same computers, order and times.
std::vector<std::string> try_together(const std::vector<Case>& cases) {
  std::vector<Trial> trials;
  std::string schema = "BEGIN;";
  for (const Case& which : cases) {
    trials.emplace_back(which, static_cast<int>(trials.size()));
    schema += trials.back().schema();
  }
  const Case& first = cases.front();
  const int computers = static_cast<int>(first.operations.size());
  Fleet fleet(start(computers, schema + "COMMIT"));
  for (Trial& trial : trials) trial.read_base(fleet.app(0));
  // The newest acts last; without one, all at once.
  std::vector<int> actors;
  for (int i = 0; i < computers; ++i) actors.push_back(i);
  if (first.newest != "nobody")
    std::rotate(actors.begin(), actors.begin() + (first.newest[0] - 'a' + 1) % computers,
                actors.end());
  for (const int computer : actors) {
    if (first.newest != "nobody") fleet.pass_ms(10'000);
    fleet.act(computer, "BEGIN");
    for (Trial& trial : trials) trial.act(fleet, computer);
    fleet.act(computer, "COMMIT");
  }
  fleet.pass_ms(60'000);
  std::vector<int> order;
  for (const char name : first.order) order.push_back(name - 'a');
  fleet.settle(order);
  std::vector<std::string> failures;
  const std::string problem = fleet.check();
  if (!problem.empty()) throw std::runtime_error(problem);
  for (Trial& trial : trials) {
    const std::string failure = trial.compare(fleet);
    if (!failure.empty()) failures.push_back(failure);
  }
  return failures;
}

}  // namespace

std::string Case::text() const {
  std::string text = shape + ":";
  for (std::size_t i = 0; i < operations.size(); ++i) text += (i ? " | " : " ") + operations[i];
  return text + ", newer " + newest + ", order " + order;
}

Case Case::parse(const std::string& text) {
  Case which;
  std::istringstream words(text);
  std::getline(words, which.shape, ':');
  std::string word;
  while (words >> word && word != "newer") {
    if (word == "|") continue;
    if (word.back() == ',') word.pop_back();
    which.operations.push_back(word);
  }
  words >> which.newest >> word >> which.order;
  if (which.newest.empty() || which.order.empty())
    throw std::runtime_error("a case reads like: number: edit_a | delete, newer a, order ba");
  which.newest.pop_back();
  return which;
}

std::vector<Case> cases_of(const std::string& shape, int computers, Choice choice) {
  Case which;
  which.shape = shape;
  std::vector<std::string> operations;
  for (const Operation& operation : shape_of(which).operations)
    operations.push_back(operation.name);
  if (computers > 2) {
    const std::set<std::string> few{"nothing",   "insert",     "edit_a",        "edit_b",
                                    "delete",    "change_key", "delete_insert", "insert_taken",
                                    "take",      "swap",       "edit_1",        "free_and_take",
                                    "add_child", "edit_child", "move_child",    "delete_parent",
                                    "add_family"};
    std::erase_if(operations, [&](const std::string& name) { return few.count(name) == 0; });
  }
  std::vector<Case> combinations{which};
  for (int i = 0; i < computers; ++i) {
    std::vector<Case> longer;
    for (const Case& shorter : combinations) {
      for (const std::string& name : operations) {
        longer.push_back(shorter);
        longer.back().operations.push_back(name);
      }
    }
    combinations = std::move(longer);
  }
  std::vector<Case> all;
  for (const auto& [order, newest] : circumstances(computers, choice)) {
    for (Case& combination : combinations) {
      combination.newest = newest;
      combination.order = order;
      all.push_back(combination);
    }
  }
  return all;
}

std::vector<std::string> try_out(const std::vector<Case>& cases) {
  std::map<std::string, std::vector<Case>> alike;
  for (const Case& which : cases) {
    const std::string circumstances =
        std::to_string(which.operations.size()) + which.newest + "," + which.order;
    std::string group = circumstances;
    while (alike[group].size() >= kTogether) group += "+";
    alike[group].push_back(which);
  }
  std::vector<std::string> failures;
  for (const auto& [circumstances, together] : alike) {
    try {
      for (std::string& failure : try_together(together)) failures.push_back(std::move(failure));
    } catch (const std::exception& error) {
      // Who of them was it? Each alone.
      if (together.size() == 1) {
        failures.push_back(together.front().text() + "\n    " + error.what());
        continue;
      }
      const std::size_t before = failures.size();
      for (const Case& alone : together) {
        for (std::string& failure : try_out({alone})) failures.push_back(std::move(failure));
      }
      if (failures.size() == before)
        failures.push_back("only together: " + together.front().text() + " and others\n    " +
                           error.what());
    }
  }
  return failures;
}

}  // namespace tidesync::oracle
