#include "sim/ledger.h"

#include <algorithm>

namespace tidesync::sim {
namespace {

bool has_token(const TokenRows& rows, const std::string& place, const std::string& token) {
  const auto row = rows.find(place);
  return row != rows.end() && row->second.tokens.count(token) > 0;
}

}  // namespace

void Ledger::committed(const TokenRows& rows_before, const TokenRows& rows_after,
                       const Evicted& evicted) {
  const auto before = all_tokens(rows_before);
  const auto after = all_tokens(rows_after);
  for (const std::string& token : before) {
    if (after.count(token) == 0) superseded_.insert(token);
  }
  note_copies(rows_before, rows_after);
  for (const auto& [place, row] : rows_after) {
    const auto old = rows_before.find(place);
    std::optional<std::uint64_t> record;
    if (old != rows_before.end()) {
      record = record_of(old->second);
    } else if (const auto former = evicted_.find({evicted.database, place});
               former != evicted_.end()) {
      record = former->second;
    }
    for (const std::string& token : row.tokens) {
      if (before.count(token) > 0) continue;
      if (!record) record = ++last_record_;
      records_.emplace(token, *record);
      written_.insert(token);
    }
  }
  for (const std::string& place : evicted.places) {
    const auto old = rows_before.find(place);
    if (old == rows_before.end() || rows_after.count(place) > 0) continue;
    if (const auto record = record_of(old->second)) evicted_[{evicted.database, place}] = *record;
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

void Ledger::note_copies(const TokenRows& before, const TokenRows& after) {
  std::map<std::string, std::set<std::string>> places;
  for (const auto& [place, row] : before) {
    for (const std::string& token : row.tokens) places[token].insert(place);
  }
  for (const auto& [token, copies] : places) {
    if (copies.size() < 2) continue;
    copies_[token] = std::max(copies_[token], copies.size());
    for (const std::string& place : copies) {
      if (!has_token(after, place, token)) removed_at_[token].insert(place);
    }
  }
}

bool Ledger::was_removed_everywhere(const std::string& token) const {
  const auto copies = copies_.find(token);
  const auto removed = removed_at_.find(token);
  return copies != copies_.end() && removed != removed_at_.end() &&
         removed->second.size() >= copies->second;
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
    if (superseded_.count(token) == 0 && destroyed_.count(token) == 0 &&
        !was_removed_everywhere(token))
      tokens.insert(token);
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
