#include "oracle/model.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace tidesync::oracle {
namespace {

const std::string kNull = "NULL";

const Values* find(const State& state, const std::string& table, const std::string& key) {
  const auto rows = state.find(table);
  if (rows == state.end()) return nullptr;
  const auto row = rows->second.find(key);
  return row == rows->second.end() ? nullptr : &row->second;
}

bool same(const Values* a, const Values* b) {
  return a && b ? *a == *b : a == b;
}

std::set<std::string> keys_of(const State& state, const std::string& table) {
  std::set<std::string> keys;
  if (const auto rows = state.find(table); rows != state.end()) {
    for (const auto& [key, values] : rows->second) keys.insert(key);
  }
  return keys;
}

std::int64_t highest_number(const State& state, const std::string& table) {
  std::int64_t highest = 0;
  for (const std::string& key : keys_of(state, table))
    highest = std::max<std::int64_t>(highest, std::stoll(key));
  return highest;
}

// Numbers in order of size, texts in order of letters.
std::vector<std::string> in_order(const std::set<std::string>& keys, bool numbered) {
  std::vector<std::string> ordered(keys.begin(), keys.end());
  if (numbered) {
    std::sort(ordered.begin(), ordered.end(), [](const std::string& a, const std::string& b) {
      return std::stoll(a) < std::stoll(b);
    });
  }
  return ordered;
}

bool has(const std::map<std::string, std::set<std::string>>& sets, const std::string& table,
         const std::string& key) {
  const auto found = sets.find(table);
  return found != sets.end() && found->second.count(key) > 0;
}

// 'Q-1' becomes 'Q-1~ben', then 'Q-1~ben2'.
std::string with_suffix(const std::string& quoted, const std::string& user, int number) {
  return quoted.substr(0, quoted.size() - 1) + "~" + user +
         (number > 1 ? std::to_string(number) : "") + "'";
}

}  // namespace

bool is_newer(const When& a, const When& b) {
  return std::tie(a.at, a.node) > std::tie(b.at, b.node);
}

Log::Log(Rules rules, State base)
    : rules_(std::move(rules)), base_(base), state_(std::move(base)) {}

std::vector<std::string> Log::tables_parents_first() const {
  std::vector<std::string> tables;
  for (const auto& [name, rules] : rules_) {
    if (rules.parent.empty()) tables.push_back(name);
  }
  for (const auto& [name, rules] : rules_) {
    if (!rules.parent.empty()) tables.push_back(name);
  }
  return tables;
}

bool Log::is_replaced_here(const Merge& merge, const std::string& table,
                           const std::string& key) const {
  return has(merge.work.replaced, table, key);
}

bool Log::is_replaced_there(const std::string& table, const std::string& key) const {
  const auto change = changes_.find({table, key});
  return change != changes_.end() && change->second.replaced && !change->second.came_back;
}

// Versions that differ in their stamps alone are one record.
bool Log::same_work(const std::string& table, const Values& a, const Values& b) const {
  const auto meta = rules_.at(table).meta;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (i != meta && a[i] != b[i]) return false;
  }
  return true;
}

When Log::time_of(const Merge& merge, const std::string& table, const std::string& key) const {
  if (has(merge.work.evicted, table, key))
    return {std::numeric_limits<std::int64_t>::max(), merge.work.when.node};
  return merge.work.when;
}

bool Log::has_own_children(const Merge& merge, const std::string& table,
                           const std::string& key) const {
  for (const auto& [child, rules] : rules_) {
    if (rules.parent != table) continue;
    for (const auto& [child_key, values] : merge.mine.at(child)) {
      const Values* before = find(base_, child, child_key);
      if (values[*rules.reference] == key && !(before && *before == values)) return true;
    }
  }
  return false;
}

// Our record gives way: a new number, and what we gave to it follows.
void Log::renumber(Merge& merge, const std::string& table, const std::string& key) {
  std::int64_t highest = std::max(highest_number(merge.mine, table), highest_number(state_, table));
  if (const auto given = merge.work.sequence.find(table); given != merge.work.sequence.end())
    highest = std::max(highest, given->second);
  const std::string moved = std::to_string(highest + 1);
  Rows& rows = merge.mine[table];
  rows[moved] = rows.at(key);
  rows.erase(key);
  for (const auto& [child, rules] : rules_) {
    if (rules.parent != table) continue;
    for (auto& [child_key, values] : merge.mine[child]) {
      const Values* before = find(base_, child, child_key);
      const bool is_ours = !(before && *before == values);
      if (values[*rules.reference] == key && is_ours) values[*rules.reference] = moved;
    }
  }
}

// Two records under one number.
void Log::part_records(Merge& merge, const std::string& table) {
  if (!rules_.at(table).numbered) return;
  for (const std::string& key : in_order(keys_of(state_, table), true)) {
    const Values* mine = find(merge.mine, table, key);
    const Values* theirs = find(state_, table, key);
    const Values* base = find(base_, table, key);
    if (!mine || same_work(table, *mine, *theirs)) continue;
    if (!base) {
      renumber(merge, table, key);
      continue;
    }
    const bool new_here = is_replaced_here(merge, table, key);
    const bool new_there = is_replaced_there(table, key);
    if (!new_here && !new_there) continue;
    if (!new_there && *theirs == *base) continue;
    if (!new_here) {
      const bool edited = *mine != *base;
      if (!edited && !has_own_children(merge, table, key)) continue;
      conflicts_.insert(edited ? "edit_delete" : "parent_restored");
    }
    renumber(merge, table, key);
  }
}

// The share's children keep the parent they were given to.
void Log::make_room_for_parents(Merge& merge, const std::string& table) {
  const TableRules& rules = rules_.at(table);
  if (rules.parent.empty() || !rules_.at(rules.parent).numbered) return;
  for (const std::string& key : keys_of(state_, table)) {
    if (changes_.count({table, key}) == 0) continue;
    const std::string parent = find(state_, table, key)->at(*rules.reference);
    const Values* mine = find(merge.mine, rules.parent, parent);
    const Values* theirs = find(state_, rules.parent, parent);
    if (!mine || !theirs || same_work(rules.parent, *mine, *theirs)) continue;
    if (is_replaced_here(merge, rules.parent, parent)) renumber(merge, rules.parent, parent);
  }
}

std::optional<Values> Log::merge_row(const Merge& merge, const std::string& table,
                                     const std::string& key, const Versions& row) {
  const When mine_when = time_of(merge, table, key);
  const Change& there = changes_.at({table, key});
  const bool mine_wins = is_newer(mine_when, there.row);
  const Values* winner = mine_wins ? row.mine : row.theirs;
  if (!row.mine || !row.theirs) {
    conflicts_.insert("edit_delete");
    return winner ? std::optional(*winner) : std::nullopt;
  }
  if (row.base && !there.replaced && !is_replaced_here(merge, table, key))
    return merge_columns(merge, table, key, row);
  if (!same_work(table, *row.mine, *row.theirs)) conflicts_.insert("whole_row");
  return *winner;
}

std::optional<Values> Log::merge_columns(const Merge& merge, const std::string& table,
                                         const std::string& key, const Versions& row) {
  const TableRules& rules = rules_.at(table);
  const Change& there = changes_.at({table, key});
  Values merged = *row.theirs;
  for (std::size_t i = 0; i < merged.size(); ++i) {
    const std::string& mine = row.mine->at(i);
    if (mine == row.base->at(i) || mine == merged[i]) continue;
    if (merged[i] == row.base->at(i)) {
      merged[i] = mine;
      continue;
    }
    if (i != rules.meta) conflicts_.insert("same_column");
    if (is_newer(merge.work.when, i == rules.meta ? there.row : there.columns[i])) merged[i] = mine;
  }
  const bool is_union = merged != *row.mine && merged != *row.theirs;
  if (!rules.only_one_value || !is_union || merged[0] == kNull || merged[1] == kNull) return merged;
  conflicts_.insert("whole_row");
  return is_newer(merge.work.when, there.row) ? *row.mine : *row.theirs;
}

void Log::merge_rows(Merge& merge, const std::string& table, State& merged) {
  const bool numbered = rules_.at(table).numbered;
  merged[table] = merge.mine[table];
  for (const auto& [place, change] : changes_) {
    if (place.first != table) continue;
    const std::string& key = place.second;
    const Versions row{find(base_, table, key), find(merge.mine, table, key),
                       find(state_, table, key)};
    if (same(row.mine, row.theirs) || same(row.theirs, row.base)) continue;
    if (numbered && !row.theirs && is_replaced_here(merge, table, key)) continue;
    std::optional<Values> result;
    if (same(row.mine, row.base) || (numbered && !row.mine && is_replaced_there(table, key))) {
      if (row.theirs) result = *row.theirs;
    } else {
      result = merge_row(merge, table, key, row);
    }
    merged[table].erase(key);
    if (result) merged[table][key] = *result;
  }
}

// A row of ours gives up a value that must be unique.
void Log::yield(const Merge& merge, const std::string& table, const std::string& key,
                State& merged) {
  const TableRules& rules = rules_.at(table);
  Values& row = merged[table].at(key);
  if (rules.unique_takes_suffix) {
    conflicts_.insert("unique");
    const std::string before = row[*rules.unique];
    const auto is_taken = [&] {
      return std::any_of(merged[table].begin(), merged[table].end(), [&](const auto& other) {
        return other.first != key && other.second[*rules.unique] == row[*rules.unique];
      });
    };
    int number = 0;
    do {
      row[*rules.unique] = with_suffix(before, merge.work.when.node, ++number);
    } while (is_taken());
    return;
  }
  if (const Values* published = find(state_, table, key)) {
    conflicts_.insert("unique");
    row = *published;
    return;
  }
  conflicts_.insert("set_aside");
  merged[table].erase(key);
}

// Whoever has the value on the share keeps it; what the share does not know yields. A row set back
// may be in the way of the next.
void Log::settle_unique(const Merge& merge, const std::string& table, State& merged) {
  const auto unique = rules_.at(table).unique;
  if (!unique) return;
  const auto holds_there = [&](const std::string& key) {
    const Values* theirs = find(state_, table, key);
    return theirs && theirs->at(*unique) == merged[table].at(key)[*unique];
  };
  for (bool again = true; again;) {
    again = false;
    std::map<std::string, std::string> holder;
    for (const auto& [key, values] : merged[table]) {
      if (values[*unique] == kNull) continue;
      const auto [first, fresh] = holder.emplace(values[*unique], key);
      if (fresh) continue;
      yield(merge, table, holds_there(key) ? first->second : key, merged);
      again = true;
      break;
    }
  }
}

void Log::settle_references(const std::string& table, State& merged) {
  const TableRules& rules = rules_.at(table);
  if (rules.parent.empty()) return;
  for (const auto& [key, values] : merged[table]) {
    const std::string& parent = values[*rules.reference];
    if (parent == kNull || merged[rules.parent].count(parent) > 0) continue;
    const Values* known = find(state_, rules.parent, parent);
    if (!known) known = find(base_, rules.parent, parent);
    if (!known) continue;
    merged[rules.parent][parent] = *known;
    conflicts_.insert("parent_restored");
  }
}

// What goes into the log: every difference, with its author.
void Log::note_changes(const Merge& merge, const State& merged) {
  for (const auto& [table, rules] : rules_) {
    std::set<std::string> keys = keys_of(merged, table);
    keys.merge(keys_of(state_, table));
    for (const std::string& key : keys) {
      const Values* before = find(state_, table, key);
      const Values* after = find(merged, table, key);
      if (same(before, after)) continue;
      Change& change = changes_[{table, key}];
      if (is_newer(time_of(merge, table, key), change.row)) change.row = time_of(merge, table, key);
      if (!after) continue;
      change.columns.resize(after->size());
      const bool is_other = is_replaced_here(merge, table, key);
      for (std::size_t i = 0; i < after->size(); ++i) {
        if (!before || is_other || before->at(i) != after->at(i))
          change.columns[i] = merge.work.when;
      }
      if (!before || is_other) {
        change.replaced = true;
        change.came_back = !is_other && find(base_, table, key);
      }
    }
  }
}

void Log::publish(const Work& work) {
  Merge merge{work, work.state};
  const auto tables = tables_parents_first();
  for (const std::string& table : tables) part_records(merge, table);
  for (const std::string& table : tables) make_room_for_parents(merge, table);
  State merged;
  for (const std::string& table : tables) {
    merge_rows(merge, table, merged);
    settle_unique(merge, table, merged);
  }
  for (const std::string& table : tables) settle_references(table, merged);
  note_changes(merge, merged);
  state_ = std::move(merged);
}

}  // namespace tidesync::oracle
