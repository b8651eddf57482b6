// The merge rules a second time, from docs/merge-rules.md alone: plain C++ over maps, no database
// and nothing of the engine. What the fleet ends with must be what this says.
//
// A value is a text as SQL would show it; a row that does not exist is not in the map.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tidesync::oracle {

using Values = std::vector<std::string>;
using Rows = std::map<std::string, Values>;  // by key

// How the rules have to look at a table.
struct TableRules {
  bool numbered = false;  // INTEGER PRIMARY KEY: the number says nothing about the record
  std::optional<std::size_t> unique;  // a column that is UNIQUE
  bool unique_takes_suffix = false;   // and plain text
  std::optional<std::size_t> meta;    // updated_at
  bool only_one_value = false;        // CHECK: one of the columns must be NULL
  // The column that refers to the key of another table.
  std::optional<std::size_t> reference;
  std::string parent;
};
using Rules = std::map<std::string, TableRules>;

struct When {
  std::int64_t at = 0;
  std::string node;
};
bool is_newer(const When& a, const When& b);

using State = std::map<std::string, Rows>;  // by table

// What one computer did since everybody was equal.
struct Work {
  State state;  // afterwards
  When when;
  // Rows that were deleted and inserted again under the same key: another record.
  std::map<std::string, std::set<std::string>> replaced;
  // Rows that went without anybody seeing when (evicted by REPLACE): they count as deleted just
  // now.
  std::map<std::string, std::set<std::string>> evicted;
  std::map<std::string, std::int64_t> sequence;  // highest number ever given, by table
};

// The log: what is on the share, and who changed what since everybody was equal.
class Log {
 public:
  Log(Rules rules, State base);
  // The next computer publishes: merges what is there with its own, as the rules say.
  void publish(const Work& work);

  const State& state() const { return state_; }
  const std::set<std::string>& conflicts() const { return conflicts_; }  // kinds

 private:
  struct Change {
    std::vector<When> columns;  // of each column; When{} where it is unchanged
    When row;                   // of the newest change
    bool replaced = false;      // another record than before
    bool came_back = false;     // deleted, and brought back by an edit that won
  };
  // Everything that concerns the merge of one computer's work.
  struct Merge {
    const Work& work;
    State mine;
  };
  struct Versions {
    const Values* base;
    const Values* mine;
    const Values* theirs;
  };

  void part_records(Merge& merge, const std::string& table);
  void make_room_for_parents(Merge& merge, const std::string& table);
  void renumber(Merge& merge, const std::string& table, const std::string& key);
  bool has_own_children(const Merge& merge, const std::string& table, const std::string& key) const;
  void merge_rows(Merge& merge, const std::string& table, State& merged);
  std::optional<Values> merge_row(const Merge& merge, const std::string& table,
                                  const std::string& key, const Versions& row);
  std::optional<Values> merge_columns(const Merge& merge, const std::string& table,
                                      const std::string& key, const Versions& row);
  void settle_unique(const Merge& merge, const std::string& table, State& merged);
  void settle_references(const std::string& table, State& merged);
  void yield(const Merge& merge, const std::string& table, const std::string& key, State& merged);
  When time_of(const Merge& merge, const std::string& table, const std::string& key) const;
  void note_changes(const Merge& merge, const State& merged);
  bool is_replaced_here(const Merge& merge, const std::string& table, const std::string& key) const;
  bool is_replaced_there(const std::string& table, const std::string& key) const;
  bool same_work(const std::string& table, const Values& a, const Values& b) const;
  std::vector<std::string> tables_parents_first() const;

  Rules rules_;
  State base_;
  State state_;
  std::map<std::pair<std::string, std::string>, Change> changes_;
  std::set<std::string> conflicts_;
};

}  // namespace tidesync::oracle
