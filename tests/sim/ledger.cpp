#include "sim/ledger.h"

namespace tidesync::sim {

void Ledger::committed(const TokenRows& rows_before, const TokenRows& rows_after) {
  const auto before = all_tokens(rows_before);
  const auto after = all_tokens(rows_after);
  for (const std::string& token : before) {
    if (after.count(token) == 0) superseded_.insert(token);
  }
  for (const auto& [place, row] : rows_after) {
    const auto old = rows_before.find(place);
    std::optional<std::uint64_t> record;
    if (old != rows_before.end()) record = record_of(old->second);
    for (const std::string& token : row.tokens) {
      if (before.count(token) > 0) continue;
      if (!record) record = ++last_record_;
      records_.emplace(token, *record);
      written_.insert(token);
    }
  }
  for (const auto& [place, row] : rows_after) {
    const auto parent = rows_after.find(row.parent);
    if (parent == rows_after.end()) continue;
    const auto old = rows_before.find(place);
    if (old != rows_before.end() && old->second.parent == row.parent &&
        old->second.tokens == row.tokens)
      continue;
    const auto from = record_of(row);
    const auto to = record_of(parent->second);
    if (from && to) parents_[*from].insert(*to);
  }
}

std::optional<std::uint64_t> Ledger::record_of(const RowTokens& row) const {
  for (const std::string& token : row.tokens) {
    const auto found = records_.find(token);
    if (found != records_.end()) return found->second;
  }
  return std::nullopt;
}

std::set<std::string> all_tokens(const TokenRows& rows) {
  std::set<std::string> tokens;
  for (const auto& [place, row] : rows) tokens.insert(row.tokens.begin(), row.tokens.end());
  return tokens;
}

std::set<std::string> Ledger::expected() const {
  std::set<std::string> tokens;
  for (const std::string& token : written_) {
    if (superseded_.count(token) == 0 && destroyed_.count(token) == 0) tokens.insert(token);
  }
  return tokens;
}

void collect_tokens(std::string_view text, std::set<std::string>& tokens) {
  for (std::size_t at = text.find("tok"); at != std::string_view::npos; at = text.find("tok", at)) {
    std::size_t end = at + 3;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    if (end > at + 3) tokens.insert(std::string(text.substr(at, end - at)));
    at = end;
  }
}

}  // namespace tidesync::sim
