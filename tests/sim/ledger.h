// What the world knows of every value an application ever wrote. Values are unique tokens, so that
// each can be looked for in the end: it must be present, or an application that saw it replaced or
// deleted it, or it is kept in sync_conflicts. Anything else was silently lost.
//
// A value that stands twice, because the disk it was on was copied, is gone when each copy was
// removed by somebody, even if nobody ever removed both.
//
// It also knows which record a token belongs to, and which records a record was made to refer to by
// an application, whatever numbers they had: two records must not be taken for one, and a child
// must stay with its parent.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace tidesync::sim {

// The rows of a database that have tokens, by table and key.
struct RowTokens {
  std::set<std::string> tokens;
  std::string parent;  // place in TokenRows of the row it refers to, or empty
};
using TokenRows = std::map<std::string, RowTokens>;

// Rows that a REPLACE took out of a database without anybody seeing it. Who is given such a number
// next there looks like the same record, as after a REPLACE under the number itself: a limit
// (docs/merge-rules.md).
struct Evicted {
  std::string database;
  std::set<std::string> places;
};

class Ledger {
 public:
  // "tok17". Not yet written: a statement that fails leaves nothing.
  std::string new_token() { return "tok" + std::to_string(++last_); }

  // An application committed: `before` and `after` are what its database held.
  void committed(const TokenRows& before, const TokenRows& after, const Evicted& evicted = {});
  // What was only in a database that is destroyed (restored from a backup, overwritten by a clone).
  void destroyed(const std::set<std::string>& tokens) {
    destroyed_.insert(tokens.begin(), tokens.end());
  }

  // Written, and nobody is known to have removed it.
  std::set<std::string> expected() const;
  bool was_written(const std::string& token) const { return written_.count(token) > 0; }
  // The record of a row; nullopt when it has no tokens.
  std::optional<std::uint64_t> record_of(const RowTokens& row) const;
  bool is_of_record(const std::string& token, std::uint64_t record) const {
    return records_.at(token) == record;
  }
  bool was_referred(std::uint64_t from, std::uint64_t to) const {
    const auto found = parents_.find(from);
    return found != parents_.end() && found->second.count(to) > 0;
  }
  std::uint64_t last() const { return last_; }

 private:
  void note_copies(const TokenRows& before, const TokenRows& after);
  bool was_removed_everywhere(const std::string& token) const;

  std::uint64_t last_ = 0;
  std::set<std::string> written_;
  std::set<std::string> superseded_;  // replaced or deleted by somebody who saw them
  std::set<std::string> destroyed_;
  std::map<std::string, std::size_t> copies_;  // the most that one database had, of two or more
  std::map<std::string, std::set<std::string>> removed_at_;  // places, while another copy stayed
  std::map<std::string, std::uint64_t> records_;
  std::uint64_t last_record_ = 0;
  std::map<std::pair<std::string, std::string>, std::uint64_t> evicted_;  // by database and place
  std::map<std::uint64_t, std::set<std::uint64_t>> parents_;
};

std::set<std::string> all_tokens(const TokenRows& rows);

// All tokens in a text.
void collect_tokens(std::string_view text, std::set<std::string>& tokens);

}  // namespace tidesync::sim
