// What the world knows of every value an application ever wrote. Values are unique tokens, so that
// each can be looked for in the end: it must be present, or an application that saw it replaced or
// deleted it, or it is kept in sync_conflicts. Anything else was silently lost.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace tidesync::sim {

class Ledger {
 public:
  // "tok17". Not yet written: a statement that fails leaves nothing.
  std::string new_token() { return "tok" + std::to_string(++last_); }

  // An application committed: `before` and `after` are the tokens its database held.
  void committed(const std::set<std::string>& before, const std::set<std::string>& after);
  // What was only in a database that is destroyed (restored from a backup, overwritten by a clone).
  void destroyed(const std::set<std::string>& tokens) {
    destroyed_.insert(tokens.begin(), tokens.end());
  }

  // Written, and nobody is known to have removed it.
  std::set<std::string> expected() const;
  bool was_written(const std::string& token) const { return written_.count(token) > 0; }
  std::uint64_t last() const { return last_; }

 private:
  std::uint64_t last_ = 0;
  std::set<std::string> written_;
  std::set<std::string> superseded_;  // replaced or deleted by somebody who saw them
  std::set<std::string> destroyed_;
};

// All tokens in a text.
void collect_tokens(std::string_view text, std::set<std::string>& tokens);

}  // namespace tidesync::sim
